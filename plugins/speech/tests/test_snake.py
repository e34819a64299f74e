import numpy as np
import onnxruntime
import pytest

from pfy_plugin_speech.engines.snake import without_sines

onnx = pytest.importorskip("onnx")


def model(exponent=2.0, *, elsewhere=False):
    """x + sin(x)^exponent, and, with ``elsewhere``, the sine itself."""
    make = onnx.helper
    nodes = [
        make.make_node("Sin", ["x"], ["s"]),
        make.make_node("Pow", ["s", "e"], ["p"]),
        make.make_node("Add", ["x", "p"], ["y"]),
    ]
    outputs = ["y", *(["s"] if elsewhere else [])]
    floats = onnx.TensorProto.FLOAT
    graph = make.make_graph(
        nodes,
        "g",
        [make.make_tensor_value_info("x", floats, [None])],
        [make.make_tensor_value_info(name, floats, [None]) for name in outputs],
        [onnx.numpy_helper.from_array(np.array(exponent, np.float32), "e")],
    )
    return make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)


def test_the_activation_is_the_same_without_its_sine():
    changed = model()
    assert without_sines(changed.graph) == 1
    onnx.checker.check_model(changed)
    assert "Sin" not in {node.op_type for node in changed.graph.node}
    x = np.linspace(-40, 40, 20_001, dtype=np.float32)
    (y,) = onnxruntime.InferenceSession(changed.SerializeToString()).run(None, {"x": x})
    assert y - x == pytest.approx(np.sin(x.astype(float)) ** 2, abs=1e-4)


@pytest.mark.parametrize(
    "other", [model(3.0), model(elsewhere=True)], ids=["a cube", "a sine used elsewhere"]
)
def test_other_sines_stay(other):
    assert without_sines(other.graph) == 0
    assert [node.op_type for node in other.graph.node] == ["Sin", "Pow", "Add"]
