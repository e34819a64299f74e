"""InsightFace's networks, each from its own ONNX file; no network access, no folder of models."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import weights
from pfy_core.errors import PluginError, WeightsError

DETECTION_SIDE = 640
"""Side at which SCRFD looks for faces (Hallo)."""
IDENTITY_SIDE = 112
"""Side of the aligned face that ArcFace takes (Deng et al. 2019)."""
IDENTITY_WIDTH = 512
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
        self._model = _model(name, "recognition")
        shape = tuple(self._model.output_shape)
        if shape[-1] != IDENTITY_WIDTH:
            raise WeightsError(f"weights {name!r} give {shape}", f"{IDENTITY_WIDTH} numbers for a face")

    def __call__(self, image: NDArray[np.uint8], keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
        """Image (h w 3), RGB, and keypoints (5 2) -> (512), not normalised."""
        from insightface.utils import face_align

        aligned = face_align.norm_crop(_bgr(image), landmark=keypoints, image_size=IDENTITY_SIDE)
        return np.asarray(self._model.get_feat(aligned), np.float32).reshape(-1)


def _model(name: str, task: str) -> Any:
    """A network of InsightFace for a task; WeightsError when the file is another's or damaged."""
    file = weights.path(name)
    try:
        from insightface.model_zoo import get_model
    except ImportError as error:
        raise PluginError(
            f"weights {name!r} need insightface: {error}",
            "insightface 2.1 or newer",
            "pip install 'pfy-plugin-insightface[models]', or leave the option out",
        ) from error
    if not file.suffix == ".onnx":
        raise WeightsError(f"{file.name} is no ONNX file", "a network of InsightFace as .onnx")
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
            model = get_model(str(Path(file)), providers=list(PROVIDERS))
    # A damaged file raises its own kinds out of onnxruntime and onnx.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{file} cannot be read: {reason}", f"a network for {task}") from error
    if getattr(model, "taskname", None) != task:
        found = getattr(model, "taskname", "of no known kind")
        raise WeightsError(f"{file} is a network for {found}", f"one for {task}", "see 'pfy weights list'")
    return model


def _bgr(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[..., ::-1])
