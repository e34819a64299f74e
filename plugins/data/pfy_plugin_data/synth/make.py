"""Making a corpus from its plan: shard by shard, in several processes, from where it was left."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pfy_core import InputError, weights
from pfy_plugin_data import write
from pfy_plugin_data.corpus import Corpus
from pfy_plugin_data.progress import Progress
from pfy_plugin_data.synth import faces, plan, voices
from pfy_plugin_data.synth.perform import Stage
from pfy_plugin_data.workers import share, usual

FEWEST, MOST = 20, 1_000_000
NEEDS = {
    "light": ("hibari/heart", "piper/joe"),
    "all": ("hibari/heart", "piper/joe", "kokoro/model", "kokoro/styles"),
}
"""Weights of the voices."""
FACE_NEEDS = ("face-mesh/attention", "face-mesh/detector-near", "face-mesh/detector-far", faces.PHOTO)
CONSENT = "no person was filmed or recorded: the voices are synthetic, the photo is in the public domain"


def synth(
    out: Path, *, clips: int, seed: int, bank: voices.Bank, workers: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """A corpus in ``out``; returns what its corpus.json says. The same arguments give the same shards.

    Raises InputError for arguments out of range and for a folder that holds another corpus, WeightsError
    where a voice cannot be fetched, GraphError without the plugins of the embedded default.
    """
    if not FEWEST <= clips <= MOST:
        raise InputError(f"{clips} clips", f"{FEWEST} to {MOST}, so that every split has some")
    if seed < 0:
        raise InputError(f"seed {seed}", "0 or more")
    used = (*NEEDS[bank], *FACE_NEEDS)
    for name in used:
        weights.path(name)  # once, before several processes ask for them
    made_by = {"command": "pfy data synth", "clips": clips, "seed": seed, "voices": bank}
    corpus = Corpus(
        out, f"synth-{bank}-{clips}-{seed}", made_by, {"licences": _licences(used), "consent": CONSENT}
    )
    parts = plan.parts(clips, seed, bank)
    todo = [part for part in parts if not corpus.has(part.name)]
    done = clips - sum(len(part.lines) for part in todo)
    with Progress(sum(line.work for part in todo for line in part.lines), quiet=quiet) as progress:
        if done:
            progress.say(f"{done} of {clips} clips are there already")
        tasks = [(part, out / part.name) for part in todo]
        for part in share(_make, tasks, workers or usual()):
            done += len(part.lines)
            progress.done(sum(line.work for line in part.lines), f"{done}/{clips} clips")
    return corpus.finish()


def _make(part: plan.Part, path: Path) -> plan.Part:
    write.shard(path, map(_stage().perform, part.lines))
    return part


@cache
def _stage() -> Stage:
    """What a process keeps from shard to shard."""
    return Stage()


def _licences(names: tuple[str, ...]) -> dict[str, str]:
    return {"sentences": "Apache-2.0", "drawing": "Apache-2.0"} | {
        name: weights.entry(name).licence for name in names
    }
