"""Who speaks: the GE2E speaker encoder of Resemblyzer, without PyTorch.

L. Wan et al., "Generalized end-to-end loss for speaker verification", 2018. Embeddings of one person's
recordings have a cosine of about .9, of two people's of the same sex .6 (facts measured on 9 speakers).
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pfy_core import weights
from pfy_plugin_speech.listen import onnx_writer
from pfy_plugin_speech.listen.checkpoint import read_tensors
from pfy_plugin_speech.listen.session import open_file
from pfy_plugin_speech.ports import LISTEN_RATE, Array

DERIVED = "speaker-1.onnx"
LAYERS, HIDDEN = 3, 256
MELS, N_FFT, HOP = 40, 400, 160
"""40 mel bands of 25 ms windows every 10 ms, as the network was trained with."""
PARTIAL, STEP = 160, 77
"""Frames that are embedded at once (1.6 s), and from one such part to the next (1.3 a second)."""
COVERED = 0.75
"""Part of the last 1.6 s that must be there for it to count."""
LEVEL = -25.0
"""dBFS (RMS) that recordings are brought to: the network hears power, so level would count as voice. (In its
training softer ones were raised to -30 and louder ones left.)"""
LONGEST = 30.0
"""Seconds that are embedded; more changes nothing."""
SAME_PERSON, STRANGER = 0.9, 0.6
"""Similarity of two recordings of one person, and of two people of the same sex, on average."""


def embed(wave: Array, name: str) -> Array:
    """The voice in a recording (s) at 16 kHz as a unit vector, float32 (256), all of it 0 or more.

    ``name`` is the weights entry; pauses should have been cut out. Raises WeightsError.
    """
    network = open_file(weights.derived(name, DERIVED, _convert))
    wave = wave[: int(LONGEST * LISTEN_RATE)]
    rms = float(np.sqrt(np.mean(wave.astype(np.float64) ** 2))) if len(wave) else 0.0
    if rms:
        wave = wave * np.float32(10 ** (LEVEL / 20) / rms)
    starts = _starts(len(wave))
    wave = np.pad(wave, (0, max(0, (starts[-1] + PARTIAL) * HOP - len(wave))))
    mel = mel_power(wave)
    (raw,) = network.run(None, {"mels": np.stack([mel[start : start + PARTIAL] for start in starts])})
    return unit(unit(np.asarray(raw)).mean(axis=0))


def similarity(one: Array, other: Array) -> float:
    """Cosine of two embeddings."""
    return float(np.dot(one, other))


def mel_power(wave: Array) -> Array:
    """Mel spectrogram float32 (t 40) of a wave at 16 kHz: power, not its logarithm.

    Frames are centred and padded with zeros; bands are triangles of unit area on Slaney's mel scale
    (M. Slaney, "Auditory toolbox", 1998), as librosa makes them.
    """
    padded = np.pad(np.asarray(wave, np.float64), N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    return (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2 @ _bands().T).astype(np.float32)


@functools.cache
def _bands() -> NDArray[np.float64]:
    linear, first_log, step = 200 / 3, 1000.0, np.log(6.4) / 27
    top = first_log / linear + np.log(LISTEN_RATE / 2 / first_log) / step
    mels = np.linspace(0, top, MELS + 2)
    log_part = first_log * np.exp(step * (mels - first_log / linear))
    edges = np.where(mels < first_log / linear, mels * linear, log_part)
    bins = np.linspace(0, LISTEN_RATE / 2, N_FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.maximum(0.0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def _starts(samples: int) -> list[int]:
    """First frames of the parts that a recording is embedded in."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - PARTIAL + STEP + 1), STEP))
    if len(starts) > 1 and (samples / HOP - starts[-1]) / PARTIAL < COVERED:
        starts.pop()
    return starts


def _convert(source: Path, target: Path) -> None:
    """Write the network as ONNX, (n t 40) to (n 256): three LSTM layers, the last state projected."""
    tensors = read_tensors(source, "model_state")
    constants: dict[str, Array] = {
        "weight": tensors["linear.weight"],
        "bias": tensors["linear.bias"],
    }
    nodes, x = [onnx_writer.node("Transpose", ["mels"], ["x0"], perm=[1, 0, 2])], "x0"
    for layer in range(LAYERS):
        biases = (_gates(tensors[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh"))
        constants[f"w{layer}"] = _gates(tensors[f"lstm.weight_ih_l{layer}"])[None]
        constants[f"r{layer}"] = _gates(tensors[f"lstm.weight_hh_l{layer}"])[None]
        constants[f"b{layer}"] = np.concatenate(list(biases))[None]
        into, states, last = [x, *(f"{kind}{layer}" for kind in "wrb")], f"y{layer}", f"h{layer}"
        nodes.append(onnx_writer.node("LSTM", into, [states, last], hidden_size=HIDDEN))
        x = f"x{layer + 1}"
        nodes.append(onnx_writer.node("Squeeze", [states], [x], axes=[1]))
    nodes += [
        onnx_writer.node("Squeeze", [last], ["state"], axes=[0]),
        onnx_writer.node("Gemm", ["state", "weight", "bias"], ["raw"], transB=1),
        onnx_writer.node("Relu", ["raw"], ["voice"]),
    ]
    target.write_bytes(onnx_writer.model(nodes, constants, "mels", "voice"))


def _gates(array: Array) -> Array:
    """Rows of an LSTM's four gates from PyTorch's order (i f g o) to ONNX's (i o f g)."""
    i, f, g, o = np.split(array, 4)
    return np.concatenate([i, o, f, g])


def unit(x: Array) -> Array:
    """Vectors (... n) with length 1."""
    return (x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)).astype(np.float32)
