"""Progress of long work on standard error: a bar with an ETA in a terminal, lines in a log."""

from __future__ import annotations

import sys
import time
from typing import Any

EVERY = 10.0
"""Seconds between lines in a log."""


class Progress:
    """``total`` units of work, of which some are done. Use as a context manager."""

    def __init__(self, total: float, *, quiet: bool = False) -> None:
        self._total, self._done, self._quiet = total, 0.0, quiet
        self._began, self._told = time.monotonic(), 0.0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn()
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=self._total)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def done(self, work: float, text: str) -> None:
        """``work`` units more are done; ``text`` says where it stands."""
        self._done += work
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=text)
            return
        now = time.monotonic()
        if now - self._told >= EVERY or self._done >= self._total:
            self._told = now
            left = (now - self._began) * (self._total / self._done - 1) if self._done else 0.0
            print(f"{text}, {_time(left)} left", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        elif not self._quiet:
            print(text, file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
