"""The lips over time: how far they are open, whether they close where they must, when, and how smoothly.

Arrays in, numbers out: ``aperture`` is float (t), the gap of the inner lips in interocular distances
("iod"), ``times`` the seconds (t) at the middle of the frames, ``phones`` what was spoken when.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal, stats

from pfy_core.kinds import Phone

Curve = NDArray[np.float64]

CLOSED = 0.025
"""Aperture in iod below which lips count as closed: what the attention mesh sees at closed lips is .000 to
.015, and with few crops it is .006 off on average (plugins/portrait, mesh.py)."""
REACH = 0.065
"""Seconds around a bilabial's middle in which its closure is looked for (1.5 frames at 25 a second)."""
PAUSE = 0.25
"""Seconds of silence from which on a mouth at rest can be told from one in passing."""
STEP = 0.01
MAX_LAG = 0.4
STILL = 1e-3
"""Standard deviation in iod below which a mouth does not move: that of a photo filmed still is .0005."""
SMOOTH = 0.28
"""Seconds (7 frames at 25 a second) over which a face's own movement is as smooth as a parabola."""
BILABIALS = frozenset("pbm")
SCHWAS = "əɚɝ"
HEIGHTS = (("iyɨʉɯu", 0), ("ɪʏʊ", 1), ("eøɘɵɤo", 2), ("ɛœɜɞʌɔ", 4), ("æɐ", 5), ("aɶɑɒ", 6))
"""Vowels from close to open by the rows of the IPA chart; schwa is left out, for it takes its neighbours'
openness. Of a diphthong the first half counts."""
OPENNESS = {symbol: openness for symbols, openness in HEIGHTS for symbol in symbols}
CONSONANT, SCHWA = 1.0, 3.0
"""Openness on the same scale for the offset's curve: consonants hardly open."""
BLUR = 0.05
"""Seconds (standard deviation) over which that curve is smoothed: as coarticulation blurs it."""


def aperture(points: Any, iod: Curve) -> Curve:
    """Gap (t) of the inner lips' middles in iod, from landmarks (t 478 3)."""
    return np.asarray(np.linalg.norm(points[:, 13, :2] - points[:, 14, :2], axis=1) / iod)


def width(points: Any, iod: Curve) -> Curve:
    """Distance (t) of the outer mouth corners in iod, from landmarks (t 478 3)."""
    return np.asarray(np.linalg.norm(points[:, 61, :2] - points[:, 291, :2], axis=1) / iod)


@dataclass(frozen=True)
class Closures:
    """Of ``count`` bilabials, the share whose lips close, and the share that would by chance.

    late: median seconds by which the middle of the closure comes after the middle of the sound
    """

    count: int
    share: float
    chance: float
    late: float


def closures(aperture: Curve, times: Curve, phones: Sequence[Phone]) -> Closures:
    """Whether p, b and m are seen: least aperture within REACH of their middles below CLOSED.

    ``chance`` is the same at every moment from the first sound to the last. All nan without bilabials.
    """
    middles = [(phone.start + phone.end) / 2 for phone in _bilabials(phones)]
    spoken = [phone for phone in phones if phone.symbol]
    if not middles:
        return Closures(0, np.nan, np.nan, np.nan)
    inside = times[(times > spoken[0].start) & (times < spoken[-1].end)]
    closed = [_least(aperture, times, middle) < CLOSED for middle in middles]
    chance = [_least(aperture, times, moment) < CLOSED for moment in inside]
    late = [found for middle in middles if (found := _closure_middle(aperture, times, middle)) is not None]
    return Closures(
        len(middles),
        float(np.mean(closed)),
        float(np.mean(chance)) if chance else np.nan,
        float(np.median(late)) if late else np.nan,
    )


def _bilabials(phones: Sequence[Phone]) -> list[Phone]:
    return [phone for phone in phones if plain(phone.symbol) in BILABIALS]


def _least(aperture: Curve, times: Curve, moment: float) -> float:
    near = np.abs(times - moment) <= REACH
    return float(aperture[near].min()) if near.any() else np.inf


def _closure_middle(aperture: Curve, times: Curve, middle: float) -> float | None:
    """Seconds from a sound's middle to that of the closure at it; None when there is none or it is long."""
    fine = np.arange(middle - 2 * REACH, middle + 2 * REACH, STEP / 5)
    shut = np.interp(fine, times, aperture) < CLOSED
    labels, count = ndimage.label(shut)
    near = [k for k in range(1, count + 1) if np.abs(fine[labels == k] - middle).min() <= REACH]
    spans = [(fine[labels == k][0], fine[labels == k][-1]) for k in near]
    whole = [(first, last) for first, last in spans if first > fine[0] and last < fine[-1]]
    if len(spans) != 1 or not whole:
        return None
    return float(np.mean(whole[0]) - middle)


def closed_in_pauses(aperture: Curve, times: Curve, phones: Sequence[Phone]) -> float:
    """Share of the frames inside silences of PAUSE and more, their ends left out, with closed lips."""
    still = resting(times, phones)
    return float((aperture[still] < CLOSED).mean()) if still.any() else np.nan


