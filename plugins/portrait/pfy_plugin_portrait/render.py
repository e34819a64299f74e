"""A photo that moves: one frame for each row of motion, warped in a single resampling.

For a pixel y of the result, the head's motion is undone first (z = y - H'(y)), then the skin's
(x = z - D'(z)), and the photo is read at x. Patches (upper lip, lids) and the inside of the mouth
are laid over, each with its own D.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait import layer
from pfy_plugin_portrait.background import backdrop, composed, cut_out
from pfy_plugin_portrait.creases import Creases, darken
from pfy_plugin_portrait.deform import Deformer
from pfy_plugin_portrait.eyes import Eye
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.head import Head
from pfy_plugin_portrait.in_front import crossed
from pfy_plugin_portrait.look import Look
from pfy_plugin_portrait.mouth import Mouth, smooth_edge
from pfy_plugin_portrait.pixels import blur, doubled, ease, fill, read, smoothstep
from pfy_plugin_portrait.pulls import Pose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

Box = tuple[float, float, float, float]
"""x0 y0 x1 y1 in pixels, end exclusive."""
Region = tuple[slice, slice]
"""Rows and columns of the canvas."""

FINE_PIXELS = 4_000_000
"""Up to this many moving pixels the photo is enlarged once (Lanczos) and then read bilinearly: near
cubic quality at a quarter of the cost for every frame."""
OPENS = (0.004, 0.020)
"""Gap of the lips, in iod, over which the inside of the mouth appears."""

SKIN_REACH = 0.2
"""Iod beyond the person that the skin's own motion can reach: a wide-open jaw takes the chin down .15."""
BAND = 4
"""Rows of cells whose extent is looked for together."""
LIP_SHADOW = 0.008
"""How much lower the shadow of the lips lies than they, in iod."""


