"""What a check found, and what all checks of a component found together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pfy_core.errors import PfyError

if TYPE_CHECKING:
    from collections.abc import Iterable

State = Literal["passed", "failed", "skipped", "expected", "unexpected"]
"""``expected``: failed, as its author said it would; ``unexpected``: passed although it should not."""


class Failed(PfyError):
    """A check that found a fault: what the component does, what is wanted, how to fix it."""


class Skipped(Exception):
    """A check that says nothing about this component, and why."""


@dataclass(frozen=True)
class Outcome:
    """The end of one check. ``text`` says why it failed, was skipped, or was expected to fail.

    ``blocks`` holds back the checks that build on this one.
    """

    check: str
    state: State
    text: str = ""
    blocks: bool = False

    @property
    def bad(self) -> bool:
        return self.state in ("failed", "unexpected")

    @property
    def ran(self) -> bool:
        return self.state != "skipped"


@dataclass(frozen=True)
class Report:
    """The outcomes of a component's checks, in their order.

    ``component`` is its catalogue id; ``plugin`` and ``version`` are empty for a class of the session.
    """

    component: str
    outcomes: tuple[Outcome, ...]
    plugin: str = ""
    version: str = ""

    @property
    def ok(self) -> bool:
        return not any(outcome.bad for outcome in self.outcomes)

    def of(self, *states: State) -> list[Outcome]:
        """The outcomes in these states."""
        return [outcome for outcome in self.outcomes if outcome.state in states]

    def summary(self) -> str:
        """``22 run, 1 failed, 3 skipped (reasons), 1 expected failure``."""
        parts = [f"{sum(outcome.ran for outcome in self.outcomes)} run"]
        bad, skipped, expected = self.of("failed", "unexpected"), self.of("skipped"), self.of("expected")
        if bad:
            parts.append(f"{len(bad)} failed")
        if skipped:
            parts.append(f"{len(skipped)} skipped ({_reasons(skipped)})")
        if expected:
            parts.append(f"{len(expected)} expected failure{'s' if len(expected) > 1 else ''}")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {
            "plugin": self.plugin,
            "version": self.version,
            "ok": self.ok,
            "summary": self.summary(),
            "checks": {item.check: {"state": item.state, "text": item.text} for item in self.outcomes},
        }

    def __str__(self) -> str:
        lines = [f"{self.component}: {self.summary()}"]
        lines += [f"{outcome.check}: {outcome.text}" for outcome in self.of("failed", "unexpected")]
        return "\n".join(lines)


def _reasons(outcomes: Iterable[Outcome]) -> str:
    return "; ".join(dict.fromkeys(outcome.text for outcome in outcomes))
