"""The clips themselves: worst and best side by side with the real ones, and every value."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pfy_bench import differences
from pfy_bench.rendering import number
from pfy_bench.report.clips import ranked
from pfy_bench.report.measured import name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pfy_bench.comparing import Place
    from pfy_bench.records import Item, Measure
    from pfy_bench.report import Look
    from pfy_bench.report.clips import Embedding, Ranked
    from pfy_bench.tables import Table


def clips(table: Table, rows: Sequence[Place], look: Look, embedding: Embedding) -> str:
    """The worst and the best clips of every row."""
    parts: list[str] = []
    for place in rows:
        found = ranked(place, table.columns)
        worst = found[: min(look.worst, (len(found) + 1) // 2)]
        best = found[len(worst) :][::-1][: look.best]
        cards = [_card("Worst", each, place, table, look, embedding) for each in worst]
        cards += [_card("Best", each, place, table, look, embedding) for each in best]
        if cards:
            folded = "" if parts else " open"
            parts.append(
                f"<details{folded}><summary>{escape(place.label)}</summary>"
                f"<div class=clips>{''.join(cards)}</div></details>"
            )
    if not parts:
        return ""
    linked = ""
    if embedding.linked:
        linked = f" {embedding.linked} videos are links to where they lie and play only on this machine."
    return (
        "<p>By the mean of a clip's ranks in the measures of clips, without those that missed the negative "
        f"controls.{linked}</p>" + "".join(parts)
    )


def _card(which: str, found: Ranked, place: Place, table: Table, look: Look, embedding: Embedding) -> str:
    item = found.item
    made = place.results.file(item)
    real = place.results.real.get(item.item)
    videos = _video("made", made, embedding)
    if item.real:
        videos += _video("real", real if look.embed != "made" else None, embedding)
    lines = "".join(
        f"<tr><th>{name(column.measure)}<td>{_value(item, column.measure)}<td>{_real(item, column.measure)}"
        for column in table.columns
        if column.measure.over == "clip"
    )
    return (
        f"<div class=card><h4>{which}: {escape(item.item)} <small>{escape(item.identity)}, worse than "
        f"{100 * found.rank:.0f} % on average</small></h4><div class=pair>{videos}</div>"
        f"<table><tr><th><th>made<th>real{lines}</table></div>"
    )


def _video(which: str, file: Path | None, embedding: Embedding) -> str:
    source = embedding.source(file) if file else None
    shown = (
        f'<video controls playsinline preload=metadata src="{escape(source)}"></video>'
        if source
        else "<div class=gone>not in this page</div>"
    )
    return f"<figure>{shown}<figcaption>{which}</figcaption></figure>"


def _value(item: Item, measure: Measure) -> str:
    score = item.values.get(measure.measure)
    if score is None:
        return "–"
    value = differences.value(item, measure.measure)
    return number(value, measure.digits) if value == value else f"– <small>{escape(score.reason)}</small>"


def _real(item: Item, measure: Measure) -> str:
    score = item.real_values.get(measure.measure)
    return number(score.value, measure.digits) if score else "–"


def values(table: Table, rows: Sequence[Place]) -> str:
    """Every clip's values, folded, from worst to best."""
    measures = [column.measure for column in table.columns if column.measure.over == "clip"]
    head = "".join(f"<th>{name(measure)}" for measure in measures)
    parts = []
    for place in rows:
        order = {each.item.item: index for index, each in enumerate(ranked(place, table.columns))}
        items = sorted(place.items, key=lambda item: order.get(item.item, -1))
        body = "".join(
            f"<tr><th>{escape(item.item)}<td>{escape(item.identity)}"
            + "".join(f"<td>{_value(item, measure)}" for measure in measures)
            + (f"<td class=words>{escape(item.problem)}" if item.problem else "")
            for item in items
        )
        parts.append(
            f"<details><summary>{escape(place.label)}: {len(items)} clips</summary><div class=wide>"
            f"<table><thead><tr><th>clip<th>who{head}<tbody>{body}</table></div></details>"
        )
    return "".join(parts)
