"""The worker's side: build one component and do what the host asks, until the host is gone."""

from __future__ import annotations

import faulthandler
import importlib
import importlib.metadata
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pfy_core import events
from pfy_core.errors import PfyError, PluginError
from pfy_core.isolation import PROTOCOL
from pfy_core.isolation.channel import Channel, Closed

if TYPE_CHECKING:
    from pfy_core.isolation.channel import Message

GRACE = 2.0
"""Seconds that a component has to clean up after the host has asked to leave."""


class _Refused(Exception):
    """The source of an input stream failed; the host knows why."""


class Worker:
    """Answers the host's requests one after the other, with one component."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._floor = threading.Condition()
        self._asked = False
        self._component: Any = None
        self._device = ""
        self._streams: dict[int, Iterator[Any]] = {}

    def serve(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        self._channel.send({"hello": PROTOCOL, "core": importlib.metadata.version("pfy-core")})
        with events.watching(self._tell):
            while True:
                request = self._inbox.get()
                match request["do"]:
                    case "leave":
                        return
                    case "drop":
                        self._drop(request["id"])
                    case _:
                        self._serve(request)

    def _serve(self, request: Message) -> None:
        """Do what is asked; until it is answered, whoever needs an input may ask the host for it."""
        with self._floor:
            self._asked = True
            self._floor.notify_all()
        try:
            self._do(request)
        except Exception as error:
            self._answer({"is": "raised", "error": _described(error)})

    def _answer(self, answer: dict[str, Any], **values: Any) -> None:
        with self._floor:
            self._channel.send(answer, values)
            self._asked = False

    def _read(self) -> None:
        """Take messages in all the time, so that the host's end is seen in the middle of a computation."""
        leaving = False
        try:
            while True:
                message = self._channel.receive()
                leaving = message.get("do") == "leave"
                self._inbox.put(message)
        except Closed:
            if leaving:
                time.sleep(GRACE)
        os._exit(0)  # the host is gone, or has waited long enough

    def _do(self, request: Message) -> None:
        match request["do"]:
            case "build":
                self._build(request)
            case "call":
                self._call(request)
            case "next":
                self._next(request["id"])

    def _build(self, request: Message) -> None:
        module, _, name = request["target"].partition(":")
        try:
            found = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except Exception as error:
            plugin = request["plugin"] or "this session"
            fix = f"pip install --force-reinstall {plugin}, in that environment"
            if not request["plugin"]:
                fix = "put the class at the top level of a module that can be imported"
            raise PluginError(
                f"{request['id']} of {plugin} cannot be imported in its process: "
                f"{type(error).__name__}: {error}",
                fix=fix,
            ) from error
        self._device = request["device"]
        made: Any = found
        self._component = made(**request.values())
        self._answer({"is": "built"})

    def _call(self, request: Message) -> None:
        given = request.values(device=self._device)
        given |= {name: self._pulled(request["id"], name) for name in request["streams"]}
        many = [given.pop(str(index)) for index in range(request["many"])]
        result = self._component(*many, **given)
        if isinstance(result, Iterator):
            self._streams[request["id"]] = result
            self._answer({"is": "stream"})
        else:
            self._answer({"is": "value"}, result=result)

    def _next(self, call: int) -> None:
        try:
            record = next(self._streams[call])
        except StopIteration:
            del self._streams[call]
            self._answer({"is": "end"})
        except BaseException:
            del self._streams[call]
            raise
        else:
            self._answer({"is": "value"}, result=record)

    def _drop(self, call: int) -> None:
        stream = self._streams.pop(call, None)
        try:
            if stream is not None and hasattr(stream, "close"):
                stream.close()
        except Exception:
            traceback.print_exc()  # the host does not wait for an answer

    def _pulled(self, call: int, name: str) -> Iterator[Any]:
        """An input stream: each chunk is asked for when the component wants it."""
        while True:
            with self._floor:
                # A thread of the component may pull at any time; the host listens only while it has asked.
                self._floor.wait_for(lambda: self._asked)
                self._channel.send({"is": "pull", "id": call, "name": name})
                answer = self._inbox.get()
            match answer["do"]:
                case "chunk":
                    yield answer.values(device=self._device)["chunk"]
                case "end":
                    return
                case _:
                    raise _Refused

    def _tell(self, event: events.Event) -> None:
        told: dict[str, Any] = {"kind": event.kind, "source": event.source, "text": event.text}
        told |= {"done": event.done, "total": event.total, "measured": dict(event.values)}
        self._channel.send({"is": "event", **told})


def _described(error: Exception) -> dict[str, Any]:
    trace = "".join(traceback.format_exception(error)).rstrip()
    kinds = [kind.__name__ for kind in type(error).__mro__]
    about: dict[str, Any] = {"kinds": kinds, "text": str(error), "trace": trace}
    if isinstance(error, PfyError):
        about |= {"sends": error.sends, "wants": error.wants, "fix": error.fix}
    return about


def main(descriptor: int) -> None:
    """Serve the host at the other end of the socket ``descriptor``."""
    os.set_inheritable(descriptor, False)
    faulthandler.enable(all_threads=False)  # a crash in compiled code says where
    end = socket.socket(fileno=descriptor)
    try:
        Worker(Channel(end)).serve()
    except Closed:
        os._exit(0)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except SystemExit as left:
        # At once: threads that the component has left running must not keep the host waiting.
        if isinstance(left.code, str):
            print(left.code, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(left.code if isinstance(left.code, int) else int(left.code is not None))
