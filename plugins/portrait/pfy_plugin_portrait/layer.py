"""The person as a layer before a still background: its cover, and what stands behind it.

The layer's edge lies a little outside the person's, in the background, where it does not show; behind it
the background is continued to where the head has been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.pixels import blur

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array, Bytes

CUT_SIDE = 192
"""Pixels of the longer side at which the person's outline is drawn: about the matte's own 256, and a
tenth of a second."""
PERSON = 0.4
"""Matte above which a pixel is rather the person's."""
SURE, MAYBE = 0.06, 0.18
"""How far within the matte's edge a pixel is surely the person's, and how far outside it may be: hair that
the matte cuts off."""
RIM, SOFT = 0.12, 0.08
"""Background that goes along at the person's edge, for stray hair, and the softness of the layer's edge,
in iod."""


NEAREST = 12.0
"""How much more the nearest background counts than its share of a neighbourhood: with 1 the middle of the
gap takes on the mean of the whole picture."""
ASIDE = 0.32
"""Iod beyond the outer eye corners that glasses reach."""


def cover(face: Face, matte: Array, image: Bytes) -> Bytes:
    """How much each pixel of a photo (h w 3) belongs to the layer, 0 to 255 (h w)."""
    height, width = matte.shape
    scale = min(1.0, CUT_SIDE / max(matte.shape))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    unit = face.iod * scale
    person = (cv2.resize(matte, size, interpolation=cv2.INTER_AREA) > PERSON).astype(np.uint8)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    person = _cut_out(small, person, unit)
    for points in (face.flat[list(anatomy.OVAL)], _glasses(face)):
        cv2.fillConvexPoly(person, cv2.convexHull(np.round(points * scale).astype(np.int32)), 1)
    # The soft edge begins outside the rim: blurring must not eat into it.
    grown = cv2.dilate(person, _disc((RIM + SOFT) * unit)).astype(np.float32)
    soft = np.clip(2 * blur(grown, max(0.5, SOFT * unit)) - 1, 0, 1)
    soft = np.maximum(soft, cv2.dilate(person, _disc(RIM * unit)))
    wide = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.round(255 * wide), np.uint8)


def _glasses(face: Face) -> NDArray[np.float64]:
    """Corners (4 2) of where glasses may be: on a half-turned face they stand out over its edge."""
    outer = face.flat[[anatomy.EYE_CORNERS[0][0], anatomy.EYE_CORNERS[1][0]]]
    reach = np.array([[-ASIDE, -0.10], [-ASIDE, 0.15], [ASIDE, -0.10], [ASIDE, 0.15]])
    return np.repeat(outer, 2, axis=0) + face.world(reach)


def _cut_out(image: Bytes, person: Bytes, unit: float) -> Bytes:
    """A person's mask (h w) with its outline moved to where the picture's colours change (GrabCut: Rother,
    Kolmogorov & Blake 2004)."""
    sure = cv2.erode(person, _disc(SURE * unit), borderType=cv2.BORDER_REPLICATE)
    maybe = cv2.dilate(person, _disc(MAYBE * unit))
    labels = np.where(person, cv2.GC_PR_FGD, np.where(maybe, cv2.GC_PR_BGD, cv2.GC_BGD)).astype(np.uint8)
    labels[sure > 0] = cv2.GC_FGD
    if not person.any() or not (labels == cv2.GC_BGD).any():
        return person
    cv2.setRNGSeed(0)
    nowhere: Any = None
    cv2.grabCut(image, labels, nowhere, np.zeros((1, 65)), np.zeros((1, 65)), 1, cv2.GC_INIT_WITH_MASK)
    return ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)


def behind(image: Bytes, cover: Bytes) -> Bytes:
    """The photo (h w 3) with its background continued where the layer hides it.

    What lies under the layer's soft edge is made up too: it holds stray hair, which would stay behind. Push
    and pull (Gortler et al. 1996, "The lumigraph"): what is missing comes from a smaller picture, in
    which the gap is smaller too; so the nearest background is continued, the softer the further away.
    """
    seen = (cover < 128).astype(np.float32)
    if seen.all() or not seen.any():
        return image
    sums: list[Any] = [image.astype(np.float32) * seen[..., None]]
    weights: list[Any] = [seen]
    while min(weights[-1].shape) > 2:
        sums.append(cv2.pyrDown(sums[-1]))
        weights.append(cv2.pyrDown(weights[-1]))
    filled = sums[-1] / np.maximum(weights[-1], 1e-6)[..., None]
    for total, weight in zip(sums[-2::-1], weights[-2::-1], strict=True):
        size = weight.shape[1], weight.shape[0]
        coarse = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)
        own = total / np.maximum(weight, 1e-6)[..., None]
        share = np.clip(NEAREST * weight, 0, 1)[..., None]
        filled = coarse + (own - coarse) * share
    return np.where(seen[..., None] > 0, image, np.clip(np.round(filled), 0, 255)).astype(np.uint8)


def settle(canvas: Bytes, behind: Bytes) -> None:
    """Lay a moved layer (h w 4), whose last channel is its cover, over what is behind it, in place."""
    cover: Any = cv2.extractChannel(canvas, 3)
    # Bytes wrap: neither 0 nor 255, less 1, is below 254.
    edge = np.flatnonzero(cover - np.uint8(1) < 254)
    cv2.copyTo(behind, cv2.inRange(cover, 0, 0), canvas)
    # A pixel's four bytes are fetched as one number: a third of the time.
    pixels, still = canvas.view(np.uint32).ravel(), behind.view(np.uint32).ravel()
    above, below = (part[edge].view(np.uint8).reshape(1, -1, 4) for part in (pixels, still))
    share = cover.ravel()[edge][None].astype(np.float32)
    if len(edge):
        mixed = cv2.blendLinear(above, below, share, 255 - share)
        pixels[edge] = np.asarray(mixed, np.uint8).view(np.uint32).ravel()


def _disc(radius: float) -> Bytes:
    """A round structuring element of at least a pixel's radius."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
