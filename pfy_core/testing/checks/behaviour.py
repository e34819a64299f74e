"""Checks of repetition: the same again, another seed, and nothing left behind in the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import OTHER, SIZE
from pfy_core.testing.values import difference
from pfy_core.testing.watch import watched

if TYPE_CHECKING:
    from pfy_core.testing.subject import Subject

SEEDS = (1, 2)
"""Seeds to compare with 0; small choices (which of two glances comes first) may agree for one of them."""


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
    """A call of an instance gives the same whatever it was called with before."""
    instance = subject.build()
    subject.call(instance, subject.inputs(OTHER, seed=1))
    found = difference(subject.plain().values, subject.call(instance, subject.inputs(SIZE)))
    if found:
        raise Failed(
            f"{subject.where}: its second call gives something else: {found}",
            "calls that leave no trace in the instance",
            "keep what belongs to a call in local variables, not in self",
        )
    subject.share(instance)


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
    moved = watched(subject).moved
    if moved:
        raise Failed(
            f"{subject.where} uses the global random generator of {', '.join(moved)}",
            "none of them touched: they belong to the whole process",
            "np.random.default_rng(seed), or torch.Generator().manual_seed(seed)",
        )


@check("settings", "runs")
def settings(subject: Subject) -> None:
    """What holds for the whole process (environment, folder, numpy's and torch's settings) is as before."""
    changed = watched(subject).changed
    if changed:
        raise Failed(
            f"{subject.where} changes {', '.join(changed)}",
            "settings of the process left alone: other components run in it too",
            "use what changes them for a while: np.errstate, torch.no_grad, subprocess.run(env=...)",
        )


@check("quiet", "runs")
def quiet(subject: Subject) -> None:
    """It prints nothing on standard output, which belongs to the program."""
    printed = watched(subject).printed
    if printed:
        raise Failed(
            f"{subject.where} prints {printed[:60]!r}",
            "nothing: --json and '--stream -' write there",
            'tell users with pfy_core.note("..."), or use logging',
        )


@check("network", "runs")
def network(subject: Subject) -> None:
    """It asks nothing of the network once its weights are here."""
    called = watched(subject).called
    if called:
        raise Failed(
            f"{subject.where} reaches for the network: {', '.join(called)}",
            "a component that works offline; files come as weights",
            "register the file in weights.yaml, and open it with pfy_core.weights.path(name)",
        )
