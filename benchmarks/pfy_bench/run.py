"""A benchmark run: a folder that can be gone on with at any point, and whose lines say everything."""

from __future__ import annotations

import json
import platform
import sys
import time
import uuid
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from pfy_bench import controls, executors, records, sets, sides
from pfy_bench.bench import Bench, keys
from pfy_bench.corpora import Folders
from pfy_core import InputError
from pfy_core import record as about
from pfy_core.errors import listed
from pfy_core.media import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from pfy_bench.corpora import Corpus
    from pfy_bench.records import Item, Results
    from pfy_bench.rows import Row
    from pfy_bench.scoring import Scorer
    from pfy_bench.suite import Suite


@dataclass(frozen=True)
class Step:
    """How far a run is: items done of all, the last one, seconds to go (None at first)."""

    done: int
    total: int
    last: Item
    left: float | None


def run(
    suite: Suite,
    rows: list[Row],
    corpus: Corpus,
    folder: Path,
    *,
    seed: int = 0,
    executor: str = "local",
    workers: int = 0,
    device: str = "",
    tell: Callable[[Step], None] | None = None,
) -> Results:
    """Make and score what ``folder`` has not yet; returns all that it then has.

    A run that was killed is gone on with by the same call; rows may be added to it, and clips to its data.
    ``tell`` hears of every item. Raises InputError for a folder of another suite, other data or another
    seed, for one that has clips that the data has not, and for data without items.
    """
    executors.check(executor)
    items = corpus.items
    if not items:
        raise InputError("the data has no items", "one clip at least", "check --data and --limit")
    before = _before(folder, suite, corpus, seed)
    bench = Bench(suite, rows, corpus, folder.absolute(), seed, device, keys(before.items) if before else {})
    scorer = bench.scorer
    header = _header(suite, corpus, seed, before)
    rows_told = [*(row.record() for row in rows), *_control_rows(suite)]
    told: list[records.Line] = [header, *rows_told, *_measures(suite, scorer)]
    for first in told:
        records.append(folder, first)
    began, done, total = time.monotonic(), 0, len(items) * len(rows)
    own = {(row.name, row.replicate) for row in rows}
    skipped = sum((row, item, replicate) in bench.done for row, replicate in own for item in items)
    for line in executors.lines(bench, items, executor, workers):
        records.append(folder, line)
        _keep_place(folder, corpus, line, bench.place(line.item))
        if (line.row, line.replicate) in own:
            done += 1
        spent = time.monotonic() - began
        left = spent / done * max(0, total - skipped - done) if done else None
        if tell is not None:
            tell(Step(min(total, skipped + done), total, line, left))
    results = records.load(folder)
    for found in sets.lines(results, scorer, items):
        records.append(folder, found)
    for item in results.items.values():
        if (item.row, item.replicate) in own and _astray(results, item):
            _keep_place(folder, corpus, item, bench.place(item.item))
    return records.load(folder)


def partial(results: Results, missing: Collection[str] = ()) -> list[str]:
    """What could not be scored, in a line for each reason: an item, or a number and how many clips lack it.

    ``missing`` are reasons that lie in what is installed, and are told elsewhere. So are a transcript and a
    voice that nobody gave.
    """
    told: dict[str, int] = {}
    known = {*missing, *(sides.WHY[name] for name in ("text", "photo", "voice"))}
    items = [item for item in results.items.values() if not item.row.startswith(controls.UNDER)]
    for item in items:
        if item.problem:
            told[f"{item.row}, {item.item}: {item.problem}"] = 1
            continue
        for measure, score in item.values.items():
            if isnan(score.value) and score.reason not in known:
                told[f"{measure}: {score.reason}"] = told.get(f"{measure}: {score.reason}", 0) + 1
    for found in results.sets.values():
        if isnan(found.value) and found.reason not in known and not found.row.startswith(controls.UNDER):
            told[f"{found.measure}: {found.reason}"] = found.clips
    return [f"{text} ({count} clips)" if count > 1 else text for text, count in told.items()]


def _before(folder: Path, suite: Suite, corpus: Corpus, seed: int) -> Results | None:
    """The results that a folder has already; InputError when they are of something else."""
    if not (folder / records.FILE).exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                f"{folder} has other files in it", "a new folder, or that of a run", "--out FOLDER"
            )
        return None
    if not records.begun(folder):
        return None
    before = records.load(folder)
    then = before.run
    for what, was, now in (
        ("suite", then.suite.get("digest"), suite.digest()),
        ("seed", then.seed, seed),
        ("data", _kinds(then.data), _kinds(json.loads(json.dumps(corpus.about())))),
    ):
        if was != now:
            raise InputError(
                f"{folder} holds a run with another {what}",
                f"{what} {_brief(was)}, this is {_brief(now)}",
                "--out ANOTHER_FOLDER",
            )
    if gone := sorted({item for _, item, _ in before.items} - set(corpus.items)):
        raise InputError(
            f"{folder} has clips that the data has not: {listed(gone)}",
            "all the clips that it has, or more",
            "--out ANOTHER_FOLDER, or without --limit",
        )
    return before


def _kinds(data: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Data without the number of its items, which may grow."""
    return {
        name: {key: value for key, value in about.items() if key != "items"} for name, about in data.items()
    }


def _brief(value: Any) -> str:
    return value[:12] if isinstance(value, str) else json.dumps(value)


def _header(suite: Suite, corpus: Corpus, seed: int, before: Results | None) -> records.Run:
    packages = about.packages({"pfy-bench": ""})
    return records.Run(
        before.run.id if before else uuid.uuid4().hex,
        before.run.started if before else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        [str(item) for item in about.public(["pfy", *sys.argv[1:]])],
        {"name": suite.name, "version": suite.version, "digest": suite.digest(), **suite.as_dict()},
        seed,
        corpus.about(),
        about.machine() | {"system": platform.system()},
        packages,
    )


def _control_rows(suite: Suite) -> list[records.Row]:
    names = controls.wanted(suite.measures) if suite.controls else []
    return [records.Row(controls.UNDER + name, controls.title(name), control=name) for name in names]


def _measures(suite: Suite, scorer: Scorer) -> list[records.Measure]:
    found = []
    for name, measure in suite.measures.items():
        protocol = scorer.protocol(name)
        spec = scorer.resolved.specs.get(name) or scorer.resolved.specs.get(f"made_{name}")
        doc = (measure.doc or (spec.doc if spec else "")).replace("``", "")
        found.append(
            records.Measure(
                *(name, measure.unit, measure.better, measure.digits, measure.over),
                "pair" if measure.paired else "one",
                doc,
                protocol,
            )
        )
    return found


def _astray(results: Results, item: Item) -> bool:
    """Whether a clip lies no more where it was, or a copy of the run came without saying where."""
    real, made = results.real.get(item.item), results.file(item)
    return real is None or not real.exists() or (made is not None and not made.exists())


def _keep_place(folder: Path, corpus: Corpus, line: Item, file: Path | None) -> None:
    """Where the clips of an item lie that are not in the folder, for this machine's reports alone."""
    kept = folder / records.LOCAL
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"real": {}, "made": {}}
    places = json.loads(json.dumps(before))
    if file is not None:
        places["real"][line.item] = str(file.absolute())
    if isinstance(corpus, Folders) and line.row in corpus.pairs and line.made is not None:
        places["made"].setdefault(line.row, {})[line.item] = str(corpus.made(line.row, line.item).absolute())
    if places == before:
        return
    with whole(kept) as part:
        part.write_text(json.dumps(places), encoding="utf-8")
