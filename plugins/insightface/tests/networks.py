"""Networks of the shapes that InsightFace routes by, as small ONNX files written here."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

STRIDES, ANCHORS, SIDE = (8, 16, 32), 2, 640


def detector(file, *faces):
    """A detector with SCRFD's 9 outputs that sees these faces, (left, top, right, bottom), everywhere.

    In pixels of a picture of 640x640; keypoints lie at fixed places of the box.
    """
    scores, boxes, points = [], [], []
    for stride in STRIDES:
        count = (SIDE // stride) ** 2 * ANCHORS
        scores.append(np.zeros((count, 1), np.float32))
        boxes.append(np.zeros((count, 4), np.float32))
        points.append(np.zeros((count, 10), np.float32))
    for left, top, right, bottom in faces:
        column, row = round((left + right) / 16), round((top + bottom) / 16)
        at = (row * (SIDE // 8) + column) * ANCHORS
        x, y = column * 8, row * 8
        scores[0][at] = 0.9
        boxes[0][at] = np.array([x - left, y - top, right - x, bottom - y]) / 8
        five = keypoints((left, top, right, bottom))
        points[0][at] = ((five - [x, y]) / 8).reshape(-1)
    _constants(file, [1, 3, SIDE, SIDE], scores + boxes + points)


def keypoints(box):
    """Eyes, nose and mouth corners of a face in a box, (5 2)."""
    left, top, right, bottom = box
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    return places * [right - left, bottom - top] + [left, top]


def landmarks(file):
    """A network with the shape of 1k3d68 whose 68 points lie on a circle, its lips at the bottom."""
    points = np.zeros((1103, 3), np.float32)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    points[-68:-20, :2] = 0.6 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[-20:, 0] = np.linspace(-0.2, 0.2, 20)
    points[-20:, 1] = 0.3 + 0.05 * np.cos(np.arange(20))
    _constants(file, [1, 3, 192, 192], [points.reshape(1, -1)])


def identity(file, seed=0, width=512):
    """A network with ArcFace's shape: means over tiles of the face, projected."""
    weight = np.random.default_rng(seed).normal(size=(192, width)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=[14, 14], strides=[14, 14]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weight"], ["out"]),
    ]
    _save(file, [1, 3, 112, 112], nodes, [numpy_helper.from_array(weight, "weight")], {"out": [1, width]})


def _constants(file, shape, values):
    """A network that gives the same for every input; it must use it, or the runtime drops it."""
    names = [f"out{index}" for index in range(len(values))]
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    nodes += [helper.make_node("Add", [f"c{name}", "nothing"], [name]) for name in names]
    held = [numpy_helper.from_array(value, f"c{name}") for name, value in zip(names, values, strict=True)]
    held.append(numpy_helper.from_array(np.zeros((), np.float32), "zero"))
    outputs = {name: list(value.shape) for name, value in zip(names, values, strict=True)}
    _save(file, shape, nodes, held, outputs)


def _save(file, shape, nodes, held, outputs):
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in outputs.items()],
        held,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    save(model, str(file))
