"""``decoder/portrait``: a photo and face motion to video frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import cv2
import numpy as np

from pfy_core import Decoder, InputError, note
from pfy_plugin_portrait.ports import Frames, Image, Landmarks, Matte, Motion
from pfy_plugin_portrait.prepare_eyes import prepare_eyes
from pfy_plugin_portrait.render import Portrait

MAX_SIDE = 4096
"""Longest side of a video: what H.264 decoders commonly play."""
SLOW_PIXELS = 3_000_000
CHUNK = 8
MIN_SIDE = 64


class PortraitDecoder(Decoder, name="portrait"):
    """Face motion to frames of a photo that moves, at the photo's own resolution.

    size:    longest side of the video in pixels; 0 keeps the photo's (up to 4096)
    workers: frames rendered at once; 0 for as many as there are processors, at most 4
    eyes:    ``auto`` opens closed and half-closed eyes where the photo allows it, ``open`` always,
             ``keep`` leaves them (closed eyes then do not blink)
    gaze:    ``camera`` and ``natural`` turn eyes that look aside in the photo to the camera, so that
             motion without eyeLook looks there; for ``keep`` it looks where the photo looks
    Landmarks and matte belong to the photo as given.
    """

    def __init__(
        self,
        *,
        size: int = 0,
        workers: int = 0,
        eyes: Literal["auto", "open", "keep"] = "auto",
        gaze: Literal["camera", "natural", "keep"] = "natural",
    ) -> None:
        if size and not MIN_SIDE <= size <= MAX_SIDE:
            raise InputError(f"size {size}", f"{MIN_SIDE} to {MAX_SIDE} pixels, or 0 for the photo's own")
        if workers < 0:
            raise InputError(f"workers {workers}", "1 or more, or 0 for the processors there are")
        self._size = size
        self._workers = workers or min(4, os.cpu_count() or 1)
        self._eyes, self._gaze = eyes, gaze

    def __call__(
        self, face: Image, landmarks: Landmarks, matte: Matte, motion: Iterator[Motion]
    ) -> Iterator[Frames]:
        """face (h w 3), landmarks (478 3), matte (h w), motion (t 58) -> frames (t h' w' 3)."""
        face, landmarks, matte = self._scaled(face, landmarks, matte)
        prepared = prepare_eyes(face, landmarks, self._eyes, self._gaze)
        portrait = Portrait(
            prepared.image, prepared.landmarks, matte, still_eyes=prepared.still, eye_turn=prepared.turn
        )
        with ThreadPoolExecutor(self._workers) as pool:
            for rows in motion:
                for start in range(0, len(rows), CHUNK):
                    part = rows[start : start + CHUNK]
                    frames = np.empty((len(part), *portrait.image.shape), np.uint8)
                    list(pool.map(portrait.frame, part, frames))
                    yield frames

    def _scaled(self, face: Any, landmarks: Any, matte: Any) -> tuple[Any, Any, Any]:
        """The photo at the wanted size, with even sides."""
        height, width = face.shape[:2]
        longest = max(height, width)
        wanted = self._size or min(longest, MAX_SIDE)
        scale = wanted / longest
        if not self._size and longest > MAX_SIDE:
            note(f"the photo is {width}x{height}; the video's longest side is {MAX_SIDE}")
        size = max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)
        if size[0] * size[1] > SLOW_PIXELS:
            note(f"{size[0]}x{size[1]} takes long to render; --set video.size=1280 is several times faster")
        if size == (width, height):
            return face, landmarks, matte
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        if scale == 1:
            return face[: size[1], : size[0]], landmarks, matte[: size[1], : size[0]]
        ratio = np.array([size[0] / width, size[1] / height, scale], np.float32)
        moved = (landmarks + np.array([0.5, 0.5, 0], np.float32)) * ratio - np.array(
            [0.5, 0.5, 0], np.float32
        )
        return cv2.resize(face, size, interpolation=way), moved, cv2.resize(matte, size)
