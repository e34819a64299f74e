"""Checks of streams: however they are cut, whenever they begin and end."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pfy_core.digest import length
from pfy_core.testing import cuts
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import LONG, SIZE
from pfy_core.testing.values import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.testing.subject import Subject

CUTS = {
    "pieces of one row": cuts.rows(1),
    "pieces of three rows": cuts.rows(3),
    "uneven pieces, one of them empty": cuts.uneven,
    "every stream in pieces of its own": cuts.apart,
}
SUMS = 1e-5
"""Of the largest magnitude: what sums of floats in another order may differ by."""
MIDDLE = 0.5
"""Where a framewise component is made to begin."""
PATIENCE = 2.0
"""Seconds in which threads of a closed stream end."""


@check("stream", "deterministic")
def stream(subject: Subject) -> None:
    """Its streams give the same however they are cut, as in one piece."""
    _streams_in(subject)
    for name, cut in CUTS.items():
        found = difference(
            subject.plain().values, subject.call(subject.instance(), subject.inputs(SIZE), cut), within=SUMS
        )
        if found:
            raise Failed(
                f"{subject.where}: {name} give something else than one piece: {found}",
                "the same outputs however a stream is cut",
                "carry over what the next piece needs (the rest of a frame, the last rows, the phase)",
            )


@check("flows", "runs")
def flows(subject: Subject) -> None:
    """Its first output comes before its input has ended."""
    _streams_in(subject)
    if not subject.streams_out:
        raise Skipped("no output is a stream")
    counted = _Counted(subject.cut(subject.inputs(LONG), cuts.rows(5)), subject.streams_in)
    result = subject.stream(subject.invoke(subject.instance(), counted.inputs))
    for item in result:
        if any(map(length, subject.record(item).values())):
            break
    if counted.ended:
        raise Failed(
            f"{subject.where} reads its whole input before it yields anything",
            "outputs as soon as they can be made: video then starts at once, and memory does not grow",
            "yield within the loop over the stream, or take the whole (no Iterator) as what it is",
        )
    with suppress(Exception):  # a matter of "stops"
        _close(result)


@check("framewise", "deterministic")
def framewise(subject: Subject) -> None:
    """Declared framewise: begun in the middle, it gives the rows from there."""
    if not subject.spec.framewise:
        raise Skipped("it is not declared framewise")
    inputs = subject.inputs(SIZE)
    for name in subject.streams_in:
        inputs[name] = cuts.after(inputs[name], MIDDLE)
    later = subject.call(subject.instance(), inputs)
    wanted = {name: cuts.after(value, MIDDLE) for name, value in subject.plain().values.items()}
    found = difference(wanted, later, within=SUMS)
    if found:
        raise Failed(
            f"{subject.where}: begun at half, it gives something else: {found}",
            "row t from row t alone, as framewise=True says",
            "leave framewise out where a row depends on the rows before it",
        )


@check("stops", "runs")
def stops(subject: Subject) -> None:
    """Closed early, it stops at once: nothing is raised, nothing read, no thread stays."""
    if not subject.streams_out:
        raise Skipped("no output is a stream")
    threads = set(threading.enumerate())
    counted = _Counted(subject.cut(subject.inputs(SIZE), cuts.rows(3)), subject.streams_in)
    result = subject.stream(subject.invoke(subject.instance(), counted.inputs))
    next(result, None)
    read = counted.read
    try:
        _close(result)
    except Exception as error:
        raise Failed(
            f"{subject.where} raises {type(error).__name__} when its reader stops: {error}",
            "a generator that ends quietly",
            "let GeneratorExit pass; clean up with 'finally' or 'with', and yield nothing there",
        ) from error
    if counted.read > read:
        raise Failed(f"{subject.where} reads on after its reader has stopped", "an end at once")
    left = _left(threads)
    if left:
        raise Failed(
            f"{subject.where} leaves threads when its reader stops: {', '.join(sorted(left))}",
            "threads that end with the call",
            "with ThreadPoolExecutor(...) as pool: around the loop",
        )


class _Counted:
    """Streams that count what is read of them."""

    def __init__(self, inputs: dict[str, Any], streams: list[str]) -> None:
        self.read, self._open = 0, set(streams) & inputs.keys()
        self.inputs = {
            name: self._watched(name, value) if name in self._open else value
            for name, value in inputs.items()
        }

    @property
    def ended(self) -> bool:
        return not self._open

    def _watched(self, name: str, pieces: Iterator[Any]) -> Iterator[Any]:
        for piece in pieces:
            self.read += 1
            yield piece
        self._open.discard(name)


def _streams_in(subject: Subject) -> None:
    if not subject.streams_in:
        raise Skipped("no input is a stream")


def _close(result: Any) -> None:
    if hasattr(result, "close"):
        result.close()


def _left(before: set[threading.Thread]) -> set[str]:
    until = time.monotonic() + PATIENCE
    while True:
        left = {thread.name for thread in set(threading.enumerate()) - before if not thread.daemon}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.02)
