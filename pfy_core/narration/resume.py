"""Going on with a narration that was killed: the parts that it left are those of the same video."""

from __future__ import annotations

import json
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pfy_core import digest, weights
from pfy_core.errors import InputError
from pfy_core.events import Event
from pfy_core.media import segments
from pfy_core.media.parts import Parts
from pfy_core.narration.job import rates
from pfy_core.store import flat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pfy_core.narration.job import Job
    from pfy_core.run import Run


@contextmanager
def unfinished(job: Job, target: Path, *, told: bool = True) -> Iterator[Parts]:
    """The parts of ``target``; if making it fails, the user is ``told`` of those that stay."""
    with Parts(target) as parts:
        try:
            yield parts
        except BaseException:
            if told and parts.identity and parts.worth:
                size = f"{parts.bytes / 1e6:.0f} MB in {parts.folder}"
                kept = f"{parts.frames} frames of {target.name} are kept ({size}): the same command with "
                job.tell(Event("note", "output", kept + "--resume goes on from there, with --force anew"))
            raise


def begin(parts: Parts, job: Job, run: Run, *, resume: bool, force: bool) -> int:
    """The number of frames that are there already, with ``resume`` those of an unfinished run.

    Raises InputError where such a run made another video (naming the differences), and, without
    ``resume`` or ``force``, where there is one at all.
    """
    mine, rate = identity(run), rates(run)[0]
    if parts.left is None:
        parts.clear()
        if resume:
            job.tell(Event("note", "output", f"no unfinished {parts.target.name} is here; it begins anew"))
    elif resume:
        changed = differences(parts.left, mine)
        if changed:
            raise InputError(
                f"the unfinished {parts.target.name} was made with {', '.join(changed)}",
                "the same text, face, voice, seed and settings as before",
                "give those, or drop --resume and add --force to start anew",
            )
        lost = parts.adopt()
        if lost:
            told = f"{lost} frames of the unfinished {parts.target.name} are damaged and are made again"
            job.tell(Event("note", "output", told))
        job.tell(Event("note", "output", f"going on at {clock(parts.frames / rate)}"))
        node = run.plan.outputs["frames"][0]
        spec = run.resolved.specs[node]
        if parts.frames and not spec.framewise:
            told = f"{spec.id} cannot begin in the middle: its first {parts.frames} frames are computed again"
            job.tell(Event("note", node, told))
    elif force:
        parts.clear()
    else:
        raise InputError(
            f"{clock(parts.frames / rate)} of {parts.target.name} are here from a run that was stopped",
            "to go on with it, or to start anew",
            "add --resume to go on, or --force to start anew",
        )
    parts.identity = mine
    return parts.frames


def identity(run: Run) -> dict[str, Any]:
    """All that decides what the frames are, as plain JSON: equal for runs that make the same video."""
    runner = run.runner
    optional = weights.optional(runner.resolved)
    used = weights.used(runner.resolved)
    graph = runner.graph.as_dict()
    found = {
        "graph": {part: graph.get(part, {}) for part in ("nodes", "outputs")},
        "seed": run.trace.seed,
        "inputs": {name: _digest(value) for name, value in run.inputs.items()},
        "code": {
            spec.id: runner.resolved.catalogue(node, runner.catalogue).code_digest(spec.id)
            for node, spec in runner.resolved.specs.items()
        },
        "weights": {
            name: weights.digest(name) or "absent" if name in optional or not item.sha256 else item.sha256
            for name, item in used.items()
        },
        "versions": {"pfy-core": version("pfy-core"), "av": version("av")},
        "encoder": {"rate": rates(run)[0], "segment": segments.SECONDS},
    }
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is not the same in two identities, in words."""
    old, new = flat(before), flat(now)
    words = {}
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        part, _, name = key.partition(".")
        told = f"{old.get(key, 'nothing')} (now {new.get(key, 'nothing')})"
        if part == "inputs":
            words[key] = f"another {name}" if key in old else f"no {name}"
        elif part == "graph":
            where = name.removeprefix("nodes.").replace(".with.", ".").removesuffix(".use")
            words[key] = f"{where}={told}"
        elif part in ("code", "weights"):
            words[key] = f"another version of {name}" if part == "code" else f"other weights for {name}"
        else:
            words[key] = f"{name or part} {told}"
    return list(words.values())


def clock(seconds: float) -> str:
    """``12:04`` for 724 seconds, ``1:02:03`` beyond an hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _digest(value: Any) -> str:
    try:
        return digest.digest(value)
    except digest.Unhashable:
        return f"unknown {id(value)}"  # equal to no other run's: nothing proves that it is the same
