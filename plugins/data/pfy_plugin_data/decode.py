"""The parts of a sample, from bytes that nobody has checked: ``Broken`` for what is not what it should be."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import soundfile
from numpy.lib import format as npy
from numpy.typing import NDArray
from PIL import Image

from pfy_plugin_data.layout import RATE

LONGEST = 3600
"""Seconds of sound: as ``pfy_core.media.clip``; a head that claims more is broken or means harm."""

LARGEST = 4096
"""Pixels a side of a picture."""


class Broken(Exception):
    """Bytes that are not what their name says."""


def sound(data: bytes) -> NDArray[np.float32]:
    """FLAC, 16 kHz and mono, to float32 (s), -1 to 1."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if (file.format, file.samplerate, file.channels) != ("FLAC", RATE, 1):
                raise Broken(f"{file.format} of {file.channels} channels at {file.samplerate} Hz")
            if file.frames > LONGEST * RATE:
                raise Broken(f"it claims {file.frames / RATE:.0f} s")
            wave = file.read(dtype="float32")
            if len(wave) != file.frames:
                raise Broken(f"{len(wave)} of {file.frames} samples are there")
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise Broken(f"no sound: {error}") from error
    return np.asarray(wave, np.float32)


def shape(data: bytes) -> tuple[int, ...]:
    """The shape that the head of an NPY file tells."""
    return _head(io.BytesIO(data))[0]


def array(data: bytes, dtype: Any, wanted: tuple[int | None, ...]) -> NDArray[np.float32]:
    """NPY of that type and shape (None: any length but 0) to float32; all of it finite."""
    file = io.BytesIO(data)
    sizes, fortran, kind = _head(file)
    fits = len(sizes) == len(wanted) and all(w in (None, s) for s, w in zip(sizes, wanted, strict=True))
    if not fits or not all(sizes) or fortran or kind != np.dtype(dtype):
        order = " in Fortran's order" if fortran else ""
        raise Broken(f"{kind} {sizes}{order} instead of {np.dtype(dtype)} {wanted}".replace("None", "t"))
    rest = data[file.tell() :]
    if len(rest) != math.prod(sizes) * kind.itemsize:
        raise Broken(f"{len(rest)} bytes for {sizes} of {kind}")
    values = np.frombuffer(rest, kind).reshape(sizes).astype(np.float32)
    if not np.isfinite(values).all():
        raise Broken("it has NaN or infinite numbers")
    return values


def picture(data: bytes) -> NDArray[np.uint8]:
    """JPEG to uint8 (h w 3)."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as opened:
            if max(opened.size) > LARGEST:
                raise Broken(f"a picture of {opened.width}x{opened.height} pixels")
            return np.asarray(opened.convert("RGB"))
    except Broken:
        raise
    except Exception as error:  # whatever a decoder raises for bytes that nobody has checked
        raise Broken(f"no picture: {error}") from error


def about(data: bytes) -> dict[str, Any]:
    """What a sample's JSON says; texts, and rows of phones in their order or None."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Broken(f"no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Broken("JSON that is no object")
    for name in ("text", "language", "voice", "face", "split"):
        if not isinstance(found.get(name), str):
            raise Broken(f"{name} is no text")
    phones = found.get("phones", ...)
    if phones is not None and not (isinstance(phones, list) and all(map(_is_phone, phones))):
        raise Broken("phones are not rows of symbol, start, end and stress, or null")
    return found


def _is_phone(row: Any) -> bool:
    if not (isinstance(row, list) and len(row) == 4 and isinstance(row[0], str) and row[3] in (0, 1, 2)):
        return False
    return (
        all(isinstance(time, int | float) and math.isfinite(time) for time in row[1:3]) and row[1] <= row[2]
    )


def _head(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        sizes, fortran, kind = read(file)
    except Exception as error:  # numpy reads the head as Python, whose tokenizer has errors of its own
        raise Broken(f"no NPY: {error}") from error
    if kind.hasobject:
        raise Broken("NPY with Python objects, which are not read")
    return tuple(sizes), fortran, kind
