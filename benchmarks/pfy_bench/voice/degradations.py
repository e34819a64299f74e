"""Ways in which recordings are poor, each a function of a clean one (s) at 16 kHz that keeps its length."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import numpy as np
import soxr

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 16_000
SEED = 7


def gain(decibels: float) -> Callable[[Wave], Wave]:
    """Softer, as 16-bit samples keep it."""
    return lambda wave: (np.round(wave * 10 ** (decibels / 20) * 32767) / 32767).astype(np.float32)


def white(snr: float) -> Callable[[Wave], Wave]:
    """White noise so many dB below the speech."""
    return lambda wave: _mixed(wave, np.random.default_rng(SEED).standard_normal(len(wave)), snr)


def pink(snr: float) -> Callable[[Wave], Wave]:
    """Noise with as much power in each octave, like a ventilator's."""

    def add(wave: Wave) -> Wave:
        spectrum = np.fft.rfft(np.random.default_rng(SEED).standard_normal(len(wave)))
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
        return _mixed(wave, np.fft.irfft(spectrum, len(wave)), snr)

    return add


def babble(snr: float) -> Callable[[Wave], Wave]:
    """The recording itself, eight times, backwards and shifted: sounds of speech without words."""

    def add(wave: Wave) -> Wave:
        shifts = np.random.default_rng(SEED).integers(0, len(wave), 8)
        return _mixed(wave, np.sum([np.roll(wave[::-1], shift) for shift in shifts], axis=0), snr)

    return add


def hum(frequency: float, snr: float) -> Callable[[Wave], Wave]:
    """The mains with its overtones."""

    def add(wave: Wave) -> Wave:
        t = np.arange(len(wave)) / RATE
        overtones = [np.sin(2 * np.pi * frequency * k * t + k) / k for k in (1, 2, 3, 5, 7)]
        return _mixed(wave, np.sum(overtones, axis=0), snr)

    return add


def offset(level: float) -> Callable[[Wave], Wave]:
    """Direct current."""
    return lambda wave: np.clip(wave + level, -1, 1).astype(np.float32)


def clipped(factor: float) -> Callable[[Wave], Wave]:
    """Too loud by a factor on a wave of full scale, cut off at 48 kHz, as by a recorder."""

    def cut(wave: Wave) -> Wave:
        full = soxr.resample(wave / np.abs(wave).max(), RATE, 48_000)
        return _fitted(0.7 * soxr.resample(np.clip(factor * full, -1, 1), 48_000, RATE), len(wave))

    return cut


def sampled(rate: int) -> Callable[[Wave], Wave]:
    """Through a lower sampling rate."""
    return lambda wave: _fitted(soxr.resample(soxr.resample(wave, RATE, rate), rate, RATE), len(wave))


def telephone(wave: Wave) -> Wave:
    """300 to 3400 Hz, with 8 bits a sample on a logarithmic scale (mu-law)."""
    spectrum = np.fft.rfft(wave)
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(frequencies < 300) | (frequencies > 3400)] = 0
    narrow = np.fft.irfft(spectrum, len(wave))
    narrow /= np.abs(narrow).max()
    coded = np.round(127 * np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)) / 127
    return np.asarray(0.7 * np.sign(coded) * (256 ** np.abs(coded) - 1) / 255, np.float32)


def quantised(bits: int) -> Callable[[Wave], Wave]:
    """Fewer bits a sample."""
    steps = 2 ** (bits - 1)
    return lambda wave: (np.round(wave * steps) / steps).astype(np.float32)


def reverberant(seconds: float) -> Callable[[Wave], Wave]:
    """A room whose sound falls by 60 dB in so many seconds, as loud as the direct sound 1.5 m away."""

    def add(wave: Wave) -> Wave:
        t = np.arange(int(seconds * RATE)) / RATE
        tail = np.random.default_rng(SEED).standard_normal(len(t)) * 10 ** (-3 * t / seconds)
        tail[: int(0.003 * RATE)] = 0
        response = tail / np.sqrt((tail**2).sum())
        response[0] = 1.0
        size = 1 << (len(wave) + len(response)).bit_length()
        wet = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(response, size), size)[: len(wave)]
        return _safe(wet)

    return add


