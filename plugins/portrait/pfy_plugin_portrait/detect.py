"""Face detection: BlazeFace at short and full range, on overlapping tiles when faces are small.

Anchors and decoding as in MediaPipe's face_detection graphs (google-ai-edge/mediapipe,
modules/face_detection): strides 8 and 16 on 128 px, stride 4 on 192 px, scores clipped at +-100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait.tflite import Net

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Bytes

LAYERS = {128: ((8, 2), (16, 6)), 192: ((4, 1),)}
"""Input side -> (stride, anchors a cell) of each output layer."""
SCORE = 0.5
OVERLAP = 0.3
TILE = 0.6
"""Side of a tile relative to the image; nine of them overlap by two thirds."""
LARGE = 0.2
"""Size of a face, relative to the image, that no tile is needed for."""


@dataclass(frozen=True)
class Detection:
    """A face: score 0..1, centre and size (width, height) of its box, the eyes (2 2), in pixels."""

    score: float
    centre: NDArray[np.float64]
    size: NDArray[np.float64]
    eyes: NDArray[np.float64]


class Detector:
    """One BlazeFace model."""

    def __init__(self, model: bytes) -> None:
        self._net = Net(model)
        self._side = self._net.side
        self._anchors = np.array(
            [
                ((x + 0.5) * stride / self._side, (y + 0.5) * stride / self._side)
                for stride, count in LAYERS[self._side]
                for y in range(self._side // stride)
                for x in range(self._side // stride)
                for _ in range(count)
            ]
        )

    def __call__(self, image: Bytes) -> list[Detection]:
        """Faces in an image (h w 3), unmerged."""
        height, width = image.shape[:2]
        longest = max(height, width)
        square = np.zeros((self._side, self._side, 3), np.float32)
        small = (max(1, round(width * self._side / longest)), max(1, round(height * self._side / longest)))
        pad = np.array([(self._side - small[0]) // 2, (self._side - small[1]) // 2])
        resized = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        square[pad[1] : pad[1] + small[1], pad[0] : pad[0] + small[0]] = resized
        boxes, logits = sorted(self._net(square / 127.5 - 1.0), key=lambda out: -out.shape[-1])
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -100, 100)))
        keep = np.flatnonzero(scores > SCORE)
        raw = boxes[0, keep].astype(np.float64) / self._side
        anchors, offset = self._anchors[keep], pad / self._side
        centres = (raw[:, :2] + anchors - offset) * longest
        eyes = (raw[:, 4:8].reshape(-1, 2, 2) + anchors[:, None] - offset) * longest
        sizes = raw[:, 2:4] * longest
        return [
            Detection(float(scores[k]), c, s, e)
            for k, c, s, e in zip(keep, centres, sizes, eyes, strict=True)
        ]


def faces(image: Bytes, detectors: list[Detector]) -> list[Detection]:
    """All faces of an image, largest first; unless one is large, tiles are searched as well."""
    found = [face for detector in detectors for face in detector(image)]
    height, width = image.shape[:2]
    h, w = int(height * TILE), int(width * TILE)
    largest = max((float(face.size[0]) for face in found), default=0.0)
    if largest < LARGE * max(height, width) and min(h, w):
        for y in np.linspace(0, height - h, 3, dtype=int):
            for x in np.linspace(0, width - w, 3, dtype=int):
                tile = image[y : y + h, x : x + w]
                found += [_moved(face, x, y) for detector in detectors for face in detector(tile)]
    return sorted(merge(found), key=lambda face: -float(face.size[0]))


def merge(found: list[Detection]) -> list[Detection]:
    """One detection per face: those that overlap are averaged by score (weighted NMS)."""
    left, merged = sorted(found, key=lambda face: -face.score), []
    while left:
        same = [face for face in left if overlap(left[0], face) > OVERLAP]
        left = [face for face in left if not any(face is other for other in same)]
        share = np.array([face.score for face in same])
        share /= share.sum()

        def mean(parts: list[Any], share: NDArray[np.float64] = share) -> NDArray[np.float64]:
            return np.tensordot(share, np.array(parts), 1)

        merged.append(
            Detection(
                same[0].score,
                mean([face.centre for face in same]),
                mean([face.size for face in same]),
                mean([face.eyes for face in same]),
            )
        )
    return merged


def overlap(one: Detection, other: Detection) -> float:
    """Intersection over union of two boxes."""
    low = np.maximum(one.centre - one.size / 2, other.centre - other.size / 2)
    high = np.minimum(one.centre + one.size / 2, other.centre + other.size / 2)
    common = float(np.prod(np.maximum(high - low, 0)))
    return common / (float(np.prod(one.size)) + float(np.prod(other.size)) - common)


def _moved(face: Detection, x: int, y: int) -> Detection:
    return Detection(face.score, face.centre + (x, y), face.size, face.eyes + (x, y))
