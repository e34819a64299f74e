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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pfy_bench.speed", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each task")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts of {','.join(PARTS)}")
    parser.add_argument("--peers", default="", help="a Python with haystack-ai and diffusers")
    parser.add_argument("--out", type=Path, help="keep the result in this file")
    given = parser.parse_args()
    found: dict[str, object] = {
        "machine": {
            "system": platform.platform(),
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
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


main()
