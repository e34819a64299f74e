"""Shards, read at random: WebDataset tars by the places of their members, samples decoded when asked for."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError
from pfy_core.errors import listed
from pfy_core.kinds import Phone
from pfy_plugin_data import decode
from pfy_plugin_data.layout import (
    ABOUT,
    CHANNELS,
    FIX,
    IMAGE,
    LANDMARKS,
    MOTION,
    PARTS,
    PER_FRAME,
    POINTS,
    SOUND,
    WANTS,
)

LARGEST = 256 * 2**20
"""Bytes of a member: an hour of sound has 60 MB; what claims more is broken or means harm."""


class Place(NamedTuple):
    """Where a member's bytes are in its shard."""

    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class Sample:
    """A clip of a corpus; its parts are read and decoded when they are first asked for.

    Every property raises InputError, naming shard and member, for a part that cannot be decoded.
    """

    key: str
    shard: Path
    places: dict[str, Place] = field(repr=False)

    @cached_property
    def wave(self) -> NDArray[np.float32]:
        """float32 (s) at 16 kHz, mono, -1 to 1; 640 samples for each row of ``motion``."""
        wave = self._decoded(SOUND, decode.sound)
        if len(wave) != PER_FRAME * self.frames:
            raise self._fault(SOUND, f"{len(wave)} samples for {self.frames} frames")
        return wave

    @cached_property
    def motion(self) -> NDArray[np.float32]:
        """float32 (t 58) at 25 frames a second, ``pfy_core.kinds.MOTION_CHANNELS``."""
        return self._decoded(MOTION, lambda data: decode.array(data, np.float16, (None, CHANNELS)))

    @cached_property
    def landmarks(self) -> NDArray[np.float32]:
        """float32 (478 3) of the face in ``image``, in its pixels; towards the camera z is negative."""
        return self._decoded(LANDMARKS, lambda data: decode.array(data, np.float32, (POINTS, 3)))

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """uint8 (h w 3), the reference image, sRGB."""
        return self._decoded(IMAGE, decode.picture)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the sample's JSON says, where it comes from too."""
        return self._decoded(ABOUT, decode.about)

    @property
    def text(self) -> str:
        """What is said; empty where nobody wrote it down."""
        return str(self.about["text"])

    @property
    def language(self) -> str:
        """Code of the language, such as ``en``; empty where unknown."""
        return str(self.about["language"])

    @property
    def voice(self) -> str:
        """Who speaks."""
        return str(self.about["voice"])

    @property
    def face(self) -> str:
        """Whose face it is."""
        return str(self.about["face"])

    @property
    def phones(self) -> list[Phone] | None:
        """What is spoken when, in seconds from the clip's start; None where that is not known."""
        rows = self.about["phones"]
        return None if rows is None else [Phone(*row) for row in rows]

    @cached_property
    def frames(self) -> int:
        """Rows of ``motion``, from the head of its file."""
        if "motion" in self.__dict__:
            return len(self.motion)
        return self._decoded(MOTION, lambda data: decode.shape(data)[0])

    def read(self, part: str) -> bytes:
        """The bytes of a part, ``mp4`` for instance. Raises KeyError for one that the sample has not."""
        place = self.places[part]
        with self.shard.open("rb") as file:
            file.seek(place.offset)
            return file.read(place.size)

    def _decoded(self, part: str, how: Any) -> Any:
        try:
            return how(self.read(part))
        except (decode.Broken, OSError) as error:
            raise self._fault(part, str(error)) from error

    def _fault(self, part: str, what: str) -> InputError:
        return InputError(f"{self.shard}: {self.key}.{part}: {what}", WANTS, FIX)


class Shards(Sequence[Sample]):
    """The samples of folders of shards, in the order of folders, shards and members.

    Opening reads the tars' directories alone. The order, and so ``shards[i]``, is the same in every
    process. Raises InputError, naming the files, for a folder without shards, for a shard that cannot be
    read, and for samples without one of their parts.
    """

    def __init__(self, folders: Sequence[str | Path]) -> None:
        self.files = [file for folder in folders for file in _shards(Path(folder).expanduser())]
        self._samples = [sample for file in self.files for sample in _samples(file)]

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: Any) -> Any:
        """Sample ``index``; each call gives a new one, so that what is decoded is let go with it."""
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        kept = self._samples[index]
        return Sample(kept.key, kept.shard, kept.places)

    def __iter__(self) -> Iterator[Sample]:
        return (self[k] for k in range(len(self)))

    @cached_property
    def digest(self) -> str:
        """sha256, as hex, over the contents of all shards in their order; where they lie does not count."""
        whole = hashlib.sha256()
        for file in self.files:
            whole.update(digest_of(file).encode())
        return whole.hexdigest()


def digest_of(shard: Path) -> str:
    """sha256 of a file, as hex."""
    with shard.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shards(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.tar")) if folder.is_dir() else []
    if not found:
        what = "has no shard" if folder.is_dir() else "is no folder"
        inside = sorted(path.parent.name for path in folder.glob("*/*.tar")) if folder.is_dir() else []
        fix = f"give {', '.join(f'{folder / name}' for name in dict.fromkeys(inside))}" if inside else ""
        raise InputError(f"{folder} {what}", "a folder of shards, *.tar: a split of a corpus", fix)
    return found


def _samples(file: Path) -> list[Sample]:
    """The samples of a shard, whose members lie side by side or not."""
    size = file.stat().st_size
    found: dict[str, dict[str, Place]] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                folder, _, base = member.name.rpartition("/")
                key, dot, part = base.partition(".")
                if not member.isfile() or not dot:
                    continue
                key = f"{folder}/{key}" if folder else key
                if part in found.setdefault(key, {}):
                    raise InputError(f"{file}: {member.name} is there twice", WANTS, FIX)
                if member.size > LARGEST or member.offset_data + member.size > size:
                    raise InputError(
                        f"{file}: {member.name} claims {member.size} bytes, of which the file has "
                        f"{max(0, size - member.offset_data)}",
                        WANTS,
                        FIX,
                    )
                found[key][part] = Place(member.offset_data, member.size)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise InputError(f"{file} cannot be read as a tar: {error}", WANTS, FIX) from error
    if not found:
        raise InputError(f"{file} has no sample", WANTS, FIX)
    lacking = [f"{key}.{part}" for key, places in found.items() for part in PARTS if part not in places]
    if lacking:
        raise InputError(f"{file} lacks {listed(lacking)}", WANTS, FIX)
    return [Sample(key, file, places) for key, places in found.items()]
