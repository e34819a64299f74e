"""Writing a small ONNX model as bytes: the few messages of onnx.proto that a chain of operators needs.

(numpy alone would do for such a network, but its matrix products start threads that, on a busy machine, make
it ten times slower; the onnx package is not needed for anything else in the default installation.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from pfy_plugin_speech.ports import Array

IR_VERSION, OPSET = 6, 11
"""Versions of the format and of the operators: of 2019, which every runtime reads."""
FLOAT, INT, INTS = 1, 2, 7
"""TensorProto.FLOAT, AttributeProto.INT and .INTS."""


def model(nodes: Iterable[bytes], constants: Mapping[str, Array], source: str, target: str) -> bytes:
    """A ModelProto: operators in their order, float32 constants, one float input and one float output."""
    graph = b"".join(_field(1, item) for item in nodes) + _field(2, b"graph")
    graph += b"".join(_field(5, _tensor(name, array)) for name, array in constants.items())
    graph += _field(11, _value(source)) + _field(12, _value(target))
    return _number(1, IR_VERSION) + _field(8, _number(2, OPSET)) + _field(7, graph)


def node(
    kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int | Sequence[int]
) -> bytes:
    """A NodeProto; attributes are whole numbers or lists of them."""
    made = b"".join(_field(1, name.encode()) for name in inputs)
    made += b"".join(_field(2, name.encode()) for name in outputs) + _field(4, kind.encode())
    return made + b"".join(_field(5, _attribute(name, value)) for name, value in attributes.items())


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    head = _field(1, name.encode())
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, INT)
    return head + b"".join(_number(8, item) for item in value) + _number(20, INTS)


def _tensor(name: str, array: Array) -> bytes:
    dims = b"".join(_number(1, size) for size in array.shape)
    data = np.ascontiguousarray(array, "<f4").tobytes()
    return dims + _number(2, FLOAT) + _field(8, name.encode()) + _field(9, data)


def _value(name: str) -> bytes:
    """A ValueInfoProto for a float tensor of any shape."""
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, FLOAT)))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])
