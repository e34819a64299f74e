"""``python -m pfy_bench.portrait``: narrate the same portraits and texts with one or more installations of
pfy, measure the videos, print the table and keep every number as JSON.

python -m pfy_bench.portrait --faces DIR --pfy before=OLD/python --pfy after=NEW/python --out both.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from pfy_bench.portrait import clip, page, protocol, results, sheets
from pfy_bench.portrait.metrics import COST
from pfy_bench.portrait.narrations import Installation, Made, narrate
from pfy_core import PfyError, weights


def main() -> None:
    parser = _parser()
    given = parser.parse_args()
    if not given.faces and not given.footage:
        parser.error("nothing to measure: give --faces, --footage or both")
    with tempfile.TemporaryDirectory() as room:
        folder = given.keep or Path(room)
        folder.mkdir(parents=True, exist_ok=True)
        tools = clip.Instruments()
        runs, pictures = _narrated(given, folder, tools)
        runs += [_filmed(file, folder, tools, pictures) for file in given.footage]
        _keep(given.out, runs, given)
        older = [run for file in given.baseline for run in results.read(file)]
        print(results.text([*older, *runs]))
        if given.html:
            page.write(
                given.html, [*older, *runs], pictures, "Portrait: " + ", ".join(r["label"] for r in runs)
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pfy_bench.portrait", description=__doc__)
    add = parser.add_argument
    add("--faces", type=Path, help="folder with the protocol's portraits (by sha256), or with any")
    add("--only", default="", help="some of the portraits, by name, with commas")
    add("--texts", type=Path, help="a text a line; else the protocol's three")
    add("--first", type=int, default=0, help="only so many of the texts")
    add(
        "--pfy",
        action="append",
        default=[],
        metavar="[LABEL=]PYTHON",
        help="installation to measure; repeatable",
    )
    add("--set", action="append", default=[], help="as for pfy narrate; else video.size=512")
    add("--voice", type=Path, help="voice sample to come near to, and to compare with")
    add("--seed", type=int, default=0)
    add("--footage", type=Path, nargs="*", default=[], help="videos of filmed people, measured alike")
    add("--baseline", type=Path, action="append", default=[], help="earlier results to set beside")
    add("--no-cost", action="store_true", help="leave time and memory out: the machine is busy")
    add(
        "--keep", type=Path, help="folder for videos and contact sheets; a run that was cut off goes on there"
    )
    add("--out", type=Path, required=True, help="JSON with every number")
    add("--html", type=Path, help="a report with the contact sheets")
    return parser


def _narrated(given: Any, folder: Path, tools: clip.Instruments) -> tuple[list[results.Run], list[Any]]:
    """Runs of all installations, which take turns clip by clip, and the contact sheets."""
    if not given.faces:
        return [], []
    by = [
        Installation.parse(item, f"pfy {n}" if n else "pfy")
        for n, item in enumerate(given.pfy or [sys.executable])
    ]
    runs: list[results.Run] = [{"label": one.label, "pfy": "", "skipped": {}, "clips": []} for one in by]
    pictures = []
    only = [name.strip() for name in given.only.split(",") if name.strip()]
    portraits = protocol.portraits(given.faces, only)
    texts = protocol.texts(given.texts)[: given.first or None]
    work = [(portrait, text) for portrait in portraits for text in texts]
    for done, (portrait, text) in enumerate(work, 1):
        name = f"{portrait.name}, {text.name}"
        for one, run in zip(by, runs, strict=True):
            out = folder / f"{one.label} {portrait.name} {text.name}.mp4".replace(" ", "-")
            made = narrate(
                one,
                portrait,
                text,
                out,
                voice=given.voice,
                overrides=given.set or ["video.size=512"],
                seed=given.seed,
            )
            measured = clip.measure(
                out, portrait.path, tools, phones=made.phones, text=text.text, voice=given.voice
            )
            costs = {} if given.no_cost else _cost(made)
            run["pfy"], run["skipped"] = made.pfy, tools.missing
            run["clips"].append(_clip(portrait.name, text.name, measured.values | costs, made.notes))
            pictures.append((name, one.label, _draw(measured, out)))
            print(
                f"{done}/{len(work)} {name}: {one.label}, {made.seconds:.1f} s", file=sys.stderr, flush=True
            )
    return runs, pictures


def _filmed(file: Path, folder: Path, tools: clip.Instruments, pictures: list[Any]) -> results.Run:
    measured = clip.measure(file, None, tools)
    png = folder / f"filmed-{file.stem}.png"
    sheets.save(sheets.sheet(measured, file), png)
    pictures.append((f"filmed: {file.stem}", "filmed", png))
    about = _clip(file.stem, "", measured.values, []) | {"sha256": weights.sha256(file)}
    return {"label": f"filmed {file.stem}", "pfy": "", "skipped": tools.missing, "clips": [about]}


def _clip(portrait: str, text: str, values: dict[str, float], notes: list[str]) -> dict[str, Any]:
    rounded = {key: float(f"{value:.5g}") for key, value in values.items()}
    return {"portrait": portrait, "text": text, "values": rounded} | ({"notes": notes} if notes else {})


def _cost(made: Made) -> dict[str, float]:
    values = (made.wall / made.seconds, made.cpu / made.seconds, made.first, made.peak_mb)
    return dict(zip(("real-time factor", "cpu", "first frame", "peak memory"), values, strict=True))


def _draw(measured: clip.Clip, video: Path) -> Path:
    png = video.with_suffix(".png")
    sheets.save(sheets.sheet(measured, video), png)
    return png


def _keep(out: Path, runs: list[results.Run], given: Any) -> None:
    known = {item.name: item for item in (protocol.portraits(given.faces) if given.faces else [])}
    used = {item["portrait"] for run in runs for item in run["clips"]}
    cost = any(COST & item["values"].keys() for run in runs for item in run["clips"])
    kept = {
        "schema": results.SCHEMA,
        "set": given.set or ["video.size=512"],
        "seed": given.seed,
        "measured with": {
            name: weights.digest(name)[:16] for name in (clip.MESH, clip.IDENTITY, clip.QUALITY)
        },
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "processors": os.cpu_count(),
        }
        if cost
        else {},
        "portraits": {
            name: {"about": p.about, "sha256": p.sha256} for name, p in known.items() if name in used
        },
        "texts": {text.name: text.text for text in protocol.texts(given.texts)[: given.first or None]}
        if given.faces
        else {},
        "runs": runs,
    }
    out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except PfyError as error:
        sys.exit(str(error))
