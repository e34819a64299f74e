"""How a photo looks around the mouth: its colours, light, sharpness and grain.

What is painted between the lips takes them over, so that it belongs to the photo, be it a snapshot,
a painting or a drawing.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.pixels import blur, fill, smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array, Bytes

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
CHROMA = 40.0
"""Difference of the channels in a face's most coloured tenth: 45 to 160 in colour photos, 0 to 14 in grey
and toned ones."""
OPEN_EYE = 0.05
"""Opening of an eye, in iod, that shows enough of its white to measure."""
LIGHT_POINTS = ((205, 50, 187, 207), (425, 280, 411, 427))
"""Cheek landmarks on the picture's left and right whose difference is the light's direction."""
STRONG_EDGE = 96
"""Percentile of the gradient above which a pixel counts as an edge for sharpness."""
REBLUR = 1.0
GRAIN_SCALE = 0.012
"""Structure finer than this, in iod, is grain (or brush, or canvas)."""
GRAIN_LIMIT = 14.0
"""Largest deviation of grain, in grey levels of 255: beyond it is a hair or a mole."""


class Look:
    """The look of one photo (h w 3, uint8); colours are float32 (3) in 0..255."""

    def __init__(self, face: Face, image: Bytes) -> None:
        self._face = face
        low = np.floor(face.flat.min(0)).astype(int)
        high = np.ceil(face.flat.max(0)).astype(int) + 1
        self._low = np.clip(low, 0, np.array(image.shape[1::-1]) - 2)
        high = np.clip(high, self._low + 2, image.shape[1::-1])
        self._part = np.ascontiguousarray(image[self._low[1] : high[1], self._low[0] : high[0]])

    def _at(self, names: tuple[int, ...] | list[int]) -> Array:
        """Colours (n 3) at landmarks."""
        at = np.round(self._face.flat[list(names)] - self._low).astype(int)
        at = np.clip(at, 0, np.array(self._part.shape[1::-1]) - 1)
        return self._part[at[:, 1], at[:, 0]].astype(np.float32)

    def _inside(self, outline: list[int], holes: list[list[int]] | None = None) -> Array:
        """Colours (n 3) within an outline of landmarks, without holes."""
        shape = self._part.shape[:2]
        mask = fill(self._face.flat[outline] - self._low, shape)
        for hole in holes or []:
            mask[fill(self._face.flat[hole] - self._low, shape) > 0] = 0
        return self._part[mask > 200].astype(np.float32)

    @cached_property
    def skin(self) -> Array:
        """The cheeks' colour."""
        return np.asarray(np.median(self._at(anatomy.CHEEKS), axis=0), np.float32)

    @cached_property
    def luma(self) -> float:
        """Lightness of the skin in 0..1."""
        return float(self.skin @ LUMA) / 255

    @cached_property
    def colourful(self) -> float:
        """1 for a colour photo, 0 for a grey one; a pale face has coloured lips and shadows still."""
        return float(np.clip(np.percentile(np.ptp(self._part[::2, ::2], axis=-1), 90) / CHROMA, 0, 1))

    @cached_property
    def lips(self) -> Array:
        """The lips' colour; the skin's when they are too small to see."""
        outer = [61, *anatomy.UPPER_OUTER, 291, *anatomy.LOWER_OUTER[::-1]]
        inner = [78, *anatomy.UPPER_INNER, 308, *anatomy.LOWER_INNER[::-1]]
        found = self._inside(outer, [inner])
        return np.asarray(np.median(found, axis=0) if len(found) > 8 else self.skin, np.float32)

    @cached_property
    def white(self) -> Array:
        """How a white thing looks in the face's light: from the eyes' whites, and not below the skin."""
        face, found = self._face, []
        for lids, corners, iris in zip(
            zip(anatomy.UPPER_LIDS, anatomy.LOWER_LIDS, strict=True),
            anatomy.EYE_CORNERS,
            anatomy.IRISES,
            strict=True,
        ):
            gap = (face.flat[list(lids[1])] - face.flat[list(lids[0])]) @ face.down / face.iod
            if gap.max() > OPEN_EYE:
                outline = [corners[0], *lids[0], corners[1], *lids[1][::-1]]
                found.append(self._inside(outline, [list(iris[1:])]))
        pixels = np.concatenate(found) if found else np.zeros((0, 3), np.float32)
        skin = self.skin / max(1.0, float(self.skin @ LUMA))
        light = 1.04 * self.luma * 255
        tint = skin**0.42
        if len(pixels) > 20:
            grey = pixels @ LUMA
            bright = pixels[grey >= np.percentile(grey, 70)].mean(0)
            light = max(light, float(bright @ LUMA))
            # Eyes may be bloodshot or made up: half their tint, half what the skin says.
            tint = (np.clip(bright / max(1.0, float(bright @ LUMA)), 0.6, 1.5) * tint) ** 0.5
        brightest = float(np.percentile(self._part @ LUMA, 97))
        light = min(light, max(brightest, 0.9 * self.luma * 255))
        return np.asarray(tint / np.maximum(tint @ LUMA, 1e-6) * light, np.float32)

    @cached_property
    def slope(self) -> float:
        """How much lighter the picture's right side of the mouth is than its left, -1..1, per mouth."""
        left, right = (float(np.median(self._at(points) @ LUMA)) for points in LIGHT_POINTS)
        return float(np.clip((right - left) / max(8.0, right + left), -0.6, 0.6))

    @cached_property
    def sharpness(self) -> float:
        """The photo's own blur: standard deviation in pixels of a Gaussian that would make its edges.

        From how much strong edges lose when blurred once more (Zhuo and Sim 2011, "Defocus map
        estimation from a single image").
        """
        grey = (self._part @ LUMA).astype(np.float32)
        again = blur(grey, REBLUR)
        before, after = (
            np.hypot(cv2.Sobel(g, cv2.CV_32F, 1, 0), cv2.Sobel(g, cv2.CV_32F, 0, 1)) for g in (grey, again)
        )
        strong = before >= np.percentile(before, STRONG_EDGE)
        ratio = np.median(before[strong] / np.maximum(after[strong], 1e-3))
        return float(np.clip(REBLUR / np.sqrt(max(float(ratio) ** 2 - 1, 0.02)), 0.3, 4.0))

    def grain(self, shape: tuple[int, int]) -> Array:
        """The skin's fine structure, relative to its lightness, tiled to a shape (h w), mean 0."""
        face = self._face
        cheek = max((50, 280), key=lambda name: float(self._at([name])[0] @ LUMA))
        side = max(6, int(0.11 * face.iod))
        x, y = np.clip(
            np.round(face.flat[cheek] - self._low).astype(int) - side // 2,
            0,
            np.maximum(0, np.array(self._part.shape[1::-1]) - side),
        )
        patch = (self._part[y : y + side, x : x + side] @ LUMA).astype(np.float32)
        fine = patch - blur(patch, max(1.0, GRAIN_SCALE * face.iod))
        limit = min(GRAIN_LIMIT, 3 * float(np.median(np.abs(fine))) * 1.4826 + 0.5)
        fine = np.clip(fine, -limit, limit) / max(16.0, float(patch.mean()))
        fine -= fine.mean()
        down, across = (-(-n // max(1, m)) for n, m in zip(shape, fine.shape, strict=True))
        return np.pad(
            fine, ((0, (down - 1) * fine.shape[0]), (0, (across - 1) * fine.shape[1])), mode="symmetric"
        )[: shape[0], : shape[1]]

    def toned(self, colour: Array) -> Array:
        """A colour with the photo's own saturation: grey in a grey photo."""
        grey = float(colour @ LUMA)
        share = float(smoothstep(self.colourful, 0.35, 0.8))
        return np.asarray(grey + (colour - grey) * share, np.float32)
