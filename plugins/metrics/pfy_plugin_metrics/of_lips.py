"""Metrics of the lips: what they do beside what is said, beside the sound, and beside other lips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError, Metric, Score
from pfy_core.kinds import Phone
from pfy_plugin_metrics import lips
from pfy_plugin_metrics.ports import FRAME_RATE, RATE, Face, Made, Phones, RealFace
from pfy_plugin_metrics.track import Track, followed
from pfy_plugin_metrics.unscored import Unscored, known, scored

MILLISECONDS = 1000
APART = 1
"""Frames by which two tracks may differ that are compared frame by frame."""
NO_BILABIALS = "no p, b or m is spoken in it"
NO_VOWELS = "vowels of fewer than 3 degrees of openness, or lips that do not move"
NO_OFFSET = f"less than {4 * lips.MAX_LAG:g} s, or lips or sound that do not move"


class Closure(Metric, name="closure"):
    """Share of the p, b and m that are spoken with closed lips, 0 to 1.

    Closed is a gap of less than .025 interocular distances within 65 ms of the sound's middle. Lips that
    stay shut reach 1: look at ``metric/closure-f1`` beside it. Unscored: no such sound, faces in fewer than
    9 of 10 frames.
    """

    def __call__(self, face: Face, phones: Phones) -> Score:
        """face (t 478 3), and what is spoken when in it -> share."""

        def measured() -> float:
            track, said = _speaking(face, phones)
            return known(lips.closures(_aperture(track), track.times, said).share, NO_BILABIALS)

        return scored(measured)


class ClosureF1(Metric, name="closure-f1"):
    """How well closed lips tell p, b and m from vowels: the F1 score, 0 to 1.

    A hit is a p, b or m as ``metric/closure`` finds it, a false alarm a vowel in which the lips stay within
    .025 interocular distances. Lips that never open have about .5, lips that never close 0. Unscored: no
    such sound or no vowel, faces in fewer than 9 of 10 frames.
    """

    def __call__(self, face: Face, phones: Phones) -> Score:
        """face (t 478 3), and what is spoken when in it -> F1."""

        def measured() -> float:
            track, said = _speaking(face, phones)
            found = lips.closure_f1(_aperture(track), track.times, said)
            return known(found, NO_BILABIALS + ", or no vowel")

        return scored(measured)


class VowelOrder(Metric, name="vowel-order"):
    """Whether more open vowels (IPA chart) are spoken with lips further apart: rank correlation, -1 to 1.

    It cannot reach 1: short vowels between consonants open less. Unscored: vowels of fewer than three
    degrees of openness, lips that do not move, faces in fewer than 9 of 10 frames. Spearman, 1904.
    """

    def __call__(self, face: Face, phones: Phones) -> Score:
        """face (t 478 3), and what is spoken when in it -> correlation."""

        def measured() -> float:
            track, said = _speaking(face, phones)
            return known(lips.vowel_order(_aperture(track), track.times, said)[0], NO_VOWELS)

        return scored(measured)


class LipOffset(Metric, name="lip-offset"):
    """By how many milliseconds the lips come after what is spoken; negative where they are early.

    The lag, at most 400 ms, at which the gap of the lips goes best with how open the phones are. Unscored:
    less than 1.6 s, lips that do not move, faces in fewer than 9 of 10 frames.
    """

    def __call__(self, face: Face, phones: Phones) -> Score:
        """face (t 478 3), and what is spoken when in it -> ms."""

        def measured() -> float:
            track, said = _speaking(face, phones)
            fine = np.arange(0, track.times[-1], lips.STEP)
            target = lips.called_for(said, fine)
            return MILLISECONDS * known(
                lips.offset(_aperture(track), track.times, target, fine)[2], NO_OFFSET
            )

        return scored(measured)


class EnergyOffset(Metric, name="energy-offset"):
    """By how many milliseconds the lips come after the sound's energy; negative where they are early.

    As ``metric/lip-offset``, where nobody knows what is said. People's lips open before they are loud, and
    go only roughly with energy: compare with filmed clips. Unscored: less than 1.6 s, lips or sound that do
    not move, faces in fewer than 9 of 10 frames. Raises InputError for sound that is not finite.
    """

    def __call__(self, face: Face, wave: Made) -> Score:
        """face (t 478 3), wave (s) at 16 kHz -> ms."""
        return scored(lambda: MILLISECONDS * _with_energy(face, wave)[2])


class EnergyCorrelation(Metric, name="energy-correlation"):
    """Correlation of the gap of the lips with the sound's energy in dB, -1 to 1.

    Filmed people have about .1: a high one is no aim. Unscored: less than 1.6 s, lips or sound that do not
    move, faces in fewer than 9 of 10 frames. Raises InputError for sound that is not finite.
    """

    def __call__(self, face: Face, wave: Made) -> Score:
        """face (t 478 3), wave (s) at 16 kHz -> correlation at no lag."""
        return scored(lambda: _with_energy(face, wave)[0])


class LipSpeed(Metric, name="lip-speed"):
    """How fast the gap of the lips changes on average, in interocular distances a second.

    Unscored: fewer than 5 frames, faces in fewer than 9 of 10 frames.
    """

    def __call__(self, face: Face) -> Score:
        """face (t 478 3) -> iod/s."""
        return scored(lambda: float(lips.speed(_aperture(followed(face)), FRAME_RATE).mean()))


class Aperture(Metric, name="aperture"):
    """How far the lips are apart at their widest, as a percentile of the gap in interocular distances.

    percentile: 0 to 100; 95 is the widest but for a twentieth of the time, 50 the usual gap.

    Unscored: fewer than 5 frames, faces in fewer than 9 of 10 frames.
    """

    def __init__(self, *, percentile: float = 95.0) -> None:
        if not 0 <= percentile <= 100:
            raise InputError(f"percentile {percentile:g}", "0 to 100")
        self._percentile = percentile

    def __call__(self, face: Face) -> Score:
        """face (t 478 3) -> iod."""
        return scored(lambda: float(np.percentile(_aperture(followed(face)), self._percentile)))


class LipMotionError(Metric, name="lip-motion-error"):
    """How far the gap of the lips is from that of other lips that say the same at the same time.

    The root of the mean squared difference, in interocular distances; 0 is the same motion. Unscored:
    lengths more than a frame apart, faces in fewer than 9 of 10 frames of a side.
    """

    def __call__(self, made: Face, reference: RealFace) -> Score:
        """made (t 478 3), reference (n 478 3), of the same words -> iod."""

        def measured() -> float:
            sides = [followed(made, "made"), followed(reference, "reference")]
            one, other = (_aperture(side) for side in sides)
            if abs(len(one) - len(other)) > APART:
                raise Unscored(f"{len(one)} and {len(other)} frames, which are not one clip")
            length = min(len(one), len(other))
            return float(np.sqrt(np.mean((one[:length] - other[:length]) ** 2)))

        return scored(measured)


def _aperture(track: Track) -> NDArray[np.float64]:
    return lips.aperture(track.points, track.iod)


def _speaking(face: NDArray[np.float32], phones: list[Phone]) -> tuple[Track, list[Phone]]:
    """The face, and of what is said what can be seen in it. Raises Unscored when nothing is said."""
    track = followed(face)
    said = [phone for phone in phones if phone.start < track.seconds]
    if not any(phone.symbol for phone in said):
        raise Unscored("nothing is said in it")
    return track, said


def _with_energy(face: NDArray[np.float32], wave: NDArray[np.float32]) -> tuple[float, float, float]:
    """As ``lips.offset``, with the energy of a wave (s) at 16 kHz. Raises Unscored."""
    if not np.isfinite(wave).all():
        raise InputError("a recording with NaN or infinity", "numbers from -1 to 1")
    track = followed(face)
    fine = np.arange(0, min(track.times[-1], len(wave) / RATE), lips.STEP)
    if not len(fine):
        raise Unscored(NO_OFFSET)
    found = lips.offset(_aperture(track), track.times, lips.energy(wave, RATE, fine), fine)
    known(found[2], NO_OFFSET)
    return found
