"""The numbers that a clip gets: their names, units, and what to wish for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A number of a clip.

    aim: ``high``, ``low``, ``zero`` (either side is a fault), ``human`` (near that of filmed people), or
    "" (no value is better as such)
    """

    key: str
    title: str
    unit: str = ""
    digits: int = 2
    aim: str = ""


GROUPS: dict[str, tuple[Metric, ...]] = {
    "lips": (
        Metric("closed", "p, b, m with closed lips", "", 2, "high"),
        Metric("closed by chance", "the same at any moment", "", 2),
        Metric("closed in pauses", "frames of pauses with closed lips", "", 2, "high"),
        Metric("vowel order", "rank correlation, vowels' openness and aperture", "", 2, "high"),
        Metric("closure late", "closure after its sound's middle", "ms", 0, "zero"),
        Metric("offset to phones", "lag of best correlation with phones' openness", "ms", 0, "zero"),
        Metric("offset to energy", "lag of best correlation with the sound's energy", "ms", 0),
        Metric("energy r", "aperture and energy, correlation without lag", "", 2, "human"),
        Metric("aperture median", "aperture, median", "iod", 3, "human"),
        Metric("aperture 95 %", "aperture, 95th percentile", "iod", 3, "human"),
        Metric("width spread", "mouth width, standard deviation over mean", "%", 1, "human"),
        Metric("lip speed", "change of aperture, mean", "iod/s", 2, "human"),
        Metric("lip speed 95 %", "change of aperture, 95th percentile", "iod/s", 2, "human"),
        Metric("lip jitter", "second differences of aperture, RMS", "iod", 4, "human"),
    ),
    "eyes": (
        Metric("blinks", "blinks", "/min", 1, "human"),
        Metric("blink duration", "blink at half its depth, median", "ms", 0, "human"),
        Metric("blink interval", "between blinks, median", "s", 1, "human"),
        Metric("blink depth", "closure of the eye aspect ratio at its greatest", "", 2, "high"),
        Metric("blink uneven", "difference of the eyes' closure in blinks", "", 2, "low"),
        Metric("gaze across", "iris right of the eye's middle, mean", "eye", 3),
        Metric("gaze down", "iris below the eye's middle, mean", "eye", 3),
        Metric("gaze spread", "movement of the irises, standard deviation", "eye", 3, "human"),
        Metric("brow range", "brows' height, range of 95 %", "% iod", 1, "human"),
    ),
    "head": (
        Metric("head speed", "nose against the picture, mean", "% iod/frame", 2, "human"),
        Metric("head speed 95 %", "nose against the picture, 95th percentile", "% iod/frame", 2, "human"),
        Metric("head range", "nose's path, range of 95 % (longer side)", "% iod", 1, "human"),
        Metric("yaw range", "range of 95 %", "deg", 1, "human"),
        Metric("pitch range", "range of 95 %", "deg", 1, "human"),
        Metric("roll range", "range of 95 %", "deg", 1, "human"),
        Metric("head jitter", "bony landmarks, what is faster than .28 s, RMS", "% iod", 2, "low"),
        Metric("jitter at rest", "the same in pauses, lips too", "% iod", 2, "low"),
    ),
    "picture": (
        Metric("identity distance", "face embedding to the photo's, mean", "", 3, "low"),
        Metric("identity distance 95 %", "face embedding to the photo's, 95th percentile", "", 3, "low"),
        Metric("shape distance", "bony landmarks to the photo's, mean", "% iod", 1, "low"),
        Metric("sharpness eyes", "Laplacian variance over the photo's, median", "", 2),
        Metric("sharpness mouth", "Laplacian variance over the photo's, median", "", 2),
        Metric("sharpness face", "Laplacian variance over the photo's, median", "", 2),
        Metric("colour drift", "skin to the photo's, mean", "dE", 2, "low"),
        Metric("background moves", "displacement, 95th percentile", "% iod", 2, "zero"),
        Metric("rim moves", "displacement beside the head, 95th percentile", "% iod", 2, "zero"),
        Metric("background differs", "to the photo, mean", "levels", 2, "zero"),
        Metric("rim differs", "beside the head to the photo, mean", "levels", 2, "zero"),
        Metric("background flickers", "from one compared frame to the next, mean", "levels", 2, "zero"),
        Metric("face found", "frames in which a face is found", "", 2, "high"),
    ),
    "speech": (
        Metric("loudness", "integrated", "LUFS", 1),
        Metric("quality", "DNSMOS P.835 overall", "", 2, "high"),
        Metric("quality signal", "DNSMOS P.835 of the voice", "", 2, "high"),
        Metric("word errors", "PocketSphinx, US English", "", 2, "low"),
        Metric("speaker similarity", "to the voice sample, cosine of GE2E", "", 2, "high"),
    ),
    "cost": (
        Metric("real-time factor", "whole process, a second of video", "", 2, "low"),
        Metric("cpu", "processor seconds, a second of video", "", 2, "low"),
        Metric("first frame", "from the process' start", "s", 1, "low"),
        Metric("peak memory", "", "MB", 0, "low"),
    ),
}
METRICS = {metric.key: metric for group in GROUPS.values() for metric in group}
COST = frozenset(metric.key for metric in GROUPS["cost"])
