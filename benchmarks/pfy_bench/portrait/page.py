"""The report: one HTML file with the table and the contact sheets inside it."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

from PIL import Image

from pfy_bench.portrait import results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pfy_bench.portrait.metrics import Metric

WIDTH, QUALITY = 900, 75
"""Of the embedded sheets: small, so that the file can be sent."""
AIMS = {"": "", "high": " ↑", "low": " ↓", "zero": " → 0", "human": " → people's"}
"""Which way is better."""
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1250px; padding: 0 1em }
table { border-collapse: collapse; width: 100% }
td, th { padding: .25em .6em; text-align: left; vertical-align: top }
tr { border-bottom: 1px solid #e4e4e4 } th { border-bottom: 2px solid #888 }
td:nth-child(n+2) { font-variant-numeric: tabular-nums }
td:first-child { min-width: 16em }
.group td { background: #f3f3f3; font-weight: 600 }
small { color: #777 } .good { color: #06703a } .bad { color: #b3261e }
.pair { display: flex; gap: 12px } .pair figure { margin: 0 0 1em; flex: 1 } img { width: 100% }
"""


def write(
    file: Path, runs: Sequence[results.Run], sheets: Sequence[tuple[str, str, Path]], title: str
) -> None:
    """Write the report of runs; ``sheets`` are (clip, run's label, PNG), those of one clip side by side."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>",
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>",
        "<p>Medians over the clips (least to greatest). iod: distance of the eyes' outer corners.</p>",
        _table(runs),
        "<ol>",
        *(f"<li>{html.escape(item['source'])}" for item in results.references()),
        "</ol>",
    ]
    for run in runs:
        if run.get("skipped"):
            told = "; ".join(f"{name}: {why}" for name, why in run["skipped"].items())
            parts.append(
                f"<p><small>{html.escape(run['label'])}, not measured: {html.escape(told)}</small></p>"
            )
    for clip in dict.fromkeys(name for name, _, _ in sheets):
        beside = "".join(
            f"<figure><figcaption>{html.escape(label)}</figcaption><img alt='' src='{_inline(png)}'></figure>"
            for name, label, png in sheets
            if name == clip
        )
        parts.append(f"<h2>{html.escape(clip)}</h2><div class=pair>{beside}</div>")
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _table(runs: Sequence[results.Run]) -> str:
    several = results.compared(runs) is not None
    head = ["", *(run["label"] for run in runs), *(["better / same / worse"] if several else []), "beside it"]
    lines = ["<table><tr>" + "".join(f"<th>{html.escape(cell)}" for cell in head)]
    for group, members in results.rows(runs):
        lines.append(f"<tr class=group><td colspan={len(head)}>{group}")
        for metric, cells, told, beside in members:
            lines.append(
                f"<tr><td>{_name(metric)}"
                + "".join(f"<td>{html.escape(cell)}" for cell in cells)
                + (f"<td class={_class(told)}>{told}" if several else "")
                + f"<td><small>{html.escape(beside)}</small>"
            )
    return "\n".join([*lines, "</table>"])


def _name(metric: Metric) -> str:
    unit = f" [{metric.unit}]" if metric.unit else ""
    return f"{html.escape(metric.key + unit)}<br><small>{html.escape(metric.title)}{AIMS[metric.aim]}</small>"


def _class(told: str) -> str:
    if not told:
        return "none"
    more, _, less = map(int, told.split("/"))
    return "good" if more > less else "bad" if less > more else "none"


def _inline(png: Path) -> str:
    picture = Image.open(png).convert("RGB")
    picture.thumbnail((WIDTH, 10 * WIDTH))
    packed = io.BytesIO()
    picture.save(packed, "webp", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"
