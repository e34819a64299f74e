"""Preparing a folder of films: shard by shard, in several processes, from where it was left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from pfy_core import InputError, PfyError
from pfy_core.errors import Cancelled, GraphError, OutputError, PluginError, WeightsError
from pfy_core.media import whole
from pfy_plugin_data import write
from pfy_plugin_data.corpus import Corpus
from pfy_plugin_data.layout import FILMS
from pfy_plugin_data.prepare import films as listing
from pfy_plugin_data.prepare.clips import Wish, clips
from pfy_plugin_data.prepare.films import Film, Group
from pfy_plugin_data.prepare.watch import Watcher
from pfy_plugin_data.progress import Progress
from pfy_plugin_data.workers import share, usual

FATAL = (Cancelled, GraphError, OutputError, PluginError, WeightsError)
"""What is wrong with this machine, and not with a film."""
NOBODY = "no face is seen for two seconds while somebody is heard"


@dataclass
class Report:
    """What became of films: clips by name, and why those were left out, or broken off, that were."""

    clips: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def add(self, other: Report) -> None:
        self.clips |= other.clips
        self.problems |= other.problems


def prepare(
    folder: Path,
    out: Path,
    *,
    hold_out: float = 0.1,
    identity: str = "",
    licence: str = "",
    wish: Wish | None = None,
    phones: bool = False,
    workers: int = 0,
    quiet: bool = False,
) -> tuple[dict[str, Any], Report]:
    """A corpus in ``out`` of the films in ``folder``: what its corpus.json says, and what became of them.

    Raises InputError for a folder without films, where none is usable, and where ``out`` holds another
    corpus; PluginError where what measures motion is not installed.
    """
    wish = wish or Wish()
    Watcher(phones).check()
    found = listing.films(folder, identity)
    usable = [film for film in found if not film.problem]
    report = Report(problems={film.name: film.problem for film in found if film.problem})
    if not usable:
        raise _nothing(folder, report)
    options = {"hold_out": hold_out, "identity": identity, "crops": wish.crops, "phones": phones}
    made_by = {"command": "pfy data prepare", **options, "language": wish.language}
    made_by |= {"films": len(found), "digest": listing.digest(found)}
    notes = {"licences": {"films": licence or "not stated"}, "consent": "as stated for the films"}
    groups = listing.groups(usable, listing.split(usable, hold_out))
    corpus = Corpus(out, folder.resolve().name, made_by, notes)
    todo = [group for group in groups if not _done(out, group)]
    for group in groups:
        if group not in todo:
            report.add(_read(_told(out, group)))
    with Progress(sum(film.seconds for group in todo for film in group.films), quiet=quiet) as progress:
        if hold_out and not any(group.split == "test" for group in groups):
            progress.say("nothing is held out: the films are of fewer than three people")
        if len(todo) < len(groups):
            progress.say(f"{len(groups) - len(todo)} of {len(groups)} shards are there already")
        tasks = [(out, group, wish, phones) for group in todo]
        for group, part in share(_make, tasks, workers or usual()):
            report.add(part)
            told = f"{len(report.clips)}/{len(usable)} films, {sum(report.clips.values())} clips"
            progress.done(sum(film.seconds for film in group.films), told)
    if not any(report.clips.values()):
        raise _nothing(folder, report)
    return corpus.finish(unusable=report.problems), report


def _make(out: Path, group: Group, wish: Wish, phones: bool) -> tuple[Group, Report]:
    report = Report()
    coming = chain.from_iterable(_usable(film, group, wish, phones, report) for film in group.films)
    first = next(coming, None)
    if first is not None:
        write.shard(out / group.name, chain([first], coming))
    with whole(_told(out, group)) as part:
        part.write_text(json.dumps(vars(report), ensure_ascii=False, indent=1), encoding="utf-8")
    return group, report


def _usable(film: Film, group: Group, wish: Wish, phones: bool, report: Report) -> Iterator[write.Clip]:
    """A film's clips; what is wrong with it ends them, and is reported."""
    report.clips[film.name] = 0
    try:
        for clip in clips(film, group.split, _watcher(phones), wish):
            yield clip
            report.clips[film.name] += 1
    except FATAL:
        raise
    except PfyError as error:
        report.problems[film.name] = error.sends
        return
    if not report.clips[film.name]:
        report.problems[film.name] = NOBODY


@cache
def _watcher(phones: bool) -> Watcher:
    """What a process keeps from shard to shard."""
    return Watcher(phones)


def _told(out: Path, group: Group) -> Path:
    """Where it stands what became of a shard's films; without that file they are not done."""
    return out / FILMS / f"{group.name.replace('/', '-').removesuffix('.tar')}.json"


def _done(out: Path, group: Group) -> bool:
    """Whether a shard's films are done, and the shard is there unless they gave nothing."""
    told = _told(out, group)
    return told.is_file() and ((out / group.name).is_file() or not any(_read(told).clips.values()))


def _read(file: Path) -> Report:
    try:
        return Report(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{file} cannot be understood: {error}", "as pfy wrote it", f"remove {file}"
        ) from error


def _nothing(folder: Path, report: Report) -> InputError:
    reasons = "".join(f"\n         | {name}: {why}" for name, why in list(report.problems.items())[:20])
    return InputError(
        f"no clip could be made of the films in {folder}{reasons}", "films of a face that talks"
    )
