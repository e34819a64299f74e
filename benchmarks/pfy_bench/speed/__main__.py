"""``python -m pfy_bench.speed``: measure everything and print and keep it as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from pfy_bench.speed import discovery, isolation, narration, nodes, starts
from pfy_core import weights

PARTS = ("narration", "nodes", "starts", "discovery", "isolation")
PAPER = ("voices", "faces", "steps", "memory")
"""Parts about the networks of p4y: they need its plugins, and others to compare with."""
METRICS = ("measures",)
"""What metrics take, beside the packages whose numbers they are: they run in nox -s oracle_metrics."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pfy_bench.speed", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each task")
    parser.add_argument(
        "--only", default=",".join(PARTS), help=f"parts of {','.join(PARTS + PAPER + METRICS)}"
    )
    parser.add_argument("--peers", default="", help="a Python with haystack-ai and diffusers")
    parser.add_argument("--coqui", default="", help="voices: a Python of nox -s oracle")
    parser.add_argument("--hallo", default="", help="faces: a checkout of fudan-generative-vision/hallo")
    parser.add_argument("--hallo-python", default="", help="faces: a Python with diffusers 0.27.2 and einops")
    parser.add_argument("--size", default="small", help="faces: widths and pixels, tiny, small or full")
    parser.add_argument("--device", default="cpu", help="faces: where both sides run, cpu or cuda")
    parser.add_argument("--dtype", default="float32", help="faces: of both sides")
    parser.add_argument("--out", type=Path, help="keep the result in this file")
    given = parser.parse_args()
    found: dict[str, object] = {
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "pfy-core": version("pfy-core"),
        },
        "runs": given.runs,
    }
    wanted = given.only.split(",")
    if "narration" in wanted:
        best = ["best"] if weights.present("kokoro/model") else []
        found["narration"] = narration.measure(given.runs, ["light", *best])
    if "nodes" in wanted:
        found["nodes"] = nodes.measure(given.runs, given.peers)
    if "starts" in wanted:
        found["starts"] = starts.measure(given.runs)
    if "discovery" in wanted:
        found["discovery"] = discovery.measure(given.runs)
    if "isolation" in wanted:
        found["isolation"] = isolation.measure(given.runs)
    if "voices" in wanted:
        from pfy_bench.speed import voices

        found["voices"] = voices.measure(given.runs, given.coqui) if given.coqui else "left out: no --coqui"
    if "faces" in wanted:
        found["faces"] = _faces(given)
    if "steps" in wanted:
        from pfy_bench.speed import steps

        found["steps"] = steps.measure(given.runs)
    if "measures" in wanted:
        from pfy_bench.speed import measures

        found["measures"] = measures.measure(given.runs)
    if "memory" in wanted:
        from pfy_bench.speed import memory

        found["memory"] = memory.measure()
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


def _faces(given: argparse.Namespace) -> object:
    if not (given.hallo and given.hallo_python):
        return "left out: no --hallo, --hallo-python"
    from pfy_bench.speed import faces

    where = given.size, given.device, given.dtype
    return faces.measure(given.runs, given.hallo, given.hallo_python, *where)


main()
