"""The files that a video can be written to, and how each is encoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pfy_core.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

AUDIO_RATE = 48_000
AUDIO_BITRATE = 128_000
CRF = "18"
PRESET = "veryfast"
VP9_CRF = "20"
"""As near to the frames as CRF 18 of x264 (31.8 and 31.9 dB on the same film of a photo)."""
VP9_SPEED = "7"
"""Of 5 to 9 in real time: 70 frames of 512x512 a second on two cores, 30 with alpha; 5 is no better."""
SEEK = 1.0
"""Seconds between the frames of a live video at which a player may begin."""

FRAGMENT = 0.25
"""Seconds of a live video that are written at once."""


@dataclass(frozen=True)
class Format:
    """Codecs and their options; ``container`` are options of the file."""

    video: str
    pixels: str
    options: dict[str, str]
    audio: str = "aac"
    container: dict[str, str] = field(default_factory=dict)
    alpha: bool = False

    @property
    def piece(self) -> str:
        """The suffix of a file that holds the picture or the sound alone."""
        return ".webm" if self.audio == "libopus" else ".mov" if self.alpha else ".mp4"


FASTSTART = {"movflags": "+faststart+use_metadata_tags"}
X264 = Format("libx264", "yuv420p", {"crf": CRF, "preset": PRESET}, container=FASTSTART)
VP9_OPTIONS = {"crf": VP9_CRF, "deadline": "realtime", "cpu-used": VP9_SPEED, "row-mt": "1"} | {
    "tile-columns": "1",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",  # libvpx refuses it with alpha
}
VP9 = Format("libvpx-vp9", "yuv420p", VP9_OPTIONS, "libopus")
VP9_ALPHA = Format("libvpx-vp9", "yuva420p", VP9_OPTIONS, "libopus", alpha=True)
PRORES_OPTIONS = {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
PRORES = Format("prores_ks", "yuva444p10le", PRORES_OPTIONS, container=FASTSTART, alpha=True)
MKV = Format(X264.video, X264.pixels, X264.options)

OPAQUE = {".mp4": X264, ".m4v": X264, ".mov": X264, ".mkv": MKV, ".webm": VP9}
TRANSPARENT = {".webm": VP9_ALPHA, ".mov": PRORES}
SUFFIXES = tuple(OPAQUE)


def choose(path: Path, *, alpha: bool) -> Format:
    """How the video ``path`` is encoded: H.264 and AAC, in WebM VP9 and Opus; with ``alpha`` VP9 in
    WebM, ProRes 4444 in QuickTime. OutputError for a file that cannot be transparent."""
    suffix = path.suffix.lower()
    if not alpha:
        return OPAQUE[suffix]
    if suffix not in TRANSPARENT:
        raise OutputError(
            f"{path.name} cannot have a transparent background",
            "a name ending in .webm (VP9) or .mov (ProRes 4444, for editing)",
            f"-o {path.stem}.webm",
        )
    return TRANSPARENT[suffix]


def live(rate: float) -> Format:
    """H.264 without delay, in fragments of which each plays as soon as it is there."""
    seek = str(max(1, round(SEEK * rate)))
    options = X264.options | {"tune": "zerolatency", "g": seek, "keyint_min": seek, "sc_threshold": "0"}
    container = {
        # delay_moov: the header waits for the first fragment and so tells where sound and picture begin
        "movflags": "+frag_keyframe+empty_moov+delay_moov+default_base_moof+use_metadata_tags",
        "frag_duration": str(round(FRAGMENT * 1e6)),
        "flush_packets": "1",
    }
    return Format(X264.video, X264.pixels, options, container=container)
