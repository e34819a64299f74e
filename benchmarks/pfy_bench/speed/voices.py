"""Speech beside coqui-tts, in the environment of ``nox -s oracle``: codes a second, and the vocoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pfy_bench.processes import run

SCRIPT = Path(__file__).parents[3] / "plugins" / "gpt2-hifi" / "oracle" / "speed.py"
FULL = (1024, 30, 512)
"""Width and layers of XTTS-v2's GPT, channels of its vocoder."""


def measure(runs: int, python: str) -> dict[str, Any]:
    """Codes and sound of both sides in turn, their ratios, and how far apart the results are."""
    output = run([python, "-W", "ignore", str(SCRIPT), *map(str, (*FULL, runs))]).output
    found: dict[str, Any] = json.loads(output[output.index("\n{") if not output.startswith("{") else 0 :])
    return found
