"""One video measured: frames decoded, the face followed, every metric computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench.portrait import picture, sound
from pfy_core import InputError, weights
from pfy_core.errors import WeightsError
from pfy_core.media import audio, image, video
from pfy_plugin_metrics import colour, eyes, head, lips
from pfy_plugin_metrics.identity import Identity, distance
from pfy_plugin_metrics.track import Track, interocular
from pfy_plugin_metrics.words import word_errors
from pfy_plugin_portrait.encoder import FaceMeshEncoder
from pfy_plugin_portrait.track import FaceTrack
from pfy_plugin_speech.measuring import SpeakerEmbedding, SpeechQuality, Understood

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pfy_core.kinds import Phone

MESH = "face-mesh/attention"
IDENTITY, QUALITY, SPEAKER = "measure/identity", "listen/quality", "listen/speaker"
"""Names of weights; what needs one of these that cannot be had is left out."""
EVERY = 5
"""One frame in so many is compared with the photo."""
FACES = 8
"""Frames of a clip whose identity is asked for: the network takes a third of a second."""

SILENT = -60.0
"""LUFS below which a sound track is empty: 10 above the standard's gate."""
LIPS = (13, 14, 61, 291)
OPEN_EYES = 0.3
"""Closure below which an eye says where it looks."""


@dataclass
class Clip:
    """A measured video: values by metric, the face's track, and kept pictures by frame number."""

    values: dict[str, float]
    track: Track
    photo: NDArray[np.uint8]
    stills: dict[int, NDArray[np.uint8]] = field(repr=False, default_factory=dict)


class Instruments:
    """All networks, opened once; those that cannot be had are None, with the reason in ``missing``."""

    def __init__(self) -> None:
        self.missing: dict[str, str] = {}
        self.finder = FaceMeshEncoder()
        self.tracker = FaceTrack()
        self.identity: Any = self._open("identity distance", IDENTITY, Identity)
        self.quality: Any = self._open("quality", QUALITY, lambda _: SpeechQuality())
        self.recogniser: Any = Understood()
        self.speaker: Any = self._open("speaker similarity", SPEAKER, lambda _: SpeakerEmbedding())

    def _open(self, measure: str, name: str, make: Callable[[str], Any]) -> Any:
        try:
            weights.path(name)
            return make(name)
        except (InputError, WeightsError) as error:
            self.missing[measure] = str(error).splitlines()[0]
            return None


def measure(
    path: Path,
    photo: Path | None,
    tools: Instruments,
    *,
    phones: Sequence[Phone] = (),
    text: str = "",
    voice: Path | None = None,
) -> Clip:
    """Measure a video against its photo; without one (filmed footage), against its first frame.

    What needs phones, a text or a voice sample is left out where they are not given.
    """
    about = video.probe(path)
    rate = about["video"]["rate"]
    kept: dict[int, NDArray[np.uint8]] = {}

    def frames() -> Any:
        for number, frame in enumerate(video.read(path)):
            if number % EVERY == 0:
                kept[number] = frame
            yield frame[None]

    track = Track.of(np.concatenate(list(tools.tracker(frames()))), rate)
    original = kept[0] if photo is None else image.load(photo)
    clip = Clip({"face found": float(track.found.mean())}, track, original, kept)
    clip.values |= _lips(track, phones) | _eyes(track) | _head(track, phones)
    clip.values |= _picture(clip, tools)
    if "audio" in about:
        clip.values |= _speech(path, track, tools, text, voice)
    clip.values = {key: value for key, value in clip.values.items() if np.isfinite(value)}
    return clip


def _lips(track: Track, phones: Sequence[Phone]) -> dict[str, float]:
    times, aperture = track.times, lips.aperture(track.points, track.iod)
    wide = lips.width(track.points, track.iod)
    moved = lips.speed(aperture, track.rate)
    found = {
        "aperture median": float(np.median(aperture)),
        "aperture 95 %": float(np.percentile(aperture, 95)),
        "width spread": float(100 * wide.std() / wide.mean()),
        "lip speed": float(moved.mean()),
        "lip speed 95 %": float(np.percentile(moved, 95)),
        "lip jitter": lips.jitter(aperture),
    }
    if phones:
        closed = lips.closures(aperture, times, phones)
        fine = np.arange(0, times[-1], lips.STEP)
        lag = lips.offset(aperture, times, lips.called_for(phones, fine), fine)[2]
        found |= {
            "closed": closed.share,
            "closed by chance": closed.chance,
            "closure late": 1000 * closed.late,
            "closed in pauses": lips.closed_in_pauses(aperture, times, phones),
            "vowel order": lips.vowel_order(aperture, times, phones)[0],
            "offset to phones": 1000 * lag,
        }
    return found


def _eyes(track: Track) -> dict[str, float]:
    closed = eyes.closure(eyes.aspect(track.points))
    seen = eyes.blinks(closed, track.rate)
    awake = closed.max(1) < OPEN_EYES
    look = eyes.gaze(track.points)[awake] if awake.any() else np.full((1, 2), np.nan)
    return {
        "blinks": 60 * len(seen.middles) * track.rate / len(closed),
        "blink duration": 1000 * float(np.median(seen.durations)) if len(seen.middles) else np.nan,
        "blink interval": float(np.median(np.diff(seen.middles))) if len(seen.middles) > 1 else np.nan,
        "blink depth": float(seen.depths.mean()) if len(seen.middles) else np.nan,
        "blink uneven": seen.uneven,
        "gaze across": float(look[:, 0].mean()),
        "gaze down": float(look[:, 1].mean()),
        "gaze spread": float(np.sqrt(look.var(0).sum())),
        "brow range": 100 * float(head.spread(eyes.brows(track.points, track.iod))),
    }


