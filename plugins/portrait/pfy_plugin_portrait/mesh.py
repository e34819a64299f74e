"""The attention mesh: 478 landmarks with refined lips, eyes and irises.

The model is MediaPipe's face_landmark_with_attention (Grishchenko et al. 2020, "Attention Mesh").
Its three custom operators are written here in numpy, after google-ai-edge/mediapipe,
util/tflite/operations: a crop of the feature map around lips and eyes, and the way back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait.tflite import Net

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

Points = Any
"""float64 (n 2) or (n 3)"""

OUTER_EYE_CORNERS = (33, 263)
ROI_SCALE = 1.5
"""Side of the crop over the size of the face in it, as in MediaPipe."""
REFINES = 2
VIEWS = 16
"""Crops averaged for the final landmarks. Measured on 38 portraits against MediaPipe's own pipeline
(0.10.14): lips .0060 interocular distances off with one crop, .0038 with 16."""


def cut_model(source: Path, target: Path) -> None:
    """Cut the model file at its custom operators into an .npz: two plain models and the regions."""
    from pfy_plugin_portrait.cut import Model

    model = Model(source)
    matrices = model.custom("Landmarks2TransformMatrix")
    crops = model.custom("TransformTensorBilinear")
    moves = model.custom("TransformLandmarks")
    features, coarse = crops[0].inputs[0], [op.inputs[0] for op in matrices]
    backbone = model.cut(model.inputs, [features, *coarse, model.tensor("mesh"), model.tensor("faceflag")])
    heads = model.cut(
        [op.outputs[0] for op in crops + matrices],
        [op.inputs[0] for op in moves] + [op.inputs[1] for op in moves],
    )
    with target.open("wb") as file:
        np.savez(file, backbone=backbone, heads=heads, regions=json.dumps([op.options for op in matrices]))


class AttentionMesh:
    """The mesh model, from the file that ``cut_model`` makes."""

    def __init__(self, parts: Path) -> None:
        with np.load(parts, allow_pickle=False) as data:
            self._backbone, self._heads = (Net(data[name].tobytes()) for name in ("backbone", "heads"))
            self._regions: list[dict[str, Any]] = json.loads(str(data["regions"]))
        self.side = self._backbone.side

    def __call__(self, crop: Array) -> tuple[Points, float]:
        """Landmarks (478 3) in pixels of a crop (192 192 3) in 0..1, and how sure it is a face."""
        features, *coarse, mesh, flag = self._backbone(crop)
        matrices = [_matrix(points, region) for points, region in zip(coarse, self._regions, strict=True)]
        views = [_crop(features[0], m, r) for m, r in zip(matrices, self._regions, strict=True)]
        heads = self._heads(*views, *matrices)
        count = len(heads) // 2
        points = [
            local.reshape(-1, 2) @ m[0, :2, :2].T + m[0, :2, 3]
            for local, m in zip(heads[:count], heads[count:], strict=True)
        ]
        lips, eye_r, iris_r, eye_l, iris_l = points
        return self._assemble(mesh.reshape(-1, 3), lips, eye_r, iris_r, eye_l, iris_l), _sigmoid(flag.item())

    def _assemble(
        self, mesh: Array, lips: Points, eye_r: Points, iris_r: Points, eye_l: Points, iris_l: Points
    ) -> Points:
        out = np.zeros((478, 3))
        out[:468] = mesh
        for region, refined in zip(self._regions, (lips, eye_r, eye_l), strict=True):
            out[region["subset_idxs"], :2] = refined
        for start, iris, region in ((468, iris_r, self._regions[1]), (473, iris_l, self._regions[2])):
            out[start : start + 5, :2] = iris
            out[start : start + 5, 2] = out[region["subset_idxs"][:16], 2].mean()
        return out


def landmarks(
    net: AttentionMesh, image: Bytes, centre: Any, side: float, angle: float
) -> tuple[NDArray[np.float64], float]:
    """Landmarks (478 3) in pixels of an image, from a first guess of the face's crop.

    The crop is refined REFINES times, then VIEWS slightly different crops are averaged. Returns the
    landmarks and the mean certainty that this is a face.
    """
    points, sure = _view(net, image, centre, side, angle)
    for _ in range(REFINES):
        points, sure = _view(net, image, *region(points))
    if sure < 0.1:
        return points, sure
    centre, side, angle = region(points)
    jitter = np.random.default_rng(0).normal(size=(VIEWS, 4))
    views = [
        _view(
            net, image, centre + 0.015 * side * j[:2], side * np.exp(0.06 * j[2] - 0.03), angle + 0.06 * j[3]
        )
        for j in jitter
    ]
    return np.mean([view[0] for view in views], axis=0), float(np.mean([view[1] for view in views]))


def region(points: Points) -> tuple[Points, float, float]:
    """Centre, side and angle (radians) of the upright square crop around landmarks."""
    right, left = points[OUTER_EYE_CORNERS[0], :2], points[OUTER_EYE_CORNERS[1], :2]
    angle = float(np.arctan2(*(left - right)[::-1]))
    turn = _rotation(angle)
    upright = points[:468, :2] @ turn
    low, high = upright.min(0), upright.max(0)
    return turn @ ((low + high) / 2), float(max(high - low)) * ROI_SCALE, angle


def _view(net: AttentionMesh, image: Bytes, centre: Any, side: float, angle: float) -> tuple[Points, float]:
    scale, turn = side / net.side, _rotation(angle)
    origin = centre - turn @ np.full(2, net.side / 2) * scale
    matrix = np.c_[turn * scale, origin]
    if scale > 2:
        image, matrix = _shrunk(image, matrix, scale)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(image, matrix, (net.side, net.side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    points, sure = net(np.asarray(crop, np.float32)[None] / np.float32(255))
    return np.c_[points[:, :2] @ turn.T * scale + origin, points[:, 2] * scale], sure


def _shrunk(image: Bytes, matrix: Any, scale: float) -> tuple[Bytes, Any]:
    """The crop's surroundings reduced first, so that a large photo is averaged and not sampled."""
    corners = matrix @ np.array([[0, 192, 0, 192], [0, 0, 192, 192], [1, 1, 1, 1]])
    limits = np.array(image.shape[1::-1])
    low = np.clip(np.floor(corners.min(1)).astype(int) - 2, 0, limits - 1)
    high = np.clip(np.ceil(corners.max(1)).astype(int) + 2, low + 1, limits)
    part = image[low[1] : high[1], low[0] : high[0]]
    size = np.maximum(np.round((high - low) / scale).astype(int), 1)
    ratio = size / (high - low)
    small = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    moved = matrix.copy()
    moved[:, 2] -= low
    shift = 0.5 * ratio - 0.5
    return np.asarray(small), moved * ratio[:, None] + np.c_[np.zeros((2, 2)), shift]


