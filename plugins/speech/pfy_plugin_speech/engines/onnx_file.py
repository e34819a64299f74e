"""Opening ONNX speech models with their durations as an extra output.

Every model used here computes the duration of each phoneme on its way, in the only node of some
type, but does not return it. Protobuf merges repeated occurrences of an embedded message, so an
output is added by appending the bytes of ``ModelProto{graph{output{...}}}``, and found by walking the
wire format: neither needs the onnx package. Field numbers are those of onnx.proto (IR version 3 on).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import onnxruntime

from pfy_core.errors import WeightsError

GRAPH, NODE, OUTPUT = 7, 1, 12
NODE_OUTPUT, NODE_OP = 2, 4
FLOAT = 1
LONGEST_VARINT = 10
WANTS = "the ONNX model it was registered as"


def open_session(path: Path, duration_op: str, threads: int) -> tuple[onnxruntime.InferenceSession, str]:
    """A CPU session whose last output is the durations, and the name of that output.

    ``duration_op`` is the type of the one node that rounds them. Raises WeightsError for a file that
    is no such model.
    """
    model = path.read_bytes()
    name = output_of(model, duration_op)
    if not name:
        raise WeightsError(f"{path} has no single {duration_op} node", WANTS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            with_output(model, name), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors have no base but this one
        why = f"{path} cannot be opened: {error}"
        raise WeightsError(why, WANTS, "delete it; it is fetched again") from error
    return session, name


def threads() -> int:
    """Threads for a model that keeps one core busy for most of the time: at most four pay off."""
    return min(4, os.cpu_count() or 1)


def output_of(model: bytes, op: str) -> str:
    """The name of the output of the only node of type ``op``; "" when there is none, or several.

    Raises WeightsError for bytes that are no protobuf message.
    """
    found = []
    for number, graph in _fields(memoryview(model)):
        if number != GRAPH:
            continue
        for kind, node in _fields(graph):
            if kind == NODE:
                parts = list(_fields(node))
                if any(key == NODE_OP and value == op.encode() for key, value in parts):
                    found += [
                        bytes(value).decode(errors="replace") for key, value in parts if key == NODE_OUTPUT
                    ]
    return found[0] if len(found) == 1 else ""


def with_output(model: bytes, tensor: str) -> bytes:
    """The model with one more output, the float tensor of that name inside its graph."""
    tensor_type = _message(1, bytes([1 << 3, FLOAT]))
    value_info = _message(1, tensor.encode()) + _message(2, tensor_type)
    return model + _message(GRAPH, _message(OUTPUT, value_info))


def _message(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(number, content) of the length-delimited fields of a message; the others are passed over."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        match key & 7:
            case 0:
                _, at = _read_varint(data, at)
            case 1:
                at += 8
            case 2:
                size, at = _read_varint(data, at)
                yield key >> 3, data[at : at + size]
                at += size
            case 5:
                at += 4
            case other:
                raise WeightsError(f"wire type {other} in an ONNX file", WANTS)


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise WeightsError("an ONNX file that ends in the middle of a number", WANTS)