def _head(track: Track, phones: Sequence[Phone]) -> dict[str, float]:
    points, iod = track.points, float(np.median(track.iod))
    speed = head.speed(points, iod, track.rate)
    turned = head.spread(head.pose(points, np.median(points, axis=0)))
    bones = 100 * points[:, list(head.RIGID), :2] / iod
    found = {
        "head speed": float(speed.mean()),
        "head speed 95 %": float(np.percentile(speed, 95)),
        "head range": 100 * float(head.spread(points[:, head.NOSE, :2]).max()) / iod,
        "yaw range": float(turned[0]),
        "pitch range": float(turned[1]),
        "roll range": float(turned[2]),
        "head jitter": lips.trembling(bones, track.rate),
    }
    still = lips.resting(track.times, phones)
    runs = np.split(np.flatnonzero(still), np.flatnonzero(np.diff(np.flatnonzero(still)) > 1) + 1)
    seen = 100 * points[:, [*head.RIGID, *LIPS], :2] / iod
    parts = [lips.trembling(seen[run], track.rate) for run in runs]
    parts = [value for value in parts if np.isfinite(value)]
    if parts:
        found["jitter at rest"] = float(np.mean(parts))
    return found


def _picture(clip: Clip, tools: Instruments) -> dict[str, float]:
    """Frames against the photo; where the video shows another section of it, against the first frame."""
    track = clip.track
    height, width = clip.stills[0].shape[:2]
    whole = picture.fit(clip.photo, (width, height))
    still = clip.stills[0] if whole is None else whole
    known = tools.finder(still)
    points = known.landmarks.astype(np.float64)
    iod = float(interocular(points))
    numbers = [number for number in clip.stills if track.found[number]]
    pairs = [(clip.stills[number], track.points[number]) for number in numbers]
    found = {"shape distance": float(head.shape_distance(track.points, points).mean())}
    closed = eyes.closure(eyes.aspect(track.points)).max(1)
    base = {name: picture.sharpness(still, box) for name, box in picture.boxes(points, iod).items()}
    for name, known_sharp in base.items():
        ratios = [
            picture.sharpness(frame, picture.boxes(seen, iod)[name]) / known_sharp
            for number, (frame, seen) in zip(numbers, pairs, strict=True)
            if name != "eyes" or closed[number] < OPEN_EYES
        ]
        found[f"sharpness {name}"] = float(np.median(ratios)) if ratios and known_sharp else np.nan
    skin = colour.skin(still, points, iod)
    drift = [colour.difference(colour.skin(frame, seen, iod), skin) for frame, seen in pairs]
    found["colour drift"] = float(np.mean(drift))
    if tools.identity:
        base_face = tools.identity(still, points)
        chosen = [pairs[k] for k in np.unique(np.linspace(0, len(pairs) - 1, FACES).round().astype(int))]
        far = [distance(tools.identity(frame, seen), base_face) for frame, seen in chosen]
        found["identity distance"] = float(np.mean(far))
        found["identity distance 95 %"] = float(np.percentile(far, 95))
    return found | _around(clip, still, known.matte, iod, numbers)


def _around(clip: Clip, still: Any, matte: Any, iod: float, numbers: list[int]) -> dict[str, float]:
    """What the picture does where the person is not."""
    nose = clip.track.points[:, head.NOSE, :2]
    reach = float(np.percentile(np.linalg.norm(nose - nose[0], axis=1), 97.5))
    behind, rim = picture.background(matte, iod, reach)
    detail = picture.textured(still)
    flow = picture.Displacement(still)
    moved, beside, differs, halo, flickers = [], [], [], [], []
    for before, number in zip([None, *numbers], numbers, strict=False):
        frame = clip.stills[number]
        far = flow(frame)
        moved.append(picture.within(far, behind & detail, 95))
        beside.append(picture.within(far, rim & detail, 95))
        apart = picture.difference(frame, still)
        differs.append(picture.within(apart, behind))
        halo.append(picture.within(apart, rim))
        if before is not None:
            flickers.append(picture.within(picture.difference(frame, clip.stills[before]), behind))
    return {
        "background moves": 100 * _mean(moved) / iod,
        "rim moves": 100 * _mean(beside) / iod,
        "background differs": _mean(differs),
        "rim differs": _mean(halo),
        "background flickers": _mean(flickers),
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _speech(path: Path, track: Track, tools: Instruments, text: str, voice: Path | None) -> dict[str, float]:
    wave = audio.read(path, sound.RATE)
    found = {"loudness": sound.loudness(wave, sound.RATE)}
    if found["loudness"] < SILENT:
        return {}
    if tools.quality:
        overall, signal, _ = tools.quality(wave)
        found |= {"quality": float(overall), "quality signal": float(signal)}
    if tools.recogniser and text:
        found["word errors"] = word_errors(text, tools.recogniser(wave))
    if tools.speaker and voice:
        one, other = (tools.speaker(side) for side in (audio.read(voice, sound.RATE), wave))
        found["speaker similarity"] = float(one @ other)
    fine = np.arange(0, min(track.times[-1], len(wave) / sound.RATE), lips.STEP)
    level = lips.energy(wave, sound.RATE, fine)
    aperture = lips.aperture(track.points, track.iod)
    at_once, _, lag = lips.offset(aperture, track.times, level, fine)
    return found | {"energy r": at_once, "offset to energy": 1000 * lag}
