"""InsightFace's networks, each from its own ONNX file; no network access, no folder of models.

Detection and landmarks need the package insightface; the identity needs onnxruntime alone.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pfy_core import weights
from pfy_core.errors import PluginError, WeightsError

DETECTION_SIDE = 640
"""Side at which SCRFD looks for faces (Hallo)."""
IDENTITY_SIDE = 112
"""Side of the aligned face that ArcFace takes (Deng et al. 2019)."""
IDENTITY_WIDTH = 512
MIDDLE = 127.5
"""Of the 8 bits of a colour: the network takes (value - 127.5) / 127.5 (insightface, ``ArcFaceONNX``)."""
ALIGNED = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    np.float64,
)
"""Where eyes, nose and corners of the mouth come to lie in 112 pixels (insightface, ``face_align``)."""
PROVIDERS = ("CPUExecutionProvider",)


@dataclass(frozen=True)
class Found:
    """A face: its box (left, top, right, bottom) and 5 keypoints (5 2), in pixels."""

    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return float((right - left) * (bottom - top))


class Detector:
    """SCRFD: a picture to the faces in it."""

    def __init__(self, name: str) -> None:
        self._model = _model(name, "detection")
        self._model.prepare(ctx_id=-1, input_size=(DETECTION_SIDE, DETECTION_SIDE))

    def __call__(self, image: NDArray[np.uint8]) -> list[Found]:
        """Image (h w 3), RGB -> faces, the largest first."""
        boxes, points = self._model.detect(_bgr(image))
        found = [Found(box[:4], five) for box, five in zip(boxes, points, strict=True)]
        return sorted(found, key=lambda face: -face.area)


class Points:
    """68 landmarks in three dimensions of a face that was found."""

    def __init__(self, name: str) -> None:
        self._model = _model(name, "landmark_3d_68")

    def __call__(self, image: NDArray[np.uint8], face: Found) -> NDArray[np.float32]:
        """Image (h w 3), RGB -> (68 3), pixels of the image."""
        from insightface.app.common import Face

        found = self._model.get(_bgr(image), Face(bbox=face.box, kps=face.keypoints))
        return np.asarray(found, np.float32)


class Identity:
    """ArcFace: an aligned face to 512 numbers that say whose it is."""

    def __init__(self, name: str) -> None:
        import onnxruntime

        file = _file(name)
        try:
            self._session = onnxruntime.InferenceSession(str(file), providers=list(PROVIDERS))
        # A damaged file raises its own kinds out of onnxruntime.
        except Exception as error:
            raise _unreadable(file, error, "recognition") from error
        taken, made = self._session.get_inputs()[0].shape, self._session.get_outputs()[0].shape
        if len(taken) != 4 or taken[1:] != [3, IDENTITY_SIDE, IDENTITY_SIDE]:
            raise WeightsError(
                f"{file} takes {taken}",
                f"a network for recognition, of faces (1 3 {IDENTITY_SIDE} {IDENTITY_SIDE})",
                "see 'pfy weights list'",
            )
        if made[-1] != IDENTITY_WIDTH:
            raise WeightsError(f"weights {name!r} give {made}", f"{IDENTITY_WIDTH} numbers for a face")

    def __call__(self, image: NDArray[np.uint8], keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
        """Image (h w 3), RGB, and keypoints (5 2) -> (512), not normalised."""
        aligned = cv2.warpAffine(image, similarity(keypoints, ALIGNED), (IDENTITY_SIDE, IDENTITY_SIDE))
        given = ((aligned.astype(np.float32) - MIDDLE) / MIDDLE).transpose(2, 0, 1)[None]
        (made,) = self._session.run(None, {self._session.get_inputs()[0].name: given})
        return np.asarray(made, np.float32).reshape(-1)


def similarity(points: NDArray[np.floating], places: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn, scale and shift (2 3) that bring points (n 2) nearest to places (n 2) (Umeyama 1991)."""
    points = points.astype(np.float64)
    centre, target = points.mean(axis=0), places.mean(axis=0)
    near, far = points - centre, places - target
    left, sizes, right = np.linalg.svd(far.T @ near / len(points))
    sign = np.array([1.0, np.sign(np.linalg.det(left @ right))])
    turned = left @ np.diag(sign) @ right
    scaled = turned * (sizes @ sign) / near.var(axis=0).sum()
    return np.concatenate([scaled, (target - scaled @ centre)[:, None]], axis=1)


def _model(name: str, task: str) -> Any:
    """A network of InsightFace for a task; WeightsError when the file is another's or damaged."""
    file = _file(name)
    try:
        from insightface.model_zoo import get_model
    except ImportError as error:
        raise PluginError(
            f"weights {name!r} need insightface: {error}",
            "insightface 2.1 or newer",
            "pip install 'pfy-plugin-insightface[models]', or leave the option out",
        ) from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
            model = get_model(str(Path(file)), providers=list(PROVIDERS))
    # A damaged file raises its own kinds out of onnxruntime and onnx.
    except Exception as error:
        raise _unreadable(file, error, task) from error
    if getattr(model, "taskname", None) != task:
        found = getattr(model, "taskname", "of no known kind")
        raise WeightsError(f"{file} is a network for {found}", f"one for {task}", "see 'pfy weights list'")
    return model


def _file(name: str) -> Path:
    file = weights.path(name, fetch=False)
    if file.suffix != ".onnx":
        raise WeightsError(f"{file.name} is no ONNX file", "a network of InsightFace as .onnx")
    return file


def _unreadable(file: Path, error: Exception, task: str) -> WeightsError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return WeightsError(f"{file} cannot be read: {reason}", f"a network for {task}")


def _bgr(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[..., ::-1])
