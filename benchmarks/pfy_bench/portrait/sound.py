"""What the speech sounds like: loudness, quality, words understood, and whose voice it is like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from pfy_core import weights
from pfy_core.media.audio import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 16_000
QUALITY = "listen/quality"
SPAN = 144_160
"""Samples at 16 kHz that DNSMOS hears at once (9.01 s)."""
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)
"""Polynomials from the network's outputs to opinion scores, as its authors' package speechmos has them."""
EBU_RATE = 48_000


def loudness(wave: Wave, rate: int) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770, EBU R 128) of mono samples, by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=EBU_RATE, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(resample(wave, rate, EBU_RATE)[None]), format="flt", layout="mono"
    )
    frame.sample_rate = EBU_RATE
    graph.push(frame)
    graph.push(None)
    found = float("nan")
    while True:
        try:
            measured: Any = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return found
        found = float(measured.metadata.get("lavfi.r128.I", found))


class Quality:
    """DNSMOS P.835 (Reddy et al. 2022): what listeners would say of the speech. Raises WeightsError."""

    def __init__(self) -> None:
        import onnxruntime

        self._net = onnxruntime.InferenceSession(str(weights.path(QUALITY)))

    def __call__(self, wave: Wave) -> dict[str, float]:
        """Scores 1 to 5, ``overall``, ``signal`` and ``background``, of a wave at 16 kHz."""
        wave = np.tile(wave, -(-SPAN // max(1, len(wave)))) if len(wave) < SPAN else wave
        starts = range(0, len(wave) - SPAN + 1, RATE)
        raw = np.concatenate([self._net.run(None, {"input_1": wave[None, k : k + SPAN]})[0] for k in starts])
        fits = {"signal": SIGNAL, "background": BACKGROUND, "overall": OVERALL}
        return {
            name: float(np.polyval(fit, raw[:, column]).mean())
            for column, (name, fit) in enumerate(fits.items())
        }


class Recogniser:
    """PocketSphinx with its own model of US English: weak, offline, the same for all. Raises ImportError."""

    def __init__(self) -> None:
        import pocketsphinx

        self._sphinx = pocketsphinx

    def __call__(self, wave: Wave) -> str:
        """The words heard in a wave at 16 kHz."""
        decoder = self._sphinx.Decoder(samprate=RATE, loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw((np.clip(wave, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return found.hypstr if found else ""


def word_errors(said: str, heard: str) -> float:
    """Word error rate: insertions, deletions and substitutions over the words that were said."""
    one, other = words(said), words(heard)
    if not one:
        return float("nan")
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, guess in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != guess))
    return row[-1] / len(one)


def words(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


class Speaker:
    """Resemblyzer's speaker embedding (GE2E, Wan et al. 2018). Raises ImportError without it."""

    def __init__(self) -> None:
        import resemblyzer

        self._package = resemblyzer
        self._encoder = resemblyzer.VoiceEncoder("cpu", verbose=False)

    def __call__(self, one: Wave, other: Wave) -> float:
        """Cosine similarity of two voices at 16 kHz: .9 and more one person, .6 strangers of one sex."""
        embedded = [
            self._encoder.embed_utterance(self._package.preprocess_wav(wave, RATE)) for wave in (one, other)
        ]
        return float(np.dot(*embedded))
