"""Narrations made by other installations of pfy, each in a process of its own, and what they cost."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pfy_bench.processes import run
from pfy_core.kinds import Phone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pfy_bench.portrait.protocol import Portrait, Text

SCRIPT = """
import json, pathlib, subprocess, sys, time
given = json.loads(sys.argv[1])
import pfy_core
from pfy_core import Store, narrate
first = {}
def watch(event):
    if event.kind == "media":
        first.setdefault(event.source, time.monotonic())
made = narrate(given["text"], given["face"], given["voice"], out=given["out"], overrides=given["set"],
               seed=given["seed"], force=True, store=Store(mode="off"), watch=watch)
frames = made.record["graph"]["outputs"]["frames"].split(".")[0]
here = pathlib.Path(pfy_core.__file__).parent
git = subprocess.run(["git", "-C", here, "describe", "--always", "--dirty"], capture_output=True, text=True)
print(json.dumps({
    "phones": [[p.symbol, p.start, p.end, p.stress] for p in made.phones],
    "seconds": made.duration, "rate": made.rate, "notes": made.notes, "peak": made.record["peak_memory_mb"],
    "first": first.get(frames, float("nan")) - given["began"],
    "pfy": made.record["packages"]["pfy-core"], "commit": git.stdout.strip(),
    "weights": {name: item["sha256"] for name, item in made.record["weights"].items()},
}))
"""
"""Only what pfy has offered since its first release, so that any installation can be measured."""


@dataclass(frozen=True)
class Installation:
    """A Python in which pfy is installed, and the name that its results go by."""

    label: str
    python: str

    @classmethod
    def parse(cls, given: str, default: str) -> Installation:
        """From ``[LABEL=]PYTHON``; a trailing ``-m pfy_core`` is ignored."""
        label, _, python = given.rpartition("=")
        return cls(label or default, python.removesuffix("-m pfy_core").strip())


@dataclass(frozen=True)
class Made:
    """A narration: its video, what was spoken when, what it took.

    wall, cpu: seconds of the whole process; first: seconds from its start to the first frame made;
    peak_mb: MB (10^6) at its peak, as the operating system counts them
    """

    video: Path
    phones: list[Phone]
    seconds: float
    rate: float
    wall: float
    cpu: float
    first: float
    peak_mb: float
    notes: list[str]
    pfy: str
    weights: dict[str, str]


def narrate(
    by: Installation,
    portrait: Portrait,
    text: Text,
    out: Path,
    *,
    voice: Path | None = None,
    overrides: Sequence[str] = (),
    seed: int = 0,
) -> Made:
    """Narrate in that installation; RuntimeError with its output when it fails.

    A video that the same installation made of the same things is taken from ``out`` as it is: a run that
    was cut off goes on.
    """
    given = {
        "text": text.text,
        "face": str(portrait.path),
        "voice": str(voice) if voice else None,
        "out": str(out),
        "set": list(overrides),
        "seed": seed,
    }
    about = out.with_suffix(".json")
    key = hashlib.sha256(json.dumps([given, by.python, portrait.sha256]).encode()).hexdigest()
    if out.is_file() and about.is_file():
        kept = json.loads(about.read_text(encoding="utf-8"))
        if kept.pop("key") == key:
            return Made(out, [Phone(**phone) for phone in kept.pop("phones")], **kept)
    began = time.monotonic()
    spent = run([by.python, "-c", SCRIPT, json.dumps({**given, "began": began})])
    told: dict[str, Any] = json.loads(spent.output.splitlines()[-1])
    made = Made(
        out,
        [Phone(*phone) for phone in told["phones"]],
        told["seconds"],
        told["rate"],
        spent.wall,
        spent.cpu,
        told["first"],
        spent.peak_mb,
        told["notes"],
        " ".join(filter(None, (told["pfy"], told["commit"]))),
        told["weights"],
    )
    about.write_text(json.dumps({"key": key, **{k: v for k, v in asdict(made).items() if k != "video"}}))
    return made
