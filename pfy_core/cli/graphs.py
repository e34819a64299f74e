"""``pfy graph`` and ``pfy check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pfy_core.cli.output import Json, Set, print_json, table

if TYPE_CHECKING:
    from pfy_core.check import Resolved
    from pfy_core.graph import Graph

app = typer.Typer(no_args_is_help=True, help="Look at graphs.")
Name = Annotated[str, typer.Argument(help="A graph by name (portrait, portrait+still-head) or a YAML file.")]


@app.command("list")
def list_graphs(json: Json = False) -> None:
    """List the shipped graphs and the named edits that can be added to them with '+'.

    [bold]pfy graph list[/bold]
    """
    from pfy_core import registry
    from pfy_core.graph import Graph, load_edit

    graphs = [Graph.load(name) for name in registry.names("graphs")]
    edits = {name: load_edit(name) for name in registry.names("ablations")}
    if json:
        data = {graph.name: {"doc": graph.doc, "inputs": list(graph.inputs)} for graph in graphs}
        print_json({"graphs": data, "edits": {name: edit.get("doc", "") for name, edit in edits.items()}})
        return
    table(
        [(graph.name, ", ".join(graph.inputs), graph.doc) for graph in graphs],
        ("graph", "inputs", "what it is"),
    )
    if edits:
        print()
        table(
            [
                (f"+{name}", ", ".join(edit.get("of", ["any"])), edit.get("doc", ""))
                for name, edit in edits.items()
            ],
            ("edit", "of", "what it changes"),
        )


@app.command()
def show(
    name: Name,
    format: Annotated[str, typer.Option("--format", "-F", help="text, mermaid, svg, yaml or json.")] = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
    run: Annotated[
        bool, typer.Option("--run", help="What its last run did: times, and the face's motion as a score.")
    ] = False,
    params: Annotated[
        bool, typer.Option("--params", help="How many parameters its nodes hold, layer by layer.")
    ] = False,
    set: Set = None,
    json: Json = False,
) -> None:
    """Show a graph: nodes, components, and what travels between them (kinds, shapes, rates).

    [bold]pfy graph show portrait[/bold]
    [bold]pfy graph show portrait --format svg -o portrait.svg[/bold]
    [bold]pfy graph show portrait --run --format svg -o motion.svg[/bold]
    """
    from pfy_core import check as checks
    from pfy_core import draw, svg, weights
    from pfy_core.errors import InputError, did_you_mean
    from pfy_core.graph import Graph

    format = "json" if json else format
    if format not in draw.FORMATS:
        raise InputError(f"format {format!r}", ", ".join(draw.FORMATS), did_you_mean(format, draw.FORMATS))
    if run:
        _show_run(Graph.load(name).set(*set or []), format, output)
        return
    resolved = checks.resolve(Graph.load(name).set(*set or []))
    if params:
        _show_params(resolved, format == "json")
        return
    used, optional = weights.used(resolved), weights.optional(resolved)
    if format == "json":
        about = {
            key: {
                "licence": item.licence,
                "commercial": item.commercial,
                "size": item.size,
                "present": item.present,
                "optional": key in optional,
            }
            for key, item in used.items()
        }
        print_json(
            {
                **resolved.graph.as_dict(),
                "edges": [vars(edge) for edge in draw.edges(resolved)],
                "weights": about,
                "problems": [vars(p) for p in resolved.problems],
            }
        )
        return
    drawers = {"text": draw.text, "mermaid": draw.mermaid, "svg": svg.svg}
    drawn = drawers[format](resolved) if format in drawers else resolved.graph.to_yaml()
    _put(drawn, output)
    if format == "text" and output is None:
        if used:
            print("weights")
        for key, item in used.items():
            terms = "commercial use allowed" if item.commercial else "not for commercial use"
            here = "here" if item.present else "optional" if key in optional else "to be fetched"
            print(f"  {key:<24} {item.room:>9}  {here}  {item.licence}, {terms}")
        for problem in resolved.problems:
            print(problem)


@app.command()
def diff(
    one: Name,
    other: Annotated[str, typer.Argument(help="The graph to compare it with.")],
    json: Json = False,
) -> None:
    """Say what differs between two graphs: nodes, components, options, edges, inputs, outputs.

    [bold]pfy graph diff portrait portrait+still-head[/bold]
    """
    from pfy_core import difference
    from pfy_core.graph import Graph

    found = difference.changes(Graph.load(one), Graph.load(other))
    if json:
        print_json({"one": one, "other": other, "changes": [vars(change) for change in found]})
        return
    for change in found:
        print(change)
    if not found:
        print(f"{one} and {other} compute the same")


def _show_params(resolved: Resolved, as_json: bool) -> None:
    """Print how many parameters a graph's nodes hold."""
    from pfy_core import holdings

    found = holdings.holdings(resolved)
    if as_json:
        print_json([{**vars(item), "total": item.total} for item in found])
        return
    rows = []
    for item in found:
        total = "-" if item.layers is None else f"{item.total:,}"
        rows.append((item.node, item.component, "", total))
        rows += [("", "", layer, f"{count:,}") for layer, count in (item.layers or {}).items()]
    rows.append(("", "", "all of them", f"{sum(item.total for item in found):,}"))
    table(rows, ("node", "component", "layer", "parameters"))


def _show_run(graph: Graph, format: str, output: Path | None) -> None:
    """Print, or write to a file, what the last run of a graph did."""
    from pfy_core import draw, score
    from pfy_core.errors import InputError
    from pfy_core.store import Store

    performance = score.last(graph, Store(mode="read"))
    match format:
        case "text":
            _put(f"{draw.text(performance.resolved)}\n{score.text(performance)}", output)
        case "svg":
            _put(score.svg(performance), output)
        case "json":
            motion = performance.motion
            lines = {} if motion is None else {name: row.tolist() for name, row in score.rows(motion)}
            print_json({"nodes": performance.nodes, "rate": performance.rate, "motion": lines})
        case _:
            raise InputError(f"a run as {format}", "text, svg or json", "--format svg")


def _put(drawn: str, output: Path | None) -> None:
    from pfy_core.media import whole

    if output is None:
        print(drawn)
        return
    with whole(output) as part:
        part.write_text(drawn + "\n", encoding="utf-8")


def check(name: Name, set: Set = None, json: Json = False) -> None:
    """Say everything that keeps a graph from running; nothing is imported, nothing is run.

    [bold]pfy check my-graph.yaml[/bold]
    """
    from pfy_core import check as checks
    from pfy_core.errors import GraphError
    from pfy_core.graph import Graph

    graph = Graph.load(name).set(*set or [])
    problems = checks.check(graph)
    if problems:
        raise GraphError(problems, graph.name)
    if json:
        print_json({"graph": graph.name, "digest": graph.digest(), "problems": []})
    else:
        print(f"{graph.name}: no problems, {len(graph.nodes)} nodes")
