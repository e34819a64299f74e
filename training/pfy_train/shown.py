"""What a training shows while it runs: a bar with ETA in a terminal, a line now and then in a log file."""

from __future__ import annotations

import sys
import time
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.events import Event

EVERY = 10.0
"""Seconds between lines where there is no terminal."""


class Shown:
    """Watches a training. Use as a context manager and pass its ``watch``; notes are shown once each."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet, self._lock = quiet, RLock()
        self._bar: Any = None
        self._task: Any = None
        self._printed = 0.0
        self._began: tuple[float, float] | None = None
        self._noted: set[str] = set()

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def watch(self, event: Event) -> None:
        """Take an event; may be called from any thread."""
        if self._quiet:
            return
        with self._lock:
            if event.kind == "progress" and event.source == "train":
                self._progress(event)
            elif event.kind == "note" and event.text not in self._noted:
                # Frozen nodes say the same of every clip.
                self._noted.add(event.text)
                self._say(f"note: {event.text}" if event.source != "train" else event.text)

    def _progress(self, event: Event) -> None:
        now = time.monotonic()
        self._began = self._began or (now, event.done)
        since, first = self._began
        speed = (event.done - first) / (now - since) if now > since else 0.0
        if sys.stderr.isatty():
            self._bar_to(event, speed)
        elif now - self._printed > EVERY or event.done == event.total:
            self._printed = now
            left = f", {_time((event.total - event.done) / speed)} left" if speed else ""
            self._say(f"step {event.done:.0f}/{event.total:.0f}  {event.text}  {speed:.2g} steps/s{left}")

    def _bar_to(self, event: Event, speed: float) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("training"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
            )
            console = Console(stderr=True)
            self._bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
            self._task = self._bar.add_task("", total=event.total, completed=event.done)
            self._bar.start()
        text = f"{event.text}  {speed:.3g} steps/s" if speed else event.text
        self._bar.update(self._task, completed=event.done, description=text)

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
