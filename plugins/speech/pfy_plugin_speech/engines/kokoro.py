"""Kokoro-82M: the best voice here, one model for all its speakers, each a table of style vectors."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import note, weights
from pfy_plugin_speech.engines.dequantise import dequantise
from pfy_plugin_speech.engines.onnx_file import open_session, output_of, threads
from pfy_plugin_speech.engines.utterance import Utterance, asked
from pfy_plugin_speech.ports import RATE, Array
from pfy_plugin_speech.text.g2p import ids

HOP = 600
"""Samples per unit of duration."""
PACE = (
    (0.4, 0.4), (0.5, 0.49), (0.7, 0.68), (0.8, 0.8), (0.9, 0.92), (1.0, 1.0), (1.1, 1.05), (1.2, 1.125),
    (1.3, 1.23), (1.4, 1.46), (1.5, 1.51), (2.0, 1.75), (2.5, 1.91),
)  # fmt: skip
STYLE_SHAPE = (510, 256)
"""A speaker's style vectors, one per number of phonemes."""
REWRITTEN = "kokoro-3.bin"
FAST = ("openvino", "onnx")
"""Packages of the ``kokoro`` extra, which halve the time or better."""

Run = Callable[[NDArray[np.int64], Array, Array], tuple[Any, Any]]


class Kokoro:
    """One Kokoro speaker, or a blend: ``style`` is float32 (510 256); ``model`` names the weights."""

    longest = 400
    opening = 90
    lag = 0.048
    """Against forced alignment of 184 phones in 7 clips, corrected for the aligner's own lead."""

    def __init__(self, model: str, style: Array) -> None:
        self._run, self._style = _open(model), style

    def say(self, phonemes: str, *, speed: float, seed: int) -> Utterance:  # noqa: ARG002
        """See Engine; the seed changes nothing."""
        tokens = np.array([ids(phonemes)], np.int64)
        style = self._style[len(phonemes) - 1][None]
        wave, units = self._run(tokens, style, np.array([asked(speed, PACE)], np.float32))
        return Utterance(np.array(wave).ravel(), np.array(units).ravel().astype(np.float64) * HOP / RATE)


@functools.lru_cache(maxsize=1)
def _open(model: str) -> Run:
    """The model as a function, kept in memory: OpenVINO in float32 where installed, else int8."""
    if all(map(importlib.util.find_spec, FAST)):
        return _openvino(model)
    note("Kokoro runs two to three times faster with: pip install 'pfy-plugin-speech[kokoro]'")
    return _int8(model)


def _int8(model: str) -> Run:
    """The model as it was fetched."""
    session, _ = open_session(weights.path(model), "Clip", threads())
    return lambda tokens, style, speed: session.run(None, {"tokens": tokens, "style": style, "speed": speed})


def _openvino(model: str) -> Run:
    """The model rewritten for OpenVINO, once per machine (164 MB, some 20 seconds).

    Weights are stored in half precision, which is finer than the 8 bits they come from, and are mapped
    into memory. What is kept by OpenVINO for every length of input is switched off: each would add 100
    to 300 MB. On processors with AMX, OpenVINO chooses bfloat16 by itself, in which the phase of the
    sine source is lost: DNSMOS falls from 3.4 to 1.9. So arithmetic in float32 is asked for.
    """
    import openvino

    numbers = weights.derived(model, REWRITTEN, _rewrite)
    core = openvino.Core()
    options = {
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads(),
        "CPU_RUNTIME_CACHE_CAPACITY": 0,
        "CACHE_DIR": str(numbers.with_name("openvino")),
    }
    read = core.read_model(numbers.with_suffix(".xml"), numbers)
    request = core.compile_model(read, "CPU", options).create_infer_request()

    def run(tokens: NDArray[np.int64], style: Array, speed: Array) -> tuple[Any, Any]:
        result = request.infer([tokens, style, speed])
        return result[0], result[1]

    return run


def _rewrite(source: Path, target: Path) -> None:
    """The numbers of the rewritten model at ``target``; its graph beside the final place, as XML."""
    import openvino

    note("rewriting Kokoro for this machine; this happens once")
    made, graph = target.with_suffix(".onnx"), target.with_suffix(".xml")
    try:
        dequantise(source, made, output_of(source.read_bytes(), "Clip"))
        openvino.save_model(openvino.Core().read_model(made), graph, compress_to_fp16=True)
        graph.replace(target.with_name(REWRITTEN).with_suffix(".xml"))
    finally:
        for leftover in (made, graph):
            leftover.unlink(missing_ok=True)
