"""Several processes that share work out; none outlives the one that asked for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from pfy_core import PfyError
from pfy_core.errors import Cancelled

T = TypeVar("T")
MOST = 4
"""Processes where the user does not say: each holds models of some hundred megabytes."""


def usual() -> int:
    """Processes for this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST)


def share(work: Callable[..., T], tasks: Iterable[tuple[Any, ...]], processes: int) -> Iterator[T]:
    """``work(*task)`` for each task, in whichever order they end; in this process where it is one.

    Raises what work raises, and PfyError when a process is killed; what was under way is then stopped.
    """
    tasks = list(tasks)
    if processes == 1 or len(tasks) <= 1:
        for task in tasks:
            yield work(*task)
        return
    context = multiprocessing.get_context("spawn")  # models that have threads do not live through a fork
    told, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(min(processes, len(tasks)), context, initializer=_start, initargs=(told,))
    try:
        for future in as_completed([pool.submit(work, *task) for task in tasks]):
            yield future.result()
    except BrokenProcessPool as error:
        raise PfyError(
            "a process that made shards was ended from outside",
            "memory for it: some hundred megabytes each",
            "run the same again with fewer --workers: whole shards are kept",
        ) from error
    except KeyboardInterrupt as error:
        raise Cancelled from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        held.close()


def _start(told: Connection) -> None:
    """In a new process: leave interrupts to the parent, and end when it lets go of the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(told,), daemon=True).start()


def _watch(told: Connection) -> None:
    with suppress(EOFError, OSError):
        told.recv_bytes()
    os._exit(1)
