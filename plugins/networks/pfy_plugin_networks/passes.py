"""A clip or a recording through a network: how it is cut, and that there was something to cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pfy_core import InputError
from pfy_core.options import choice
from pfy_core.place import Place
from pfy_plugin_networks import batches, i3d, mel, pictures, vggish
from pfy_plugin_networks.mel import FadProtocol

Features = NDArray[np.float32]
WINDOW = 16
"""Frames of a window for I3D (StyleGAN-V's ``fvd2048_16f``)."""


class Rows:
    """A row for each frame that is looked at, of each ``every`` the first.

    Raises InputError for ``every`` or ``batch`` below 1, and for a device that is not here.
    """

    def __init__(self, prepare: pictures.Prepare, side: int, every: int, batch: int, device: str) -> None:
        self._prepare, self._side, self._every = prepare, side, _at_least("every", every, 1)
        self._batch, self.device = _at_least("batch", batch, 1), _device(device)

    def __call__(self, network: nn.Module, clip: Iterable[Any], width: int) -> Features:
        """Chunks of frames (t h w 3) -> features (n width); InputError when there is no frame."""
        ready = (self._prepare(frame[None], self._side) for frame in batches.frames(clip, self._every))
        groups = (torch.cat(group) for group in batches.grouped(ready, self._batch))
        found = batches.features(network, groups, self.device, width)
        if not len(found):
            raise InputError("no frames", "1 frame and more")
        return found


class Windows:
    """A row for each window of 16 frames.

    Raises InputError for an option out of range, and for a device that is not here.
    """

    def __init__(self, start: int, stride: int, windows: int, batch: int, device: str) -> None:
        self._start, self._stride = _at_least("start", start, 0), _at_least("stride", stride, 1)
        self._most = _at_least("windows", windows, 0) or None
        self._batch, self.device = _at_least("batch", batch, 1), _device(device)

    def __call__(self, network: nn.Module, clip: Iterable[Any]) -> Features:
        """Chunks of frames (t h w 3) -> features (n 400); InputError when no window fits."""
        found = batches.features(network, self._prepared(clip), self.device, i3d.FEATURES)
        if not len(found):
            raise InputError("a clip that no window fits in", f"{self._start + WINDOW} frames and more")
        return found

    def _prepared(self, clip: Iterable[Any]) -> Iterator[Tensor]:
        runs = batches.windows(batches.frames(clip), WINDOW, self._stride, self._start)
        ready = (
            torch.stack([pictures.fvd(frame[None], i3d.SIDE)[0] for frame in run], dim=1)
            for run in islice(runs, self._most)
        )
        return (torch.stack(group) for group in batches.grouped(ready, self._batch))


class Patches:
    """A row for each patch of a recording's spectrum.

    Raises InputError for an option out of range, and for a device that is not here.
    """

    def __init__(self, protocol: FadProtocol, batch: int, device: str) -> None:
        self._protocol = choice("protocol", protocol, FadProtocol)
        self._batch, self.device = _at_least("batch", batch, 1), _device(device)

    def __call__(self, network: nn.Module, wave: Any) -> Features:
        """A recording (s) at 16 kHz -> features (n 128); InputError when it is too short or not finite."""
        samples = np.asarray(wave)
        shortest = mel.SHORTEST[self._protocol]
        wants = f"a mono recording (s) at 16 kHz of {shortest} finite samples and more"
        if samples.ndim != 1 or len(samples) < shortest:
            raise InputError(f"wave: shape ({' '.join(map(str, samples.shape))})", wants)
        if not np.isfinite(samples).all():
            raise InputError(f"wave: {int((~np.isfinite(samples)).sum())} samples are not finite", wants)
        cut = torch.from_numpy(mel.patches(samples, self._protocol))
        return batches.features(network, cut.split(self._batch), self.device, vggish.FEATURES)


def _at_least(option: str, value: int, least: int) -> int:
    if value < least:
        raise InputError(f"{option} {value}", f"{least} and more")
    return value


def _device(name: str) -> torch.device:
    return Place.named(name, "float32").device
