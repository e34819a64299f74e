"""``decoder/portrait``: a photo and face motion to video frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from pfy_core import Decoder, InputError, note
from pfy_plugin_portrait.background import parse_background
from pfy_plugin_portrait.framing import MAX_SIDE, frame, parse_size
from pfy_plugin_portrait.ports import Frames, Image, Landmarks, Matte, Motion, require_finite
from pfy_plugin_portrait.prepare_eyes import prepare_eyes
from pfy_plugin_portrait.render import Portrait

SLOW_PIXELS = 3_000_000
CHUNK = 8


class PortraitDecoder(Decoder, name="portrait", framewise=True):
    """Face motion to frames of a photo that moves, at the photo's own resolution.

    size:       longest side of the video in pixels, 0 for the photo's own (up to 4096), or both sides,
                such as ``1080x1920``: cut around the face
    crop:       ``full`` shows all of the photo that fits, ``face`` head and shoulders
    background: ``keep``, ``transparent`` (frames with a fourth channel, straight alpha), ``blur``, or a
                colour, such as ``00ff00`` or ``white``
    workers:    frames rendered at once; 0 for as many as there are processors, at most 4
    eyes:       ``auto`` opens closed and half-closed eyes where the photo allows it, ``open`` always,
                ``keep`` leaves them (closed eyes then do not blink)
    gaze:       ``camera`` and ``natural`` turn eyes that look aside in the photo to the camera, so that
                motion without eyeLook looks there; for ``keep`` it looks where the photo looks
    Landmarks and matte belong to the photo as given. Raises InputError for values that are not finite.
    """

    def __init__(
        self,
        *,
        size: int | str = 0,
        crop: Literal["full", "face"] = "full",
        background: str = "keep",
        eyes: Literal["auto", "open", "keep"] = "auto",
        gaze: Literal["camera", "natural", "keep"] = "natural",
        workers: int = 0,
    ) -> None:
        if workers < 0:
            raise InputError(f"workers {workers}", "1 or more, or 0 for the processors there are")
        self._size, self._crop = parse_size(size), crop
        self._background = parse_background(background)
        self._workers = workers or min(4, os.cpu_count() or 1)
        self._eyes, self._gaze = eyes, gaze

    def __call__(
        self, face: Image, landmarks: Landmarks, matte: Matte, motion: Iterator[Motion]
    ) -> Iterator[Frames]:
        """face (h w 3), landmarks (478 3), matte (h w), motion (t 58) -> frames (t height width 3 or 4)."""
        require_finite("landmarks", landmarks)
        require_finite("matte", matte)
        face, landmarks, matte = self._framed(face, landmarks, matte)
        prepared = prepare_eyes(face, landmarks, self._eyes, self._gaze)
        portrait = Portrait(
            *(prepared.image, prepared.landmarks, matte, self._background),
            still_eyes=prepared.still,
            eye_turn=prepared.turn,
        )
        with ThreadPoolExecutor(self._workers) as pool:
            for rows in motion:
                require_finite("motion", rows)
                for start in range(0, len(rows), CHUNK):
                    part = rows[start : start + CHUNK]
                    frames = np.empty((len(part), *portrait.shape), np.uint8)
                    list(pool.map(portrait.frame, part, frames))
                    yield frames

    def _framed(self, face: Any, landmarks: Any, matte: Any) -> tuple[Any, Any, Any]:
        """Photo, landmarks and matte as the video shows them."""
        photo = face.shape[1], face.shape[0]
        framing = frame(photo, landmarks, self._size, face=self._crop == "face")
        width, height = framing.size
        if not self._size and max(photo) > MAX_SIDE == max(width, height):
            note(f"the photo is {photo[0]}x{photo[1]}; the video's longest side is {MAX_SIDE}")
        if width * height > SLOW_PIXELS:
            note(f"{width}x{height} takes long to render; --set video.size=1280 is several times faster")
        beyond = framing.beyond(photo)
        if beyond > 0.005:
            note(
                f"{width}x{height} shows more than the photo has around the face: "
                f"its blurred border fills {beyond:.0%} of the picture"
            )
        return framing.apply(face, landmarks, matte)
