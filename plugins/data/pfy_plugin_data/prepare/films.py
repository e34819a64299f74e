"""Which films a folder has, who is in them, and which of them share a shard."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pfy_core import InputError
from pfy_core.media import clip, video
from pfy_plugin_data.layout import SPLITS, Split

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv")
WANTS = f"a folder of videos ({' '.join(SUFFIXES)})"
TOGETHER = 300.0
"""Seconds of films that share a shard: some four megabytes of clips; a longer film has one of its own."""


@dataclass(frozen=True)
class Film:
    """A video of a folder, as it is listed.

    name: its path in the folder; unique, and the same wherever the folder lies
    seconds: as its head says; 0 where ``problem`` says why it cannot be used
    """

    name: str
    file: Path
    identity: str
    seconds: float = 0.0
    problem: str = ""

    @property
    def key(self) -> str:
        """Unique within a corpus, of letters, digits, ``-`` and ``_`` only, and short enough for a tar."""
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", self.name.rpartition(".")[0]).strip("_")
        return f"{plain[:60]}-{hashlib.sha256(self.name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Group:
    """The films of a shard; ``name`` is its path within the corpus."""

    name: str
    split: Split
    films: tuple[Film, ...]


def films(folder: Path, identity: str = "") -> list[Film]:
    """The videos in a folder and the folders in it, but for hidden ones, in order of their names.

    ``identity`` is a regular expression whose group (or all of it) is found in a film's name and tells who
    it is; without one that is the folder it lies in, or at the top the film itself. Raises InputError for a
    folder without videos and for a pattern that is none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is {'a file' if folder.is_file() else 'not there'}", WANTS)
    try:
        pattern = re.compile(identity) if identity else None
    except re.error as error:
        raise InputError(f"--identity {identity!r}: {error}", "a regular expression", r"'(id\d+)'") from error
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and _shown(path.relative_to(folder))
    )
    if not names:
        raise InputError(f"no video in {folder}", WANTS)
    return [_film(folder, name, pattern) for name in names]


def digest(films: Sequence[Film]) -> str:
    """Of the films' names and sizes: whether a folder is still the one that a corpus was begun with."""
    facts = "\n".join(f"{film.name} {film.file.stat().st_size} {film.identity}" for film in films)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def split(films: Sequence[Film], share: float) -> dict[str, Split]:
    """Where each identity belongs: ``share`` of them, in an order that is nobody's, in each held-out split.

    At least one in each where there are three or more; all train where there are fewer, or nothing is held
    out. Raises InputError for a share that leaves nobody to learn from.
    """
    if not 0 <= share <= 0.4:
        raise InputError(
            f"--hold-out {share:g}", "0 to 0.4: the share of the people in validation and in test"
        )
    people = sorted(
        {film.identity for film in films}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    each = min(ceil(share * len(people)), (len(people) - 1) // 2)
    parts: dict[Split, list[str]] = {
        "test": people[:each],
        "validation": people[each : 2 * each],
        "train": people[2 * each :],
    }
    return {name: part for part, names in parts.items() for name in names}


def groups(films: Sequence[Film], of: dict[str, Split]) -> list[Group]:
    """The shards: films of a split side by side, TOGETHER seconds in each."""
    found: list[Group] = []
    for part in reversed(SPLITS):
        held: list[list[Film]] = []
        length = TOGETHER
        for film in films:
            if of[film.identity] == part:
                if length + film.seconds > TOGETHER:
                    held.append([])
                    length = 0.0
                held[-1].append(film)
                length += film.seconds
        found += [Group(f"{part}/{n:06d}.tar", part, tuple(some)) for n, some in enumerate(held)]
    return found


def _film(folder: Path, name: str, pattern: re.Pattern[str] | None) -> Film:
    file = folder / name
    if pattern is None:
        within = name.rpartition("/")[0]
        identity = within or name.rpartition(".")[0]
    else:
        hit = pattern.search(name)
        identity = (hit.group(1) if pattern.groups else hit.group()) or "" if hit else ""
        if not identity:
            return Film(name, file, "", problem=f"--identity {pattern.pattern!r} finds nobody in its name")
    try:
        about = video.probe(file)
    except InputError as error:
        return Film(name, file, identity, problem=str(error.sends))
    lacking = [what for part, what in (("video", "picture"), ("audio", "sound")) if part not in about]
    if lacking:
        return Film(name, file, identity, problem=f"it has no {lacking[0]}")
    seconds = float(about.get("duration") or about["video"]["duration"])
    if seconds > clip.LONGEST:
        return Film(name, file, identity, problem=f"it is longer than {clip.LONGEST / 3600:g} h")
    return Film(name, file, identity, seconds)


def _shown(path: Path) -> bool:
    return not any(part.startswith(".") for part in path.parts)
