"""Streams: records from one producing node to several readers, and the lanes of devices."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pfy_core import digest
from pfy_core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 3
"""Records that a producer may run ahead of its fastest reader."""
POLL = 0.1
"""Seconds between looks at the cancel flag while waiting."""


class Lane:
    """One device: its nodes take turns. A node that waits for input lets the others pass."""

    def __init__(self, *, exclusive: bool) -> None:
        self._lock = threading.Lock() if exclusive else None
        self._owner = 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        if self._lock is None:
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Give the lane away for the time of a wait, if this thread has it."""
        if self._lock is None or self._owner != threading.get_ident():
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        assert self._lock is not None
        self._lock.acquire()
        self._owner = threading.get_ident()

    def _give(self) -> None:
        assert self._lock is not None
        self._owner = 0
        self._lock.release()


class Stream:
    """A producer's records ``{port: chunk}``, each reader at its own pace.

    The producer waits while *every* reader has DEPTH records unread, so that a reader which is not
    read for a while never blocks the others; memory grows with how far the readers of a port are
    apart: who reads phones an hour late holds up no sound.
    """

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel, self._change = cancel, threading.Condition()
        self._held: dict[str, deque[Any]] = {}
        self._count = 0
        self._readers: list[Reader] = []
        self._closed = False
        self._error: BaseException | None = None

    def reader(self, port: str, lane: Lane | None = None, skip: int = 0) -> Reader:
        """A new reader of one port that leaves out the first ``skip`` rows; open readers before ``put``."""
        with self._change:
            held = self._held.setdefault(port, deque())
            made = Reader(self, port, self._count - len(held), lane, skip)
            self._readers.append(made)
            return made

    def put(self, record: dict[str, Any]) -> bool:
        """Append a record; waits for room. False when nobody reads any more."""
        with self._change:
            if self._cancel.is_set():
                raise Cancelled
            for port, held in self._held.items():
                held.append(record[port])
            self._count += 1
            self._change.notify_all()
            while self._readers and min(self._backlogs()) >= DEPTH:
                if self._cancel.is_set():
                    raise Cancelled
                self._change.wait(POLL)
            return bool(self._readers)

    def close(self, error: BaseException | None = None) -> None:
        """No more records; ``error`` is raised in every reader after the last one."""
        with self._change:
            self._closed, self._error = True, error
            self._change.notify_all()

    def _backlogs(self) -> list[int]:
        return [self._count - reader.position for reader in self._readers]

    def _next(self, reader: Reader) -> Any:
        with self._change:
            if reader not in self._readers:
                raise StopIteration
            if self._cancel.is_set() and self._error is None:
                raise Cancelled
            while reader.position >= self._count:
                if self._cancel.is_set() and self._error is None:
                    raise Cancelled
                if self._closed:
                    if self._error is not None:
                        raise self._error
                    raise StopIteration
                self._change.wait(POLL)
            held = self._held[reader.port]
            chunk = held[reader.position - (self._count - len(held))]
            reader.position += 1
            self._forget(reader.port)
            return chunk

    def _leave(self, reader: Reader) -> None:
        with self._change:
            if reader in self._readers:
                self._readers.remove(reader)
                self._forget(reader.port)

    def _forget(self, port: str) -> None:
        """Drop what every reader of a port has passed."""
        held = self._held[port]
        positions = [reader.position for reader in self._readers if reader.port == port]
        keep = self._count - min(positions, default=self._count)
        while len(held) > keep:
            held.popleft()
        if not positions:
            del self._held[port]
        self._change.notify_all()


class Reader:
    """An iterator over the chunks of one port; ``waited`` sums the seconds spent waiting."""

    def __init__(self, stream: Stream, port: str, position: int, lane: Lane | None, skip: int) -> None:
        self._stream, self.port, self.position, self._lane = stream, port, position, lane
        self._skip = skip
        self.waited = 0.0

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> Any:
        chunk = self._next()
        while self._skip:
            gone = min(self._skip, digest.length(chunk))
            self._skip -= gone
            chunk = chunk[gone:] if digest.length(chunk) > gone else self._next()
        return chunk

    def _next(self) -> Any:
        started = time.perf_counter()
        try:
            if self._lane is None:
                return self._stream._next(self)
            with self._lane.waiting():
                return self._stream._next(self)
        finally:
            self.waited += time.perf_counter() - started

    def close(self) -> None:
        """Stop reading; the producer stops when nobody reads."""
        self._stream._leave(self)


def in_lane(items: Iterator[Any], lane: Lane) -> Iterator[Any]:
    """Compute each item while holding the lane."""
    while True:
        with lane.busy():
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


def from_row(first: int, records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Records (whose values keep step) without their first rows."""
    for record in records:
        rows = max(map(digest.length, record.values()))
        if rows > first:
            yield {port: value[first:] for port, value in record.items()} if first else record
        first = max(0, first - rows)
