"""Batches made ahead: a thread decodes, cuts and pins while the step computes."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DEPTH = 3
"""Batches that wait: enough to even out a slow clip."""


class Ahead:
    """An iterable whose items are made in a thread; what it raises is raised here. Close it, or read it
    to the end."""

    def __init__(self, items: Iterable[Any], change: Callable[[Any], Any] = lambda item: item) -> None:
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue(DEPTH)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._make, args=(items, change), daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Any]:
        while True:
            kind, item = self._queue.get()
            if kind == "error":
                raise item
            if kind == "end":
                return
            yield item

    def close(self) -> None:
        """Stop making; waits for the item that is under way."""
        self._stopped.set()
        while self._thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        self._thread.join()

    def _make(self, items: Iterable[Any], change: Callable[[Any], Any]) -> None:
        try:
            for item in items:
                if not self._put("item", change(item)):
                    return
            self._put("end", None)
        except BaseException as error:
            self._put("error", error)

    def _put(self, kind: str, item: Any) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put((kind, item), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False
