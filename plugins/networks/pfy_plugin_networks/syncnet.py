"""``extractor/syncnet``, and ``extractor/random-sync``: the same network without anything learnt."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from pfy_core import Extractor, Port, Weights, note
from pfy_plugin_networks import syncnet_network
from pfy_plugin_networks.ports import FPS, Wave
from pfy_plugin_networks.syncnet_comparison import Comparison, Protocol

Frames = Annotated[NDArray[np.uint8], Port("video.frames", "t h w 3", rate=FPS, dtype="uint8")]
Face = Annotated[NDArray[np.float32], Port("face.track", "t 478 3", rate=FPS, dtype="float32")]
Distances = Annotated[NDArray[np.float32], Port("sync.distances", "windows 31", dtype="float32")]
RandomDistances = Annotated[NDArray[np.float32], Port("sync.distances.random", "windows 31", dtype="float32")]

NARROWER = 16
"""How much narrower the untrained network's layers are, of which nothing is expected."""


class SyncNet(Extractor, name="syncnet"):
    """Distances between lips and sound in windows of 5 frames, at shifts of the sound by -15 to 15 frames.

    ``metric/lse-c``, ``metric/lse-d`` and ``metric/sync-offset`` are calculated of them. Row i compares the
    video's window from frame i on with the sound's from frame i + j - 15 on, in column j; where there is no
    such window, with zeros, as the published program does: the metrics' protocol ``lse/masked`` leaves these
    out. The last window of a clip is not looked at, as in the published program.

    weights: ``syncnet/v2``, or the path of a file with the same keys, which makes it no LSE.
    protocol: ``lse/wav2lip-lrs`` shows the network the whole frame as a square, as Wav2Lip's
        calculate_scores_LRS.py, which is meant for videos of a face alone; ``lse/face-track-crop`` shows it
        the face, cut out as by syncnet_python's run_pipeline.py, but found by the given track and not by the
        S3FD detector, and without the video files that it writes in between: its numbers are comparable
        with each other, not with those published.
    jpeg: frames pass through JPEG as the published programs' frames do, whose files ffmpeg writes at its
        default quality; false leaves them as they are.
    batch: windows that the network sees at once; the distances are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for fewer than 6 frames of video and sound, for a recording that is not finite, and for
    a face that is absent, lost or too small; WeightsError for weights that are absent or do not fit.
    Chung and Zisserman 2016; Prajwal et al., arXiv 2008.10010.
    """

    def __init__(
        self,
        *,
        weights: Weights = "syncnet/v2",
        protocol: Protocol = "lse/wav2lip-lrs",
        jpeg: bool = True,
        batch: int = 20,
        device: str = "cpu",
    ) -> None:
        self._compared = Comparison(syncnet_network.loaded(weights), protocol, jpeg, batch, device)

    def __call__(self, frames: Frames, wave: Wave, face: Face | None = None) -> Distances:
        """frames (t h w 3), wave (s) at 16 kHz, face (t 478 3) in pixels -> (windows 31).

        ``face`` is wanted by the protocol ``lse/face-track-crop`` alone. There are min(t, s // 640) - 5
        windows of what lasts from the face's first frame to its last.
        """
        return self._compared(frames, wave, face)


class RandomSync(Extractor, name="random-sync"):
    """The distances of a SyncNet with random parameters: to try a suite out without any weights.

    They have a kind of their own, so that nobody takes what is calculated of them for LSE-C or LSE-D. Its
    layers are a sixteenth as wide.

    init_seed: of the parameters; the same on every machine.
    protocol, jpeg, batch, device: as in ``extractor/syncnet``.

    Raises InputError as ``extractor/syncnet`` does, and for a seed that is not 0 to 2**32 - 1.
    """

    def __init__(
        self,
        *,
        init_seed: int = 0,
        protocol: Protocol = "lse/wav2lip-lrs",
        jpeg: bool = True,
        batch: int = 20,
        device: str = "cpu",
    ) -> None:
        note("this SyncNet is not trained: its distances are of random parameters, and no LSE's")
        network = syncnet_network.initialised(NARROWER, init_seed)
        self._compared = Comparison(network, protocol, jpeg, batch, device)

    def __call__(self, frames: Frames, wave: Wave, face: Face | None = None) -> RandomDistances:
        """frames (t h w 3), wave (s) at 16 kHz, face (t 478 3) in pixels -> (windows 31)."""
        return self._compared(frames, wave, face)
