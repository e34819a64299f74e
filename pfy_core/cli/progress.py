"""Progress: a bar with stage and ETA in a terminal, lines in a log file."""

from __future__ import annotations

import sys
import time
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.events import Event

EVERY = 5.0
"""Seconds between lines when there is no terminal."""


class Estimate:
    """How far a run is, from its events: media made against media to come.

    A node that says which share of the text it has spoken, and how many seconds that is, tells how
    long the whole will be; the node that is furthest behind tells how much of it is done.
    """

    def __init__(self) -> None:
        self.share: dict[str, float] = {}
        self.made: dict[str, float] = {}
        self.running: list[str] = []

    def hear(self, event: Event) -> None:
        match event.kind:
            case "start":
                self.running.append(event.source)
            case "end" if event.source in self.running:
                self.running.remove(event.source)
            case "progress" if event.total:
                self.share[event.source] = event.done / event.total
            case "media":
                self.made[event.source] = event.done

    @property
    def total(self) -> float:
        """Seconds that the whole will have; 0 while unknown."""
        found = [self.made.get(node, 0.0) / share for node, share in self.share.items() if share > 0]
        return max(found, default=0.0)

    @property
    def done(self) -> float:
        """Share of the work done, 0 to 1."""
        slowest = min(self.made.values(), default=0.0)
        return min(1.0, slowest / self.total) if self.total and len(self.made) > 1 else 0.0

    @property
    def stage(self) -> str:
        """The nodes at work, e.g. ``speech, video``."""
        return ", ".join(self.running) or "starting"


class Progress:
    """Watches a run. Use as a context manager and pass its ``watch``; notes are always shown."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet, self._estimate, self._lock = quiet, Estimate(), RLock()
        self._bar: Any = None
        self._task: Any = None
        self._printed = self._began = time.monotonic()
        self.notes: list[str] = []

    def __enter__(self) -> Progress:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[made]}")
            self._bar = Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=1.0, made="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def watch(self, event: Event) -> None:
        """Take an event; may be called from any thread."""
        with self._lock:
            self._estimate.hear(event)
            if event.kind == "note":
                self.notes.append(event.text)
                self._say(f"note: {event.text}")
            elif event.kind == "fetch":
                self._say(f"fetching {event.source} ({event.total / 1e6:.1f} MB) from {event.text}")
            self._update()

    def _say(self, text: str) -> None:
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def _update(self) -> None:
        estimate = self._estimate
        made = f"{min(estimate.made.values()):.1f} s" if estimate.made else ""
        if self._bar is not None:
            self._bar.update(self._task, completed=estimate.done, description=estimate.stage, made=made)
        elif estimate.running and time.monotonic() - self._printed > EVERY:
            self._printed = time.monotonic()
            spent = self._printed - self._began
            share = f"{100 * estimate.done:.0f} %" if estimate.done else ""
            left = f"{spent * (1 / estimate.done - 1):.0f} s left" if estimate.done > 0.02 else ""
            said = ", ".join(filter(None, (share, made and f"{made} made", left)))
            self._say(f"{estimate.stage}: {said or 'at work'}")
