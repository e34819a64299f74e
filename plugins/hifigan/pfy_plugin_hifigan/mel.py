"""Mel spectrograms in torch, and the sinc resampler before them; both with torchaudio's conventions."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

ZEROS = 6
"""Zero crossings of the resampler's sinc on either side (torchaudio's ``lowpass_filter_width``)."""
ROLLOFF = 0.99
"""Cut-off of the resampler as a share of the lower Nyquist frequency (torchaudio's ``rolloff``)."""


def filterbank(bins: int, mels: int, rate: int, top: float, *, area: bool) -> Tensor:
    """Triangular filters (bins mels) from 0 Hz to ``top``, evenly spaced on HTK's mel scale.

    mel = 2595 log10(1 + f / 700) (Young et al., The HTK Book, 5.6). ``area`` divides each filter by half
    of its width in Hz, so that all have the same area (Slaney, Auditory Toolbox, 1998).
    """
    highest = 2595 * math.log10(1 + top / 700)
    corners = 700 * (10 ** (torch.linspace(0, highest, mels + 2) / 2595) - 1)
    lower, centre, upper = corners[:-2], corners[1:-1], corners[2:]
    frequencies = torch.linspace(0, rate // 2, bins)[:, None]
    rising = (frequencies - lower) / (centre - lower)
    falling = (upper - frequencies) / (upper - centre)
    filters = torch.minimum(rising, falling).clamp(min=0)
    return filters * 2 / (upper - lower) if area else filters


def power(wave: Tensor, size: int, hop: int, window: Tensor) -> Tensor:
    """The power spectrogram of waves (b s): (b size//2+1 s//hop+1), frames centred, ends reflected."""
    spectrum = torch.stft(
        wave, size, hop, len(window), window, center=True, pad_mode="reflect", return_complex=True
    )
    return spectrum.abs().square()


def resample(wave: Tensor, source: int, target: int) -> Tensor:
    """A wave (s) at another rate (ceil(s target / source)), band-limited by a Hann-windowed sinc.

    The filter is torchaudio's default one (J. O. Smith, Digital Audio Resampling), so that what the
    speaker encoder hears is what it was trained on.
    """
    common = math.gcd(source, target)
    source, target = source // common, target // common
    if source == target:
        return wave
    base = min(source, target) * ROLLOFF
    width = math.ceil(ZEROS * source / base)
    # In float32, as in torchaudio: the logarithm of quiet bins shows even this rounding.
    taps = torch.arange(-width, width + source, dtype=torch.float32) / source
    phases = -torch.arange(target, dtype=torch.float32)[:, None] / target
    times = ((taps + phases) * base).clamp(-ZEROS, ZEROS)
    kernel = torch.sinc(times) * torch.cos(times * math.pi / ZEROS / 2).square() * base / source
    padded = functional.pad(wave[None, None], (width, width + source))
    strided = functional.conv1d(padded, kernel[:, None].to(wave), stride=source)
    length = math.ceil(target * len(wave) / source)
    return strided[0].T.reshape(-1)[:length]


class Spectrogram(nn.Module):
    """Holds the window of a power spectrogram, which checkpoints carry."""

    window: Tensor

    def __init__(self, length: int) -> None:
        super().__init__()
        self.register_buffer("window", torch.empty(length))


class MelScale(nn.Module):
    """Holds the filters of a mel scale, which checkpoints carry."""

    fb: Tensor

    def __init__(self, bins: int, mels: int) -> None:
        super().__init__()
        self.register_buffer("fb", torch.empty(bins, mels))


class MelSpectrogram(nn.Module):
    """Power mel spectrogram of a wave, with window and filters from the checkpoint."""

    def __init__(self, size: int, hop: int, window: int, mels: int) -> None:
        super().__init__()
        self.size, self.hop = size, hop
        self.spectrogram = Spectrogram(window)
        self.mel_scale = MelScale(size // 2 + 1, mels)

    def forward(self, wave: Tensor) -> Tensor:
        """waves (b s) -> (b mels s//hop+1)."""
        spectrum = power(wave, self.size, self.hop, self.spectrogram.window)
        return self.mel_scale.fb.T @ spectrum


class PreEmphasis(nn.Module):
    """y[t] = x[t] - 0.97 x[t-1], as the filter that checkpoints carry; the wave's start is reflected."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", torch.empty(1, 1, 2))

    def forward(self, wave: Tensor) -> Tensor:
        """waves (b s) -> (b s)."""
        return functional.conv1d(functional.pad(wave[:, None], (1, 0), "reflect"), self.filter)[:, 0]
