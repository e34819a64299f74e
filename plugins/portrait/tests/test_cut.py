import numpy as np
import pytest

from pfy_core import weights
from pfy_plugin_portrait.cut import Model
from pfy_plugin_portrait.tflite import Net


@pytest.fixture(scope="module")
def attention():
    return weights.path("face-mesh/attention")


def test_the_attention_mesh_holds_the_operators_that_litert_lacks(attention):
    model = Model(attention)
    assert len(model.custom("Landmarks2TransformMatrix")) == 3
    assert len(model.custom("TransformTensorBilinear")) == 3
    with pytest.raises(RuntimeError):
        Net(attention.read_bytes())


def test_a_cut_across_a_custom_operator_is_refused(attention):
    model = Model(attention)
    with pytest.raises(ValueError, match="custom operator"):
        model.cut(model.inputs, [model.tensor("lips")])


def test_a_cut_of_plain_operators_runs(attention):
    model = Model(attention)
    net = Net(model.cut(model.inputs, [model.tensor("mesh"), model.tensor("faceflag")]).tobytes())
    mesh, flag = net(np.zeros((1, 192, 192, 3)))
    assert mesh.size == 468 * 3
    assert flag.size == 1


def test_the_regions_of_the_model_name_its_refined_landmarks(attention):
    lips, right, left = (
        op.options["subset_idxs"] for op in Model(attention).custom("Landmarks2TransformMatrix")
    )
    assert (len(lips), len(right), len(left)) == (80, 71, 71)
    assert {13, 14, 61, 291} <= set(lips)
    assert {33, 133} <= set(right)
    assert {263, 362} <= set(left)
