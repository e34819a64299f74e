"""``encoder/landmarks``: a portrait to masks of its face and lips, and to an identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Encoder, InputError, OptionalWeights, note
from pfy_plugin_insightface import masks, topology
from pfy_plugin_insightface.ports import Face, Image, Mesh

TOKEN = 512
"""Features of a token (supplement, Table 1)."""


@dataclass(frozen=True)
class _Located:
    """Landmarks (n 3), the points of the outline and of the lips among them, 5 keypoints (5 2)."""

    landmarks: NDArray[np.float32]
    outline: NDArray[np.float32]
    lips: NDArray[np.float32]
    keypoints: NDArray[np.float32]


class LandmarksEncoder(Encoder, name="landmarks"):
    """A portrait to where its face and lips are and whose face it is, as Hallo's conditions.

    Landmarks come from ``encoder/face-mesh`` through the port, so that no model with a non-commercial
    licence is needed; without it from InsightFace's ``detector`` and ``points``, whose outline has no
    forehead: the detector's box stands for it.

    face: which of several faces InsightFace takes, 0 is the largest.
    face_expansion, lip_expansion: how much larger than the landmarks the rectangles are (Hallo).
    identity: an ArcFace network, ``antelopev2/identity`` (what Hallo was trained with, non-commercial)
        or ``auraface/identity`` (for graphs trained with it); none: zeros, which is Hallo's
        unconditional identity, and a note.
    detector: ``antelopev2/detector``; given beside a mesh, it says how the face is aligned for the
        identity, as released; else the mesh's eyes, nose and mouth do.
    points: ``antelopev2/points``, for use without a mesh.
    layout: the tokens are the box at 64x64 and the identity, or ``released``: the box at its full size, once
        for each colour, and the identity, as in the code that the authors of Playing For You released.
    neutral: a face that is everywhere and nobody's (masks and box are 1, the identity is 0), whatever is
        seen: the ablation ``no-landmarks``.

    Raises InputError without a face, for one in profile, or where neither a mesh nor both networks are
    there; WeightsError for weights that are something else.
    """

    def __init__(
        self,
        *,
        face: int = 0,
        face_expansion: float = masks.FACE_EXPANSION,
        lip_expansion: float = masks.LIP_EXPANSION,
        identity: OptionalWeights = "",
        detector: OptionalWeights = "",
        points: OptionalWeights = "",
        layout: Literal["compact", "released"] = "compact",
        neutral: bool = False,
    ) -> None:
        if face < 0:
            raise InputError(f"face {face}", "0 (the largest) or more")
        for option, value in (("face_expansion", face_expansion), ("lip_expansion", lip_expansion)):
            if not 0.5 <= value <= 5:
                raise InputError(f"{option} {value}", "0.5 to 5")
        if layout not in ("compact", "released"):
            raise InputError(f"layout {layout!r}", "compact or released")
        self._face, self._expansions = face, (face_expansion, lip_expansion)
        self._layout, self._neutral = layout, neutral
        from pfy_plugin_insightface import recognition

        self._detect = recognition.Detector(detector) if detector else None
        self._points = recognition.Points(points) if points else None
        self._identify = recognition.Identity(identity) if identity else None

    def __call__(self, image: Image, landmarks: Mesh | None = None) -> Face:
        """image (h w 3) -> landmarks, masks (3 h w), box (h w), identity (512), tokens (t 512).

        There are 9 tokens, or 3 h w / 512 + 1 in the layout ``released``.
        """
        picture = _checked(image)
        located = self._found(picture) if landmarks is None else self._meshed(picture, landmarks)
        height, width = picture.shape[:2]
        rectangles = [
            masks.filled(masks.extent(part, expansion, height, width), height, width)
            for part, expansion in zip((located.outline, located.lips), self._expansions, strict=True)
        ]
        soft = masks.at_size(masks.hierarchical(*rectangles), height, width)
        box = (rectangles[0] > 0).astype(np.float32)
        if self._neutral:
            soft, box, identity = np.ones_like(soft), np.ones_like(box), torch.zeros(TOKEN)
        else:
            identity = self._identity(picture, located)
        return Face(located.landmarks, soft, box, identity, self._tokens(box, identity))

    def _meshed(self, image: NDArray[np.uint8], mesh: NDArray[np.float32]) -> _Located:
        """What a mesh says of the face; aligned by the detector's keypoints where there is one."""
        points = np.asarray(mesh, np.float32)
        if points.shape != (478, 3) or not np.isfinite(points).all():
            raise InputError(f"landmarks: shape {points.shape}", "478 finite points (478 3), in pixels")
        if abs(topology.turn(points)) > topology.MAX_TURN:
            raise InputError(
                "the face is seen from the side", "both eyes and the whole mouth", "take a frontal photo"
            )
        height, width = image.shape[:2]
        centre = points[list(topology.OVAL), :2].mean(axis=0)
        if not (0 <= centre[0] < width and 0 <= centre[1] < height):
            raise InputError(
                f"landmarks around {centre.round().tolist()} lie outside the picture ({width}x{height})",
                "the landmarks of the same picture",
            )
        keypoints = topology.keypoints(points)
        for face in self._detect(image) if self._detect else ():
            left, top, right, bottom = face.box
            if left <= centre[0] <= right and top <= centre[1] <= bottom:
                keypoints = face.keypoints
                break
        return _Located(points, points[list(topology.OVAL)], points[list(topology.OUTER_LIPS)], keypoints)

    def _found(self, image: NDArray[np.uint8]) -> _Located:
        """What InsightFace's detector and landmarks say of the wanted face."""
        if self._detect is None or self._points is None:
            raise InputError(
                "no landmarks",
                "the landmarks of encoder/face-mesh, or both options detector and points",
                "connect them: landmarks: mesh.landmarks",
            )
        faces = self._detect(image)
        if not faces:
            raise InputError(
                "no face was found in the photo",
                "one face, seen from the front, not covered",
                "try another photo, or crop it around the face",
            )
        if self._face >= len(faces):
            raise InputError(f"there is no face {self._face}", f"0 to {len(faces) - 1}: {len(faces)} found")
        if len(faces) > 1 and not self._face:
            note(f"{len(faces)} faces found; the largest is used (choose with --face-index 1 ...)")
        face = faces[self._face]
        points = self._points(image, face)
        corners = np.array([[*face.box[:2], 0], [*face.box[2:], 0]], np.float32)
        outline = np.concatenate([points, corners])
        return _Located(points, outline, points[topology.LIPS_68], face.keypoints)

    def _tokens(self, box: NDArray[np.float32], identity: Tensor) -> Tensor:
        """The box (h w) as tokens, and the identity as the last one."""
        if self._layout == "released":
            if 3 * box.size % TOKEN:
                raise InputError(
                    f"image: {box.shape[1]}x{box.shape[0]}, which is no whole number of tokens",
                    "a square picture such as 512x512, for the layout 'released'",
                    "connect adapter/square",
                )
            shown = np.broadcast_to(box, (3, *box.shape)).copy()
        else:
            small = cv2.resize(box, (masks.SIDE, masks.SIDE), interpolation=cv2.INTER_AREA)
            shown = small.astype(np.float32)
        return torch.cat([torch.from_numpy(shown).reshape(-1, TOKEN), identity[None]])

    def _identity(self, image: NDArray[np.uint8], located: _Located) -> Tensor:
        if self._identify is None:
            note("no identity network is named: the identity is zeros, Hallo's unconditional one")
            return torch.zeros(TOKEN)
        return torch.from_numpy(self._identify(image, located.keypoints))


def _checked(image: Image) -> NDArray[np.uint8]:
    picture = np.asarray(image)
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 2:
        raise InputError(
            f"image: {picture.dtype} {picture.shape}", "uint8 (h w 3), RGB", "open it with pfy_core.media"
        )
    return picture
