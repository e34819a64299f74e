"""Records: what one run was and what it gave, complete enough to repeat it. Append-only JSONL."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import digest, paths, weights

if TYPE_CHECKING:
    from pfy_core.run import Run

SCHEMA = 1
NOTICE = "AI-generated: a synthetic face and voice, made with pfy"


def build(run: Run, inputs: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """The record of a finished run: graph, inputs by digest, seed, code, weights with licences,
    timings, and ``output``, what it gave.

    ``inputs`` are as the caller gave them: of a path only the file name is kept there; ``argv`` is as typed.
    """
    runner = run.runner
    plugins = {spec.plugin: spec.version for spec in runner.resolved.specs.values() if spec.plugin}
    used = weights.used(runner.resolved)
    record = {
        "schema": SCHEMA,
        "id": run.trace.id,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.trace.started)),
        "argv": [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv else [],
        "graph": {"name": runner.graph.name, "digest": runner.graph.digest(), **runner.graph.as_dict()},
        "seed": run.trace.seed,
        "inputs": {name: _input(inputs.get(name), value) for name, value in run.inputs.items()},
        "plugins": dict(sorted(plugins.items())),
        "packages": packages(plugins),
        "weights": {
            name: {"sha256": item.recorded, "licence": item.licence, "commercial": item.commercial}
            for name, item in sorted(used.items())
            if item.present
        },
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "processors": os.cpu_count(),
        },
        "nodes": {
            name: {
                "component": runner.graph.nodes[name].use,
                "state": trace.state,
                "seconds": round(trace.seconds, 4),
            }
            for name, trace in run.trace.nodes.items()
        },
        "peak_memory_mb": peak_memory(),
        "output": output,
    }
    runner.hooks.hook.pfy_record(record=record)
    return record


def _input(given: Any, value: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"digest": digest.digest(value)}
    if isinstance(value, str):
        about["text"] = value if len(value) <= 2000 else value[:2000] + "…"
    elif isinstance(given, str | os.PathLike):
        about["file"] = Path(given).name
    return about


def packages(plugins: dict[str, str]) -> dict[str, str]:
    """Versions of pfy-core and of what the plugins depend on directly."""
    found: dict[str, str] = {}
    for name in ("pfy-core", *plugins):
        try:
            needs = importlib.metadata.requires(name) or []
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for need in needs:
            parts = re.match(r"[A-Za-z0-9._-]+", need)
            try:
                if parts and "extra ==" not in need:
                    found[parts.group()] = importlib.metadata.version(parts.group())
            except importlib.metadata.PackageNotFoundError:
                continue
    return dict(sorted(found.items()))


def peak_memory() -> float:
    """Peak resident memory of this process in MB (10^6 bytes); 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)


def append(record: dict[str, Any], name: str = "runs") -> Path:
    """Add a record to ``records/NAME.jsonl`` in pfy's folder; returns that file."""
    file = paths.home() / "records" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8", errors="backslashreplace") as out:
        out.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
    return file


def tag(run: Run) -> dict[str, str]:
    """Container metadata for a video: that it is generated, and how (nothing of the inputs)."""
    graph = run.runner.graph
    made = {
        "schema": SCHEMA,
        "record": run.trace.id,
        "graph": graph.name,
        "digest": graph.digest(),
        "seed": run.trace.seed,
        "plugins": {spec.plugin: spec.version for spec in run.resolved.specs.values() if spec.plugin},
    }
    return {
        "comment": NOTICE,
        "description": json.dumps({"pfy": made}),
        "digital_source_type": "trainedAlgorithmicMedia",
    }
