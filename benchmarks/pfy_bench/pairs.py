"""Two folders of videos, matched: what was filmed, and what somebody's model made of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfy_core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv")
WANTS = f"a folder of videos ({' '.join(SUFFIXES)})"


@dataclass(frozen=True)
class Pair:
    """A filmed video and the one that was made of it.

    name: path in its folder without the suffix, of the filmed one where there is one
    problem: why there is no pair; then ``real`` or ``fake`` is None
    """

    name: str
    real: Path | None
    fake: Path | None
    problem: str = ""


def pairs(real: Path, fake: Path) -> list[Pair]:
    """The videos of two folders and the folders in them, in pairs, in order of their names.

    They match by their paths without the suffix; those that are left, by their names alone. One that has no
    partner, or might have several, is a pair with a problem: none is left out. Raises InputError for a folder
    that is not there or has no video, and when both are the same.
    """
    filmed, made = _videos(real, "--real"), _videos(fake, "--fake")
    if real.resolve() == fake.resolve():
        raise InputError(f"--real and --fake are both {real}", "two folders")
    found = [Pair(name, filmed.pop(name), made.pop(name)) for name in sorted(filmed.keys() & made.keys())]
    here, there = _by_name(filmed), _by_name(made)
    for stem in here.keys() | there.keys():
        ours, theirs = here.get(stem, []), there.get(stem, [])
        if len(ours) == len(theirs) == 1:
            found.append(Pair(ours[0], filmed[ours[0]], made[theirs[0]]))
            continue
        found += [Pair(name, filmed[name], None, _problem(stem, theirs, ours, fake)) for name in ours]
        found += [Pair(name, None, made[name], _problem(stem, ours, theirs, real)) for name in theirs]
    return sorted(found, key=lambda pair: pair.name)


def _problem(stem: str, partners: list[str], rivals: list[str], folder: Path) -> str:
    if not partners:
        return f"nothing in {folder} is called {stem}"
    many = " or ".join(partners if len(partners) > 1 else rivals)
    return f"{many}: which belongs to {stem} cannot be told by the names"


def _videos(folder: Path, option: str) -> dict[str, Path]:
    """Videos by their path in a folder, without the suffix where none differ by that alone; hidden ones are
    passed over."""
    if not folder.is_dir():
        what = "is a file" if folder.is_file() else "is not there"
        raise InputError(f"{option} {folder} {what}", WANTS)
    found = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in SUFFIXES
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]
    if not found:
        raise InputError(f"{option} {folder} has no video", WANTS)
    times = Counter(file.with_suffix("") for file in found)
    plain = {file: file.with_suffix("") if times[file.with_suffix("")] == 1 else file for file in found}
    return {name.relative_to(folder).as_posix(): file for file, name in plain.items()}


def _by_name(files: dict[str, Path]) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for name, file in files.items():
        found[file.stem].append(name)
    return found
