"""Why there is no number, in words that may be given away with a run."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pfy_core.errors import PfyError

PATH = re.compile(r"(?<![^\s'\"(=])(?:/|~|\.\.[\\/]|[A-Za-z]:[\\/]|\\\\)\S")
"""Where in a text a path begins that leads out of the current folder."""


def told(error: PfyError) -> str:
    """What was wrong, in one line; of files on this machine only the names, as everywhere in the records."""
    text = " ".join(error.sends.split())
    for start in sorted((found.start() for found in PATH.finditer(text)), reverse=True):
        text = text[:start] + text[start + _folder(text[start:]) :]
    return text


def _folder(text: str) -> int:
    """How many characters at the beginning of a text are a folder that is there."""
    ends = list(accumulate(len(part) for part in re.split(r"(?<=[\\/])", text)))[:-1]
    return next((end for end in reversed(ends) if end > 1 and _is_folder(text[:end])), 0)


def _is_folder(text: str) -> bool:
    try:
        return Path(text).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):  # too long a name, nobody's home
        return False
