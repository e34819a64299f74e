"""``extractor/flow-tracks`` and ``extractor/motion-histograms``: how things move in a video."""

from __future__ import annotations

from typing import Literal

from pfy_core import Extractor, InputError
from pfy_plugin_metrics.flow_tracks import tracks
from pfy_plugin_metrics.motion_histograms import Protocol, histograms
from pfy_plugin_metrics.ports import Frames, MotionFeatures, Tracks


class FlowTracks(Extractor, name="flow-tracks"):
    """Points of a grid, followed through clips of 16 frames along optical flow.

    protocol: ``flow-tracks/dis-fast``: frames squeezed to 256 by 256, 20 by 20 points, DIS in OpenCV's preset
        "fast" (pip install 'pfy-plugin-metrics[flow]').
    stride: frames from the beginning of a clip to that of the next.

    It needs no weights, and stands where FVMD has the network PIPs++: a distance of its histograms is an
    ``fd``, and no FVMD. Raises InputError for fewer than 16 frames. Kroeger et al., arXiv 1603.03590.
    """

    def __init__(
        self, *, protocol: Literal["flow-tracks/dis-fast"] = "flow-tracks/dis-fast", stride: int = 1
    ) -> None:
        if stride < 1:
            raise InputError(f"stride {stride}", "1 frame and more")
        self._protocol, self._stride = protocol, stride

    def __call__(self, frames: Frames) -> Tracks:
        """frames (f h w 3) -> tracks (n t y x 2), pixels of 256 by 256, x first; t is 16, y and x are 20."""
        return tracks(frames, self._stride)


class MotionHistograms(Extractor, name="motion-histograms"):
    """Tracked points to the histograms of velocity and acceleration whose Fréchet distance is FVMD.

    protocol: ``fvmd/reference-1.0.0`` as the package fvmd calculates, ``fvmd/paper`` as its paper says; in
        both a trembling of a thousandth of a pixel counts as a pixel. ``motion/unrounded`` is the paper's
        without that rounding.

    Raises InputError for fewer than 4 frames of 5 by 5 points, and for what is not finite. arXiv 2407.16124.
    """

    def __init__(self, *, protocol: Protocol = "fvmd/reference-1.0.0") -> None:
        self._protocol: Protocol = protocol

    def __call__(self, tracks: Tracks) -> MotionFeatures:
        """tracks (n t y x 2), pixels, x first: n clips of t frames -> (n d); d is 1024 for (n 16 20 20 2)."""
        return histograms(tracks, self._protocol)
