"""What a check is."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pfy_core.testing.subject import Subject

LOADS = "loads"
"""The check before all others: without a component there is nothing to look at."""


@dataclass(frozen=True)
class Check:
    """A question to a component.

    id:     stable, for ``--only``, ``expected_failed`` and certificates
    doc:    what is asked, one sentence
    ask:    raises Failed, or Skipped where the question does not arise
    after:  checks that must have passed for the answer to mean anything: one fault, one failure
    """

    id: str
    doc: str
    ask: Callable[[Subject], None]
    after: tuple[str, ...]


def check(id: str, *after: str) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a function the check of that id; its docstring is what is asked."""

    def made(ask: Callable[[Subject], None]) -> Check:
        doc = (inspect.getdoc(ask) or "").split("\n\n")[0].replace("\n", " ")
        return Check(id, doc, ask, after if id == LOADS else (LOADS, *after))

    return made
