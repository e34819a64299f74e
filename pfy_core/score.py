"""What a run did, drawn: face motion as a score, one line a channel, over what is spoken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.check import Resolved, resolve
from pfy_core.errors import InputError
from pfy_core.kinds import MOTION_CHANNELS
from pfy_core.trace import traces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_core.graph import Graph
    from pfy_core.kinds import Phone
    from pfy_core.store import Store

MOVES = 0.01
"""A channel is drawn when its values lie further apart than this."""
BARS = "▁▂▃▄▅▆▇█"
COLUMNS, WIDTH, LABEL, RANGE, ROW, TOP = 72, 1200, 150, 90, 26, 34
MOST_SYMBOLS = 220
"""Sounds that are written above the score; more would lie on one another."""
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#1b2430}.p{font-size:10px;fill:#5b6673;text-anchor:middle}"
    ".l{fill:none;stroke:#2f6db3;stroke-width:1.2}.z{stroke:#d5dde6;stroke-width:1}.t{stroke:#eef2f6}"
)


@dataclass(frozen=True)
class Performance:
    """A run read back from its trace and the store.

    resolved: the graph as it ran; nodes: what each one did and how long it took; motion (t 58) with its
    rate and the phones, where the graph has them and the store has kept them; else ``missing`` says why.
    """

    resolved: Resolved
    nodes: dict[str, dict[str, Any]]
    motion: NDArray[np.float32] | None = None
    rate: float = 0.0
    phones: list[Phone] = field(default_factory=list)
    missing: str = ""


def last(graph: Graph, store: Store) -> Performance:
    """The last run of a graph. Raises InputError when there was none."""
    trace = next((trace for trace in traces(store.root) if trace.get("graph") == graph.name), None)
    if trace is None:
        raise InputError(
            f"no run of {graph.name!r} is on record", "one run of it", f"pfy narrate --graph {graph.name} ..."
        )
    nodes = {name: node for name, node in trace["nodes"].items() if name in graph.nodes}
    resolved = resolve(_as_it_ran(graph, nodes))
    motion = next((place for place in _places(resolved, "motion.face") if place[0] in nodes), None)
    if motion is None:
        return Performance(resolved, nodes, missing="the graph makes no motion.face")
    made = _kept(store, nodes, *motion)
    if not made:
        why = nodes[motion[0]].get("reason") or "it is no longer in the store"
        return Performance(resolved, nodes, missing=f"the motion was not kept: {why}")
    spoken = [
        phone
        for place in _places(resolved, "speech.phones")[:1]
        for chunk in _kept(store, nodes, *place)
        for phone in chunk
    ]
    return Performance(resolved, nodes, np.concatenate(made), resolved.rates.get(motion, 25.0), spoken)


def _as_it_ran(graph: Graph, nodes: dict[str, dict[str, Any]]) -> Graph:
    """The graph with the components and options that the trace names."""
    changed = dict(graph.nodes)
    for name, trace in nodes.items():
        if fields := trace.get("fields"):
            changed[name] = replace(graph.nodes[name], use=fields["component"], config=fields["config"])
    return replace(graph, nodes=changed)


def _places(resolved: Resolved, kind: str) -> list[tuple[str, str]]:
    """Nodes and ports that give a kind, in running order."""
    specs = ((name, resolved.specs[name]) for name in resolved.order if name in resolved.specs)
    return [(name, port.name) for name, spec in specs for port in spec.outputs if port.port.kind == kind]


def _kept(store: Store, nodes: dict[str, dict[str, Any]], node: str, port: str) -> list[Any]:
    """The chunks of an output, as far as the store has them."""
    key = nodes.get(node, {}).get("key")
    stored = store.get(key) if key else None
    return [record[port] for record in stored.chunks()] if stored is not None else []


def rows(motion: NDArray[np.float32]) -> list[tuple[str, NDArray[np.float32]]]:
    """Channels (name, values (t)) that move; the two sides of a pair as one where they agree."""
    found: list[tuple[str, NDArray[np.float32]]] = []
    for index, name in enumerate(MOTION_CHANNELS):
        values = motion[:, index]
        if np.ptp(values) <= MOVES:
            continue
        left = name.removesuffix("Right") + "Left"
        twin = next((row for row, (other, _) in enumerate(found) if other == left), None)
        if name.endswith("Right") and twin is not None and np.abs(found[twin][1] - values).max() < MOVES:
            found[twin] = (name.removesuffix("Right"), values)
        else:
            found.append((name, values))
    return found


def text(performance: Performance) -> str:
    """What the nodes did, and the score in block letters: each line from its lowest to its highest."""
    lines = ["last run"]
    for name, node in performance.nodes.items():
        why = f", {node['reason']}" if node.get("reason") else ""
        lines.append(f"  {name:<11} {node['state']}{why}  {node['seconds']:.2f} s")
    if performance.motion is None:
        return "\n".join([*lines, f"  {performance.missing}"])
    lines.append(f"motion  {len(performance.motion) / performance.rate:.1f} s @ {performance.rate:g} fps")
    for name, values in rows(performance.motion):
        low, high = float(values.min()), float(values.max())
        peaks = _columns(values, COLUMNS)
        drawn = "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1))] for value in peaks)
        lines.append(f"  {name:<18} {drawn}  {low:.2f} .. {high:.2f}")
    return "\n".join(lines)


def _columns(values: NDArray[np.float32], count: int) -> list[float]:
    """Values furthest from their mean, one a column."""
    middle = values.mean()
    parts = np.array_split(values, min(count, len(values)))
    return [float(part[np.abs(part - middle).argmax()]) for part in parts]


def svg(performance: Performance) -> str:
    """The score as an SVG document: sounds above, a line for each channel that moves, seconds below."""
    if performance.motion is None:
        raise InputError(performance.missing, "a run with the store on", "run it again")
    lines, seconds = rows(performance.motion), len(performance.motion) / performance.rate
    height, scale = TOP + ROW * len(lines) + 24, (WIDTH - LABEL - RANGE) / seconds
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{STYLE}</style>"]
    parts.append(f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>')
    step = next(step for step in (0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1e9) if seconds / step <= 16)
    for tick in np.arange(0, seconds, step):
        x = LABEL + tick * scale
        parts.append(f'<path class="t" d="M{x:.1f} {TOP - 8}V{height - 20}"/>')
        parts.append(f'<text class="p" x="{x:.1f}" y="{height - 6}">{tick:g} s</text>')
    spoken = [phone for phone in performance.phones if phone.symbol]
    for phone in spoken if len(spoken) <= MOST_SYMBOLS else []:
        x = LABEL + (phone.start + phone.end) / 2 * scale
        parts.append(f'<text class="p" x="{x:.1f}" y="18">{escape(phone.symbol)}</text>')
    for index, (name, values) in enumerate(lines):
        parts += _line(name, values, TOP + ROW * index, scale / performance.rate)
    return "\n".join([*parts, "</svg>"])


def _line(name: str, values: NDArray[np.float32], top: int, step: float) -> list[str]:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    bottom = top + ROW - 5
    y = bottom - (values - low) / (high - low) * (ROW - 8)
    x = LABEL + (np.arange(len(values)) + 0.5) * step
    zero = bottom + low / (high - low) * (ROW - 8)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return [
        f'<path class="z" d="M{LABEL} {zero:.1f}H{WIDTH - RANGE}"/>',
        f'<text x="8" y="{bottom - 3}">{escape(name)}</text>',
        f'<polyline class="l" points="{points}"/>',
        f'<text x="{WIDTH - RANGE + 6}" y="{bottom - 3}">{low:.2f} .. {high:.2f}</text>',
    ]
