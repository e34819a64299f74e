"""Results as they are kept: JSON with every clip's values, and tables that set runs side by side."""

from __future__ import annotations

import json
import statistics
from importlib import resources
from typing import TYPE_CHECKING, Any

from pfy_bench.portrait.metrics import GROUPS, Metric
from pfy_core import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMA = 1
"""Version of the file's layout and of what its numbers mean."""

Run = dict[str, Any]
"""label, pfy, and clips: portrait, text, values by metric"""


def read(file: Path) -> list[Run]:
    """The runs of a kept result. Raises InputError for other files and other versions."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        runs: list[Run] = kept["runs"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} cannot be read: {error}", "a result of this tool", "measure again"
        ) from error
    if kept.get("schema") != SCHEMA:
        raise InputError(f"{file} has schema {kept.get('schema')}", f"schema {SCHEMA}", "measure again")
    return runs


def references() -> list[dict[str, Any]]:
    """What others are: source, and the range of values by metric."""
    text = resources.files("pfy_bench.portrait").joinpath("references.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def values(run: Run, key: str) -> list[float]:
    """A metric's values in a run, of the clips that have it."""
    return [clip["values"][key] for clip in run["clips"] if key in clip["values"]]


def summary(run: Run, key: str) -> tuple[float, float, float] | None:
    """Median, least and greatest of a metric over a run's clips; None when no clip has it."""
    found = values(run, key)
    return (statistics.median(found), min(found), max(found)) if found else None


def better(metric: Metric, before: Run, after: Run) -> tuple[int, int, int] | None:
    """On how many of the clips that both have a metric became better, stayed, became worse.

    Equal to the last digit that is shown counts as stayed. None for metrics without a better side, of
    which human ranges are: see whether the value has come nearer to people's.
    """
    if metric.aim not in ("high", "low", "zero"):
        return None
    olds = {_name(clip): clip["values"].get(metric.key) for clip in before["clips"]}
    gains = []
    for clip in after["clips"]:
        old, new = olds.get(_name(clip)), clip["values"].get(metric.key)
        if old is not None and new is not None:
            gains.append(
                _worth(metric, round(new, metric.digits)) - _worth(metric, round(old, metric.digits))
            )
    if not gains:
        return None
    return sum(g > 0 for g in gains), sum(g == 0 for g in gains), sum(g < 0 for g in gains)


def _name(clip: dict[str, Any]) -> tuple[str, str]:
    return clip["portrait"], clip["text"]


def _worth(metric: Metric, value: float) -> float:
    return value if metric.aim == "high" else -abs(value)


def compared(runs: Sequence[Run]) -> tuple[Run, Run] | None:
    """The first and the last of the runs that are narrations; None when there are not two."""
    narrated = [run for run in runs if any(clip["text"] for clip in run["clips"])]
    return (narrated[0], narrated[-1]) if len(narrated) > 1 else None


def show(metric: Metric, value: float) -> str:
    """A value with the metric's digits."""
    return f"{value:.{metric.digits}f}"


def rows(runs: Sequence[Run]) -> list[tuple[str, list[tuple[Metric, list[str], str, str]]]]:
    """By group: metric, a cell for each run, better/same/worse of those compared, what others are."""
    known = references()
    pair = compared(runs)
    table = []
    for group, members in GROUPS.items():
        lines = []
        for metric in members:
            cells = [_cell(metric, run) for run in runs]
            if not any(cells):
                continue
            told = better(metric, *pair) if pair else None
            ranges = [(n, item["values"].get(metric.key)) for n, item in enumerate(known, 1)]
            beside = "; ".join(
                f"{show(metric, found[0])} to {show(metric, found[1])} [{number}]"
                for number, found in ranges
                if found
            )
            lines.append((metric, cells, "/".join(map(str, told)) if told else "", beside))
        if lines:
            table.append((group, lines))
    return table


def _cell(metric: Metric, run: Run) -> str:
    found = summary(run, metric.key)
    if found is None:
        return ""
    middle, low, high = (show(metric, value) for value in found)
    return middle if low == high else f"{middle} ({low} to {high})"


def text(runs: Sequence[Run]) -> str:
    """The table for a terminal or a README: Markdown."""
    pair = compared(runs)
    head = [
        "metric",
        *(run["label"] for run in runs),
        *(["better/same/worse"] if pair else []),
        "beside",
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for group, members in rows(runs):
        lines.append(f"| **{group}** |" + " |" * (len(head) - 1))
        for metric, cells, told, beside in members:
            unit = f" [{metric.unit}]" if metric.unit else ""
            middle = [told] if pair else []
            lines.append("| " + " | ".join([f"{metric.key}{unit}", *cells, *middle, beside]) + " |")
    lines += [""] + [f"[{number}] {item['source']}  " for number, item in enumerate(references(), 1)]
    return "\n".join(lines)
