"""Time and pitch of a stretch of speech, changed by moving its periods (TD-PSOLA).

After E. Moulines and F. Charpentier, "Pitch-synchronous waveform processing techniques for text-to-speech
synthesis using diphones", Speech Communication 9, 1990: grains of two periods are set down at new
distances, so pitch changes without the formants, and repeated or left out, so pace changes without pitch.
Where nothing is asked for, the wave comes out as it was.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array
from pfy_plugin_speech.sound import pitch

UNVOICED = 0.005
"""Seconds between marks where there is no pitch: short enough to keep bursts sharp."""
SEARCH = 0.2
"""How far from where it is due the next period is looked for, as a fraction of it."""
FAINTEST = 0.3
"""Least sum of windows that a sample is divided by: where periods are drawn apart, there is little."""
EASE = 0.03
"""Seconds over which pitch and level change from one stretch to the next."""

Floats = NDArray[np.float64]


def restyled(
    wave: Array, edges: Floats, pace: Floats, semitones: Floats, decibels: Floats
) -> tuple[Array, Floats]:
    """A wave (s) with its stretches in other manners, and the times that ``edges`` have become.

    ``edges`` (n + 1) are the times in seconds, from 0 to the end, between n stretches; ``pace`` is a factor
    on the speed of each, ``semitones`` and ``decibels`` are added to its pitch and level.
    """
    became = np.concatenate([[0.0], np.cumsum(np.diff(edges) / pace)])
    if np.allclose(pace, 1) and np.allclose(semitones, 0):
        out = np.asarray(wave, np.float64)
    else:
        marks, voiced = _marks(np.asarray(wave, np.float64))
        ratio = 2 ** (_eased(marks / RATE, edges, semitones) / 12)
        out = _overlapped(np.asarray(wave, np.float64), marks, voiced, ratio, edges * RATE, became * RATE)
    at = np.interp(np.arange(len(out)) / RATE, became, edges)
    gain = 10 ** (_eased(at, edges, np.maximum(decibels, -120.0)) / 20)
    return (out * gain).astype(np.float32), became


def _eased(at: Floats, edges: Floats, values: Floats) -> Floats:
    """Values of stretches at some times, changing from one to the next over EASE seconds."""
    if len(values) == 1:
        return np.full(len(at), values[0])
    inner = edges[1:-1]
    half = np.minimum(EASE / 2, np.minimum(np.diff(edges)[:-1], np.diff(edges)[1:]) / 2)
    knots = np.stack([inner - half, inner + half], axis=1).ravel()
    return np.interp(at, knots, np.repeat(values, 2)[1:-1])


def _marks(wave: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Samples at the same point of each period, every UNVOICED seconds between; which are voiced."""
    track = pitch.track(np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32))
    hop = pitch.HOP * RATE // pitch.RATE
    step = int(UNVOICED * RATE)
    marks, voiced = [0], [False]
    while True:
        at = marks[-1]
        frame = min(int((at + step) / hop), len(track) - 1)
        f0 = track[frame] if frame >= 0 else 0.0
        if f0 <= 0:
            following = at + step
        else:
            period = RATE / f0
            following = _peak(wave, at, period) if not voiced[-1] else _repeat(wave, at, period)
        if following >= len(wave):
            break
        marks.append(following)
        voiced.append(bool(f0 > 0))
    return np.array([*marks, len(wave)]), np.array([*voiced, False])


def _peak(wave: Floats, at: int, period: float) -> int:
    """The loudest sample of the first period of a voiced stretch."""
    first = at + int(period / 2)
    stretch = np.abs(wave[first : first + int(period)])
    return first + int(np.argmax(stretch)) if len(stretch) else len(wave)


def _repeat(wave: Floats, at: int, period: float) -> int:
    """The sample one period on, where the wave is most like it is around ``at``."""
    half, slack = int(period / 2), max(int(SEARCH * period), 1)
    due = at + round(period)
    own = wave[max(at - half, 0) : at + half]
    head = at - max(at - half, 0)
    low = due - slack - head
    window = wave[max(low, 0) : due + slack + half]
    if len(window) < len(own) + 1:
        return due
    views = np.lib.stride_tricks.sliding_window_view(window, len(own))
    likeness = views @ own / (np.sqrt(np.einsum("ij,ij->i", views, views)) + 1e-9)
    return max(low, 0) + int(np.argmax(likeness)) + head


def _overlapped(
    wave: Floats,
    marks: NDArray[np.int64],
    voiced: NDArray[np.bool_],
    ratio: Floats,
    before: Floats,
    after: Floats,
) -> Floats:
    """The periods of a wave set down anew: time ``before`` becomes ``after`` (both in samples)."""
    length = round(float(after[-1]))
    out, weight = np.zeros(length), np.zeros(length)
    at, last = 0.0, -1
    turned = False
    while at < length:
        source = float(np.interp(at, after, before))
        k = int(np.searchsorted(marks, source))
        if k > 0 and (k == len(marks) or source - marks[k - 1] <= marks[k] - source):
            k -= 1
        turned = k == last and not voiced[k] and not turned
        left = int(marks[k] - marks[k - 1]) if k else 0
        right = int(marks[k + 1] - marks[k]) if k + 1 < len(marks) else 0
        _set_down(out, weight, wave, int(marks[k]), left, right, round(at), turned=turned)
        period = right or left or 1
        last, at = k, at + max(period / (ratio[k] if voiced[k] else 1.0), 1.0)
    return out / np.maximum(weight, FAINTEST)


def _set_down(
    out: Floats, weight: Floats, wave: Floats, mark: int, left: int, right: int, at: int, *, turned: bool
) -> None:
    """Add the grain around a mark at sample ``at``: it rises over ``left`` samples, falls over ``right``."""
    window = np.concatenate([_half(left), _half(right)[::-1]])
    grain = wave[mark - left : mark + right] * window
    if turned:
        grain, window = grain[::-1], window[::-1]
        left = len(grain) - left
    first = at - left
    low, high = max(first, 0), min(first + len(grain), len(out))
    if low < high:
        out[low:high] += grain[low - first : high - first]
        weight[low:high] += window[low - first : high - first]


def _half(size: int) -> Floats:
    """The rising half of a Hann window, which with its mirror sums to 1."""
    return 0.5 - 0.5 * np.cos(np.pi * (np.arange(size) + 0.5) / max(size, 1))
