"""Rewriting a dynamically quantised ONNX model (int8) to float32.

The shipped Kokoro multiplies in integers, which saves disk but no time on a CPU, and which OpenVINO does not
read. Here the quantisation of activations becomes the identity with scale 1, the integer weights become
floats, and the scales that follow stay where they are: the same function without the rounding of activations.
Sines are taken out as well (see snake).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_speech.engines.snake import without_sines
from pfy_plugin_speech.ports import Array

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

LSTM_ATTRIBUTES = ("direction", "hidden_size")


def dequantise(source: Path, target: Path, output: str) -> None:
    """Write ``source`` as a float32 model to ``target``, with the float tensor ``output`` as last output.

    Needs the onnx package, and about 1 GB of memory for Kokoro.
    """
    import onnx

    model = onnx.load(source)
    _Rewriter(model.graph).run()
    without_sines(model.graph)
    model.graph.output.append(onnx.helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None))
    onnx.save(model, target)


class _Rewriter:
    """One pass over the nodes of a graph in their order."""

    def __init__(self, graph: GraphProto) -> None:
        from onnx import TensorProto, helper, numpy_helper

        self._graph, self._helper, self._numpy, self._types = graph, helper, numpy_helper, TensorProto
        self._constants = {item.name: item for item in graph.initializer}
        self._makers = {name: node for node in graph.node for name in node.output}
        self._scales: set[str] = set()

    def run(self) -> None:
        nodes = [new for node in self._graph.node for new in self._rewrite(node)]
        used = {name for node in nodes for name in node.input}
        kept = [item for name, item in self._constants.items() if name in used]
        del self._graph.node[:], self._graph.initializer[:], self._graph.value_info[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(kept)

    def _rewrite(self, node: NodeProto) -> list[NodeProto]:
        match node.op_type:
            case "DynamicQuantizeLinear":
                values, scale, zero = node.output
                self._scales.add(scale)
                self._add(scale, np.array(1, np.float32))
                self._add(zero, np.array(0, np.uint8))
                return [self._helper.make_node("Identity", [node.input[0]], [values])]
            case "ConvInteger" | "MatMulInteger":
                weight = self._weight(node.input[1], node.input[3], channels=node.op_type == "ConvInteger")
                made = self._helper.make_node(
                    node.op_type.removesuffix("Integer"), [node.input[0], weight], node.output
                )
                made.attribute.extend(node.attribute)
                return [made]
            case "DynamicQuantizeLSTM":
                return [self._lstm(node)]
            case "Floor" if self._is_bias(node):
                return [self._helper.make_node("Identity", node.input, node.output)]
            case "Cast" if self._is_bias(self._makers.get(node.input[0])):
                return [self._helper.make_node("Cast", node.input, node.output, to=self._types.FLOAT)]
        return [node]

    def _is_bias(self, node: NodeProto | None) -> bool:
        """Whether a node rounds a bias to the integer grid: Floor(Div(bias, Mul(scale of input, ...)))."""
        division = self._makers.get(node.input[0]) if node is not None and node.op_type == "Floor" else None
        scale = (
            self._makers.get(division.input[1])
            if division is not None and division.op_type == "Div"
            else None
        )
        return scale is not None and scale.op_type == "Mul" and bool(self._scales & set(scale.input))

    def _lstm(self, node: NodeProto) -> NodeProto:
        """W and R of shape (directions, inputs, 4 hidden) become (directions, 4 hidden, inputs)."""
        x, w, r, *rest = list(node.input)
        ws, wz, rs, rz = rest[5:9]
        inputs = [x, self._recurrent(w, ws, wz), self._recurrent(r, rs, rz), *rest[:5]]
        made = self._helper.make_node("LSTM", inputs, node.output)
        made.attribute.extend(item for item in node.attribute if item.name in LSTM_ATTRIBUTES)
        return made

    def _recurrent(self, weight: str, scale: str, zero: str) -> str:
        def per_direction(name: str) -> Array:
            return self._array(name).astype(np.float32).reshape(-1, 1, 1)

        array = (self._array(weight).astype(np.float32) - per_direction(zero)) * per_direction(scale)
        return self._add(weight + "_float", array.transpose(0, 2, 1))

    def _weight(self, weight: str, zero: str, *, channels: bool) -> str:
        """Integer weights less their zero point, which is one number, or one per output channel."""
        array, offset = self._array(weight).astype(np.float32), self._array(zero).astype(np.float32)
        if channels and offset.ndim:
            offset = offset.reshape(-1, *[1] * (array.ndim - 1))
        return self._add(weight + "_float", array - offset)

    def _array(self, name: str) -> Array:
        return self._numpy.to_array(self._constants[name])

    def _add(self, name: str, array: np.ndarray) -> str:
        self._constants[name] = self._numpy.from_array(np.ascontiguousarray(array), name)
        return name
