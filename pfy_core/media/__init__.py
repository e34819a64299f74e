"""Media in and out: what a user gives becomes the value of a kind; inputs are untrusted files."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 1_000_000
"""Characters; an hour of speech is about 60,000."""
TEXT_FILES = (".txt", ".md", ".ssml", ".xml")
"""How the names of files of text end: words, or SSML, which are told apart by what is in them."""


def load(kind: str, value: Any, rate: float | None = None, name: str = "input") -> Any:
    """The value of a graph input: paths are opened, everything else is passed on.

    text:       a string, or the path of a .txt, .md, .ssml or .xml file, or ``-`` for standard input
    image.rgb:  a path, a PIL image or a uint8 array (h w 3 or 4)
    audio.wave: a path (audio, or a video's sound) decoded to mono at ``rate``; or an array (s) at
                that rate; or a pair (array, its rate)
    motion.face: the path of a CSV file (``media.motion``) resampled to ``rate``; or an array (t 58)

    Raises InputError with what was sent, what is wanted and how to fix it.
    """
    if kind == "text":
        return text(value, name)
    if kind == "image.rgb":
        from pfy_core.media import image

        return image.load(value, name)
    if kind == "audio.wave":
        from pfy_core.media import audio

        if rate is None:
            raise InputError(
                f"input {name!r} is a wave, but no node says at which rate", fix="give the input a rate"
            )
        return audio.load(value, int(rate), name)
    if kind == "motion.face":
        from pfy_core.media import motion

        if rate is None and isinstance(value, str | Path):
            raise InputError(
                f"input {name!r} is motion, but no node says at which rate", fix="give the input a rate"
            )
        return motion.load(value, rate, name)
    return value


def text(value: Any, name: str = "text") -> str:
    """Text from a string, a text file or standard input (``-``); see ``load``."""
    if value == "-":
        try:
            value = sys.stdin.read()
        except UnicodeDecodeError as error:
            raise InputError(f"{name}: standard input is not UTF-8 text", "text", "iconv -t utf-8") from error
    elif isinstance(value, Path) or (isinstance(value, str) and names_text_file(value)):
        try:
            value = Path(value).read_text(encoding="utf-8-sig")
        except OSError as error:
            why = error.strerror or error
            raise InputError(
                f"{name}: {value} cannot be read: {why}", "a text file", "check the path"
            ) from error
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: {value} is not UTF-8 text", "a text file", f"iconv -t utf-8 {value}"
            ) from error
    if not isinstance(value, str):
        raise InputError(f"{name}: a {type(value).__name__}", "text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{name}: it has bytes that are not UTF-8", "text", "iconv -t utf-8") from error
    if len(value) > MAX_TEXT:
        raise InputError(
            f"{name}: {len(value):,} characters", f"at most {MAX_TEXT:,}", "split the text into parts"
        )
    return value


def names_text_file(value: str) -> bool:
    """Whether a text is taken for the path of a file of text, rather than for words."""
    if len(value) > 4096 or "\n" in value or not value.endswith(TEXT_FILES):
        return False
    try:
        return " " not in value or Path(value).is_file()
    except OSError:  # too long for a path
        return False


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that becomes it at the end, or is removed on any error.

    Raises OutputError for what the system refuses.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", "a writable place with free space"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def existing(path: Any, name: str, wants: str) -> Path:
    """A path that is a readable, non-empty file; InputError otherwise."""
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"{name}: a {type(path).__name__}", wants)
    file = Path(path)
    try:
        there = file.exists()
    except OSError as error:
        raise InputError(f"{name}: {str(file)[:80]}: {error.strerror}", wants, "check the path") from error
    if not there:
        raise InputError(f"{name}: there is no file {file}", wants, "check the path")
    if file.is_dir():
        raise InputError(f"{name}: {file} is a folder", wants, "give a file in it")
    if not os.access(file, os.R_OK):
        raise InputError(f"{name}: {file} may not be read", wants, f"chmod +r {file}")
    if not file.stat().st_size:
        raise InputError(f"{name}: {file} is empty", wants, "save or download it again")
    return file
