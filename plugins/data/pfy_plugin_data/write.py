"""Writing shards: clips to WebDataset tars that are the same bytes whenever and wherever they are made."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from pfy_core.kinds import Phone
from pfy_core.media import whole
from pfy_plugin_data.layout import (
    ABOUT,
    CHANNELS,
    FPS,
    IMAGE,
    LANDMARKS,
    MOTION,
    PER_FRAME,
    POINTS,
    RATE,
    SOUND,
    Split,
)

QUALITY = 90
"""Of the JPEG: 8 kB a face."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip to be written.

    key: unique in the corpus; letters, digits, ``-`` and ``_``, ``/`` for folders
    wave: float32 (s) at 16 kHz, -1 to 1, with s = 640 t
    motion: (t 58) at 25 frames a second
    image, landmarks: uint8 (h w 3) and the face in it, (478 3) in its pixels
    voice, face, text, language: who speaks, whose face it is, what is said and in which language
    phones: what is spoken when, in seconds; None where not known
    source: where it comes from, for JSON
    more: further parts by what follows the key, such as ``mp4``
    """

    key: str
    split: Split
    wave: NDArray[np.float32]
    motion: NDArray[Any]
    image: NDArray[np.uint8]
    landmarks: NDArray[Any]
    voice: str
    face: str
    text: str = ""
    language: str = ""
    phones: list[Phone] | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return len(self.motion) / FPS


def shard(path: Path, clips: Iterable[Clip]) -> None:
    """A shard at ``path``, whole or not at all; raises OutputError where it cannot be written."""
    with whole(path) as part, tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as tar:
        for clip in clips:
            for name, data in parts(clip).items():
                member = tarfile.TarInfo(f"{clip.key}.{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def parts(clip: Clip) -> dict[str, bytes]:
    """The bytes of a clip's parts. Raises ValueError for arrays that do not fit together."""
    frames = len(clip.motion)
    if not frames or clip.motion.shape[1:] != (CHANNELS,) or clip.wave.shape != (frames * PER_FRAME,):
        raise ValueError(f"{clip.key}: motion {clip.motion.shape} and wave {clip.wave.shape}")
    if clip.landmarks.shape != (POINTS, 3):
        raise ValueError(f"{clip.key}: landmarks {clip.landmarks.shape}")
    return {
        SOUND: _flac(clip.wave),
        MOTION: _npy(clip.motion.astype("<f2")),
        LANDMARKS: _npy(clip.landmarks.astype("<f4")),
        IMAGE: _jpeg(clip.image),
        ABOUT: _about(clip),
        **clip.more,
    }


def fitted(wave: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """A wave (s) at 16 kHz, cut or with silence behind it, of exactly that many frames."""
    length = frames * PER_FRAME
    return np.pad(wave[:length], (0, max(0, length - len(wave))))


def _flac(wave: NDArray[np.float32]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.clip(wave, -1, 1), RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def _npy(values: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(values), allow_pickle=False)
    return file.getvalue()


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _about(clip: Clip) -> bytes:
    phones: list[list[Any]] | None = None
    if clip.phones is not None:
        phones = [[p.symbol, round(p.start, 4), round(p.end, 4), p.stress] for p in clip.phones]
    found = {name: getattr(clip, name) for name in ("text", "language", "voice", "face", "split")}
    return json.dumps(found | {"phones": phones, "source": dict(clip.source)}, ensure_ascii=False).encode()
