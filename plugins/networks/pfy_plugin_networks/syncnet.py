"""``extractor/syncnet``: how far lips and sound are apart, window by window, at 31 shifts."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pfy_core import Extractor, InputError, OptionalWeights, Port, note
from pfy_core.options import choice
from pfy_core.place import Place
from pfy_plugin_networks import syncnet_frames, syncnet_network
from pfy_plugin_networks.syncnet_mfcc import mfcc

Protocol = Literal["lse/wav2lip-lrs", "lse/face-track-crop"]
Init = Literal["weights", "random"]
Size = Literal["full", "tiny"]
Frames = Annotated[NDArray[np.uint8], Port("video.frames", "t h w 3", rate=25, dtype="uint8")]
Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=16_000, dtype="float32", range=(-1, 1))]
Face = Annotated[NDArray[np.float32], Port("face.track", "t 478 3", rate=25, dtype="float32")]
Distances = Annotated[NDArray[np.float32], Port("sync.distances", "windows 31", dtype="float32")]

WINDOW = 5
"""Frames of a window."""
STEPS, HEARD = 4, 20
"""Frames of sound in a frame of video and in a window."""
SAMPLES = 640
"""Samples in a frame of video."""
SHIFTS = 15
"""Frames by which the sound is shifted either way (``vshift``)."""
KEPT = 8
"""Recordings whose features are kept, for other videos with the same sound."""


class SyncNet(Extractor, name="syncnet"):
    """Distances between lips and sound in windows of 5 frames, at shifts of the sound by -15 to 15 frames.

    What ``metric/lse-c``, ``metric/lse-d`` and ``metric/sync-offset`` are calculated of. Row i compares the
    video's window from frame i on with the sound's from frame i + j - 15 on, in column j; where there is no
    such window, with zeros, as the published program does. The metrics' protocol ``lse/masked`` leaves these
    out. The last window of a clip is not looked at, as in the published program.

    protocol: ``lse/wav2lip-lrs`` shows the network the whole frame as a square, as Wav2Lip's
        calculate_scores_LRS.py, which is meant for videos of a face alone; ``lse/face-track-crop`` shows it
        the face, cut out as by syncnet_python's run_pipeline.py, but found by the given track and not by the
        S3FD detector, and without the video files that it writes in between. Its numbers are comparable
        with each other, not with those published.
    weights: ``syncnet/v2``, or the path of such a checkpoint.
    init: ``random`` takes seeded values (``init_seed``, ``size``) in place of weights, for trials; what is
        calculated of them is no LSE.
    jpeg: frames pass through JPEG files as ffmpeg writes them by default, as in the published programs,
        where it is the strongest change of all; false leaves them as they are.
    batch: windows that are looked at together.
    device: "cpu", "cuda:0" ...

    Raises InputError for fewer than 6 frames of video and sound, for what is not finite, and for a face that
    is absent, lost or too small; WeightsError for weights that are absent or do not fit.
    Chung and Zisserman 2016; Prajwal et al., arXiv 2008.10010.
    """

    def __init__(
        self,
        *,
        protocol: Protocol = "lse/wav2lip-lrs",
        weights: OptionalWeights = "syncnet/v2",
        init: Init = "weights",
        size: Size = "full",
        init_seed: int = 0,
        jpeg: bool = True,
        batch: int = 20,
        device: str = "cpu",
    ) -> None:
        for option, value, known in (
            ("protocol", protocol, Protocol),
            ("init", init, Init),
            ("size", size, Size),
        ):
            choice(option, value, known)
        if batch < 1:
            raise InputError(f"batch {batch}", "1 and more")
        self._protocol, self._jpeg, self._batch = protocol, jpeg, batch
        self._device = Place.named(device, "float32").device
        if init == "random":
            note("syncnet has no weights: its distances are of a random network, and no LSE")
            network = syncnet_network.initialised(size, init_seed)
        else:
            network = syncnet_network.loaded(weights)
        self.network = network.to(self._device)
        """The two networks, a ``torch.nn.Module``."""
        self._heard: OrderedDict[bytes, Tensor] = OrderedDict()

    @classmethod
    def parameters(cls, *, init: str = "weights", size: Size = "full", **_: Any) -> dict[str, int]:
        """The parts of the networks and their parameters."""
        model = syncnet_network.outline(size if init == "random" else "full")
        return {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()}

    def __call__(self, frames: Frames, wave: Wave, face: Face | None = None) -> Distances:
        """frames (t h w 3) @ 25 fps, wave (s) @ 16 kHz, face (t 478 3) in pixels -> (windows 31).

        ``face`` is wanted by the protocol ``lse/face-track-crop`` alone. There are min(t, s // 640) - 5
        windows of what lasts from the face's first frame to its last.
        """
        if not np.isfinite(wave).all():
            raise InputError("a recording with NaN or infinity", "numbers from -1 to 1")
        first, count = 0, len(frames)
        track = None
        if self._protocol == "lse/face-track-crop":
            track = _tracked(face, len(frames))
            first, count = track.first, len(track.x)
        sound = _samples(wave)[first * SAMPLES : (first + count) * SAMPLES]
        windows = min(count, len(sound) // SAMPLES) - WINDOW
        if windows < 1:
            sends = f"{count} frames and {len(sound) / SAMPLES:.1f} frames of sound"
            raise InputError(sends, f"{WINDOW + 1} at least")
        pictures = islice(self._pictures(frames, track), windows + WINDOW - 1)
        with torch.inference_mode():
            return distances(self._seen(pictures), self._sound(sound, windows)).cpu().numpy()

    def _pictures(self, frames: Frames, track: syncnet_frames.Track | None) -> Iterator[NDArray[np.uint8]]:
        """What the network is shown (224 224 3), BGR."""
        coloured = frames[..., ::-1]
        if track is not None:
            faces = syncnet_frames.squeezed(syncnet_frames.cropped(coloured, track))
            return syncnet_frames.through_jpeg(faces) if self._jpeg else faces
        return syncnet_frames.squeezed(syncnet_frames.through_jpeg(coloured) if self._jpeg else coloured)

    def _seen(self, pictures: Iterator[NDArray[np.uint8]]) -> Tensor:
        """Features of the lips in each window of 5 pictures (windows 1024), a batch at a time."""
        held, made = list(islice(pictures, WINDOW - 1)), []
        while new := list(islice(pictures, self._batch)):
            held += new
            shown = torch.from_numpy(np.stack(held)).to(self._device)
            made.append(self.network.lips(shown.permute(0, 3, 1, 2).float()))
            held = held[-(WINDOW - 1) :]
        return torch.cat(made)

    def _sound(self, samples: NDArray[np.int16], windows: int) -> Tensor:
        """Features of the sound (windows 1024); those of the last recordings are kept."""
        key = hashlib.sha256(samples.tobytes() + windows.to_bytes(8)).digest()
        if key not in self._heard:
            steps = torch.from_numpy(mfcc(samples)).float().to(self._device)
            cepstra = steps.unfold(0, HEARD, STEPS)[:windows, None]
            self._heard[key] = torch.cat([self.network.sound(part) for part in cepstra.split(self._batch)])
            if len(self._heard) > KEPT:
                self._heard.popitem(last=False)
        self._heard.move_to_end(key)
        return self._heard[key]


def distances(lips: Tensor, sound: Tensor) -> Tensor:
    """Features of windows (n d) and (n d) -> Euclidean distances (n 31), the sound shifted by -15 to 15.

    Beyond the ends the sound's features are zeros (``calc_pdist`` of github.com/joonson/syncnet_python).
    """
    padded = functional.pad(sound, (0, 0, SHIFTS, SHIFTS))
    columns = [
        functional.pairwise_distance(lips, padded[shift : shift + len(lips)])
        for shift in range(2 * SHIFTS + 1)
    ]
    return torch.stack(columns, dim=1)


def _tracked(face: Face | None, frames: int) -> syncnet_frames.Track:
    if face is None:
        raise InputError("no face", "the face's track, for the protocol lse/face-track-crop", "connect face")
    if len(face) != frames:
        raise InputError(f"a track of {len(face)} frames for {frames}", "a row of landmarks for each frame")
    return syncnet_frames.track(face)


def _samples(wave: Wave) -> NDArray[np.int16]:
    """-1 to 1 -> 16 bits, as ffmpeg rounds."""
    return np.clip(np.rint(wave * np.float32(32768)), -32768, 32767).astype(np.int16)
