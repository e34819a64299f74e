"""What is narrated: ten portraits, known by their sha256 (they are not ours to ship), and three texts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from pfy_core import InputError, weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Portrait:
    """A photo: a short name, what it shows, its file's sha256."""

    name: str
    about: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Text:
    """A text of ten seconds or so."""

    name: str
    text: str


def portraits(folder: Path, only: Sequence[str] = ()) -> list[Portrait]:
    """The protocol's portraits that ``folder`` has, under whatever names; if none, all pictures in it.

    ``only`` names those that are wanted. The demo photo always comes with the weights. Raises InputError
    for a folder without pictures and for names that are not there.
    """
    found = _all(folder)
    unknown = set(only) - {portrait.name for portrait in found}
    if unknown:
        names = ", ".join(portrait.name for portrait in found)
        raise InputError(
            f"no portrait {', '.join(sorted(unknown))} in {folder}", f"of {names}", "correct --only"
        )
    return [portrait for portrait in found if not only or portrait.name in only]


def _all(folder: Path) -> list[Portrait]:
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", "a folder of portraits", "give one with --faces")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise InputError(
            f"{folder} has no pictures", f"files in {', '.join(SUFFIXES)}", "give another folder"
        )
    by_digest = {weights.sha256(file): file for file in files}
    known = json.loads(_data("portraits.json"))
    if not any(item.get("sha256") in by_digest for item in known):
        return [Portrait(file.stem, "", file, digest) for digest, file in by_digest.items()]
    found = []
    for item in known:
        file = weights.path(item["weights"]) if "weights" in item else by_digest.get(item["sha256"])
        if file:
            found.append(Portrait(item["name"], item["about"], file, weights.sha256(file)))
    return found


def texts(file: Path | None) -> list[Text]:
    """The protocol's texts, or those of a file: a line each."""
    if file is None:
        return [Text(**item) for item in json.loads(_data("texts.json"))]
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{file} has no text", "a text a line", "write one")
    return [Text(f"text {number}", line) for number, line in enumerate(lines, 1)]


def _data(name: str) -> str:
    return resources.files("pfy_bench.portrait").joinpath(name).read_text(encoding="utf-8")
