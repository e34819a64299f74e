"""Networks that listen: what is speech, who speaks, how good it sounds, and what is noise.

Each is a small weights file that is fetched when first wanted; who calls can do without.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listeners:
    """Names of the weights of the four networks."""

    activity: str
    speaker: str
    quality: str
    denoiser: str


LISTEN = Listeners("listen/activity", "listen/speaker", "listen/quality", "listen/denoiser")
