"""The main job: real-time factor, where the time goes, first frame, memory."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from pfy_bench.processes import Spent, run
from pfy_core import weights
from pfy_core.media import image

TEXT = (
    "Good morning, and welcome. My name does not matter much, but what I have to tell you does. "
    "People before us built bridges, boats and beautiful machines, and we may do the same."
)
"""About ten seconds of speech."""

FIRST = """
import json, statistics, sys, time
t0 = time.perf_counter()
from pfy_core import Graph, Runner
def first():
    began = time.perf_counter()
    with runner({"text": sys.argv[1], "face": sys.argv[2]}, outputs=["frames", "wave"]) as run:
        next(iter(run["frames"]))
        return time.perf_counter() - began
runner = Runner(Graph.load("portrait").set(*sys.argv[3:]))
cold = first()
process = time.perf_counter() - t0
print(json.dumps({"process": process, "call": cold, "again": statistics.median(first() for _ in range(3))}))
"""


def photo(side: int, folder: Path) -> Path:
    """The demo face, cropped to head and shoulders, at side x side pixels."""
    from PIL import Image

    whole = Image.fromarray(image.load(weights.path("demo/astronaut")))
    file = folder / f"face-{side}.png"
    whole.crop((60, 0, 390, 330)).resize((side, side), Image.Resampling.LANCZOS).save(file)
    return file


def measure(runs: int, voices: list[str]) -> dict[str, Any]:
    """Narrations at 512 and 1080 pixels for each voice, the first frame, and memory by length."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        for voice in voices:
            for side in (512, 1080):
                found[f"{voice} {side}x{side}"] = _narrations(runs, photo(side, folder), folder, voice)
        found["first frame, light voice, 512x512"] = _first_frame(runs, photo(512, folder))
        found["memory"] = _memory(photo(512, folder), folder)
    return found


def _narrate(text: str, face: Path, folder: Path, voice: str) -> tuple[Spent, dict[str, Any]]:
    out = folder / "out.mp4"
    command = [sys.executable, "-m", "pfy_core", "narrate", text, "--face", str(face), "-o", str(out)]
    command += ["--force", "--json", "--cache", "off", "--set", f"speech.voice={voice}"]
    spent = run(command)
    record: dict[str, Any] = json.loads(spent.output[spent.output.index("{") :])
    return spent, record


def _narrations(runs: int, face: Path, folder: Path, voice: str) -> dict[str, Any]:
    _narrate(TEXT, face, folder, voice)
    made = [_narrate(TEXT, face, folder, voice) for _ in range(runs)]
    seconds = made[0][1]["output"]["seconds"]
    nodes = {
        node: round(statistics.median(record["nodes"][node]["seconds"] for _, record in made) / seconds, 4)
        for node in made[0][1]["nodes"]
    }
    return {
        "seconds of speech": seconds,
        "real-time factor, whole process": round(statistics.median(s.wall for s, _ in made) / seconds, 3),
        "cpu seconds per second": round(statistics.median(s.cpu for s, _ in made) / seconds, 3),
        "real-time factor by node (they overlap)": nodes,
        "peak MB": round(max(s.peak_mb for s, _ in made)),
    }


def _first_frame(runs: int, face: Path) -> dict[str, float]:
    """Seconds to the first frame: from the start of a process, and in one that has run before."""
    command = [sys.executable, "-c", FIRST, TEXT, str(face), "speech.voice=light"]
    found = [json.loads(run(command).output.splitlines()[-1]) for _ in range(runs + 1)][1:]
    return {key: round(statistics.median(item[key] for item in found), 3) for key in found[0]}


def _memory(face: Path, folder: Path) -> dict[str, float]:
    """Peak MB for about 10 seconds and about 5 minutes of speech."""
    found: dict[str, float] = {}
    for times in (1, 30):
        spent, record = _narrate(" ".join([TEXT] * times), face, folder, "light")
        found[f"peak MB for {record['output']['seconds']:.0f} s"] = round(spent.peak_mb)
        found[f"real-time factor for {record['output']['seconds']:.0f} s"] = round(
            spent.wall / record["output"]["seconds"], 3
        )
    return found
