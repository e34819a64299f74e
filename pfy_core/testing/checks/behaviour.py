"""Checks of repetition: the same again, another seed, and nothing left behind in the process."""

from __future__ import annotations

import contextlib
import io
import random
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.testing import process
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import SIZE
from pfy_core.testing.values import difference

if TYPE_CHECKING:
    from pfy_core.testing.subject import Subject

SEEDS = (1, 2)
"""Seeds to compare with 0; small choices (which of two glances comes first) may agree for one of them."""
STIRRED = 900_913
"""A seed that no component uses."""


@check("deterministic", "runs")
def deterministic(subject: Subject) -> None:
    """Two instances give the same for the same inputs and seed."""
    again = subject.call(subject.build(), subject.inputs(SIZE))
    found = difference(subject.plain().values, again)
    if found:
        raise Failed(
            f"{subject.where}: a second instance gives something else: {found}",
            "the same outputs for the same inputs, config and seed",
            "take a seed (seed: Seed) and draw from np.random.default_rng(seed)",
        )


@check("reusable", "deterministic")
def reusable(subject: Subject) -> None:
    """A second call of an instance gives the same as the first."""
    instance = subject.build()
    subject.call(instance, subject.inputs(SIZE, seed=1))
    found = difference(subject.plain().values, subject.call(instance, subject.inputs(SIZE)))
    if found:
        raise Failed(
            f"{subject.where}: its second call gives something else: {found}",
            "calls that leave no trace in the instance",
            "keep what belongs to a call in local variables, not in self",
        )
    subject.reusable = True


@check("seed", "deterministic")
def seed(subject: Subject) -> None:
    """Another seed gives another result."""
    if not subject.spec.seeded:
        raise Skipped("it takes no seed")
    plain = subject.plain().values
    if not any(
        difference(plain, subject.call(subject.instance(), subject.inputs(SIZE), seed=other))
        for other in SEEDS
    ):
        raise Failed(
            f"{subject.where}: seeds 0, {', '.join(map(str, SEEDS))} give the same",
            "a seed that matters",
            "draw from np.random.default_rng(seed), or do not take a seed",
        )


@check("rng", "runs")
def rng(subject: Subject) -> None:
    """The global random generators (random, numpy, torch) are as before."""
    before = _generators()
    _set_generators(_stirred())
    stirred = _generators()
    try:
        subject.call(subject.build(), subject.inputs(SIZE))
        moved = [name for name, state in _generators().items() if difference(stirred[name], state)]
    finally:
        _set_generators(before)
    if moved:
        raise Failed(
            f"{subject.where} uses the global random generator of {', '.join(moved)}",
            "none of them touched: they belong to the whole process",
            "np.random.default_rng(seed), or torch.Generator().manual_seed(seed)",
        )


@check("settings", "runs")
def settings(subject: Subject) -> None:
    """What holds for the whole process (environment, folder, numpy's and torch's settings) is as before."""
    with process.as_it_was(subject.process) as before:
        subject.call(subject.build(), subject.inputs(SIZE))
        found = process.changed(before, process.settings())
    if found:
        raise Failed(
            f"{subject.where} changes {', '.join(found)}",
            "settings of the process left alone: other components run in it too",
            "use what changes them for a while: np.errstate, torch.no_grad, subprocess.run(env=...)",
        )


@check("quiet", "runs")
def quiet(subject: Subject) -> None:
    """It prints nothing on standard output, which belongs to the program."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        subject.call(subject.build(), subject.inputs(SIZE))
    if printed.getvalue():
        raise Failed(
            f"{subject.where} prints {printed.getvalue()[:60]!r}",
            "nothing: --json and '--stream -' write there",
            'tell users with pfy_core.note("..."), or use logging',
        )


def _generators() -> dict[str, Any]:
    numpy: Any = np.random.get_state()
    found = {"random": random.getstate(), "numpy": list(numpy)}
    torch = sys.modules.get("torch")
    if torch is not None:
        found["torch"] = torch.get_rng_state().clone()
    return found


def _set_generators(states: dict[str, Any]) -> None:
    random.setstate(states["random"])
    np.random.set_state(tuple(states["numpy"]))
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])


def _stirred() -> dict[str, Any]:
    """States that nobody has: a generator that is seeded again is then seen to move."""
    numpy: Any = np.random.RandomState(STIRRED).get_state()
    made = {"random": random.Random(STIRRED).getstate(), "numpy": list(numpy)}  # noqa: S311
    torch = sys.modules.get("torch")
    if torch is not None:
        made["torch"] = torch.Generator().manual_seed(STIRRED).get_state()
    return made
