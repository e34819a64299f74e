"""Components to run in a process of their own: well-behaved ones and the other kind."""

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from pfy_core import Decoder, Encoder, InputError, Port, measured, note, progress
from pfy_core.component import describe
from pfy_core.isolation import Isolated

Thing = Annotated[Any, Port("toy.thing")]
Row = Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float32")]


@dataclass
class Mark:
    """A value of a class of this module's."""

    name: str
    rows: np.ndarray

    def loud(self) -> str:
        return self.name.upper()


@dataclass
class Both:
    mark: Annotated[Mark, Port("toy.mark")]
    rows: Row


class Echo(Encoder, name="echo"):
    """What it is given."""

    def __call__(self, value: Thing) -> Thing:
        return value


class Describe(Encoder, name="describe"):
    """What a value is on the other side."""

    def __call__(self, value: Thing) -> Annotated[str, Port("text")]:
        return f"{type(value).__module__}.{type(value).__qualname__} {getattr(value, 'shape', value)}"


class Marked(Encoder, name="marked"):
    """Two outputs, one of them of a class of its own."""

    def __call__(self, rows: Row) -> Both:
        return Both(Mark("one", rows), rows * 2)


class Told(Encoder, name="told"):
    """Tells, prints and works."""

    def __call__(self, text: Annotated[str, Port("text")]) -> Annotated[str, Port("text")]:
        print("printed, and not for the host")
        print("said to nobody", file=sys.stderr)
        os.write(1, b'{"is": "value"}\n')
        note(f"{text} noted")
        progress(1, 2)
        measured(likeness=0.5)
        return text.upper()


class Fails(Encoder, name="fails"):
    """Goes wrong in the way that it is told."""

    def __init__(self, *, start: str = "", lasting: float = 0.0) -> None:
        if start:
            self(start)

    def __call__(self, how: Annotated[str, Port("text")]) -> Annotated[str, Port("text")]:
        print(f"about to {how}")
        match how:
            case "refuse":
                raise InputError("a blank wall", "a face", "give another photo")
            case "raise":
                raise ZeroDivisionError("by nothing")
            case "leave":
                threading.Thread(target=time.sleep, args=(100,)).start()
                sys.exit(3)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "wait":
                time.sleep(100)
            case "odd":
                return object()
        return how


class Naturals(Decoder, name="naturals"):
    """One row after the other without end; ``fails`` says how it goes wrong after three."""

    def __init__(self, *, how: str = "", width: int = 4) -> None:
        self.how, self.width, self.fails = how, width, Fails()

    def __call__(self, text: Annotated[str, Port("text")]) -> Iterator[Row]:
        try:
            for number in range(10**9):
                note(f"made {number}")
                yield np.full((1, self.width), number, np.float32)
                if number == 2 and self.how:
                    self.fails(self.how)
        finally:
            note("closed")
            if text:
                with open(text, "w") as file:
                    file.write("closed")


class Through(Decoder, name="through"):
    """A stream passed on; ``greedy`` reads ahead in a thread of its own."""

    def __init__(self, *, greedy: bool = False) -> None:
        self.greedy = greedy

    def __call__(self, rows: Iterator[Row]) -> Iterator[Row]:
        if self.greedy:
            held = []
            reader = threading.Thread(target=lambda: held.extend(rows))
            reader.start()
            reader.join()
            yield from held
            return
        for chunk in rows:
            yield chunk + 1


class Eager(Decoder, name="eager"):
    """A stream passed on, read by a thread that runs ahead of what is asked for."""

    def __call__(self, rows: Iterator[Row]) -> Iterator[Row]:
        held: queue.Queue = queue.Queue()

        def read():
            for chunk in rows:
                held.put(chunk)
            held.put(None)

        threading.Thread(target=read, daemon=True).start()
        while (chunk := held.get()) is not None:
            yield chunk


def local():
    """A class that nobody can import."""

    class Local(Encoder, name="local"):
        def __call__(self, text: Annotated[str, Port("text")]) -> Annotated[str, Port("text")]:
            return text

    return Local


def isolated(cls, *, node="node", **config):
    return Isolated(describe(cls), config, node=node)


def pids(name):
    """Processes of this machine whose command line has ``name`` in it."""
    found = []
    for folder in os.scandir("/proc"):
        if folder.name.isdigit():
            try:
                with open(f"/proc/{folder.name}/cmdline") as file:
                    line = file.read()
                with open(f"/proc/{folder.name}/stat") as file:
                    state = file.read().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if name in line and state != "Z":
                found.append(int(folder.name))
    return found


def eventually(true, patience=10.0):
    """Whether something becomes true within ``patience`` seconds."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
