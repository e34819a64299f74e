"""``pfy bench``: score folders of videos, run suites, and look at what came of it."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from pfy_core.cli.output import Json, Set, print_json, table

if TYPE_CHECKING:
    from pfy_bench.corpora import Corpus
    from pfy_bench.records import Results
    from pfy_bench.rows import Row
    from pfy_bench.run import Step
    from pfy_bench.suite import Suite

app = typer.Typer(no_args_is_help=True, help="Measure: score videos, run suites, compare, report.")
PARTIAL = 3
"""Exit status of a run in which something could not be scored; everything else was."""

SuiteName = Annotated[str, typer.Option("--suite", help="A suite by name (pfy bench suites) or a YAML file.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder of the run; one that is there is gone on with.")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first items of every dataset.")]
Controls = Annotated[
    bool, typer.Option("--controls/--no-controls", help="Test the measures on spoiled real clips.")
]
Runs = Annotated[list[Path], typer.Argument(help="Folders of runs.")]
Data = Annotated[
    list[str] | None,
    typer.Option("--data", "-d", metavar="NAME=PATH", help="Where a dataset lies; then only those."),
]
Device = Annotated[str, typer.Option("--device", help="Where the networks of measures run, e.g. cuda.")]
Measures = Annotated[
    list[str] | None, typer.Option("--measures", "-m", help="Only these; a name or a pattern; repeatable.")
]
Published = Annotated[
    list[str] | None,
    typer.Option("--published", help="Published results below, by source, or all; their protocols are not."),
]
Pool = Annotated[
    bool, typer.Option("--pool", help="Rows of one name in several runs are replicates of one row.")
]
ROW = "FOLDER, or FOLDER:ROW; replicates with commas: A:ROW,B:ROW."
Force = Annotated[bool, typer.Option("--force", "-f", help="Replace an existing file.")]


@app.command()
def score(
    real: Annotated[Path, typer.Option("--real", help="Folder of real videos.")],
    fake: Annotated[list[Path], typer.Option("--fake", help="Folder of made videos; repeatable.")],
    suite: SuiteName = "quick",
    out: Out = None,
    limit: Limit = None,
    controls: Controls = True,
    device: Device = "",
    json: Json = False,
) -> None:
    """Score any model's videos against real ones: two folders, files paired by name.

    A text file beside a real video (clip.txt) gives its words to the measures that need them.

    [bold]pfy bench score --real real/ --fake made/[/bold]
    """
    from pfy_bench.corpora import Folders
    from pfy_bench.pairs import pairs
    from pfy_bench.rows import Row

    found = {_label(folder, fake): pairs(real.absolute(), folder.absolute()) for folder in fake}
    corpus = Folders(found, limit)
    rows = [Row(name) for name in corpus.pairs]
    folder = out or Path("bench") / re.sub(r"[\\/:~]+", "_", "-".join(["score", *corpus.pairs]))
    _run(_suite(suite, controls=controls), rows, corpus, folder, device=device, json=json)


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="A suite by name (pfy bench suites) or a YAML file.")],
    graph: Annotated[
        list[str],
        typer.Option(
            "--graph",
            "-g",
            help="A graph by name, with edits, or a file; NAME=GRAPH names its row, several of one name are "
            "replicates; repeatable.",
        ),
    ],
    data: Data = None,
    ablate: Annotated[
        str, typer.Option("--ablate", "-a", help="Named edits, with commas, or all that fit the graph.")
    ] = "",
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", help="Rows of real clips spoiled by controls, with commas: frozen,shuffled."
        ),
    ] = "",
    limit: Limit = None,
    out: Out = None,
    seed: Annotated[int, typer.Option("--seed", help="Of every narration.")] = 0,
    executor: Annotated[str, typer.Option("--executor", help="local or ray.")] = "local",
    workers: Annotated[int, typer.Option("--workers", min=0, help="Ray's, on this machine; 0: all.")] = 0,
    controls: Controls = True,
    device: Device = "",
    set: Set = None,
    json: Json = False,
) -> None:
    """Make a suite's clips with graphs and their ablations, and score them; run again to go on.

    [bold]pfy bench run quick --graph portrait[/bold]
    [bold]pfy bench run p4y-paper --data hdtf=/data/HDTF --graph p4y --ablate all[/bold]
    [bold]pfy bench run motion --data shards=CORPUS/test -g full=A/graph.yaml -g full=B/graph.yaml[/bold]
    """
    from pfy_bench.corpora import Datasets, sources
    from pfy_bench.making import part
    from pfy_bench.rows import baselines, of_graphs

    known = _suite(suite, controls=controls)
    corpus = Datasets.of(known.data, dict(sources(data or [])), limit)
    rows = of_graphs(graph, _listed(ablate), set or [], lambda graph: part(graph, known, corpus))
    rows += baselines(_listed(baseline), rows)
    folder = out or Path("bench") / known.name
    _run(known, rows, corpus, folder, seed=seed, executor=executor, workers=workers, device=device, json=json)


@app.command()
def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, one that was given to you too.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the new run.")],
    data: Data = None,
    device: Device = "",
    json: Json = False,
) -> None:
    """Repeat a run from its records: the same suite, graphs, seed and items.

    [bold]pfy bench rerun theirs/ --out mine/ --data hdtf=/data/HDTF[/bold]
    """
    from dataclasses import replace

    from pfy_bench import records, rows
    from pfy_bench.corpora import Datasets, sources
    from pfy_bench.suite import Suite

    before = records.load(folder)
    suite = Suite.of_record(before.run.suite)
    if not any(row.control for row in before.rows.values()):
        suite = replace(suite, controls=0)
    again = rows.of_records(before)
    corpus = Datasets.again(suite.data, before.run.data, dict(sources(data or [])))
    _run(suite, again, corpus, out, seed=before.run.seed, device=device, json=json)


@app.command("table")
def show_table(
    runs: Runs,
    format: Annotated[str, typer.Option("--format", "-F", help="text, markdown or latex.")] = "text",
    measure: Measures = None,
    apart: Annotated[
        bool, typer.Option("--apart", help="Say in the cells what cannot be compared, instead of refusing.")
    ] = False,
    pool: Pool = False,
    by_data: Annotated[
        bool, typer.Option("--by-data", help="A table for each dataset, as papers have them.")
    ] = False,
    published: Published = None,
) -> None:
    """Show runs as a table; rows of different protocols are refused, with the fields that differ.

    [bold]pfy bench table bench/quick[/bold]
    [bold]pfy bench table bench/p4y-paper -F latex > ablations.tex[/bold]
    """
    from pfy_bench import commands, sets
    from pfy_core.errors import InputError

    if format not in commands.RENDERINGS:
        raise InputError(f"format {format!r}", ", ".join(commands.RENDERINGS))
    form = cast("commands.Format", format)
    print(
        commands.table(
            *(runs, form, measure),
            apart=apart,
            pool=pool,
            by_data=by_data,
            sources=published,
            distances=sets.distances,
        )
    )


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help=ROW)],
    other: Annotated[str, typer.Argument(help=ROW)],
    measure: Measures = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
) -> None:
    """How two rows differ on the same clips: paired, with intervals and p-values.

    [bold]pfy bench diff bench/quick:portrait bench/quick:portrait+still-head[/bold]
    """
    from pfy_bench import commands, sets

    print(commands.diff(one, other, "markdown" if markdown else "text", measure, sets.distances))


@app.command()
def report(
    runs: Runs,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("report.html"),
    embed: Annotated[
        str, typer.Option("--embed", help="Videos in the page: all, made (not the real ones) or none.")
    ] = "all",
    pool: Pool = False,
    published: Published = None,
    force: Force = False,
) -> None:
    """Write a page of its own: tables, plots, clips to play, controls, protocols.

    [bold]pfy bench report bench/quick -o report.html[/bold]
    """
    from pfy_bench import commands, sets
    from pfy_bench.report import Look
    from pfy_core.errors import InputError

    if embed not in ("all", "made", "none"):
        raise InputError(f"--embed {embed}", "all, made or none")
    look = Look(embed=cast("Any", embed))
    options: dict[str, Any] = {"force": force, "pool": pool, "look": look, "sources": published}
    print(commands.report(runs, out, **options, distances=sets.distances))


@app.command()
def verify(
    data: Annotated[
        Path | None, typer.Option("--data", "-d", help="Folder with the files that the answers are of.")
    ] = None,
    json: Json = False,
) -> None:
    """Calculate published numbers of published files again, where file and weights are here.

    [bold]pfy bench verify --data syncnet_python/data[/bold]
    """
    from pfy_bench.verify import answers
    from pfy_core.errors import InputError

    if data is not None and not data.is_dir():
        raise InputError(f"--data {data} is not a folder", "the folder of the files")
    found = list(answers(data))
    verdicts = {True: "the same", False: "DIFFERS", None: "left out"}
    if json:
        print_json([vars(answer) | {"good": answer.good} for answer in found])
    else:
        shown = [
            (a.name, a.measure, a.expected, a.reason or f"{a.value:.3f}", verdicts[a.good], a.source)
            for a in found
        ]
        table(shown, ("answer", "measure", "published", "here", "", "source"))
    if any(answer.good is False for answer in found):
        raise typer.Exit(1)


@app.command()
def suites(json: Json = False) -> None:
    """List the suites and what they measure.

    [bold]pfy bench suites[/bold]
    """
    from pfy_bench.suite import Suite, names

    found = [Suite.load(name) for name in names()]
    if json:
        print_json({suite.name: suite.as_dict() for suite in found})
        return
    table(
        [(s.name, s.version, ", ".join(s.data), len(s.measures), s.doc) for s in found],
        ("suite", "version", "data", "measures", "what for"),
    )


def _suite(name: str, *, controls: bool) -> Suite:
    from dataclasses import replace

    from pfy_bench.suite import Suite

    suite = Suite.load(name)
    return suite if controls else replace(suite, controls=0)


def _run(suite: Suite, rows: list[Row], corpus: Corpus, folder: Path, *, json: bool, **options: Any) -> None:
    """Run, show the table, tell what could not be scored; ``options`` as for ``run.run``."""
    from pfy_bench import run as runs
    from pfy_bench.scoring import Scorer
    from pfy_core.errors import Cancelled

    scorer = Scorer(suite)
    scorer.fetch()
    for text in dict.fromkeys(scorer.missing.values()):
        print(f"left out: {text}", file=sys.stderr)
    try:
        with _Shown() as shown:
            results = runs.run(suite, rows, corpus, folder, **options, tell=shown.tell)
    except (Cancelled, KeyboardInterrupt) as error:
        raise Cancelled(f"stopped; what is done is in {folder}: run the same again to go on") from error
    lost = runs.partial(results, scorer.missing.values())
    _show(results, json=json)
    for text in lost:
        print(f"not scored: {text}", file=sys.stderr)
    print(f"{folder}  (pfy bench report {folder})", file=sys.stderr)
    if lost:
        raise typer.Exit(PARTIAL)


def _show(results: Results, *, json: bool) -> None:
    from pfy_bench import rendering, tables
    from pfy_bench.records import encode

    if json:
        lines: list[Any] = [*results.items.values(), *results.sets.values()]
        print_json([encode(line) for line in lines])
    else:
        print(rendering.text(tables.table([results], apart=True)))


class _Shown:
    """Progress on standard error: a line that changes in a terminal, one now and then in a log."""

    EVERY = 10.0
    """Seconds between lines in a log."""

    def __init__(self) -> None:
        self._last = 0.0

    def __enter__(self) -> _Shown:
        return self

    def __exit__(self, *_: object) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)

    def tell(self, step: Step) -> None:
        left = "" if step.left is None else f", {_time(step.left)} left"
        text = f"{step.done}/{step.total}  {step.last.row}  {step.last.item}{left}"
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last > self.EVERY or step.done == step.total:
            print(text, file=sys.stderr, flush=True)
            self._last = time.monotonic()


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _listed(given: str) -> list[str]:
    return [name for name in given.split(",") if name]


def _label(folder: Path, among: list[Path]) -> str:
    """A folder's name; with its parents where another of them has the same."""
    same = [other for other in among if other.resolve().name == folder.resolve().name]
    return str(folder) if len(same) > 1 else folder.resolve().name