def _matrix(coarse: Array, region: dict[str, Any]) -> Points:
    """Landmarks2TransformMatrix: from crop cells to cells of the feature map, (4 4)."""
    points = coarse.reshape(-1, 3)[:, :2].astype(np.float64)
    left, right = points[region["left_rotation_idx"]], points[region["right_rotation_idx"]]
    angle = region["target_rotation_radians"] - np.arctan2(right[1] - left[1], right[0] - left[0])
    turn = _rotation(angle)
    turned = points[region["subset_idxs"]] @ turn.T
    low, high = turned.min(0), turned.max(0)
    cells = np.array([region["output_width"], region["output_height"]])
    zoom = turn.T @ np.diag((high - low) * [region["scale_x"], region["scale_y"]] / cells)
    matrix = np.eye(4)
    matrix[:2, :2] = zoom
    matrix[:2, 3] = turn.T @ ((low + high) / 2) - zoom @ (cells / 2)
    return matrix


def _crop(features: Array, matrix: Points, region: dict[str, Any]) -> Array:
    """TransformTensorBilinear: features (h w c) sampled at cell centres, zero outside."""
    height, width = features.shape[:2]
    y, x = np.mgrid[: region["output_height"], : region["output_width"]] + 0.5
    u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 3] - 0.5
    v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 3] - 0.5
    inside = (u >= 0) & (u <= width - 1) & (v >= 0) & (v <= height - 1)
    u, v = np.where(inside, u, 0), np.where(inside, v, 0)
    i, j = np.floor(v).astype(int), np.floor(u).astype(int)
    a, b = (u - j)[..., None], (v - i)[..., None]
    wide = np.pad(features, ((0, 1), (0, 1), (0, 0)))
    upper = (1 - a) * wide[i, j] + a * wide[i, j + 1]
    lower = (1 - a) * wide[i + 1, j] + a * wide[i + 1, j + 1]
    return np.asarray(((1 - b) * upper + b * lower) * inside[..., None], np.float32)


def _rotation(angle: float) -> Points:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _sigmoid(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -50, 50))))
