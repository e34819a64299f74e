"""Streams: records from one producing node to several readers, and the lanes of devices."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
    read for a while never blocks the others; memory grows with how far readers are apart.
    """

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel, self._change = cancel, threading.Condition()
        self._records: deque[dict[str, Any]] = deque()
        self._first = 0
        self._readers: list[Reader] = []
        self._closed = False
        self._error: BaseException | None = None

    def reader(self, port: str, lane: Lane | None = None) -> Reader:
        """A new reader of one port, from the first record still held; open readers before ``put``."""
        with self._change:
            made = Reader(self, port, self._first, lane)
            self._readers.append(made)
            return made

    def put(self, record: dict[str, Any]) -> bool:
        """Append a record; waits for room. False when nobody reads any more."""
        with self._change:
            if self._cancel.is_set():
                raise Cancelled
            self._records.append(record)
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
        last = self._first + len(self._records)
        return [last - reader.position for reader in self._readers]

    def _next(self, reader: Reader) -> Any:
        with self._change:
            if reader not in self._readers:
                raise StopIteration
            if self._cancel.is_set() and self._error is None:
                raise Cancelled
            while reader.position >= self._first + len(self._records):
                if self._cancel.is_set() and self._error is None:
                    raise Cancelled
                if self._closed:
                    if self._error is not None:
                        raise self._error
                    raise StopIteration
                self._change.wait(POLL)
            record = self._records[reader.position - self._first]
            reader.position += 1
            self._forget()
            return record[reader.port]

    def _leave(self, reader: Reader) -> None:
        with self._change:
            if reader in self._readers:
                self._readers.remove(reader)
                self._forget()

    def _forget(self) -> None:
        """Drop records that every reader has passed."""
        oldest = min((reader.position for reader in self._readers), default=self._first + len(self._records))
        while self._first < oldest:
            self._records.popleft()
            self._first += 1
        self._change.notify_all()


class Reader:
    """An iterator over the chunks of one port; ``waited`` sums the seconds spent waiting."""

    def __init__(self, stream: Stream, port: str, position: int, lane: Lane | None) -> None:
        self._stream, self.port, self.position, self._lane = stream, port, position, lane
        self.waited = 0.0

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> Any:
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
