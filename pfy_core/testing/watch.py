"""A run that is watched from all sides: what it does to the process, besides giving its outputs."""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.testing import process
from pfy_core.testing.subject import SIZE
from pfy_core.testing.values import difference
from pfy_core.weights import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.testing.subject import Subject

STIRRED = 900_913
"""A seed that no component uses."""
CALLS = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.sendto",
)
"""Events of Python's audit that reach for the network (docs.python.org, table of audit events)."""
TO_ADDRESS = ("socket.connect", "socket.sendto")
"""Those whose second argument is an address; a path is a socket between processes of this machine."""


@dataclass(frozen=True)
class Seen:
    """What a run did: random generators moved, settings changed, text printed, calls to the network."""

    moved: list[str]
    changed: list[str]
    printed: str
    called: list[str]


def watched(subject: Subject) -> Seen:
    """Build and call once more, watching; what is seen is kept with the subject."""
    if subject.seen is None:
        subject.seen = _watch(subject)
    found: Seen = subject.seen
    return found


def _watch(subject: Subject) -> Seen:
    inputs, printed = subject.inputs(SIZE), io.StringIO()
    with (
        _other_generators() as generators,
        process.as_it_was(subject.process) as settings,
        contextlib.redirect_stdout(printed),
        _no_network() as called,
    ):
        try:
            subject.call(subject.build(), inputs)
        except Exception:
            if not called:
                raise
        now = _generators()
        moved = [name for name, state in generators.items() if difference(state, now[name])]
        changed = process.changed(settings, process.settings())
    return Seen(moved, changed, printed.getvalue(), sorted(set(called)))


@contextmanager
def _other_generators() -> Iterator[dict[str, Any]]:
    """States that nobody has: a generator that is seeded again is seen to move. Put back at the end."""
    before = _generators()
    numpy: Any = np.random.RandomState(STIRRED).get_state()
    states = {"random": random.Random(STIRRED).getstate(), "numpy": list(numpy)}  # noqa: S311
    if "torch" in before:
        states["torch"] = sys.modules["torch"].Generator().manual_seed(STIRRED).get_state()
    _set_generators(states)
    try:
        yield states
    finally:
        _set_generators(before)


def _generators() -> dict[str, Any]:
    numpy: Any = np.random.get_state()
    found = {"random": random.getstate(), "numpy": list(numpy)}
    torch = sys.modules.get("torch")
    if torch is not None:
        found["torch"] = torch.get_rng_state().clone()
    return found


def _set_generators(states: dict[str, Any]) -> None:
    random.setstate(states["random"])
    np.random.set_state(tuple(states["numpy"]))
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])


_guarded = threading.Lock()
_called: list[str] | None = None
"""What reached for the network while it is forbidden; None while it is not."""
_hooked = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _called is None or event not in CALLS:
        return
    to = arguments[1] if event in TO_ADDRESS else arguments[0]
    if event in TO_ADDRESS and isinstance(to, str | bytes):
        return
    _called.append(f"{event} {to}")
    raise PermissionError(f"the conformance kit forbids {event}")


@contextmanager
def _no_network() -> Iterator[list[str]]:
    """Refuse every connection and name look-up of this process; gives the list of those that were tried."""
    global _called, _hooked
    with _guarded:
        if not _hooked:
            sys.addaudithook(_audit)  # stays for good, and does nothing outside of this context
            _hooked = True
        before = os.environ.get(OFFLINE)
        os.environ[OFFLINE] = "1"
        called: list[str] = []
        _called = called
        try:
            yield called
        finally:
            _called = None
            if before is None:
                del os.environ[OFFLINE]
            else:
                os.environ[OFFLINE] = before
