"""A film to clips: shots in which one face is seen and somebody is heard, with their motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_core.media import clip as media_clip
from pfy_core.media import video
from pfy_plugin_data.face import crop, square
from pfy_plugin_data.layout import CROPS, FPS, RATE, Split
from pfy_plugin_data.prepare import looks
from pfy_plugin_data.prepare.films import Film
from pfy_plugin_data.prepare.shots import Shot, seen, shots
from pfy_plugin_data.prepare.watch import Watcher
from pfy_plugin_data.prepare.words import Words
from pfy_plugin_data.write import Clip, fitted

SILENT = 1e-3
"""Root mean square, -60 dB, under which nobody speaks."""
CROP_SIDE = 256
"""Pixels a side of the face's film: what SadTalker, Wav2Lip and their like are trained on at most."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of films beside the usual: films of the faces, the language that is spoken."""

    crops: bool = False
    language: str = ""


def clips(film: Film, split: Split, watcher: Watcher, wish: Wish) -> Iterator[Clip]:
    """The clips of a film, each as soon as it is made; InputError where the film cannot be read (on)."""
    words = Words.beside(film.file, film.seconds)
    number = 0
    for shot in shots(media_clip.frames(film.file, fps=FPS), words.until):
        track = watcher.track(shot.frames)
        for begin, end in seen(track):
            part = Shot(shot.frames[begin:end], shot.start + begin)
            made = _clip(film, split, part, track[begin:end], words, watcher, wish, number)
            if made is not None:
                yield made
                number += 1


def _clip(
    film: Film,
    split: Split,
    shot: Shot,
    track: NDArray[np.float32],
    words: Words,
    watcher: Watcher,
    wish: Wish,
    number: int,
) -> Clip | None:
    """A shot in which a face is seen all the time; None where nothing is heard."""
    frames = len(shot.frames)
    wave = media_clip.wave(film.file, rate=RATE, start=shot.begin, seconds=frames / FPS)
    if wave is None or not sqrt(float(np.mean(np.square(wave)))) > SILENT:
        return None
    wave = fitted(wave, frames)
    text = words.said(shot.begin, shot.begin + frames / FPS)
    shown = looks.best(shot.frames, track)
    picture, landmarks = crop(shot.frames[shown], track[shown])
    return Clip(
        key=f"{film.key}-{number:04d}",
        split=split,
        wave=wave,
        motion=watcher.motion(track),
        image=picture,
        landmarks=landmarks,
        voice=film.identity,
        face=film.identity,
        text=text,
        language=wish.language if text else "",
        phones=watcher.spoken(wave, text),
        source={
            "by": "pfy data prepare",
            "film": film.name,
            "start": round(shot.begin, 3),
            "seconds": round(frames / FPS, 3),
            "reference": shown,
        },
        more={CROPS: _film(shot.frames, track, wave)} if wish.crops else {},
    )


def _film(frames: NDArray[np.uint8], track: NDArray[np.float32], wave: NDArray[np.float32]) -> bytes:
    """An MP4 of the square around a face, which does not move within the clip, with its sound."""
    everywhere = np.stack([track.min(axis=(0, 1)), track.max(axis=(0, 1))])
    left, top, side = square(frames[0], everywhere.astype(np.float32))
    small = (
        np.asarray(
            Image.fromarray(frame[top : top + side, left : left + side]).resize(
                (CROP_SIDE, CROP_SIDE), Image.Resampling.LANCZOS
            )
        )[None]
        for frame in frames
    )
    with TemporaryDirectory(prefix="pfy-crop-") as folder:
        file = Path(folder) / "crop.mp4"
        video.write(file, small, FPS, iter([wave]), RATE)
        return file.read_bytes()
