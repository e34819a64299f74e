"""Lips beside sound: what a SyncNet says of a video, window by window, at 31 shifts of the sound."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pfy_core import InputError
from pfy_core.options import choice
from pfy_core.place import Place
from pfy_plugin_networks import syncnet_frames
from pfy_plugin_networks.syncnet_mfcc import mfcc
from pfy_plugin_networks.syncnet_network import SyncNet

Protocol = Literal["lse/wav2lip-lrs", "lse/face-track-crop"]
Frames = NDArray[np.uint8]
Floats = NDArray[np.float32]
Samples = NDArray[np.int16]

WINDOW = 5
"""Frames of a window."""
STEPS, HEARD = 4, 20
"""Frames of sound in a frame of video, and in a window."""
SAMPLES = 640
"""Samples in a frame of video."""
SHIFTS = 15
"""Frames by which the sound is shifted either way (``vshift``)."""
KEPT = 8
"""Recordings whose features are kept, for other videos with the same sound."""


class Comparison:
    """Frames and sound to the distances of their features, as ``SyncNetInstance.evaluate`` calculates them.

    Raises InputError for an option out of range, and for a device that is not here.
    """

    def __init__(self, network: SyncNet, protocol: Protocol, jpeg: bool, batch: int, device: str) -> None:
        self._protocol, self._jpeg = choice("protocol", protocol, Protocol), jpeg
        if batch < 1:
            raise InputError(f"batch {batch}", "1 and more")
        self._batch, self._device = batch, Place.named(device, "float32").device
        self.network = network.to(self._device)
        self._heard: OrderedDict[bytes, Tensor] = OrderedDict()

    def __call__(self, frames: Frames, wave: Floats, face: Floats | None) -> Floats:
        """frames (t h w 3), wave (s), face (t 478 3) -> distances (windows 31).

        Raises InputError for fewer than 6 frames, for what is not finite, and for a face that cannot be cut
        out.
        """
        if not np.isfinite(wave).all():
            raise InputError("a recording with NaN or infinity", "numbers from -1 to 1")
        sound, count, track = samples(wave), len(frames), None
        if self._protocol == "lse/face-track-crop":
            track = _tracked(face, count)
            count = len(track.x)
            sound = sound[track.first * SAMPLES : (track.first + count) * SAMPLES]
        windows = min(count, len(sound) // SAMPLES) - WINDOW
        if windows < 1:
            sends = f"{count} frames and {len(sound) / SAMPLES:.1f} frames of sound"
            raise InputError(sends, f"{WINDOW + 1} at least")
        pictures = islice(self._pictures(frames, track), windows + WINDOW - 1)
        with torch.inference_mode():
            found = distances(self._seen(pictures), self._sound(sound, windows))
        return np.asarray(found.cpu().numpy())

    def _pictures(self, frames: Frames, track: syncnet_frames.Track | None) -> Iterator[Frames]:
        """What the network is shown (224 224 3), BGR."""
        coloured = frames[..., ::-1]
        if track is not None:
            faces = syncnet_frames.squeezed(syncnet_frames.cropped(coloured, track))
            return syncnet_frames.through_jpeg(faces) if self._jpeg else faces
        return syncnet_frames.squeezed(syncnet_frames.through_jpeg(coloured) if self._jpeg else coloured)

    def _seen(self, pictures: Iterator[Frames]) -> Tensor:
        """Features of the lips in each window of 5 pictures (windows 1024), a batch at a time."""
        held, made = list(islice(pictures, WINDOW - 1)), []
        while new := list(islice(pictures, self._batch)):
            held += new
            shown = torch.from_numpy(np.stack(held)).to(self._device)
            made.append(self.network.lips(shown.permute(0, 3, 1, 2).float()))
            held = held[-(WINDOW - 1) :]
        return torch.cat(made)

    def _sound(self, sound: Samples, windows: int) -> Tensor:
        """Features of the sound (windows 1024); those of the last recordings are kept."""
        key = hashlib.sha256(sound.tobytes() + windows.to_bytes(8)).digest()
        if key not in self._heard:
            steps = torch.from_numpy(mfcc(sound)).float().to(self._device)
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


def samples(wave: Floats) -> Samples:
    """-1 to 1 -> 16 bits, as ffmpeg rounds and cuts."""
    return np.clip(np.rint(wave * np.float32(32768)), -32768, 32767).astype(np.int16)


def _tracked(face: Floats | None, frames: int) -> syncnet_frames.Track:
    if face is None:
        raise InputError("no face", "the face's track, for the protocol lse/face-track-crop", "connect face")
    if len(face) != frames:
        raise InputError(f"a track of {len(face)} frames for {frames}", "a row of landmarks for each frame")
    return syncnet_frames.track(face)
