"""Reading pictures and fields between their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(
    picture: NDArray[Any], at: NDArray[Any], *, outside: str = "edge", out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """A picture or field (h w) or (h w c) at positions (h' w' 2) in its own pixels, bilinearly.

    ``outside`` its borders: the ``edge`` value, or ``zero``. Positions count in steps of 1/32 pixel. The
    result is written into ``out`` if given.
    """
    border = cv2.BORDER_CONSTANT if outside == "zero" else cv2.BORDER_REPLICATE
    at = np.asarray(at, np.float32)
    nothing: Any = None
    return np.asarray(cv2.remap(picture, at, nothing, cv2.INTER_LINEAR, dst=out, borderMode=border))


def blur(picture: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    """A picture (h w) blurred by a Gaussian of ``sigma`` pixels, float32."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.float32)


def doubled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture (h w c) at twice its size (2h 2w c); every other sample is one of its own pixels.

    Between them it is interpolated by Lanczos with a = 4 (Duchon 1979, "Lanczos filtering in one and two
    dimensions").
    """
    away = np.arange(-3, 5) - 0.5
    taps = np.sinc(away) * np.sinc(away / 4)
    taps /= taps.sum()
    one, edge = np.ones(1), cv2.BORDER_REPLICATE
    height, width = picture.shape[:2]
    found = np.empty((2 * height, 2 * width, *picture.shape[2:]), np.uint8)
    across = cv2.sepFilter2D(picture, cv2.CV_32F, taps, one, anchor=(3, 0), borderType=edge)
    found[::2, ::2] = picture
    found[::2, 1::2] = np.clip(across + 0.5, 0, 255)
    found[1::2, ::2] = cv2.sepFilter2D(picture, cv2.CV_8U, one, taps, anchor=(0, 3), borderType=edge)
    between = cv2.sepFilter2D(across, cv2.CV_32F, one, taps, anchor=(0, 3), borderType=edge)
    found[1::2, 1::2] = np.clip(between + 0.5, 0, 255)
    return found


def spread(picture: NDArray[Any], share: NDArray[Any], unit: float) -> NDArray[np.float32]:
    """A picture (h w c) as it is around each place where ``share`` (h w) is, near before far.

    ``unit`` is the scale in pixels of which a fortieth counts as near and a tenth as far.
    """
    found = np.zeros(picture.shape, np.float32)
    weight = np.full(share.shape, 1e-6, np.float32)
    known = np.asarray(picture * share[..., None], np.float32)
    for sigma, trust in ((0.012, 1.0), (0.025, 0.1), (0.05, 0.01), (0.10, 0.001)):
        found += trust * np.asarray(cv2.GaussianBlur(known, (0, 0), sigma * unit), np.float32)
        weight += trust * blur(share, sigma * unit)
    return found / weight[..., None]


def smoothstep(x: Any, low: Any, high: Any) -> NDArray[Any]:
    """0 below ``low``, 1 above ``high``, 3t^2 - 2t^3 between."""
    t = np.minimum(np.maximum((x - low) / (high - low), 0), 1)
    return np.asarray(t * t * (3 - 2 * t))


def ease(x: float, low: float, high: float) -> float:
    """``smoothstep`` of one number, at a tenth of the cost."""
    t = min(1.0, max(0.0, (x - low) / (high - low)))
    return t * t * (3 - 2 * t)


def fill(polygon: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A polygon (n 2) in pixels as an antialiased mask, uint8 (h w)."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask


def over(below: NDArray[Any], above: NDArray[Any], share: NDArray[Any]) -> None:
    """Lay colours (h w 3) over others (h w 3) by a share (h w), in place."""
    below += (above - below) * share[..., None]
