"""The kinds that pfy's own components exchange, and the values that are not plain arrays.

A kind is a convention between plugins; a plugin may use any other dotted name. Arrays are numpy
for media and torch for latents.

kind              value
text              str
image.rgb         uint8 (h w 3), sRGB
image.matte       float32 (h w), 0 background to 1 person
audio.wave        float32 (s), mono, -1 to 1
speech.phones     list[Phone], seconds from the start of the speech, in order, without gaps
speech.words      list[Word], seconds from the start of the speech, in order
voice.profile     VoiceProfile
speech.quality    float32 (3), what listeners would say, 1 to 5: overall, of the voice, of the background
face.landmarks    float32 (478 3), pixels of the image; z towards the camera is negative
face.track        float32 (t 478 3), landmarks frame by frame; rows of NaN where there is no face
motion.face       float32 (t 58), MOTION_CHANNELS
video.frames      uint8 (t h w 3), sRGB; (t h w 4) with straight alpha
embedding.speaker float32 (256), unit vector of a voice
embedding.face    float32 (n d), who is seen, a row for each compared frame; NaN where there is no face
latent.*          torch tensors
dataset.item      int, the number of a clip in its dataset, from 0
clip.name         str, unique in its dataset, and the same wherever its files lie
clip.identity     str, who is in it: clips of one identity are no independent samples
clip.file         str, absolute path of its video; the clip is ``clip.seconds`` of it from ``clip.start`` on
clip.start        float, seconds; and so is clip.seconds
metric.value      float, in the metric's own unit; NaN where a metric.reason beside it says why
metric.reason     str, why there is no value; empty where there is one
loss.value        torch scalar with a gradient
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ARKIT_CHANNELS = tuple(
    """
    eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft
    eyeWideLeft eyeBlinkRight eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight
    eyeSquintRight eyeWideRight jawForward jawRight jawLeft jawOpen mouthClose mouthFunnel
    mouthPucker mouthRight mouthLeft mouthSmileLeft mouthSmileRight mouthFrownLeft
    mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft mouthStretchRight
    mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthPressLeft mouthPressRight
    mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight browDownLeft
    browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight noseSneerLeft noseSneerRight tongueOut
    """.split()  # noqa: SIM905
)
"""The 52 blendshape coefficients of Apple's ARFaceAnchor, 0 to 1, in the order of Live Link Face.

Expression is counted from the photo (its own smile is 0), gaze from the viewer: with all eyeLook
channels at 0 the eyes look into the camera, wherever they look in the photo."""

HEAD_CHANNELS = ("headYaw", "headPitch", "headRoll", "headX", "headY", "headZ")
"""Head pose relative to the photo: radians (yaw towards the image's right, pitch down, roll
clockwise), then translation right, down and towards the camera in interocular distances."""

MOTION_CHANNELS = ARKIT_CHANNELS + HEAD_CHANNELS
MOTION_INDEX = {name: index for index, name in enumerate(MOTION_CHANNELS)}

APERTURE_SPAN = 0.30
"""Gap between the inner lips at jawOpen = 1 and mouthClose = 0, in interocular distances (eye
corner to eye corner). The maximum seen in the paper's own videos is .26 (95th percentile)."""


@dataclass(frozen=True)
class Phone:
    """A sound of the speech: IPA symbol ("" for silence), seconds, stress 0, 1 or 2 (primary)."""

    symbol: str
    start: float
    end: float
    stress: int = 0


@dataclass(frozen=True)
class Word:
    """A word as it is written, with the punctuation that follows it, and when it is spoken: seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class VoiceProfile:
    """What a recording says of a voice; of a noisy or clipped one, after it was cleaned.

    speech:          seconds of speech in the recording
    f0:              median fundamental frequency in Hz; 0 when none could be found
    f0_spread:       standard deviation of F0 in semitones
    spectrum:        float32 (48), long-term average spectrum in dB on a mel scale, mean 0
    loudness:        of the recording as it was given, in LUFS (ITU-R BS.1770)
    snr:             speech level above the background, in dB
    notes:           advice for the user, sentences
    f0_range:        5th and 95th percentile of F0 in Hz
    tilt:            slope of the spectrum in dB per octave
    clipping:        share of the samples that were cut off, 0 to 1
    bandwidth:       Hz up to which there is speech
    quality:         predicted opinion of listeners (DNSMOS), 1 to 5; None when it was not measured
    cleaned_quality: the same after cleaning
    cleaned:         what was done to the recording before the voice was measured
    embedding:       float32 (256), unit vector of the speaker (GE2E); None when it was not measured
    verdict:         ``good``, ``usable``, ``poor`` or ``hopeless``
    """

    speech: float
    f0: float
    f0_spread: float
    spectrum: Any
    loudness: float
    snr: float
    notes: tuple[str, ...] = ()
    f0_range: tuple[float, float] = (0.0, 0.0)
    tilt: float = 0.0
    clipping: float = 0.0
    bandwidth: float = 8000.0
    quality: float | None = None
    cleaned_quality: float | None = None
    cleaned: tuple[str, ...] = ()
    embedding: Any = None
    verdict: str = "usable"
