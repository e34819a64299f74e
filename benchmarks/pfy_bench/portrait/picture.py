"""What a frame keeps of the photo: sharpness, and stillness around the person.

Pictures are uint8 RGB (h w 3) of one size: ``photo`` is the photo at the video's size, landmarks (478 3)
belong to the picture named beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

EYES = (33, 133, 159, 145, 263, 362, 386, 374, 105, 334)
MOUTH = (61, 291, 0, 17)
OVAL = (10, 152, 234, 454)
SAME_SHAPE = 0.02
"""Relative difference of aspect ratios up to which the video shows the whole photo."""
CLEAR = 0.15
"""Distance in iod that the background keeps from the person's edge, where the matte is unsure."""
RIM = 0.45
"""Width in iod of the band of background around the person that is looked at on its own."""
TEXTURE = 8.0
"""Gradient (grey levels a pixel) that a displacement can be measured from."""
FEWEST = 400
"""Pixels that a statement about a region needs."""


def fit(photo: Picture, size: tuple[int, int]) -> Picture | None:
    """The photo at the video's size (width, height), or None when the video shows another section."""
    height, width = photo.shape[:2]
    if abs((size[0] / size[1]) / (width / height) - 1) > SAME_SHAPE:
        return None
    way = cv2.INTER_AREA if size[0] < width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8)


def boxes(points: Any, iod: float) -> dict[str, tuple[int, int, int, int]]:
    """Left, top, right, bottom in pixels of eyes, mouth and face."""
    found = {}
    for name, indices, margin in (("eyes", EYES, 0.06), ("mouth", MOUTH, 0.1), ("face", OVAL, 0.0)):
        flat = points[list(indices), :2]
        low, high = flat.min(0) - margin * iod, flat.max(0) + margin * iod
        found[name] = tuple(int(v) for v in (*np.floor(low), *np.ceil(high)))
    return found  # type: ignore[return-value]


def sharpness(picture: Picture, box: tuple[int, int, int, int]) -> float:
    """Variance of the Laplacian of the grey picture in a box: how much fine detail there is."""
    left, top, right, bottom = box
    part = picture[max(0, top) : bottom, max(0, left) : right]
    if min(part.shape[:2]) < 3:
        return float("nan")
    return float(cv2.Laplacian(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def background(matte: Any, iod: float, reach: float = 0.0) -> tuple[Mask, Mask]:
    """Background (h w) clear of the person, and its band next to the person.

    ``matte`` (h w) is the person's in the photo; ``reach`` is how far in pixels the head moves in the
    video: what it covers or uncovers is neither.
    """
    away = cv2.distanceTransform((matte < 0.1).astype(np.uint8), cv2.DIST_L2, 5)
    near = CLEAR * iod + reach
    return away > near, (away > near) & (away < near + RIM * iod)


def textured(photo: Picture) -> Mask:
    """Where (h w) there is enough detail to see a displacement."""
    grey = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    gradient = cv2.magnitude(cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)) / 16
    return np.asarray(cv2.dilate((gradient > TEXTURE).astype(np.uint8), np.ones((5, 5))) > 0)


class Displacement:
    """How far a frame's parts are from where they are in a still picture: dense optical flow.

    Dense Inverse Search (Kroeger et al. 2016), OpenCV's medium preset.
    """

    def __init__(self, still: Picture) -> None:
        self._still = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def __call__(self, frame: Picture) -> NDArray[np.float32]:
        """Distance (h w) in pixels."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        flow = self._flow.calc(self._still, grey, np.zeros((*grey.shape, 2), np.float32))
        return np.asarray(np.linalg.norm(flow, axis=2), np.float32)


def within(values: Any, mask: Mask, percentile: float | None = None) -> float:
    """Mean, or percentile, of values (h w) in a region; nan when it has fewer than FEWEST pixels."""
    inside = values[mask]
    if len(inside) < FEWEST:
        return float("nan")
    return float(inside.mean() if percentile is None else np.percentile(inside, percentile))


def difference(one: Picture, other: Picture) -> NDArray[np.float32]:
    """Absolute difference (h w) in grey levels, mean over the colours."""
    return np.asarray(cv2.absdiff(one, other).mean(axis=2), np.float32)