def closure_f1(aperture: Curve, times: Curve, phones: Sequence[Phone]) -> float:
    """How well closed lips tell p, b and m from vowels: 2 hits / (2 hits + misses + false alarms), 0 to 1.

    A hit is a bilabial that ``closures`` finds closed, a false alarm a vowel in which the lips never open
    beyond CLOSED. Lips that stay shut reach all bilabials and no more than .5 or so; nan without bilabials or
    without vowels.
    """
    closed = [_least(aperture, times, (phone.start + phone.end) / 2) < CLOSED for phone in _bilabials(phones)]
    shut = [seen.max() < CLOSED for _, seen in _vowels(aperture, times, phones)]
    if not closed or not shut:
        return np.nan
    return 2 * sum(closed) / (sum(closed) + len(closed) + sum(shut))


def resting(times: Curve, phones: Sequence[Phone]) -> NDArray[np.bool_]:
    """Frames (t) in the middle of a silence, .1 s away from speech."""
    found = np.zeros(len(times), bool)
    for phone in phones:
        if not plain(phone.symbol) and phone.end - phone.start >= PAUSE:
            found |= (times > phone.start + 0.1) & (times < phone.end - 0.1)
    return found


def vowel_order(aperture: Curve, times: Curve, phones: Sequence[Phone]) -> tuple[float, int]:
    """Spearman's rank correlation of vowels' openness (IPA chart) and greatest aperture, and their number."""
    found = [
        (openness, float(seen.max()))
        for symbol, seen in _vowels(aperture, times, phones)
        if (openness := OPENNESS.get(symbol)) is not None
    ]
    called, seen = np.array(found).reshape(-1, 2).T
    if len(set(called)) < 3 or np.ptp(seen) == 0 or np.std(aperture) < STILL:
        return np.nan, len(called)
    return float(stats.spearmanr(called, seen).statistic), len(called)


def _vowels(aperture: Curve, times: Curve, phones: Sequence[Phone]) -> Iterator[tuple[str, Curve]]:
    """First sound of each vowel, schwas too, and the apertures (n) of the frames that it is seen in."""
    half = (times[1] - times[0]) / 2 if len(times) > 1 else 0.0
    for phone in phones:
        symbol = plain(phone.symbol)[:1]
        inside = (times >= phone.start - half) & (times <= phone.end + half)
        if (symbol in OPENNESS or symbol in SCHWAS) and symbol and inside.any():
            yield symbol, aperture[inside]


def called_for(phones: Sequence[Phone], fine: Curve) -> Curve:
    """Openness over time (n) at equally spaced seconds, as the phones call for it: a coarse 0..6."""
    curve = np.zeros(len(fine))
    for phone in phones:
        symbol = plain(phone.symbol)
        if symbol and symbol not in BILABIALS:
            curve[(fine >= phone.start) & (fine < phone.end)] = (
                SCHWA if symbol[0] in SCHWAS else OPENNESS.get(symbol[0], CONSONANT)
            )
    return np.asarray(ndimage.gaussian_filter1d(curve, BLUR / (fine[1] - fine[0])))


def energy(wave: NDArray[np.float32], rate: int, fine: Curve) -> Curve:
    """Level of a wave in dB (25 ms windows) at seconds (n), at most 40 dB below its 95th percentile."""
    size = round(0.025 * rate)
    power = ndimage.uniform_filter1d(wave.astype(np.float64) ** 2, size)
    level = 10 * np.log10(np.interp(fine, np.arange(len(wave)) / rate, power) + 1e-12)
    top = np.percentile(level, 95)
    return np.asarray(np.clip(level, top - 40, top))


def offset(aperture: Curve, times: Curve, target: Curve, fine: Curve) -> tuple[float, float, float]:
    """Correlation with a target curve (n) at seconds ``fine`` (n): at lag 0, at best, and that lag (s).

    Positive: the picture is late. The lag is found to a fraction of STEP, by a parabola through three.
    """
    reach = round(MAX_LAG / STEP)
    inner = fine[reach:-reach]
    if len(inner) < 2 * reach or min(np.std(aperture), np.std(target)) < STILL:
        return np.nan, np.nan, np.nan
    seen = [np.interp(inner + lag * STEP, times, aperture) for lag in range(-reach, reach + 1)]
    r = np.array([np.corrcoef(curve, target[reach:-reach])[0, 1] for curve in seen])
    best = int(np.argmax(r))
    shift = 0.0
    if 0 < best < len(r) - 1:
        before, top, after = r[best - 1 : best + 2]
        shift = 0.5 * (before - after) / (before - 2 * top + after)
    return float(r[reach]), float(r[best]), (best - reach + shift) * STEP


def speed(curve: Curve, rate: float) -> Curve:
    """How fast a curve (t) changes, per second (t - 1)."""
    return np.abs(np.diff(curve)) * rate


def trembling(curves: Any, rate: float) -> float:
    """Root mean square of what is faster than SMOOTH in curves over time (t ...); nan if too short.

    A parabola is fitted around each moment (Savitzky & Golay 1964): sway at 1 Hz passes it untouched.
    """
    window = round(SMOOTH * rate) | 1
    if len(curves) < window:
        return float("nan")
    rest = curves - signal.savgol_filter(curves, window, 2, axis=0)
    return float(np.sqrt(np.mean(rest**2)))


def jitter(curves: Any) -> float:
    """Root mean square of second differences over time (t ...): nil for steady movement."""
    if len(curves) < 3:
        return float("nan")
    return float(np.sqrt(np.mean(np.diff(curves, 2, axis=0) ** 2)))


def plain(symbol: str) -> str:
    """An IPA symbol without marks of length, stress, nasality and ties; "" for silence."""
    bare = unicodedata.normalize("NFD", symbol)
    return "".join(c for c in bare if not unicodedata.combining(c) and c not in "ːˑˈˌ͡‿ʰʲʷ .,!?;:-")
