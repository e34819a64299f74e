"""``encoder/mel-conv``: a recording to what is heard at each frame of the video, learnt with the motion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from pfy_core import Encoder, OptionalWeights, recording
from pfy_core.place import Dtype, Place
from pfy_plugin_motion import initial, mel
from pfy_plugin_motion.augment import augmented
from pfy_plugin_motion.ports import RATE, SAMPLES, Speech, Wave

WIDTH = 512
"""Features of a token (supplement, Table 1)."""
FINE, COARSE = 192, 320
"""Channels at 100 and at 25 rows a second."""
FINE_BLOCKS, COARSE_BLOCKS = 3, 4
KERNEL = 7
"""Rows that a block sees: 70 ms, and 280 ms of the frames; in all, a frame hears half a second either way."""
EXPANSION = 2
PIECE, CONTEXT = 1500, 16
"""Frames of a long recording that are heard at once, and of those heard on either side and not kept."""


class Block(nn.Module):
    """A depthwise convolution over time and two layers at each row, residual (Liu et al. 2022, ConvNeXt)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, EXPANSION * width)
        self.down = nn.Linear(EXPANSION * width, width)

    def forward(self, rows: Tensor) -> Tensor:
        """(b n width) -> (b n width)."""
        seen = self.depthwise(rows.transpose(1, 2)).transpose(1, 2)
        fed: Tensor = self.down(nn.functional.gelu(self.up(self.norm(seen))))
        return rows + fed


class SpeechNetwork(nn.Module):
    """A log-mel spectrum (b 4t 80) to tokens (b t 512): convolutions at 100, then at 25 rows a second."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(mel.BANDS, FINE)
        self.fine = nn.Sequential(*(Block(FINE) for _ in range(FINE_BLOCKS)))
        self.step = nn.Conv1d(FINE, COARSE, mel.PER_FRAME, stride=mel.PER_FRAME)
        self.coarse = nn.Sequential(*(Block(COARSE) for _ in range(COARSE_BLOCKS)))
        self.norm = nn.LayerNorm(COARSE)
        self.leave = nn.Linear(COARSE, WIDTH)

    def forward(self, spectrum: Tensor) -> Tensor:
        """(b 4t 80) -> (b t 512)."""
        fine = self.fine(self.enter(spectrum.to(self.enter.weight.dtype)))
        frames = self.step(fine.transpose(1, 2)).transpose(1, 2)
        tokens: Tensor = self.leave(self.norm(self.coarse(frames)))
        return tokens


class MelConvEncoder(Encoder, name="mel-conv"):
    """Speech at 16 kHz to a token for each frame at 25 fps: its log-mel spectrum through small convolutions.

    A recording of s samples has round(s / 640) tokens, one at least; each hears half a second either way.

    weights: ``p4y-motion/speech``, or a file that ``pfy train`` wrote; none: seeded parameters
        (``init_seed``) that mean nothing yet.
    neutral: zeros at every frame, whatever is heard: the ablation ``no-wav2vec``.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16.

    Raises InputError for an empty or non-finite recording, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        neutral: bool = False,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        self._neutral, self._place = neutral, Place.named(device, dtype)
        self._network = initial.made(SpeechNetwork, weights, init_seed, self._place)

    def network(self) -> nn.Module:
        """The convolutions; the spectrum has no parameters."""
        return self._network

    def __call__(self, wave: Wave) -> Speech:
        """wave (s) @ 16 kHz -> tokens (t 512) @ 25 Hz."""
        samples = recording.checked(wave, RATE)
        heard = np.pad(samples, (0, max(0, SAMPLES - len(samples))))
        with torch.no_grad():
            spectrum = mel.leveled(mel.power(torch.from_numpy(heard).to(self._place.device)[None]))
            pieces = [self._heard(spectrum, start) for start in range(0, _frames(spectrum), PIECE)]
        tokens = torch.cat(pieces)
        return torch.zeros_like(tokens) if self._neutral else tokens

    def _heard(self, spectrum: Tensor, start: int) -> Tensor:
        """Tokens (n 512) of the PIECE frames from ``start`` on."""
        first = max(0, start - CONTEXT)
        last = min(_frames(spectrum), start + PIECE + CONTEXT)
        tokens = self._network(spectrum[:, first * mel.PER_FRAME : last * mel.PER_FRAME])[0]
        return tokens[start - first : start - first + PIECE]

    def learn(self, wave: Tensor | Sequence[Tensor], *, seeds: Tensor) -> Tensor:
        """wave (b s) @ 16 kHz, each clip changed as if from elsewhere -> (b t 512).

        Behind shorter clips comes silence.
        """
        whole = wave if isinstance(wave, Tensor) else pad_sequence(list(wave), batch_first=True)
        with torch.no_grad(), torch.autocast(whole.device.type, enabled=False):
            spectrum = mel.leveled(augmented(mel.power(whole), seeds))
        tokens: Tensor = self._network(spectrum)
        return torch.zeros_like(tokens) if self._neutral else tokens


def _frames(spectrum: Tensor) -> int:
    return len(spectrum[0]) // mel.PER_FRAME
