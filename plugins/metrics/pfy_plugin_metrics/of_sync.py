"""``metric/lse-c``, ``metric/lse-d`` and ``metric/sync-offset``: whether lips and sound go together."""

from __future__ import annotations

from math import nan

from pfy_core import InputError, Metric, Score
from pfy_plugin_metrics.lse import LAST, Protocol, sync
from pfy_plugin_metrics.ports import Distances

FEWEST = 100
"""Frames below which run_pipeline.py of syncnet_python scores no clip (``min_track``)."""


class LseC(Metric, name="lse-c"):
    """Lip-sync confidence: how much nearer lips and sound are at their best shift than at others.

    protocol: ``lse/reference`` as Wav2Lip's scripts, ``lse/masked`` without the windows at a clip's ends that
        have no sound to be compared with. In the first, features of nothing score 0.9 in a clip of 105
        frames, and 5.9 in one of 21.
    fewest: frames of a clip that is scored.

    Only of distances by the published SyncNet is it called LSE-C. Models trained against such a network
    score better than film. Unscored: clips of fewer frames. Raises InputError for what are no distances.
    Prajwal et al., arXiv 2008.10010.
    """

    def __init__(self, *, protocol: Protocol = "lse/reference", fewest: int = FEWEST) -> None:
        self._protocol, self._fewest = protocol, _fewest(fewest)

    def __call__(self, distances: Distances) -> Score:
        """distances (windows 31) of ``extractor/syncnet`` -> confidence, 0 and more."""
        reason = _too_short(len(distances), self._fewest)
        return Score(nan, reason) if reason else Score(sync(distances, self._protocol).confidence)


class LseD(Metric, name="lse-d"):
    """Lip-sync distance: how far lips and sound are apart at the clip's best shift.

    protocol, fewest: as in ``metric/lse-c``.

    A sound that is late or early throughout by up to 0.6 s costs nothing: read ``metric/sync-offset``
    beside it. Only of distances by the published SyncNet is it called LSE-D. Unscored: clips of fewer
    frames. Raises InputError for what are no distances. Prajwal et al., arXiv 2008.10010.
    """

    def __init__(self, *, protocol: Protocol = "lse/reference", fewest: int = FEWEST) -> None:
        self._protocol, self._fewest = protocol, _fewest(fewest)

    def __call__(self, distances: Distances) -> Score:
        """distances (windows 31) of ``extractor/syncnet`` -> distance, 0 and more."""
        reason = _too_short(len(distances), self._fewest)
        return Score(nan, reason) if reason else Score(sync(distances, self._protocol).distance)


class SyncOffset(Metric, name="sync-offset"):
    """Frames of 40 ms by which the sound is early (above 0) or late (below 0); 0 is best.

    protocol, fewest: as in ``metric/lse-c``. Where nothing fits, ``lse/reference`` says 15 or -15.

    From -15 to 15. Unscored: clips of fewer frames. Raises InputError for what are no distances. Chung and
    Zisserman 2016.
    """

    def __init__(self, *, protocol: Protocol = "lse/reference", fewest: int = FEWEST) -> None:
        self._protocol, self._fewest = protocol, _fewest(fewest)

    def __call__(self, distances: Distances) -> Score:
        """distances (windows 31) of ``extractor/syncnet`` -> frames, a whole number."""
        reason = _too_short(len(distances), self._fewest)
        return Score(nan, reason) if reason else Score(float(sync(distances, self._protocol).offset))


def _fewest(frames: int) -> int:
    if frames <= LAST:
        raise InputError(f"fewest {frames}", f"{LAST + 1} frames and more")
    return frames


def _too_short(windows: int, fewest: int) -> str:
    frames = windows + LAST
    return f"{frames} frames of video and sound, {fewest} wanted" if frames < fewest else ""
