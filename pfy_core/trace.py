"""Traces: what each node of a run did and from which key fields, and what changed since last time."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pfy_core import weights
from pfy_core.errors import InputError, did_you_mean
from pfy_core.store import flat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec
    from pfy_core.events import Event

KEEP = 50


@dataclass
class NodeTrace:
    """One node: ``state`` is ran, stored, reused, verified or not stored (``reason`` says why);
    ``seconds`` without waiting for others; ``takes`` is where its inputs come from, ``notes`` and
    ``measured`` what its component told."""

    node: str
    state: str = "ran"
    reason: str = ""
    key: str = ""
    takes: dict[str, str | list[str]] = field(default_factory=dict)
    fields: dict[str, Any] | None = None
    expected: dict[str, str] | None = None
    seconds: float = 0.0
    blocked: float = 0.0
    notes: list[str] = field(default_factory=list)
    measured: dict[str, Any] = field(default_factory=dict)

    def listening(self, watch: Callable[[Event], None] | None) -> Callable[[Event], None]:
        """A watcher that keeps what the component tells, and hands it on."""

        def hear(event: Event) -> None:
            if event.kind == "note":
                self.notes.append(event.text)
            elif event.kind == "measured":
                self.measured |= event.values
            if watch is not None:
                watch(event)

        return hear


@dataclass
class Trace:
    """A run, as kept for ``pfy why``."""

    graph: str
    seed: int = 0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: float = field(default_factory=time.time)
    nodes: dict[str, NodeTrace] = field(default_factory=dict)

    def save(self, root: Path) -> None:
        """Write the trace beside the store; the oldest beyond KEEP are removed."""
        folder = root / "runs"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.started:017.6f}-{self.id[:6]}.json"
        part = folder / f".{name}"
        part.write_text(json.dumps(asdict(self), default=str))
        part.rename(folder / name)
        for old in sorted(folder.glob("[0-9]*.json"))[:-KEEP]:
            old.unlink(missing_ok=True)


def key_fields(
    spec: ComponentSpec,
    config: dict[str, Any],
    inputs: dict[str, list[str]],
    seed: int | None,
    place: dict[str, Any],
    catalogue: Catalogue,
) -> dict[str, Any] | None:
    """Everything a result depends on, unhashed; None when the code has no digest (unknown state is
    never stored)."""
    code = catalogue.code_digest(spec.id)
    if not code:
        return None
    named = {item.name: config[item.name] for item in spec.config if item.weights and item.name in config}
    return {
        "component": spec.id,
        "version": spec.version,
        "code": code,
        "config": config,
        "weights": {name: weights.digest(value, catalogue) or "absent" for name, value in named.items()},
        "inputs": inputs,
        "seed": seed,
        "dtype": place.get("dtype", ""),
        "device": str(place.get("device", "cpu")).partition(":")[0],
    }


def traces(root: Path) -> list[dict[str, Any]]:
    """The kept traces, newest first."""
    found = []
    for file in sorted((root / "runs").glob("[0-9]*.json"), reverse=True):
        try:
            trace = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        if isinstance(trace, dict) and isinstance(trace.get("nodes"), dict):
            found.append(trace)
    return found


def why(node: str, root: Path) -> dict[str, Any]:
    """Why a node ran, or did not, in the last run.

    ``state`` and ``reason`` are its own; ``changed`` are the key fields {name: [before, now]} that differ
    from ``compared``, the latest earlier run of the node; ``made`` is the run whose result was reused;
    ``takes`` says where its inputs came from. Raises InputError when there was no run, or the last one
    had no such node.
    """
    last, *earlier = _kept(root)
    if node not in last["nodes"]:
        hint = did_you_mean(node, last["nodes"]) or f"nodes: {', '.join(last['nodes'])}"
        raise InputError(f"the last run ({last['graph']}) had no node {node!r}", fix=hint)
    return _answer(node, last, earlier)


def why_all(root: Path) -> list[dict[str, Any]]:
    """``why`` of every node of the last run, sources first."""
    last, *earlier = _kept(root)
    return [_answer(node, last, earlier) for node in last["nodes"]]


def _kept(root: Path) -> list[dict[str, Any]]:
    kept = traces(root)
    if not kept:
        raise InputError("no run is on record", fix="run a graph first, with the store on")
    return kept


def _answer(node: str, last: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    now = last["nodes"][node]
    before = next((trace for trace in earlier if _fields(trace, node)), None)
    changed = {}
    if before and now["fields"]:
        old, new = flat(_fields(before, node)), flat(now["fields"])
        keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        changed = {key: [old.get(key), new.get(key)] for key in keys}
    makers = (trace for trace in earlier if _made(trace, now["key"])) if now["state"] == "reused" else ()
    return {
        "node": node,
        "graph": last["graph"],
        "state": now["state"],
        "reason": now["reason"],
        "seconds": round(now["seconds"], 3),
        "takes": now.get("takes", {}),
        "changed": changed,
        "compared": _named(before if now["fields"] else None),
        "made": _named(next(iter(makers), None)),
    }


def _fields(trace: dict[str, Any], node: str) -> dict[str, Any]:
    return (trace["nodes"].get(node) or {}).get("fields") or {}


def _made(trace: dict[str, Any], key: str) -> bool:
    return any(item["state"] == "stored" and item["key"] == key for item in trace["nodes"].values())


def _named(trace: dict[str, Any] | None) -> dict[str, Any] | None:
    return trace and {"graph": trace["graph"], "started": trace["started"]}
