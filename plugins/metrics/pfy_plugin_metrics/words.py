"""Words that were heard beside words that were said."""

from __future__ import annotations

import re


def word_errors(said: str, heard: str) -> float:
    """Word error rate: insertions, deletions and substitutions over the words that were said.

    Case and punctuation do not count. NaN where no words were said.
    """
    one, other = words(said), words(heard)
    if not one:
        return float("nan")
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, guess in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != guess))
    return row[-1] / len(one)


def words(text: str) -> list[str]:
    """The English words of a text, lower case, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())
