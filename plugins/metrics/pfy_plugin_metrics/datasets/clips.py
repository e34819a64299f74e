"""``dataset/clips``: any folder of videos."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pfy_core import InputError
from pfy_plugin_metrics.datasets.filmed import SECONDS, Filmed, Source
from pfy_plugin_metrics.datasets.sample import Listed

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv")
WANTS = f"a folder of videos ({' '.join(SUFFIXES)})"


class Clips(Filmed, name="clips"):
    """The videos in a folder and the folders in it, with the words from .txt, .vtt or .srt beside them.

    folder: where they are
    seconds: length of the part that is made again, from the beginning; with subtitles, to the end of the last
        one in it
    source: which frame is the photo: the first, or the best, most frontal one with open eyes
    identity: a regular expression whose group (or all of it) is found in a video's path within the folder and
        tells who it is; without it, the name of the folder it lies in, at the top its own

    The reference voice is cut from behind the part, or from another clip of the same identity. Raises
    InputError for a folder without a video.
    """

    def __init__(
        self, *, folder: str, seconds: float = SECONDS, source: Source = "first", identity: str = ""
    ) -> None:
        root = existing_folder(folder, self.id, WANTS)
        files = videos(root)
        if not files:
            raise InputError(f"{self.id}: no video in {root}", WANTS, found(root))
        try:
            pattern = re.compile(identity) if identity else None
        except re.error as error:
            raise InputError(
                f"identity {identity!r}: {error}", "a regular expression", r"'(id\d+)'"
            ) from error
        super().__init__([_listed(root, *named, pattern) for named in named_in(root, files)], seconds, source)


def existing_folder(folder: str, who: str, wants: str) -> Path:
    """A folder that is there; InputError says what should be in it."""
    root = Path(folder).expanduser()
    if not folder or not root.is_dir():
        what = "is a file" if folder and root.is_file() else "is not there"
        raise InputError(f"{who}: folder {folder!r} {what}", wants, "--data NAME=PATH")
    return root


def videos(root: Path) -> list[Path]:
    """The videos in a folder and the folders in it, but for hidden ones, in order of their paths."""
    files = (
        file
        for file in root.rglob("*")
        if file.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in file.relative_to(root).parts)
    )
    return sorted((file for file in files if file.is_file()), key=lambda file: file.relative_to(root).parts)


def named_in(root: Path, files: list[Path]) -> list[tuple[str, Path]]:
    """Each file with its path in the folder as its name, with the suffix where it takes that to differ."""
    paths = [file.relative_to(root) for file in files]
    times = Counter(path.with_suffix("") for path in paths)
    return [
        ((path if times[path.with_suffix("")] > 1 else path.with_suffix("")).as_posix(), file)
        for path, file in zip(paths, files, strict=True)
    ]


def found(root: Path) -> str:
    """What is in a folder instead, for messages."""
    names = sorted(item.name + "/" * item.is_dir() for item in root.iterdir())
    return f"found {', '.join(names[:6])}{' ...' * (len(names) > 6)}" if names else "it is empty"


def _listed(root: Path, name: str, file: Path, pattern: re.Pattern[str] | None) -> Listed:
    path = file.relative_to(root)
    if pattern is None:
        return Listed(name, path.parent.as_posix() if path.parent.parts else path.stem, file)
    hit = pattern.search(path.as_posix())
    if hit is None or not (hit.group(1) if pattern.groups else hit.group()):
        return Listed(name, "", file, f"the pattern {pattern.pattern!r} finds no identity in {path}")
    return Listed(name, hit.group(1) if pattern.groups else hit.group(), file)
