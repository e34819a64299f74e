"""Negative controls: the real clip, spoiled step by step, in place of the one that was made.

A measure that says it sees a fault must put its steps in order on this data. One that does not is
marked *uncalibrated*, however good its name is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core import InputError
from pfy_core.errors import did_you_mean
from pfy_core.kinds import Phone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pfy_bench.sides import Side
    from pfy_bench.suite import ClipProtocol, Measure

SAME = "same"
"""The real clip beside itself: where every ladder begins."""
UNDER = "control/"
"""Before the names of their rows."""
HEIGHT = 256
"""Pixels of picture height for which the radius of a blur is meant."""
TOLERANCE = 1.0
"""Frames by which a recovered shift may be wrong: the grid that offsets are found on."""


@dataclass(frozen=True)
class Fault:
    """A way to spoil a clip: steps from faint to heavy, and what each does, with another clip where it needs
    one."""

    steps: tuple[float, ...]
    spoil: Callable[[Side, float, ClipProtocol, Side | None], Side]
    doc: str


def _shift(side: Side, frames: float, protocol: ClipProtocol, _: Side | None) -> Side:
    late = round(frames * protocol.rate / protocol.fps)
    wave = side.take("wave")
    shifted = replace(side, wave=np.concatenate([np.zeros(late, wave.dtype), wave])[: len(wave)])
    if side.phones is None:
        return shifted
    seconds = frames / protocol.fps
    spoken = [replace(phone, start=phone.start + seconds, end=phone.end + seconds) for phone in side.phones]
    return replace(shifted, phones=[Phone("", 0.0, seconds), *spoken])


def _frozen(side: Side, _: float, __: ClipProtocol, ___: Side | None) -> Side:
    held: dict[str, Any] = {
        part: np.repeat(rows[:1], len(rows), axis=0) for part, rows in _seen(side).items()
    }
    return replace(side, **held)


def _shuffled(side: Side, _: float, __: ClipProtocol, other: Side | None) -> Side:
    if other is None:
        raise InputError("no other clip says anything else", "two clips, to take the one's motion")
    return replace(side, **{part: _as_long(other.take(part), side) for part in _seen(side)})


def _seen(side: Side) -> dict[str, Any]:
    """What of a clip is seen: frames, motion, or both."""
    found = {"frames": side.frames, "motion": side.motion}
    return {part: rows for part, rows in found.items() if rows is not None}


def _as_long(rows: Any, side: Side) -> Any:
    """Rows that begin again at their end, as many as a clip has."""
    return np.take(rows, range(side.length), axis=0, mode="wrap")


def _wrong_speaker(side: Side, _: float, __: ClipProtocol, other: Side | None) -> Side:
    if other is None:
        raise InputError("all clips are of one person", "clips of two, to change their voices")
    wave, length = other.take("wave"), len(side.take("wave"))
    return replace(side, wave=np.resize(wave, length).astype(wave.dtype))


def _wrong_face(side: Side, _: float, __: ClipProtocol, other: Side | None) -> Side:
    if other is None:
        raise InputError("all clips are of one person", "clips of two, to change their faces")
    return replace(side, frames=_as_long(other.take("frames"), side))


def _noise(side: Side, levels: float, _: ClipProtocol, __: Side | None) -> Side:
    draws = np.random.default_rng(0)
    noisy = (frame + draws.normal(0.0, levels, frame.shape) for frame in side.take("frames"))
    return replace(
        side, frames=np.stack([np.clip(frame, 0, 255).round().astype(np.uint8) for frame in noisy])
    )


def _blur(side: Side, radius: float, _: ClipProtocol, __: Side | None) -> Side:
    from PIL import Image, ImageFilter

    frames = side.take("frames")
    blur = ImageFilter.GaussianBlur(radius * frames.shape[1] / HEIGHT)
    return replace(side, frames=np.stack([np.asarray(Image.fromarray(f).filter(blur)) for f in frames]))


def _jpeg(side: Side, quality: float, _: ClipProtocol, __: Side | None) -> Side:
    return replace(side, frames=np.stack([_as_jpeg(frame, int(quality)) for frame in side.take("frames")]))


def _noise_sound(side: Side, snr: float, _: ClipProtocol, __: Side | None) -> Side:
    wave = side.take("wave")
    level = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) * 10 ** (-snr / 20)
    noise = np.random.default_rng(0).normal(0.0, level, len(wave))
    return replace(side, wave=np.clip(wave + noise, -1, 1).astype(wave.dtype))


def _as_jpeg(frame: Any, quality: int) -> Any:
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.fromarray(frame).save(data, "jpeg", quality=quality)
    return np.asarray(Image.open(data))


FAULTS = {
    "shift": Fault((2, 5, 10), _shift, "sound late by frames"),
    "frozen": Fault((1,), _frozen, "the first frame, held"),
    "shuffled": Fault((1,), _shuffled, "the motion of another clip"),
    "wrong-speaker": Fault((1,), _wrong_speaker, "another person's sound"),
    "wrong-face": Fault((1,), _wrong_face, "another person's picture"),
    "noise": Fault((8, 24, 72), _noise, "noise on the picture, standard deviation in levels"),
    "blur": Fault((1, 2, 4), _blur, f"Gaussian blur, radius in pixels of {HEIGHT}"),
    "jpeg": Fault((40, 15, 4), _jpeg, "JPEG frame by frame, quality"),
    "noise-sound": Fault((20, 10, 0), _noise_sound, "white noise on the sound, SNR in dB"),
}


def wanted(measures: Mapping[str, Measure]) -> list[str]:
    """Names of the control rows that these measures are tested by: ``same``, ``blur-1``, ..., in order.

    Raises InputError for a control that a measure names and that there is not.
    """
    seen = {name for measure in measures.values() for name in measure.sees}
    if unknown := seen - set(FAULTS):
        raise InputError(f"no control is named {', '.join(sorted(unknown))}", f"of {', '.join(FAULTS)}")
    steps = [f"{name}-{step}" for name in FAULTS if name in seen for step in _steps(name)]
    return [SAME, *steps] if steps else []


def seeing(control: str, measures: Mapping[str, Measure]) -> list[str]:
    """The measures that a control row is for."""
    name = control.rpartition("-")[0]
    return [key for key, item in measures.items() if name in item.sees or (control == SAME and item.sees)]


def spoiled(control: str, side: Side, protocol: ClipProtocol, other: Side | None) -> Side:
    """The side as the control ``NAME-STEP`` has it, ``other`` another clip, if there is one.

    Raises InputError for a clip that cannot be spoiled so.
    """
    if control == SAME:
        return side
    name, _, step = control.rpartition("-")
    fault = FAULTS[name]
    return fault.spoil(side, fault.steps[int(step) - 1], protocol, other)


def calibrated(
    measure: Measure, values: Mapping[str, Mapping[str, float]], real: Mapping[str, float], fps: float
) -> tuple[bool | None, str]:
    """Whether a measure puts the steps of every fault that it says it sees in order, and the ladders as text.

    values: by control and clip; real: by clip, for measures of one side. A ladder is of means over the
    clips that have all of its steps. None when no ladder has a clip.
    """
    verdicts, told = [], []
    for name in measure.sees:
        steps = [values.get(step, {}) for step in (SAME, *(f"{name}-{k}" for k in _steps(name)))]
        clips = [clip for clip in steps[0] if all(isfinite(step.get(clip, nan)) for step in steps)]
        if not clips:
            told.append(f"{name}: not scored")
            continue
        ladder = [float(np.mean([step[clip] for clip in clips])) for step in steps]
        filmed = [real[clip] for clip in clips if isfinite(real.get(clip, nan))]
        good = _ordered(measure.better, ladder, float(np.mean(filmed)) if filmed else nan)
        if name == "shift" and measure.better == "zero":
            good = _recovered(measure.unit, [[step[clip] for clip in clips] for step in steps], fps)
        verdicts.append(good)
        numbers = " ".join(f"{value:.{measure.digits}f}" for value in ladder)
        told.append(f"{name}: {numbers}{'' if good else ' (not in order)'}")
    return (all(verdicts) if verdicts else None), "; ".join(told)


def heaviest(name: str) -> str:
    """The heaviest step of a control, ``NAME-STEP``. Raises InputError for one that there is not."""
    if name not in FAULTS:
        raise InputError(f"no control is named {name}", f"of {', '.join(FAULTS)}", did_you_mean(name, FAULTS))
    return f"{name}-{len(FAULTS[name].steps)}"


def title(control: str) -> str:
    """What a control does, in words."""
    name, _, step = control.rpartition("-")
    fault = FAULTS.get(name)
    return f"{fault.doc}: {fault.steps[int(step) - 1]:g}" if fault else "the real clip beside itself"


def _steps(name: str) -> range:
    return range(1, len(FAULTS[name].steps) + 1)


def _ordered(better: str, ladder: Sequence[float], real: float) -> bool:
    """Whether every step is worse than the one before."""
    match better:
        case "high":
            badness = [-value for value in ladder]
        case "human":
            badness = [abs(value - real) for value in ladder]
        case "zero":
            badness = [abs(value) for value in ladder]
        case _:
            badness = list(ladder)
    return all(after > before for before, after in pairwise(badness))


def _recovered(unit: str, steps: Sequence[Sequence[float]], fps: float) -> bool:
    """Whether an offset found the frames by which the sound was shifted, either way, in the median clip of
    each step: where lips and sound hardly go together, a clip's lag is any."""
    frame = {"ms": 1000 / fps, "s": 1 / fps}.get(unit, 1.0)
    found = [abs(float(np.median(np.subtract(step, steps[0])))) / frame for step in steps[1:]]
    return all(abs(k - wanted) <= TOLERANCE for k, wanted in zip(found, FAULTS["shift"].steps, strict=True))
