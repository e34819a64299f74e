"""Unification of dims and rates: terms are numbers or variables ``(node, name)``."""

from __future__ import annotations

from typing import Any


class Clash(Exception):
    """Two terms cannot be equal."""


class Terms:
    """Equalities between terms, kept as a union-find forest whose roots may be numbers."""

    def __init__(self) -> None:
        self._parent: dict[Any, Any] = {}

    def value(self, term: Any) -> Any:
        """What a term stands for: a number when it is known, else a variable; None has no value."""
        while isinstance(term, tuple) and term in self._parent:
            term = self._parent[term]
        return term

    def edge(self, sent: Any, wanted: Any) -> None:
        """Make two terms equal; Clash when they are different numbers, or only one is None."""
        sent, wanted = self.value(sent), self.value(wanted)
        if sent == wanted:
            return
        if isinstance(sent, tuple):
            self._parent[sent] = wanted
        elif isinstance(wanted, tuple):
            self._parent[wanted] = sent
        else:
            raise Clash