class Portrait:
    """A photo prepared for animation. ``frame`` may be called from several threads.

    image: uint8 (h w 3); landmarks: (478 3) in pixels; matte: (h w) in 0..1; background: ``keep``,
    ``transparent``, ``blur`` or a colour (r g b); still_eyes: eyes (right, left) that neither blink nor
    look; eye_turn: the irises' way to the camera, in iod to the right. ``shape`` is that of its frames.
    """

    def __init__(
        self,
        image: Bytes,
        landmarks: Array,
        matte: Array,
        background: str | tuple[int, int, int] = "keep",
        *,
        still_eyes: tuple[bool, bool] = (False, False),
        eye_turn: float = 0.0,
    ) -> None:
        self.image = np.ascontiguousarray(image)
        self.face = Face(landmarks.astype(np.float64))
        cover = layer.cover(self.face, matte, self.image)
        person, behind, self._still = _layers(self.image, cover, matte, background)
        self.shape = self._still.shape
        look = Look(self.face, self.image)
        self.deformer = Deformer(self.face, still_eyes, glasses=crossed(self.face, self.image))
        self.head = Head(self.face, cover)
        self.eyes = [Eye(self.face, eye, self.image, eye_turn) for eye in (0, 1) if not still_eyes[eye]]
        self.mouth = Mouth(self.face, self.image, look)
        self.creases = Creases(self.face, self.deformer.smiling, look.colourful)
        self._lip_box, self._lip_alpha = self._upper_lip()
        x0, y0, x1, y1 = self._box = self._moving_box()
        self._zoom = 2 if (x1 - x0) * (y1 - y0) <= FINE_PIXELS else 1
        part: Any = person[y0:y1, x0:x1]
        if self._zoom == 2:
            part = doubled(part)
        self._source = np.asarray(part)
        self._behind: Any = None
        if behind is not None:
            self._behind = cv2.cvtColor(behind[y0:y1, x0:x1], cv2.COLOR_RGB2RGBA)
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        self._at_rest = self._in_source(np.stack([x, y], -1))
        self._cells, self._part = self.head.grid.part(self._box)
        self._part_at_rest = self._in_source(self._part.points)
        self._person = self._person_cells(np.ascontiguousarray(person[..., 3]))
        self._skin_in_head = self.head.grid.index(self.deformer.base.grid.points)
        self._threads = threading.local()

    def _moving_box(self) -> tuple[int, int, int, int]:
        """Every pixel that head or skin can move, within the picture."""
        (a0, b0, a1, b1), (c0, d0, c1, d1) = self.deformer.base.grid.box, self.head.box
        height, width = self.image.shape[:2]
        return max(0, min(a0, c0)), max(0, min(b0, d0)), min(width, max(a1, c1)), min(height, max(b1, d1))

    def _upper_lip(self) -> tuple[Box, Array]:
        """The upper-lip patch: its box and soft mask in the photo."""
        face = self.face
        reach = face.world(np.diag([face.mouth_half * 1.15, 0.22]))
        x0, y0 = np.floor(face.mouth - np.abs(reach).sum(0)).astype(int)
        x1, y1 = np.ceil(face.mouth + np.abs(reach).sum(0)).astype(int)
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float64)
        local = face.local(np.stack([x, y], -1), face.mouth)
        edge = face.local(smooth_edge(face.flat[[78, *anatomy.UPPER_INNER, 308]]), face.mouth)
        below = local[..., 1] - np.interp(local[..., 0], edge[:, 0], edge[:, 1])
        soft = max(0.006, 0.7 / face.iod)
        half = (edge[-1, 0] - edge[0, 0]) / 2
        middle = (edge[-1, 0] + edge[0, 0]) / 2
        alpha = 1 - smoothstep(below, -soft, soft)
        alpha *= smoothstep(below, -0.19, -0.14)
        alpha *= 1 - smoothstep(np.abs(local[..., 0] - middle) / half, 0.94, 1.06)
        return (int(x0), int(y0), int(x1), int(y1)), alpha.astype(np.float32)

    def frame(self, channels: Array, out: Bytes | None = None) -> Bytes:
        """The picture (h w 3 or 4) for one row (58) of ``motion.face``, written into ``out`` if given."""
        pose = Pose(channels)
        controls = self.deformer.controls(pose)
        turned = self._turned(channels)
        base = self.deformer.base
        skin = base.grid.inverse(base.field(controls))
        shift = read(turned, self._skin_in_head)
        total = shift + base.grid.pull(skin, shift)
        head, canvas = self._read_photo(turned, total)
        for box, factors in self.creases.shades(channels, base.grid, total):
            self._shade(canvas, box, factors)
        self._lay_mouth(canvas, turned, head, controls, pose)
        lip = self.deformer.lip
        field = lip.field(controls)
        region = self._where(turned, _grown(self._lip_box, cv2.norm(field, cv2.NORM_INF)))
        part = self._undone(head, region)
        at_lip = part - lip.grid.look_up(lip.grid.inverse(field), part) if part.size else part
        self._lay_patch(canvas[region], at_lip, self._lip_box, self._lip_alpha)
        for eye in self.eyes:
            if eye.changes(pose):
                region = self._where(turned, eye.box(pose))
                eye.draw(canvas[region], self._undone(head, region), pose)
        x0, y0, x1, y1 = self._box
        out = np.empty(self.shape, np.uint8) if out is None else out
        for still in (np.s_[:y0], np.s_[y1:], np.s_[y0:y1, :x0], np.s_[y0:y1, x1:]):
            out[still] = self._still[still]
        if self._behind is None:
            out[y0:y1, x0:x1] = canvas
        else:
            layer.settle(canvas, self._behind)
            cv2.cvtColor(canvas, cv2.COLOR_RGBA2RGB, dst=out[y0:y1, x0:x1])
        return out

    def _buffers(self) -> tuple[Array, Array, Bytes]:
        """This thread's positions with head and skin moved (h w 2), and canvas (h w 4): memory fresh
        from the system costs more than the work."""
        found: tuple[Array, Array, Bytes] | None = getattr(self._threads, "buffers", None)
        if found is None:
            head, skin = (
                np.empty((y1 - y0, x1 - x0, 2), np.float32)
                for x0, y0, x1, y1 in (self._part.box, self.deformer.base.grid.box)
            )
            canvas = np.empty((*self._at_rest.shape[:2], 4), np.uint8)
            found = self._threads.buffers = head, skin, canvas
        return found

    def _person_cells(self, cover: Bytes) -> Bytes:
        """Points (rows columns) of the head's grid near which there is something that moves."""
        grid = self.head.grid
        near = cv2.dilate(cover, np.ones((2 * math.ceil(1.5 * grid.cell) + 1,) * 2, np.uint8))
        reach = 2 * round(SKIN_REACH * self.face.iod) + 1
        far = cv2.dilate(cover, np.ones((reach, reach), np.uint8))
        x0, y0, x1, y1 = self.deformer.base.grid.box
        skin = np.s_[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
        near[skin] = np.maximum(near[skin], far[skin])
        return np.where(read(near, grid.points) > 0, np.uint8(255), np.uint8(0))

    def _read_photo(self, turned: Array, total: Array) -> tuple[Array, Bytes]:
        """The photo moved by the inverse fields of head and of everything, on the canvas (h w 4), and
        the positions (h w 2) in the source with only the head's motion undone.

        What is sure to show nothing of the person stays empty: up to half of the picture.
        """
        wide, skinned, canvas = self._buffers()
        around = cv2.copyMakeBorder(turned, 1, 1, 1, 1, cv2.BORDER_REPLICATE)[self._cells]
        shown: Any = cv2.scaleAdd(around, -self._zoom, self._part_at_rest)
        (x0, y0, x1, y1), cell = self._box, self._part.cell
        head = self._part.enlarge(shown, wide)[y0 - self._part.y :, x0 - self._part.x :][: y1 - y0, : x1 - x0]
        self.deformer.base.grid.enlarge(total, skinned)
        a0, b0, a1, b1 = self.deformer.base.grid.box
        left, top, right, bottom = max(a0, x0), max(b0, y0), min(a1, x1), min(b1, y1)
        here = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
        moved = skinned[top - b0 : bottom - b0, left - a0 : right - a0]
        cv2.scaleAdd(moved, -self._zoom, self._at_rest[here], dst=moved)
        canvas[...] = 0
        person = read(self._person, self.head.grid.index(shown / self._zoom + np.array([x0, y0], np.float32)))
        for row in range(0, len(person), BAND):
            x, y, width, height = cv2.boundingRect(person[row : row + BAND])
            low, high = self._part.y - y0 + (row + y) * cell, self._part.y - y0 + (row + y + height) * cell
            begin, end = self._part.x - x0 + x * cell, self._part.x - x0 + (x + width) * cell
            rows, columns = slice(max(0, low), max(0, high)), [(begin, end)]
            if here[0].start <= rows.start and rows.stop <= here[0].stop:
                columns = [(begin, min(end, here[1].start)), (max(begin, here[1].stop), end)]
            for first, last in columns:
                part = rows, slice(max(0, first), max(0, last))
                if head[part].size:
                    read(self._source, head[part], out=canvas[part])
        read(self._source, moved, out=canvas[here])
        return head, canvas

    def _turned(self, channels: Array) -> Array:
        """The inverse of the head's field (rows columns 2)."""
        field = self.head.field(channels)
        if field is None:
            return np.zeros_like(self.head.grid.points)
        return self.head.grid.inverse(field)

    def _undone(self, head: Array, region: Region) -> Array:
        """Where the pixels of a region (h w 2) would be if the head had not moved; ``head`` is the same
        for the whole canvas, in the enlarged part that is read."""
        corner = np.array(self._box[:2], np.float32)
        return np.asarray(head[region] * np.float32(1 / self._zoom) + corner)

    def _in_source(self, at: Array) -> Array:
        """Positions (h w 2) in the photo as positions in the enlarged part of it that is read."""
        zoom, corner = np.float32(self._zoom), np.array(self._box[:2], np.float32)
        return np.asarray((at - corner) * zoom, np.float32)

    def _where(self, turned: Array, box: Box) -> Region:
        """Rows and columns of the canvas that show the photo's ``box`` when the head's inverse field is
        ``turned``: the box moved by everything that is found of it nearby."""
        grid, (x0, y0, x1, y1) = self.head.grid, self._box
        far = cv2.norm(turned, cv2.NORM_INF) + grid.cell
        columns, rows = (
            slice(
                max(0, int((low - far - start) // grid.cell)),
                max(1, int((high + far - start) // grid.cell) + 1),
            )
            for low, high, start in ((box[0], box[2], grid.x), (box[1], box[3], grid.y))
        )
        near = turned[rows, columns].reshape(-1, 2)
        if not len(near):
            return slice(0, 0), slice(0, 0)
        (left, top), (right, bottom) = near.min(0).tolist(), near.max(0).tolist()
        return (
            slice(
                max(0, math.floor(box[1] + top) - y0), max(0, min(y1, math.ceil(box[3] + bottom) + 1) - y0)
            ),
            slice(
                max(0, math.floor(box[0] + left) - x0), max(0, min(x1, math.ceil(box[2] + right) + 1) - x0)
            ),
        )

    def _shade(self, canvas: Bytes, box: tuple[int, int, int, int], factors: Array) -> None:
        """Multiply what ``box`` of the photo shows of the canvas by factors (h w)."""
        (a0, b0, a1, b1), (x0, y0, x1, y1) = self._box, box
        left, top, right, bottom = max(a0, x0), max(b0, y0), min(a1, x1), min(b1, y1)
        if left < right and top < bottom:
            here = canvas[top - b0 : bottom - b0, left - a0 : right - a0]
            darken(here, factors[top - y0 : bottom - y0, left - x0 : right - x0], self.creases.tint)

    def _lay_patch(self, canvas: Bytes, at: Array, box: Box, alpha: Array) -> None:
        """Blend in a patch of the photo (its box and mask), read at positions (h w 2) of the photo."""
        if not at.size:
            return
        share = read(alpha, at - np.array(box[:2], np.float32), outside="zero")
        _blend(canvas, read(self._source, self._in_source(at)).astype(np.float32), share)

    def _lay_mouth(
        self, canvas: Bytes, turned: Array, head: Array, controls: NDArray[np.float64], pose: Pose
    ) -> None:
        """Paint the inside of the mouth between the lips."""
        upper = self.deformer.at(controls, [78, *anatomy.UPPER_INNER, 308])
        lower = self.deformer.at(controls, [78, *anatomy.LOWER_INNER, 308])
        gap = float((lower[5] - upper[5]) @ self.face.down) / self.face.iod
        shown = ease(gap, *OPENS)
        if shown <= 0:
            return
        # Under the soft edge of the upper lip there is mouth, not the photo.
        upper = upper - self.face.world(np.array([0.0, 0.010])) * self._inner_profile
        low, high = np.minimum(upper.min(0), lower.min(0)), np.maximum(upper.max(0), lower.max(0))
        sigma = max(0.7, 0.0055 * self.face.iod)
        origin = (np.floor(low) - int(4 * sigma) - 2).astype(np.float32)
        end = np.ceil(high) + int(4 * sigma) + 2
        width, height = (end - origin).astype(int)
        region = self._where(turned, (*origin.tolist(), *end.tolist()))
        part = self._undone(head, region)
        if not part.size:
            return
        curve = np.r_[smooth_edge(upper), smooth_edge(lower[::-1])] - origin
        mask = fill(curve, (height, width)).astype(np.float32) / 255
        share = read(blur(mask, sigma), part - origin, outside="zero")
        wide = blur(mask, max(1.0, 0.022 * self.face.iod))
        # Light comes from above: the upper lip's shadow lies on the teeth.
        above = self.face.down * (LIP_SHADOW * self.face.iod)
        opening = read(wide, part - (origin + above).astype(np.float32), outside="zero")
        colour = self.mouth.paint(part, opening, pose)
        _blend(canvas[region], colour, share * shown)

    @property
    def _inner_profile(self) -> NDArray[np.float64]:
        """Weight (11 1) of the inner lip's points: nothing at the corners."""
        return np.asarray(np.r_[0.0, self.deformer.profile, 0.0][:, None])


def _layers(
    image: Bytes, cover: Bytes, matte: Array, background: str | tuple[int, int, int]
) -> tuple[Bytes, Bytes | None, Bytes]:
    """What moves (h w 4, the last channel its cover), what stands behind it (h w 3) unless that is
    nothing, and the picture where nothing moves."""
    if background == "keep":
        return np.dstack([image, cover]), layer.behind(image, cover), image
    person = cut_out(image, matte)
    if background == "transparent":
        return person, None, person
    behind = backdrop(image, matte, background)
    return person, behind, composed(person, behind)


def _grown(box: Box, by: float) -> Box:
    """A box made larger on every side by a number of pixels."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _blend(canvas: Bytes, colour: Array, share: NDArray[Any]) -> None:
    """Lay a colour (h w 3 or 4) over a canvas (h w 4) by a share (h w), in place."""
    below = canvas[..., : colour.shape[-1]]
    mixed = below + (colour - below) * share[..., None]
    np.clip(mixed + 0.5, 0, 255, out=mixed)
    below[...] = mixed.astype(np.uint8)
