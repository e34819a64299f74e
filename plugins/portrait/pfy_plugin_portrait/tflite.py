"""TFLite models on LiteRT."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_plugin_portrait.ports import Array


STDERR = 2
_quiet = threading.Lock()
_announced = False


class Net:
    """A TFLite model: float32 arrays in, float32 arrays out, in the model's order."""

    def __init__(self, model: bytes, threads: int = 1) -> None:
        with _without_announcement():
            self._run = Interpreter(model_content=model, num_threads=threads)
            self._run.allocate_tensors()
        self._inputs, self._outputs = self._run.get_input_details(), self._run.get_output_details()

    @property
    def side(self) -> int:
        """Height (and width) of the image that the first input takes."""
        return int(self._inputs[0]["shape"][1])

    def __call__(self, *arrays: Any) -> list[Array]:
        for detail, array in zip(self._inputs, arrays, strict=True):
            dense = np.ascontiguousarray(array, np.float32).reshape(detail["shape"])
            self._run.set_tensor(detail["index"], dense)
        self._run.invoke()
        return [self._run.get_tensor(detail["index"]) for detail in self._outputs]


@contextmanager
def _without_announcement() -> Iterator[None]:
    """Hold back the line about XNNPACK that LiteRT writes once a process, and offers no switch for."""
    global _announced
    with _quiet:
        if _announced:
            yield
            return
        kept, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, STDERR)
            yield
            _announced = True
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
            os.close(nowhere)
