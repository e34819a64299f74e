"""Run folders as the harness writes them, with values drawn at random."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from pfy_bench import records
from pfy_bench.records import Calibration, Item, Made, Measure, Real, Row, Run, SetValue
from pfy_core import Score

PROTOCOL = {"component": "metric/stoi", "version": "0.1.0", "clip.fps": 25, "clip.rate": 16000}
MEASURES = [
    Measure("stoi", "", "high", 3, "clip", "pair", "Short-time intelligibility", PROTOCOL),
    Measure(
        "lip-speed", "iod/s", "human", 2, "clip", "one", "How fast the lips move",
        PROTOCOL | {"component": "metric/lip-speed", "face": "extractor/face-track 0.1.0"},
    ),
    Measure(
        "offset", "frames", "zero", 1, "clip", "one", "Sound after picture",
        PROTOCOL | {"component": "metric/offset"},
    ),
    Measure(
        "fd-efficientnet-lite0", "", "low", 2, "set", "pair", "Fréchet distance of frames",
        PROTOCOL | {"component": "metric/fd", "weights": "579344248a93e230"},
    ),
]  # fmt: skip
LADDERS = ("blur", "noise")


def make_run(
    folder: Path,
    rows: dict[str, float | list[float]] | None = None,
    clips: int = 8,
    protocol: dict | None = None,
    controls: bool = True,
    video: Path | None = None,
    failing: str = "",
    data: str = "mini",
) -> Path:
    """A run of rows {name: how bad}, of replicates {name: [how bad, ...]}; the clips of one data set are two
    of each person."""
    rows = {"portrait": 0.0, "portrait+still-head": 0.2} if rows is None else rows
    lines: list[records.Line] = []
    sources = {data: {"use": "dataset/mini", "with": {"clips": clips}, "items": clips, "digest": "d0"}}
    suite = {"name": "quick", "version": 1, "digest": "5u17e", "doc": "What runs anywhere."}
    lines.append(
        Run("20261121-200000", "2026-11-21T20:00:00Z", ["pfy", "bench", "run", "quick"], suite, 0, sources,
            {"cpu": "two cores", "python": "3.11"}, {"pfy-core": "0.1.0", "numpy": "2.4.6"}),
    )  # fmt: skip
    for measure in MEASURES:
        changed = Measure(**vars(measure) | {"protocol": measure.protocol | (protocol or {})})
        lines.append(changed)
    spoiled = {"same": 0.0} if controls else {}
    spoiled |= {f"{name}-{step}": step * 0.3 for name in LADDERS for step in (1, 2, 3)} if controls else {}
    each = [
        (n, k, w)
        for n, v in (rows | spoiled).items()
        for k, w in enumerate(v if isinstance(v, list) else [v])
    ]
    for name, replicate, worse in each:
        control = name if name in spoiled else None
        ablation = name.partition("+")[2] or None
        title = name.partition("+")[2].replace("-", " ") or name.capitalize()
        weights = {"voice": {"sha256": "ab12", "licence": "MIT", "commercial": True}}
        lines.append(
            Row(
                name,
                title,
                {"nodes": {}},
                name,
                ablation,
                control,
                {} if control else weights,
                replicate=replicate,
            )
        )
        made = [item(folder, name, number, worse, video, failing) for number in range(clips)]
        lines += [replace(one, replicate=replicate) for one in made]
        value = 2.0 + 10 * worse
        lines.append(
            SetValue(
                name, "fd-efficientnet-lite0", value, "", (50 * clips, 60 * clips), clips,
                (value - 0.5, value + 0.5), "jackknife over 4 identities", 1.5, replicate,
            ),
        )  # fmt: skip
    for name, good in (
        ("stoi", True), ("lip-speed", None), ("offset", False), ("fd-efficientnet-lite0", True),
    ):  # fmt: skip
        lines.append(Calibration(name, good, "blur .12 < .34 < .60; noise .2 < .3 < .5"))
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(records.encode(line)) + "\n" for line in lines)
    (folder / records.FILE).write_text(text, encoding="utf-8")
    if video:
        real = {f"mini/{number:04}": str(real_file(folder, number)) for number in range(clips)}
        (folder / records.LOCAL).write_text(json.dumps({"real": real}))
    return folder


def real_file(folder: Path, number: int) -> Path:
    return folder.parent / f"{folder.name}-real" / f"{number:04}.mp4"


def item(folder: Path, row: str, number: int, worse: float, video: Path | None, failing: str) -> Item:
    rng = np.random.default_rng([number, len(row)])
    person = np.random.default_rng(number // 2).normal(0, 0.02)
    name = f"mini/{number:04}"
    file = f"made/{row}/mini_{number:04}.mp4"
    if video and row.startswith("portrait"):
        for target in (folder / file, real_file(folder, number)):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(video.read_bytes())
    broken = failing == f"{row}/{number}"
    no_face = Score(math.nan, "no face in 41 of 50 frames")
    values = {
        "stoi": Score(0.8 + person - worse / 2 + rng.normal(0, 0.01)),
        "lip-speed": no_face if number == 1 else Score(2.0 - worse + rng.normal(0, 0.1)),
        "offset": Score(float(rng.integers(-1, 2)) + 5 * worse),
    }
    return Item(
        row, name, f"person {number // 2}", f"key-{row}-{number}",
        None if broken else Made(file, f"{number:064x}", 2.0, 50),
        Real(f"{number + 99:064x}", 2.4, 60, name),
        {} if broken else values,
        {"lip-speed": Score(1.9 + person), "offset": Score(0.0)},
        {"image": {"made": "f00", "real": "ba4"}},
        "the voice gave no sound" if broken else "",
        {"make": 4.0 + number / 10, "features": 2.0, "measures": 0.5},
    )  # fmt: skip
