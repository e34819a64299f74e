"""Cutting a TFLite model where a custom operator stands.

Two of the models that we use hold operators which only MediaPipe's own runtime knows. All of them
sit between plain sub-graphs, so the model is cut there (once; the parts are kept), the plain parts
run on LiteRT, and the operators are written in numpy beside their caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array


@dataclass(frozen=True)
class Custom:
    """A custom operator of a model: its name, input and output tensors, and options."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


class Model:
    """A model file, opened to be cut."""

    def __init__(self, path: Path) -> None:
        self._model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
        self._graph = self._model.subgraphs[0]
        self._operators = list(self._graph.operators)
        self.inputs = [int(tensor) for tensor in self._graph.inputs]
        self.outputs = [int(tensor) for tensor in self._graph.outputs]

    def tensor(self, part: str) -> int:
        """The output tensor whose name contains ``part``."""
        return next(i for i in self.outputs if part in self._graph.tensors[i].name.decode())

    def values(self, tensor: int) -> Array:
        """The constant behind a tensor (through DEQUANTIZE) as float32, in its shape."""
        made = [op for op in self._operators if tensor in op.outputs]
        shape = tuple(int(size) for size in self._graph.tensors[tensor].shape)
        source = self._graph.tensors[int(made[0].inputs[0]) if made else tensor]
        dtype = np.float16 if source.type == schema.TensorType.FLOAT16 else np.float32
        data = bytes(self._model.buffers[source.buffer].data)
        return np.frombuffer(data, dtype).astype(np.float32).reshape(shape)

    def custom(self, name: str) -> list[Custom]:
        """The custom operators of that name, in order."""
        return [
            Custom(name, tuple(map(int, op.inputs)), tuple(map(int, op.outputs)), _options(op))
            for op in self._operators
            if self._code(op) == name
        ]

    def cut(self, inputs: Sequence[int], outputs: Sequence[int]) -> NDArray[np.uint8]:
        """The plain part of the model between two sets of tensors, as the bytes of a model file.

        Raises ValueError when a custom operator lies between them.
        """
        made = {int(tensor): op for op in self._operators for tensor in op.outputs}
        needed, queue = set[int](), list(outputs)
        while queue:
            tensor = queue.pop()
            if tensor in inputs or tensor not in made or id(made[tensor]) in needed:
                continue
            if self._code(made[tensor]):
                raise ValueError(f"custom operator {self._code(made[tensor])} inside the cut")
            needed.add(id(made[tensor]))
            queue += [int(source) for source in made[tensor].inputs]
        self._graph.operators = [op for op in self._operators if id(op) in needed]
        self._graph.inputs, self._graph.outputs = list(inputs), list(outputs)
        self._model.signatureDefs = None
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return np.frombuffer(bytes(builder.Output()), np.uint8)

    def _code(self, operator: Any) -> str:
        code = self._model.operatorCodes[operator.opcodeIndex].customCode
        return code.decode() if code else ""


def _options(operator: Any) -> Any:
    """The options of a custom operator: a mapping when they are a flexbuffer, else None."""
    if operator.customOptions is None:
        return None
    data = bytes(operator.customOptions)
    return flexbuffers.Loads(data) if len(data) > 3 and data[-1] == 1 and data[-2] in (36, 38) else None
