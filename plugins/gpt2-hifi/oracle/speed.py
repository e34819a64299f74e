"""Codes a second and seconds for a second of sound, beside coqui-tts, one after the other in one process.

``python plugins/gpt2-hifi/oracle/speed.py WIDTH LAYERS CHANNELS`` in the environment of ``nox -s oracle``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch

PLUGINS = Path(__file__).parents[2]
sys.path[:0] = [str(PLUGINS / "gpt2-hifi" / "tests"), str(PLUGINS / "hifigan" / "tests")]
CODES = 150
ROUNDS = 3


def main(width: int, layers: int, channels: int) -> None:
    """Print both speeds, as medians over rounds in which the two take turns."""
    from speech_cases import SAMPLING, TEXT, Case
    from theirs import Theirs

    from pfy_plugin_gpt2_hifi import model, vocoder
    from pfy_plugin_gpt2_hifi.speaking import spoken, without_gradients

    torch.set_num_threads(1)
    sizes = {"width": width, "heads": width // model.HEAD, "layers": layers, "channels": channels}
    case = Case(**sizes, stop_bias=-50.0, code_positions=CODES + model.SPARE)
    ours, theirs = case.networks(), Theirs(case)
    states = case.sampled(ours)[1]

    def sound() -> float:
        parts = without_gradients(spoken(ours.vocoder, states, case.speaker(), vocoder.SCALES, 20))
        return sum(map(len, parts)) / 24_000

    seconds = sound()
    for name, scale, pair in (
        (
            "codes a second",
            lambda taken: CODES / taken,
            (lambda: case.sampled(ours), lambda: theirs.codes(case.latents(), TEXT, 0, **SAMPLING)),
        ),
        (
            "seconds for a second of sound",
            lambda taken: taken / seconds,
            (sound, lambda: theirs.sound(states, case.speaker())),
        ),
    ):
        taken = [[_timed(call) for call in pair] for _ in range(ROUNDS)]
        mine, other = (median(times) for times in zip(*taken, strict=True))
        print(f"{name}: {scale(mine):.2f}, coqui-tts {scale(other):.2f}; {other / mine:.2f} times as fast")


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
