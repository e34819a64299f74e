"""Events of a run: progress, notes and spans, from components to whoever watches.

A component may call ``note("two faces found; the larger one is used")``, ``measured(similarity=0.72)``
and ``progress(3, 10)`` anywhere below its call; outside a run they do nothing. Notes and measures are kept
with the node's result, and told again when that comes from the store.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Measure = float | str | None


@dataclass(frozen=True)
class Event:
    """Something that happened.

    kind:   ``start``, ``end``, ``hit`` (from the store), ``skip`` (an optional input is absent),
            ``progress`` (``done`` of ``total``; total 0 when unknown), ``media`` (``done`` seconds of
            a stream made so far), ``note`` (``text`` for the user), ``measured`` (``values`` for the
            record), ``fetch`` (a weights file)
    source: name of the node, or what else speaks
    """

    kind: str
    source: str
    text: str = ""
    done: float = 0.0
    total: float = 0.0
    values: Mapping[str, Measure] = field(default_factory=dict)


_watch: ContextVar[Callable[[Event], None] | None] = ContextVar("watch", default=None)
_source: ContextVar[str] = ContextVar("source", default="")


def emit(event: Event) -> None:
    """Hand an event to the watcher of this context, if there is one."""
    watch = _watch.get()
    if watch is not None:
        watch(event)


def note(text: str) -> None:
    """Tell the user something that is not an error."""
    emit(Event("note", _source.get(), text))


def measured(**values: Measure) -> None:
    """Put what was measured, by name, into the record of the run; None where it could not be."""
    emit(Event("measured", _source.get(), values=values))


def progress(done: float, total: float) -> None:
    """Say how much of the work is done, in any unit."""
    emit(Event("progress", _source.get(), done=done, total=total))


@contextmanager
def watching(watch: Callable[[Event], None] | None, source: str = "") -> Iterator[None]:
    """Send the events of this context (thread) to ``watch``, as coming from ``source``."""
    tokens = _watch.set(watch), _source.set(source)
    try:
        yield
    finally:
        _watch.reset(tokens[0])
        _source.reset(tokens[1])
