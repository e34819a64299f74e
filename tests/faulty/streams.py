"""Faults of streams."""

import threading
import time
from collections.abc import Iterator

import numpy as np

from faulty.behaved import Motion
from pfy_core import Adapter


class Forgetful(Adapter, name="forgetful"):
    """Smooths each piece by itself, as if nothing had come before."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        for chunk in rows:
            before = np.concatenate([chunk[:1], chunk[:-1]])
            yield (chunk + before) / np.float32(2)


class Paired(Adapter, name="paired"):
    """Takes it for granted that two streams are cut alike."""

    def __call__(self, one: Iterator[Motion], two: Iterator[Motion]) -> Iterator[Motion]:
        for a, b in zip(one, two, strict=True):
            yield a + b


class Barrier(Adapter, name="barrier"):
    """Collects everything, then yields it."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        chunks = list(rows)
        yield from chunks


class Counting(Adapter, name="counting", framewise=True):
    """Says that rows stand alone, and counts them."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        done = 0
        for chunk in rows:
            yield chunk + np.arange(done, done + len(chunk), dtype=np.float32)[:, None]
            done += len(chunk)


class Draining(Adapter, name="draining"):
    """Reads on when nobody listens any more."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        try:
            for chunk in rows:
                yield chunk.copy()
        finally:
            for _ in rows:
                pass


class Stubborn(Adapter, name="stubborn"):
    """Yields once more when it is closed."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        for chunk in rows:
            try:
                yield chunk.copy()
            except GeneratorExit:
                yield chunk.copy()
                return


class Haunted(Adapter, name="haunted"):
    """Leaves a thread behind when it is closed."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        done = threading.Event()
        threading.Thread(target=done.wait, args=(4.0,), name="ghost").start()
        for chunk in rows:
            yield chunk.copy()
        done.set()
        time.sleep(0.01)


FAULTY = {
    "stream": [Forgetful, Paired],
    "flows": [Barrier],
    "framewise": [Counting],
    "stops": [Draining, Stubborn, Haunted],
}
