"""Messages between host and worker: JSON over a socket pair, arrays beside it.

A message is a header (bytes of JSON, bytes of inline arrays, bytes in shared memory), the JSON, the inline
arrays; the descriptor of shared memory rides on the header. Nothing is ever unpickled.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

from pfy_core.isolation import memory, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEADER = struct.Struct("<QQQ")
DESCRIPTOR = array.array("i").itemsize


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """One end. ``receive`` is for one thread at a time, ``send`` for any.

    ``alive`` is asked about twice a second while nothing comes: a descendant of a dead worker may hold the
    socket open.
    """

    def __init__(self, end: socket.socket, alive: Callable[[], bool] | None = None) -> None:
        self._end, self._alive, self._sending = end, alive, threading.Lock()
        end.settimeout(0.5 if alive else None)

    def send(self, message: dict[str, Any], given: Mapping[str, Any] | None = None) -> None:
        """Send ``message`` with values under ``"values"``.

        Raises CannotCross, before anything is sent, for a value that cannot cross; Closed.
        """
        arrays: dict[str, Any] = {}
        if given is not None:
            message = message | {"values": {key: values.encode(item, arrays) for key, item in given.items()}}
        layout, total = memory.lay_out(arrays)
        inline = total <= memory.INLINE
        tail = memory.joined(arrays, layout, total) if inline else b""
        body = json.dumps(message | {"layout": layout}).encode()
        header = HEADER.pack(len(body), len(tail), 0 if inline else total)
        shared = None if inline else memory.write(arrays, layout, total)
        try:
            with self._sending:
                self._write(header, shared)
                self._write(body + tail if tail else body)
        except OSError as error:
            raise Closed from error
        finally:
            if shared is not None:
                os.close(shared)

    def receive(self) -> Message:
        """The next message; Closed when the other side is gone, in the middle of one too."""
        header, shared = self._header()
        length, inline, total = HEADER.unpack(header)
        held: Any = memory.map_in(shared, total) if shared is not None else None
        message = json.loads(self._exactly(length))
        if inline:
            held = self._exactly(inline)
        return Message(message, held)

    def close(self) -> None:
        self._end.close()

    def _write(self, data: bytes, shared: int | None = None) -> None:
        view, ancillary = memoryview(data), []
        if shared is not None:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [shared]))]
        while view:
            try:
                done = self._end.sendmsg([view], ancillary)
            except TimeoutError:
                self._check()
                continue
            view, ancillary = view[done:], []

    def _header(self) -> tuple[bytes, int | None]:
        data, shared = bytearray(), None
        while len(data) < HEADER.size:
            try:
                part, ancillary, _, _ = self._end.recvmsg(
                    HEADER.size - len(data), socket.CMSG_LEN(DESCRIPTOR)
                )
            except TimeoutError:
                self._check()
                continue
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            data += part
            for _, _, rights in ancillary:
                (shared,) = array.array("i", rights[:DESCRIPTOR])
        return bytes(data), shared

    def _exactly(self, length: int) -> bytearray:
        data = bytearray(length)
        view = memoryview(data)
        while view:
            try:
                done = self._end.recv_into(view)
            except TimeoutError:
                self._check()
                continue
            except OSError as error:
                raise Closed from error
            if not done:
                raise Closed
            view = view[done:]
        return data

    def _check(self) -> None:
        if self._alive is not None and not self._alive():
            raise Closed


class Message:
    """What came: a mapping, and the values in it once asked for."""

    def __init__(self, data: dict[str, Any], held: Any) -> None:
        self.data, self._held = data, held

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.data.get(key, default)

    def values(self, *, device: str = "", result: bool = False) -> dict[str, Any]:
        """The values by name; see ``memory.read`` for ``device``, ``values.decode`` for ``result``."""
        arrays = memory.read(self._held, self.data["layout"], device)
        return {k: values.decode(item, arrays, result=result) for k, item in self.data["values"].items()}
