"""Records: what one run was and what it gave, complete enough to repeat it. Append-only JSONL.

A record says of the inputs which they were, by sha256, and where they lie only in its part ``local``,
which is kept on this machine and never handed out. What a video carries of its record (``tag``) names
no file and no folder: of the inputs it has digests, and the words, which can be heard in it anyway.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sys
import time
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pfy_core import digest, paths, weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pfy_core.run import Run

SCHEMA = 2
TAG = "pfy"
"""The container tag that holds, as JSON, how a video was made."""
NOTICE = "AI-generated: a synthetic face and voice, made with pfy"


def build(run: Run, inputs: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """The record of a finished run: graph, inputs by digest, seed, code, weights with licences,
    timings, and ``output``, what it gave.

    ``inputs`` are as the caller gave them: of a path only the file name is kept there; ``argv`` is as typed.
    """
    runner = run.runner
    plugins = _plugins(run)
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
        "environments": _environments(run),
        "weights": {
            name: {"sha256": item.recorded, "licence": item.licence, "commercial": item.commercial}
            for name, item in sorted(used.items())
            if item.present
        },
        "machine": machine() | {"system": platform.platform()},
        "nodes": {
            name: {
                "component": runner.graph.nodes[name].use,
                "state": trace.state,
                "seconds": round(trace.seconds, 4),
                "notes": trace.notes,
                "measured": trace.measured,
            }
            for name, trace in run.trace.nodes.items()
        },
        "peak_memory_mb": peak_memory(),
        "output": output,
    }
    runner.hooks.hook.pfy_record(record=record)
    return record


def _input(given: Any, value: Any) -> dict[str, Any]:
    about = _digests(given, value)
    if isinstance(value, str):
        about["text"] = value if len(value) <= 2000 else value[:2000] + "…"
    elif isinstance(given, str | os.PathLike):
        about["file"] = Path(given).name
    return about


def _digests(given: Any, value: Any) -> dict[str, Any]:
    """``digest`` of a value as the graph gets it, and ``sha256`` of the file that it came from."""
    about: dict[str, Any] = {"digest": digest.digest(value)}
    if isinstance(given, str | os.PathLike) and not isinstance(value, str) and Path(given).is_file():
        about["sha256"] = weights.sha256(Path(given))
    return about


def _plugins(run: Run) -> dict[str, str]:
    specs, homes = run.resolved.specs, run.resolved.homes
    return {spec.plugin: spec.version for node, spec in specs.items() if spec.plugin and node not in homes}


def _environments(run: Run) -> dict[str, str]:
    """What ran in environments of their own, by node: the plugin there, and a digest of all beside it."""
    specs = run.resolved.specs
    return {
        node: f"{specs[node].plugin} {specs[node].version} among packages {home.packages[:12]}"
        for node, home in run.resolved.homes.items()
    }


def machine() -> dict[str, Any]:
    """The machine, as far as results may depend on it."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processors": os.cpu_count(),
    }


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


def local(inputs: dict[str, Any], output: Path | None = None) -> dict[str, Any]:
    """What only this machine may know of a run: where its inputs and its output lie."""
    files = {
        name: str(Path(given).absolute())
        for name, given in inputs.items()
        if isinstance(given, str | os.PathLike) and _is_file(given)
    }
    return {"files": files} | ({"output": str(output.absolute())} if output else {})


def _is_file(given: str | os.PathLike[str]) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # a text that is no path
        return False


def append(record: dict[str, Any], name: str = "runs", *, local: dict[str, Any] | None = None) -> Path:
    """Add a record, with its ``local`` part, to ``records/NAME.jsonl`` in pfy's folder; returns that file."""
    file = paths.home() / "records" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = record | ({"local": local} if local else {})
    with file.open("a", encoding="utf-8", errors="backslashreplace") as out:
        out.write(json.dumps(kept, ensure_ascii=False, default=str) + "\n")
    return file


def read(name: str = "runs") -> Iterator[dict[str, Any]]:
    """The kept records, oldest first; lines that a killed process left half-written are passed over."""
    file = paths.home() / "records" / f"{name}.jsonl"
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                with suppress(ValueError, RecursionError):
                    record = json.loads(line)
                    if isinstance(record, dict):
                        yield record
    except OSError:
        return


def tag(
    run: Run, inputs: dict[str, Any] | None = None, consent: dict[str, Any] | None = None
) -> dict[str, str]:
    """Container metadata for a video: that it is generated, and how, complete enough to repeat it.

    ``inputs`` are as the caller gave them, ``consent`` as in the record. Texts are carried whole (a
    thousandth of the size of the video that speaks them), other inputs by digest. No file name and no
    folder goes in: where the graph's config names a file, its last part stands there.
    """
    graph = run.runner.graph
    given = inputs or {}
    used = weights.used(run.resolved)
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "record": run.trace.id,
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.trace.started)),
        "graph": public({key: value for key, value in graph.as_dict().items() if key != "doc"}),
        "digest": graph.digest(),
        "seed": run.trace.seed,
        "inputs": {
            name: {"text": value} if isinstance(value, str) else _digests(given.get(name), value)
            for name, value in run.inputs.items()
        },
        "plugins": _plugins(run),
        **({"environments": _environments(run)} if run.resolved.homes else {}),
        "packages": packages(_plugins(run)),
        "weights": {name: item.recorded for name, item in sorted(used.items()) if item.present},
        "machine": machine(),
    }
    if consent:
        made["consent"] = consent["sha256"]
    return {
        "comment": NOTICE,
        "digital_source_type": "trainedAlgorithmicMedia",
        TAG: json.dumps(made, ensure_ascii=False),
    }


def public(value: Any) -> Any:
    """Data whose paths are reduced to their last part, those behind ``name=`` too."""
    if isinstance(value, dict):
        return {key: public(item) for key, item in value.items()}
    if isinstance(value, list):
        return [public(item) for item in value]
    if isinstance(value, str) and "=" in value and is_path(value.partition("=")[2]):
        name, _, path = value.partition("=")
        return f"{name}={public(path)}"
    named = isinstance(value, str) and (is_path(value) or (os.sep in value and _is_file(value)))
    return PurePath(value.replace("\\", "/")).name if named else value


def is_path(text: str) -> bool:
    """Whether a text is a path that leads out of the current folder, of any system."""
    return text.startswith(("/", "~", "\\\\", "..")) or re.match(r"[A-Za-z]:[\\/]", text) is not None


def made(metadata: Mapping[str, str]) -> dict[str, Any] | None:
    """How a file was made, from its container metadata; None where nothing readable says so."""
    try:
        found = json.loads(metadata.get(TAG, ""))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("schema"), int) else None


def is_generated(metadata: Mapping[str, str]) -> bool:
    """Whether container metadata says that a model made the content."""
    stated = metadata.get("digital_source_type", "") + metadata.get("comment", "")
    return "trainedAlgorithmicMedia" in stated or "AI-generated" in stated
