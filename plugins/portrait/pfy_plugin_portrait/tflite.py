"""TFLite models on LiteRT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array


class Net:
    """A TFLite model: float32 arrays in, float32 arrays out, in the model's order."""

    def __init__(self, model: bytes, threads: int = 1) -> None:
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
