"""The pictures that SyncNet is shown: what the two published protocols make of the frames of a video.

Wav2Lip's ``evaluation/scores_LSE`` and ``run_pipeline.py`` of github.com/joonson/syncnet_python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pfy_core import InputError

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]

SIDE = 224
"""Pixels of a side of what the network sees."""
FPS = 25
MARGIN = 0.4
"""Part of the face's half size that is shown around it (``crop_scale``)."""
GREY = 110
"""What is shown beyond the edges of the picture."""
MEDIAN = 13
"""Frames over which the place and size of the face are smoothed; beyond the ends they count as 0."""
FEWEST = MEDIAN // 2 + 1
"""Frames with a face, below which that median is 0 at the ends."""
LOST = 25
"""Frames without a face, up to which a track goes on (``num_failed_det``)."""
SMALLEST = 100
"""Pixels of a face below which the pipeline leaves a track out (``min_face_size``)."""


class Track(NamedTuple):
    """Where the face is from frame ``first`` on: centre and half size (n), pixels, smoothed."""

    first: int
    x: Floats
    y: Floats
    half: Floats


def squeezed(pictures: Iterable[Picture]) -> Iterator[Picture]:
    """Pictures (h w 3) -> (224 224 3), whatever their shape."""
    for picture in pictures:
        yield np.asarray(cv2.resize(np.ascontiguousarray(picture), (SIDE, SIDE)), np.uint8)


def cropped(pictures: NDArray[np.uint8], track: Track) -> Iterator[Picture]:
    """Pictures (t h w 3) -> the face in those of the track (h w 3), each of its own size.

    The square reaches from the top of the face to 0.8 of its half size below its chin. Raises InputError
    where the face has left the picture.
    """
    for number, (x, y, half) in enumerate(zip(track.x, track.y, track.half, strict=True), track.first):
        pad = int(half * (1 + 2 * MARGIN))
        around = ((pad, pad), (pad, pad), (0, 0))
        frame = np.pad(pictures[number], around, constant_values=GREY)
        top, bottom = int(y + pad - half), int(y + pad + half * (1 + 2 * MARGIN))
        left, right = (int(x + pad + side * half * (1 + MARGIN)) for side in (-1, 1))
        face = frame[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        if not face.size:
            raise InputError(f"frame {number}: the face is outside the picture", "a face that stays in it")
        yield face


def track(landmarks: NDArray[np.float32]) -> Track:
    """Landmarks (t n 2 or more) in pixels, NaN in frames without a face -> where the face is.

    The face's box is the landmarks' extent, interpolated over up to 25 frames without a face. Raises
    InputError for no face, for one that is lost longer or seen in under 7 frames, and for one of at most
    100 pixels.
    """
    wants = "the track of one face"
    seen = np.flatnonzero(np.isfinite(landmarks).all(axis=(1, 2)))
    if len(seen) < FEWEST:
        raise InputError(f"a face in {len(seen)} of {len(landmarks)} frames", f"{FEWEST} frames at least")
    lost = int(np.diff(seen).max()) - 1
    if lost > LOST:
        raise InputError(f"the face is lost for {lost} frames", f"{wants}, lost for {LOST} at most")
    points = landmarks[seen, :, :2].astype(np.float64)
    now = np.arange(seen[0], seen[-1] + 1)
    corners = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
    left, top, right, bottom = (np.interp(now, seen, side) for side in corners.T)
    size = max(float(np.mean(right - left)), float(np.mean(bottom - top)))
    if size <= SMALLEST:
        raise InputError(f"a face of {size:.0f} pixels", f"more than {SMALLEST}", "take a larger video")
    middle = ((left + right) / 2, (top + bottom) / 2)
    half = np.maximum(right - left, bottom - top) / 2
    return Track(int(seen[0]), *(_smoothed(values) for values in (*middle, half)))


def through_jpeg(pictures: Iterable[Picture]) -> Iterator[Picture]:
    """Pictures (h w 3) BGR of one size, as they are after ``ffmpeg -i VIDEO -f image2 %06d.jpg``.

    Its encoder aims at 200 kb a second, so that the first frames are far better than those of half a second
    later; ``cv2.imread`` reads them again.
    """
    encoder = None
    for number, picture in enumerate(pictures):
        if encoder is None:
            encoder = _encoder(*picture.shape[:2])
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "bgr24")
        frame = frame.reformat(format=encoder.pix_fmt)
        frame.pts, frame.time_base = number, encoder.time_base
        for packet in encoder.encode(frame):
            yield np.asarray(cv2.imdecode(np.frombuffer(bytes(packet), np.uint8), cv2.IMREAD_COLOR))


def _encoder(height: int, width: int) -> av.VideoCodecContext:
    made = av.VideoCodecContext.create("mjpeg", "w")
    made.height, made.width, made.pix_fmt = height, width, "yuvj420p"
    made.time_base, made.framerate = Fraction(1, FPS), Fraction(FPS)
    made.thread_count = 1  # as the scripts say, so that the rate is controlled frame by frame
    return made


def _smoothed(values: Floats) -> Floats:
    """A running median, as ``scipy.signal.medfilt``."""
    windows = sliding_window_view(np.pad(values, MEDIAN // 2), MEDIAN)
    return np.asarray(np.median(windows, axis=1))
