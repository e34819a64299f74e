"""Images in: any file that Pillow reads, to upright sRGB without alpha."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pfy_core.errors import InputError
from pfy_core.events import note
from pfy_core.media import existing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SMALLER = "make it smaller, e.g. 2000 pixels wide"
WANTS = "a photo (JPEG, PNG, WebP ...)"
MAX_SIDE = 12_000
"""Pixels; beyond this a file is refused before it is decoded."""
WORKING_SIDE = 4096
"""Pixels; a larger picture is made this large, which is the widest H.264 that players take."""
FORMATS = (
    "JPEG",
    "MPO",
    "PNG",
    "WEBP",
    "GIF",
    "BMP",
    "DIB",
    "TIFF",
    "AVIF",
    "HEIF",
    "JPEG2000",
    "ICO",
    "PPM",
    "TGA",
)
"""What is decoded. Pillow reads more, and some of it (EPS) by running another program."""
BACKGROUND = (255, 255, 255)
"""What shows through transparent pixels."""

Image.MAX_IMAGE_PIXELS = MAX_SIDE * MAX_SIDE


def load(value: Any, name: str = "image") -> NDArray[np.uint8]:
    """A picture as uint8 (h w 3): EXIF rotation applied, colour profile and CMYK converted to sRGB,
    grey repeated, transparency laid over white (with a note).

    Raises InputError for what is not an image, is damaged, or has a side above MAX_SIDE.
    """
    if isinstance(value, np.ndarray):
        return _array(value, name)
    if isinstance(value, Image.Image):
        with _decoding(f"{name}: the picture"):
            return np.asarray(upright_rgb(value, name))
    file = existing(value, name, WANTS)
    with _decoding(f"{name}: {file}"), Image.open(file) as opened:
        if opened.format not in FORMATS:
            raise UnidentifiedImageError
        width, height = opened.size
        if max(width, height) > MAX_SIDE:
            raise InputError(
                f"{name}: {file} is {width}x{height} pixels",
                f"at most {MAX_SIDE} a side",
                SMALLER,
            )
        opened.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
        opened.load()
        picture = upright_rgb(opened, name)
        picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.LANCZOS)
        return np.asarray(picture)


@contextmanager
def _decoding(what: str) -> Iterator[None]:
    """Whatever a decoder raises for an untrusted file, as InputError."""
    try:
        yield
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{what} is not an image", WANTS, "save it as a JPEG or PNG") from error
    except Image.DecompressionBombError as error:
        pixels = next(iter(re.findall(r"\d+", str(error))), "too many")
        raise InputError(f"{what} has {pixels} pixels", f"at most {MAX_SIDE} a side", SMALLER) from error
    except Exception as error:
        raise InputError(
            f"{what} is damaged: {error}", "a complete image", "save or download it again"
        ) from error


def upright_rgb(picture: Image.Image, name: str = "image") -> Image.Image:
    """A picture turned upright, in sRGB, opaque."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema()[0] < 255:  # type: ignore[operator]
            note(f"{name}: the transparent background is filled with white")
        flat = Image.new("RGBA", picture.size, (*BACKGROUND, 255))
        picture = Image.alpha_composite(flat, picture).convert("RGB")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _from_deep(picture)
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = _to_srgb(picture, profile)
    return picture.convert("RGB")


def _from_deep(picture: Image.Image) -> Image.Image:
    """16 or 32 bits a pixel to 8, by the full range of the type or of the values."""
    values = np.asarray(picture, dtype=np.float64)
    top = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1e-9)
    return Image.fromarray((np.clip(values / top, 0, 1) * 255).astype(np.uint8))


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if picture.mode == "L" and source.profile.xcolor_space.strip() != "GRAY":
            return picture
        made = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return made or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _array(value: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if value.dtype != np.uint8 or value.ndim not in (2, 3) or value.shape[2:] not in ((), (1,), (3,), (4,)):
        raise InputError(f"{name}: array {value.dtype} {value.shape}", "uint8 (h w 3), sRGB")
    if not value.size:
        raise InputError(f"{name}: an empty array {value.shape}", "uint8 (h w 3), sRGB")
    squeezed = value[..., 0] if value.shape[2:] == (1,) else value
    return np.asarray(upright_rgb(Image.fromarray(squeezed), name))
