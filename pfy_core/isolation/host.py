"""The host's side: start a component's process, call it, notice its end.

Host and worker speak in turns: the host asks (``call``, ``next``), then serves what the worker pulls from
input streams and hears what it tells, until the worker answers. So a stream is computed as it is read, and no
more memory is held than in one process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pfy_core import catalogue as catalogues
from pfy_core import events
from pfy_core.errors import (
    Cancelled,
    InputError,
    NodeError,
    OutputError,
    PfyError,
    PluginError,
    ProcessError,
    WeightsError,
)
from pfy_core.isolation import PROTOCOL
from pfy_core.isolation.channel import Channel, Closed
from pfy_core.isolation.values import CannotCross

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pfy_core.component import ComponentSpec
    from pfy_core.isolation.channel import Message

BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[2]) or sys.path
from pfy_core.isolation.worker import main
main(int(sys.argv[1]))
"""
"""What the process runs; a venv of its own keeps its ``sys.path``, this environment's is handed over."""
WORDS = 20
"""Last lines of a process's output that its error shows."""
GRACE = 2.0
"""Seconds a process may take to leave when asked to, before it is killed."""
OF_THE_HOST = ("PYTHONPATH", "PYTHONHOME", "PYTHONEXECUTABLE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
"""Variables that would make another environment's Python import this one's packages."""

KINDS = {
    kind.__name__: kind for kind in (InputError, PluginError, WeightsError, OutputError, Cancelled, PfyError)
}
"""Errors for the user, which come out of the worker as what they went in."""


class Isolated:
    """A component in a process of its own; called like the component, any number of times.

    component: a component's id, looked up among what is installed here; or its spec
    config:    of its constructor
    python:    the Python of another environment, in which the plugin is installed; without it this one
    node:      what its errors call it
    device:    where tensors from another device than the CPU are put on both sides; without it on the
               device they came from, where there is one

    The process starts at once and lives until ``close`` (or the end of ``with``, or of this object); one
    that ended is started again by the next call. Calls from several threads take turns.

    Raises PluginError when the process cannot be started or the plugin not be imported in it, and what the
    component's constructor raises; calls raise PfyErrors as the component raised them, NodeError (with the
    worker's traceback as its cause) for anything else, ProcessError when the process ends.
    """

    def __init__(
        self,
        component: str | ComponentSpec,
        config: Mapping[str, Any] | None = None,
        python: str | Path | None = None,
        node: str = "",
        *,
        device: str = "",
    ) -> None:
        if not hasattr(socket, "send_fds"):
            raise PluginError(f"{sys.platform} cannot hand memory to another process", "Linux or macOS")
        self.spec = _spec(component, python) if isinstance(component, str) else component
        self.config, self.node, self.device = dict(config or {}), node or self.spec.id, device
        self._python = str(python) if python else ""
        self._turn = threading.Lock()
        self._worker: _Worker | None = None
        self._count, self._left = 0, deque[tuple[_Worker, int]]()
        with self._turn:
            self._start()

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process: it is asked to leave, and killed when it does not."""
        with self._turn:
            if self._worker is not None:
                self._worker.close()
            self._worker = None

    @property
    def pid(self) -> int | None:
        """The process, or None when there is none."""
        return self._worker.process.pid if self._worker is not None else None

    def __call__(self, *many: Any, **named: Any) -> Any:
        """The component's result: a value, or an iterator over what it yields."""
        given = {str(index): value for index, value in enumerate(many)} | named
        streams = {name: value for name, value in given.items() if isinstance(value, Iterator)}
        values = {name: value for name, value in given.items() if name not in streams}
        with self._turn:
            worker = self._worker
            if worker is None or worker.process.poll() is not None:
                worker = self._start()
            self._count += 1
            number = self._count
            request = {"do": "call", "id": number, "many": len(many), "streams": list(streams)}
            worker.calls[number] = call = _Call(streams)
            answer = None
            try:
                answer = self._ask(worker, request, values, call)
            finally:
                if answer is None or answer["is"] != "stream":
                    del worker.calls[number]
        if answer["is"] == "stream":
            return self._records(worker, number, call)
        return answer.values(device=self.device, result=True)["result"]

    def _records(self, worker: _Worker, number: int, call: _Call) -> Iterator[Any]:
        """What a stream yields, each record made when it is asked for."""
        ended = False
        try:
            while True:
                with self._turn:
                    answer = self._ask(worker, {"do": "next", "id": number}, {}, call)
                ended = answer["is"] == "end"
                if ended:
                    return
                yield answer.values(device=self.device, result=True)["result"]
        finally:
            worker.calls.pop(number, None)
            if not ended:  # a generator may be closed anywhere, between two lines of a call even
                self._left.append((worker, number))
                if self._turn.acquire(blocking=False):
                    try:
                        self._dismiss()
                    finally:
                        self._turn.release()

    def _dismiss(self) -> None:
        """Tell the worker which streams nobody reads any more."""
        while self._left:
            worker, number = self._left.popleft()
            with suppress(Closed):
                worker.channel.send({"do": "drop", "id": number})

    # Turns --------------------------------------------------------------------------------------

    def _start(self) -> _Worker:
        worker = self._worker = _Worker(self._python)
        try:
            hello = worker.channel.receive()
            if hello["hello"] != PROTOCOL:
                raise PluginError(
                    f"pfy-core {hello['core']} in {self._python} speaks protocol {hello['hello']}",
                    f"protocol {PROTOCOL}",
                    f"{self._python} -m pip install -U pfy-core",
                )
            build = {"do": "build", "target": self.spec.target, "id": self.spec.id}
            build |= {"plugin": self.spec.plugin, "device": self.device}
            self._ask(worker, build, self.config, _Call({}))
        except Closed:
            raise self._ended(worker, starting=True) from None
        except ProcessError:
            raise
        except BaseException:
            worker.close()
            self._worker = None
            raise
        return worker

    def _ask(
        self, worker: _Worker, request: dict[str, Any], values: Mapping[str, Any], call: _Call
    ) -> Message:
        """Send a request and serve the worker until it answers."""
        try:
            self._dismiss()
            worker.channel.send(request, values)
            answer = _served(worker)
        except Closed:
            raise self._ended(worker, starting=request["do"] == "build") from None
        except CannotCross:
            raise  # before anything was sent
        except BaseException:
            worker.kill()  # left in the middle of a turn: what it would say next is for nobody
            raise
        if call.raised is not None:
            raise call.raised
        if answer["is"] == "raised":
            raise self._error(answer["error"])
        return answer

    # Errors -------------------------------------------------------------------------------------

    def _error(self, about: dict[str, Any]) -> BaseException:
        """The error that the worker describes."""
        trace = _Trace(about["trace"])
        kind = next((KINDS[name] for name in about["kinds"] if name in KINDS), None)
        if kind is not None:
            made = kind(about["sends"])
            made.wants, made.fix, made.__cause__ = about["wants"], about["fix"], trace
            return made
        cause = type(about["kinds"][0], (Exception,), {})(about["text"])
        cause.__cause__ = trace
        failed = NodeError(self.node, self.spec.id, self.spec.plugin, cause)
        failed.__cause__ = cause
        return failed

    def _ended(self, worker: _Worker, *, starting: bool = False) -> PfyError:
        """The worker is gone: how, and what it said last."""
        end = worker.end()
        self._worker = None
        if end == -signal.SIGINT:
            return Cancelled("interrupted; nothing was written")
        if end < 0:
            said = f"was killed by signal {-end} ({_signal(-end)})"
        else:
            said = f"ended with exit status {end}"
        if starting:
            said += " while it started"
        return ProcessError(self.node, self.spec.id, self.spec.plugin, said, worker.words())


@dataclass
class _Call:
    """A call under way: its input streams, and what the source of one has raised."""

    streams: Mapping[str, Iterator[Any]]
    raised: BaseException | None = None


def _served(worker: _Worker) -> Message:
    """The worker's answer, after everything that it wants first."""
    while True:
        message = worker.channel.receive()
        if message["is"] == "event":
            _tell(message)
        elif message["is"] == "pull":
            _feed(worker.channel, worker.calls.get(message["id"]), message["name"])
        else:
            return message


def _feed(channel: Channel, call: _Call | None, name: str) -> None:
    """Send the next chunk of an input, or that there is none; what its source raises is kept."""
    if call is None:  # a thread that a stream has left behind
        channel.send({"do": "end"})
        return
    try:
        chunk = next(call.streams[name])
    except StopIteration:
        channel.send({"do": "end"})
    except BaseException as error:
        call.raised = error
        channel.send({"do": "fail"})
    else:
        try:
            channel.send({"do": "chunk"}, {"chunk": chunk})
        except CannotCross as error:
            call.raised = error
            channel.send({"do": "fail"})


class _Trace(Exception):
    """The traceback of an error in the worker, shown as the error's cause."""

    def __init__(self, text: str) -> None:
        super().__init__(text)

    def __str__(self) -> str:
        return f"in the component's process\n{self.args[0]}"


class _Worker:
    """A process and the channel to it."""

    def __init__(self, python: str) -> None:
        here, there = socket.socketpair()
        foreign = bool(python)
        path = [] if foreign else [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109
        kept = {k: v for k, v in os.environ.items() if not (foreign and k in OF_THE_HOST)}
        # another number of threads adds in another order: the last digits would differ
        if threads := getattr(sys.modules.get("torch"), "get_num_threads", None):
            kept["OMP_NUM_THREADS"] = str(threads())
        with there:
            try:
                self.process = subprocess.Popen(
                    [python or sys.executable, *("-u", "-P", "-c", BOOT)]
                    + [str(there.fileno()), json.dumps(path)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=(there.fileno(),),
                    env=kept,
                )
            except OSError as error:
                here.close()
                raise PluginError(
                    f"{python or sys.executable} cannot be started: {error.strerror or error}",
                    "the Python of a virtual environment",
                ) from error
        self.calls: dict[int, _Call] = {}
        self._lines: deque[str] = deque(maxlen=WORDS)
        self._listener = threading.Thread(
            target=_listen, args=(self.process.stdout, self._lines), daemon=True
        )
        self._listener.start()
        process = self.process
        self.channel = Channel(here, alive=lambda: process.poll() is None)
        self.close = weakref.finalize(self, _close, process, self.channel, os.getpid())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.close()

    def end(self) -> int:
        """The exit status; a process that has closed its channel and goes on is killed."""
        try:
            status = self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._listener.join(GRACE)
        self.close()
        return status

    def words(self) -> list[str]:
        return list(self._lines)


def _listen(output: Any, lines: deque[str]) -> None:
    """Keep the last lines that a process prints."""
    with output:
        for line in output:
            if text := line.decode(errors="replace").rstrip():
                lines.append(text[:500])


def _close(process: subprocess.Popen[bytes], channel: Channel, owner: int) -> None:
    if os.getpid() != owner:
        return  # a fork of the host: the process is not its own
    with suppress(Closed):
        channel.send({"do": "leave"})
    channel.close()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tell(message: Message) -> None:
    """An event of the worker, told as the node's own."""
    match message["kind"]:
        case "note":
            events.note(message["text"])
        case "measured":
            events.measured(**message["measured"])
        case "progress":
            events.progress(message["done"], message["total"])
        case kind:
            event = events.Event(kind, message["source"], message["text"], message["done"], message["total"])
            events.emit(event)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def _spec(component: str, python: str | Path | None) -> ComponentSpec:
    if python is None:
        return catalogues.installed().spec(component)
    from pathlib import Path

    from pfy_core.isolation.environment import Environment

    return Environment.at(str(Path(python).parent.parent)).catalogue.spec(component)
