"""Stopping in good order: an interrupt is asked for once, and taken between two steps."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Stop:
    """Within it, Ctrl-C and a polite kill (SIGTERM, as a job's time limit sends) set ``asked``; the second
    one interrupts at once."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
