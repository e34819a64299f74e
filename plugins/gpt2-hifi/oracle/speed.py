"""Codes a second and seconds for a second of sound, beside coqui-tts, one after the other in one process.

``python plugins/gpt2-hifi/oracle/speed.py WIDTH LAYERS CHANNELS ROUNDS`` in the environment of
``nox -s oracle``; XTTS-v2's sizes are 1024 30 512. Prints JSON. Both sides have one thread, and its CPU
seconds are counted, so that what else a machine does matters less.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch

PLUGINS = Path(__file__).parents[2]
sys.path[:0] = [str(PLUGINS / "gpt2-hifi" / "tests"), str(PLUGINS / "hifigan" / "tests")]
CODES, HEARD = 40, 40
"""Of a sentence; a code is 46 ms."""
SENTENCES, BATCH = 3, 3


def measure(width: int, layers: int, channels: int, rounds: int) -> dict[str, Any]:
    """Both speeds, as medians over rounds in which the two take turns, and how far the results are apart."""
    from speech_cases import SAMPLING, TEXT, Case, apart
    from theirs import Theirs

    from pfy_plugin_gpt2_hifi import model, vocoder
    from pfy_plugin_gpt2_hifi.speaking import spoken, without_gradients

    torch.set_num_threads(1)
    sizes = {"width": width, "heads": width // model.HEAD, "layers": layers, "channels": channels}
    case = Case(**sizes, stop_bias=-50.0, code_positions=CODES + model.SPARE)
    ours, theirs = case.networks(), Theirs(case)
    seeds = list(range(SENTENCES))
    codes, states = case.sampled(ours)
    their_codes, their_states = theirs.codes(case.latents(), TEXT, 0, **SAMPLING)
    heard = states[:HEARD]

    def sound() -> torch.Tensor:
        parts = spoken(ours.vocoder, heard, case.speaker(), vocoder.SCALES, 20)
        return torch.cat(list(without_gradients(parts)))

    def their_sound() -> torch.Tensor:
        return theirs.sound(heard, case.speaker())

    seconds = len(sound()) / 24_000
    tasks: dict[str, Callable[[], Any]] = {
        "pfy, a sentence": lambda: case.sampled(ours),
        "pfy, sentences together": lambda: case.together(ours, seeds, BATCH),
        "coqui-tts": lambda: theirs.codes(case.latents(), TEXT, 0, **SAMPLING),
        "pfy, sound": sound,
        "coqui-tts, sound": their_sound,
    }
    taken = [{name: _timed(call) for name, call in tasks.items()} for _ in range(rounds)]
    middle = {name: median(times[name] for times in taken) for name in tasks}

    def faster(base: str, than: str, share: int = 1) -> float:
        return round(median(times[than] * share / times[base] for times in taken), 2)

    return {
        "sizes": sizes,
        "codes of a sentence": CODES,
        "sentences together": f"{SENTENCES}, {BATCH} at a time",
        "codes a second": {
            "pfy, a sentence": round(CODES / middle["pfy, a sentence"], 2),
            "pfy, sentences together": round(SENTENCES * CODES / middle["pfy, sentences together"], 2),
            "coqui-tts": round(CODES / middle["coqui-tts"], 2),
        },
        "codes: pfy is faster by": {
            "a sentence": faster("pfy, a sentence", "coqui-tts"),
            "sentences together": faster("pfy, sentences together", "coqui-tts", SENTENCES),
        },
        "seconds for a second of sound": {
            "pfy, in parts of 20 codes": round(middle["pfy, sound"] / seconds, 3),
            "coqui-tts, at once": round(middle["coqui-tts, sound"] / seconds, 3),
        },
        "sound: pfy is faster by": faster("pfy, sound", "coqui-tts, sound"),
        "the same codes": codes == their_codes,
        "largest difference of the states, relative": float(f"{apart(states, their_states):.1e}"),
        "largest difference of the sound, relative": float(f"{apart(sound(), their_sound()):.1e}"),
    }


def _timed(call: Callable[[], Any]) -> float:
    started = time.thread_time()
    call()
    return time.thread_time() - started


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:])), indent=1))
