"""What corpora have in common: files whose paths say which clip they are, and lists that name clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

from pfy_core import InputError
from pfy_core.media import text
from pfy_plugin_metrics.datasets.clips import existing_folder, found, videos
from pfy_plugin_metrics.datasets.filmed import SECONDS, Filmed, Source
from pfy_plugin_metrics.datasets.sample import Listed


class Named(NamedTuple):
    """A clip as its corpus calls it, and who is in it."""

    name: str
    identity: str


class Corpus(Filmed):
    """Clips of a published corpus, by the names that its authors gave them, wherever the files lie.

    A subclass says which clip a file is and which clips a list names.
    """

    layout: ClassVar[str]
    """The files that are wanted, for messages."""

    def __init__(
        self, *, folder: str, seconds: float = SECONDS, source: Source = "first", split: str = ""
    ) -> None:
        root = existing_folder(folder, self.id, self.layout)
        files = self._files(root)
        if not files:
            raise InputError(f"{self.id}: no clip of it in {root}", self.layout, found(root))
        names = self._split(Path(split).expanduser()) if split else sorted(files)
        super().__init__([_listed(name, files, split) for name in names], seconds, source)

    def named(self, path: Path) -> Named | None:
        """The clip that a video is, by its path from the folder's own name on; None where it is none."""
        raise NotImplementedError

    def listed(self, content: str) -> Iterator[Named]:
        """The clips that a list names, in its order."""
        raise NotImplementedError

    def _files(self, root: Path) -> dict[Named, Path]:
        files: dict[Named, Path] = {}
        for file in videos(root):
            one = self.named(Path(root.resolve().name) / file.relative_to(root))
            if one is None:
                continue
            if one in files:
                twice = " and ".join(str(path.relative_to(root)) for path in (files[one], file))
                raise InputError(
                    f"{self.id}: {twice} are both {one.name}", "one file of a clip", "remove one"
                )
            files[one] = file
        return files

    def _split(self, file: Path) -> list[Named]:
        names = list(dict.fromkeys(self.listed(text(file, "split"))))
        if not names:
            raise InputError(
                f"split {file} names no clip of {self.id}", "names as in the corpus, a line each"
            )
        return names


def _listed(one: Named, files: dict[Named, Path], split: str) -> Listed:
    if one in files:
        return Listed(one.name, one.identity, files[one])
    return Listed(one.name, one.identity, Path(), f"{Path(split).name} names it, and its video is not there")
