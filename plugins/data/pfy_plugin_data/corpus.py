"""A corpus on disk: its shards, and ``corpus.json``, which says what it is and how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pfy_core import InputError
from pfy_core.errors import OutputError
from pfy_core.media import whole
from pfy_plugin_data.layout import CORPUS, FILMS, FPS, SCHEMA, SPLITS
from pfy_plugin_data.shards import Shards, digest_of

DISTRIBUTION = "pfy-plugin-data"


class Corpus:
    """A folder in which a corpus is made, or being made: ``made_by`` are the command and its options.

    A corpus that was begun by the same command is gone on with. Raises InputError where the folder holds
    something else, OutputError where it cannot be written.
    """

    def __init__(self, folder: Path, name: str, made_by: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
        self.folder, self._name = folder, name
        self._made_by, self._notes = dict(made_by), dict(notes)
        before = self._before()
        if before is not None and before != self._made_by:
            changed = [key for key in self._made_by | before if self._made_by.get(key) != before.get(key)]
            was = ", ".join(f"{key} {before.get(key)}" for key in changed)
            raise InputError(
                f"{folder} holds a corpus that was made with {was}",
                "a new folder, or the same options, which go on with it",
                f"choose another folder, or remove {folder}",
            )
        try:
            for name in (*SPLITS, FILMS):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder} cannot be made: {error.strerror}", "a writable folder") from error
        for left in folder.glob("*/.*.part"):  # of a run that was killed
            left.unlink(missing_ok=True)
        if before is None:
            self._write({"complete": False})

    def has(self, part: str) -> bool:
        """Whether a shard, ``train/000000.tar``, is there; one that is, is whole."""
        return (self.folder / part).is_file()

    def finish(self, **facts: Any) -> dict[str, Any]:
        """Write down what there is, and ``facts``; returns what ``corpus.json`` then says."""
        splits = {split: self._split(self.folder / split) for split in SPLITS}
        for name in (*SPLITS, FILMS):
            with suppress(OSError):  # it is not empty
                (self.folder / name).rmdir()
        found = {split: facts for split, facts in splits.items() if facts["clips"]}
        return self._write({"complete": True, "splits": found, **facts})

    def _split(self, folder: Path) -> dict[str, Any]:
        files = sorted(folder.glob("*.tar"))
        samples = Shards([folder]) if files else []
        return {
            "clips": len(samples),
            "seconds": round(sum(sample.frames for sample in samples) / FPS, 2),
            "voices": sorted({sample.voice for sample in samples}),
            "faces": sorted({sample.face for sample in samples}),
            "shards": {file.name: digest_of(file) for file in files},
        }

    def _before(self) -> dict[str, Any] | None:
        """What made the corpus that is there; None for an empty or absent folder."""
        file = self.folder / CORPUS
        if not file.is_file():
            if self.folder.is_file():
                raise InputError(f"{self.folder} is a file", "a folder for the corpus")
            if self.folder.is_dir() and any(self.folder.iterdir()):
                wants = "a new or empty folder, or one with a corpus that was begun"
                raise InputError(f"{self.folder} is not empty, and has no {CORPUS}", wants)
            return None
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            if found["schema"] != SCHEMA:
                raise ValueError(f"schema {found['schema']}")
            return dict(found["made_by"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{file} cannot be understood: {error}", "as pfy writes it") from error

    def _write(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        made = {
            "schema": SCHEMA,
            "name": self._name,
            "made_by": self._made_by,
            "versions": {name: version(name) for name in ("pfy-core", DISTRIBUTION)},
            **self._notes,
            **facts,
        }
        with whole(self.folder / CORPUS) as part:
            part.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return made