def dropouts(share: float) -> Callable[[Wave], Wave]:
    """Lost packets of 20 ms, silent."""

    def lose(wave: Wave) -> Wave:
        size = RATE // 50
        lost = np.random.default_rng(SEED).random(-(-len(wave) // size)) < share
        return np.where(np.repeat(lost, size)[: len(wave)], 0, wave).astype(np.float32)

    return lose


def mp3(kilobits: int) -> Callable[[Wave], Wave]:
    """Through an MP3 of so many kbit/s."""

    def code(wave: Wave) -> Wave:
        buffer = io.BytesIO()
        with av.open(buffer, "w", format="mp3") as out:
            stream = out.add_stream("libmp3lame", rate=RATE, layout="mono")
            stream.bit_rate = 1000 * kilobits
            frame = av.AudioFrame.from_ndarray(wave[None].copy(), format="fltp", layout="mono")
            frame.sample_rate = RATE
            resampler = av.AudioResampler(format=stream.format, layout="mono", rate=RATE, frame_size=576)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                out.mux(stream.encode(part))
        buffer.seek(0)
        with av.open(buffer, "r") as back:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
            parts = [p.to_ndarray().ravel() for f in back.decode(audio=0) for p in resampler.resample(f)]
        return _fitted(np.concatenate(parts), len(wave))

    return code


def chain(*steps: Callable[[Wave], Wave]) -> Callable[[Wave], Wave]:
    """One after the other."""

    def all_of(wave: Wave) -> Wave:
        for step in steps:
            wave = step(wave)
        return wave

    return all_of


DEGRADATIONS: dict[str, Callable[[Wave], Wave]] = {
    "none": lambda wave: wave,
    "gain -20 dB": gain(-20),
    "gain -40 dB": gain(-40),
    "white noise, SNR 20 dB": white(20),
    "white noise, SNR 10 dB": white(10),
    "white noise, SNR 0 dB": white(0),
    "pink noise, SNR 10 dB": pink(10),
    "pink noise, SNR 0 dB": pink(0),
    "babble, SNR 10 dB": babble(10),
    "babble, SNR 0 dB": babble(0),
    "hum 50 Hz, SNR 5 dB": hum(50, 5),
    "hum 60 Hz, SNR 5 dB": hum(60, 5),
    "direct current": offset(0.25),
    "clipped, light (6 dB)": clipped(2),
    "clipped, hard (12 dB)": clipped(4),
    "clipped, very hard (20 dB)": clipped(10),
    "sampled at 8 kHz": sampled(8000),
    "sampled at 4 kHz": sampled(4000),
    "telephone, mu-law": telephone,
    "8 bits": quantised(8),
    "6 bits": quantised(6),
    "reverberation 0.4 s": reverberant(0.4),
    "reverberation 1.2 s": reverberant(1.2),
    "dropouts 5 %": dropouts(0.05),
    "MP3 16 kbit/s": mp3(16),
    "MP3 8 kbit/s": mp3(8),
    "faint and noisy": chain(white(10), gain(-35)),
    "telephone in the street": chain(pink(10), telephone),
    "clipped in an echoing room": chain(reverberant(0.6), clipped(2)),
}
"""By name; a benchmark and a test go through them."""


def _mixed(wave: Wave, noise: NDArray[np.float64], snr: float) -> Wave:
    """A recording and noise at a ratio to its speech, which is what is louder than a tenth of the peak."""
    speech = wave[np.abs(wave) > 0.1 * np.abs(wave).max()]
    level = np.sqrt(np.mean(speech**2)) / np.sqrt(np.mean(noise**2)) / 10 ** (snr / 20)
    return _safe(wave + level * noise)


def _safe(wave: NDArray[np.float64]) -> Wave:
    return np.asarray(wave / max(1.0, float(np.abs(wave).max()) / 0.95), np.float32)


def _fitted(wave: NDArray[np.floating], length: int) -> Wave:
    return np.pad(wave[:length], (0, max(0, length - len(wave)))).astype(np.float32)
