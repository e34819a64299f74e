"""The form of a rule of normalisation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pfy_plugin_speech.text.tracked import Replacement

Rule = tuple[re.Pattern[str], "Replacement | str"]
"""What is written, and what is said in its place."""

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
"""A number as people write it, without its sign."""


def rule(pattern: str, read: Replacement | str) -> Rule:
    """A rule from the text of its pattern."""
    return re.compile(pattern), read


def alternatives(words: Iterable[str]) -> str:
    """A pattern that matches any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
