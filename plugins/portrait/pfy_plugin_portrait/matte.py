"""The person matte: MediaPipe's selfie segmentation (Apache-2.0), cut at its last operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait.tflite import Net

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_plugin_portrait.ports import Array, Bytes


def cut_model(source: Path, target: Path) -> None:
    """Cut the model file before its custom operator into an .npz: a plain model, kernel and bias."""
    from pfy_plugin_portrait.cut import Model

    model = Model(source)
    (last,) = model.custom("Convolution2DTransposeBias")
    kernel, bias = model.values(last.inputs[1]), model.values(last.inputs[2])
    with target.open("wb") as file:
        np.savez(file, body=model.cut(model.inputs, [last.inputs[0]]), kernel=kernel, bias=bias)


class Matting:
    """The segmentation model; its last layer, a 2x2 transposed convolution, is done in numpy."""

    def __init__(self, parts: Path) -> None:
        with np.load(parts, allow_pickle=False) as data:
            self._body, self._kernel, self._bias = Net(data["body"].tobytes()), data["kernel"], data["bias"]

    def __call__(self, image: Bytes) -> Array:
        """How much each pixel of an image (h w 3) belongs to a person, float32 (h w) in 0..1."""
        side = self._body.side
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        (cells,) = self._body(np.asarray(small, np.float32)[None] / np.float32(255))
        # (i j c) x (a b c) -> (i a j b): each cell paints a block of 2 by 2
        logits = np.einsum("ijc,abc->iajb", cells[0], self._kernel[0]) + self._bias[0]
        soft = 1.0 / (1.0 + np.exp(-np.clip(logits.reshape(side, side), -50, 50)))
        size = (image.shape[1], image.shape[0])
        wide = cv2.resize(soft.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        return np.clip(np.asarray(wide, np.float32), 0, 1)
