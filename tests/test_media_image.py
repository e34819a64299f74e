"""Images in: upright sRGB from whatever Pillow reads, or one clear error."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from toys import attempt

from pfy_core import InputError, media
from pfy_core.events import watching
from pfy_core.media import image

UPRIGHT = np.zeros((4, 6, 3), np.uint8)
UPRIGHT[0, 0] = [255, 0, 0]
UPRIGHT[:, 4:] = [0, 0, 255]
"""Red in the corner at the top left, blue on the right."""


def load(value):
    return media.load("image.rgb", value, name="face")


def saved(tmp_path, picture, name="a.png", **options):
    path = tmp_path / name
    picture.save(path, **options)
    return path


def ramp(height=40, width=60):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], -1).astype(
        np.uint8
    )


def notes(call):
    events = []
    with watching(events.append):
        call()
    return [event.text for event in events]


# What is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "ppm"])
def test_a_lossless_file_gives_its_pixels(tmp_path, suffix):
    path = saved(
        tmp_path, Image.fromarray(ramp()), f"a.{suffix}", **({"lossless": True} if suffix == "webp" else {})
    )
    found = load(path)
    assert np.array_equal(found, ramp())
    assert found.dtype == np.uint8
    assert np.array_equal(load(str(path)), ramp())


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif", "jp2", "gif"])
def test_a_lossy_file_gives_nearly_its_pixels(tmp_path, suffix):
    path = saved(tmp_path, Image.fromarray(ramp()), f"a.{suffix}")
    assert np.abs(load(path).astype(int) - ramp()).mean() < 8


def test_the_name_of_a_file_does_not_matter(tmp_path):
    path = saved(tmp_path, Image.fromarray(ramp()), "a.png")
    assert np.array_equal(load(path.rename(tmp_path / "photo.jpg")), ramp())


TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["file", "picture"])
def test_a_picture_is_turned_upright(tmp_path, orientation, kind):
    stored = Image.fromarray(np.ascontiguousarray(TURNED[orientation](UPRIGHT)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path, stored, exif=exif)
    found = load(path if kind == "file" else Image.open(path))
    assert np.array_equal(found, UPRIGHT)


def test_transparency_is_laid_over_white_with_a_note(tmp_path):
    pixels = np.dstack([ramp(), np.full((40, 60), 255, np.uint8)])
    pixels[:20, :, 3] = 0
    path = saved(tmp_path, Image.fromarray(pixels))
    found = load(path)
    assert (found[:20] == 255).all()
    assert np.array_equal(found[20:], ramp()[20:])
    assert notes(lambda: load(path)) == ["face: the transparent background is filled with white"]


def test_half_transparent_pixels_mix_with_white(tmp_path):
    pixels = np.full((4, 4, 4), [0, 100, 200, 128], np.uint8)
    found = load(saved(tmp_path, Image.fromarray(pixels)))[0, 0]
    assert np.abs(found.astype(int) - [127, 177, 227]).max() <= 2


def test_an_alpha_channel_that_hides_nothing_says_nothing(tmp_path):
    path = saved(tmp_path, Image.fromarray(np.dstack([ramp(), np.full((40, 60), 255, np.uint8)])))
    assert np.array_equal(load(path), ramp())
    assert notes(lambda: load(path)) == []


def test_a_palette_with_a_transparent_colour(tmp_path):
    picture = Image.new("P", (4, 2), 0)
    picture.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    picture.putpixel((0, 0), 1)
    found = load(saved(tmp_path, picture, transparency=0))
    assert found[0, 0].tolist() == [0, 0, 255]
    assert found[1, 3].tolist() == [255, 255, 255]


def test_a_palette_without_transparency(tmp_path):
    picture = Image.new("P", (4, 2), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    assert load(saved(tmp_path, picture))[0, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize(
    ("mode", "value"),
    [("L", 90), ("LA", (90, 255)), ("1", 1), ("I;16", 90 * 257), ("I", 90 * 257), ("F", 1.0)],
)
def test_grey_in_any_depth_is_repeated(tmp_path, mode, value):
    picture = Image.new(mode, (4, 2), value)
    found = load(saved(tmp_path, picture, "a.tiff" if mode in "IF" else "a.png"))
    assert found.shape == (2, 4, 3)
    assert np.unique(found).tolist() == [255 if mode in ("1", "F") else 90]


def test_a_grey_ramp_of_sixteen_bits_keeps_its_steps(tmp_path):
    values = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(2, 0)
    found = load(saved(tmp_path, Image.fromarray(values)))
    assert np.abs(found[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_colour_of_sixteen_bits(tmp_path):
    """A PNG with 16 bits a channel, which Pillow itself does not write."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = (np.array([[[200, 100, 50]] * 3] * 2, np.uint16) * 257).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", 3, 2, 16, 2, 0, 0, 0)
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert load(path)[0, 0].tolist() == [200, 100, 50]


def test_cmyk_is_turned_into_colours_of_light(tmp_path):
    picture = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    found = load(saved(tmp_path, picture, "a.jpg"))[4, 4].astype(int)
    assert found[0] > 200
    assert found[1:].max() < 60


def wide_gamut() -> bytes:
    """A profile whose primaries are far outside sRGB, written by hand from the ICC specification."""

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    xyz = {
        b"rXYZ": (0.7977, 0.2880, 0.0),
        b"gXYZ": (0.1352, 0.7119, 0.0),
        b"bXYZ": (0.0313, 0.0001, 0.8249),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {key: b"XYZ \0\0\0\0" + b"".join(map(fixed, value)) for key, value in xyz.items()}
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags |= dict.fromkeys([b"rTRC", b"gTRC", b"bTRC"], curve)
    for key, text in ((b"desc", b"wide"), (b"cprt", b"none")):
        tags[key] = (
            b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
            if key == b"desc"
            else b"text\0\0\0\0" + text + b"\0"
        )
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for key, data in tags.items():
        data += bytes(-len(data) % 4)
        table += key + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = offset + len(body)
    head = (
        struct.pack(">I", size)
        + b"none"
        + struct.pack(">I", 0x02400000)
        + b"mntrRGB XYZ "
        + bytes(12)
        + b"acsp"
        + bytes(28)
    )
    head += b"".join(map(fixed, (0.9642, 1.0, 0.8249))) + bytes(128)
    return head[:128] + struct.pack(">I", len(tags)) + table + body


def test_a_wide_gamut_profile_is_converted(tmp_path):
    profile = wide_gamut()
    ImageCms.ImageCmsProfile(io.BytesIO(profile))  # valid
    picture = Image.new("RGB", (8, 8), (150, 120, 100))
    found = load(saved(tmp_path, picture, icc_profile=profile))[0, 0].astype(int)
    assert found[0] > 155
    assert found[0] - found[2] > 60
    grey = load(saved(tmp_path, Image.new("RGB", (8, 8), (128, 128, 128)), "b.png", icc_profile=profile))[
        0, 0
    ]
    assert np.ptp(grey.astype(int)) <= 3


def test_an_srgb_profile_changes_nothing_much(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = load(saved(tmp_path, Image.fromarray(ramp()), icc_profile=profile))
    assert np.abs(found.astype(int) - ramp()).max() <= 1


@pytest.mark.parametrize("profile", [b"", b"nonsense", wide_gamut()[:200], bytes(500)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_profile_that_makes_no_sense_is_left_aside(tmp_path, profile, mode):
    picture = Image.fromarray(ramp()).convert(mode)
    assert load(saved(tmp_path, picture, "a.tiff", icc_profile=profile)).shape == (40, 60, 3)


def test_a_profile_of_another_kind_of_picture_is_left_aside(tmp_path):
    found = load(saved(tmp_path, Image.new("L", (4, 4), 77), icc_profile=wide_gamut()))
    assert np.unique(found).tolist() == [77]


def test_the_first_picture_of_an_animation_is_taken(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert load(path)[0, 0].tolist() == [254, 0, 0] or load(path)[0, 0].tolist() == [255, 0, 0]


# Values that are not files ------------------------------------------------------------------------


def test_arrays_are_taken_as_they_are():
    assert np.array_equal(load(ramp()), ramp())
    assert np.array_equal(load(np.asfortranarray(ramp())), ramp())
    assert load(ramp()[..., 0]).shape == (40, 60, 3)
    assert load(ramp()[..., :1]).shape == (40, 60, 3)
    assert load(np.dstack([ramp(), np.full((40, 60), 255, np.uint8)])).shape == (40, 60, 3)
    transparent = load(np.dstack([ramp(), np.zeros((40, 60), np.uint8)]))
    assert (transparent == 255).all()


def test_an_array_is_not_changed_by_loading():
    given_ = ramp()
    load(given_)
    assert np.array_equal(given_, ramp())


@pytest.mark.parametrize(
    "value",
    [
        ramp().astype(np.float32),
        ramp().astype(int),
        np.zeros((3, 4, 5), np.uint8),
        np.zeros(3, np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1, 2, 3, 3), np.uint8),
        np.array(3, np.uint8),
        3,
        None,
        object(),
        ["a"],
        {},
        b"bytes",
        3.5,
    ],
    ids=lambda value: type(value).__name__ + str(getattr(value, "shape", "")),
)
def test_a_value_that_is_no_picture_is_an_input_error(value):
    with pytest.raises(InputError, match="face"):
        load(value)


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no file"),
        (b"", "empty"),
        (b"just text", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "image|damaged"),
        ("folder", "folder"),
    ],
)
def test_a_file_that_is_no_image_is_refused(tmp_path, content, message):
    path = tmp_path / "a.png"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load(path)


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b.png", "/dev/null", "/proc/self/mem"])
def test_an_impossible_path_is_refused(path):
    with pytest.raises(InputError):
        load(path)


def jpeg() -> bytes:
    data = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(ramp()).save(data, "JPEG", exif=exif, icc_profile=wide_gamut())
    return data.getvalue()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_file_cut_short_anywhere_is_refused(tmp_path, share):
    path = tmp_path / "a.jpg"
    data = jpeg()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"damaged|not an image"):
        load(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_picture_whose_pixels_are_cut_short_is_refused(tmp_path, share):
    """Pillow opens such a file by its header alone; that pixels are missing shows when they are read."""
    path = tmp_path / "a.jpg"
    data = jpeg()
    pixels = data.index(b"\xff\xda")  # start of scan
    path.write_bytes(data[: pixels + int((len(data) - pixels) * share)])
    with Image.open(path) as opened, pytest.raises(InputError, match="damaged"):
        load(opened)


def test_a_picture_of_twenty_thousand_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.new("1", (20_000, 500)))
    monkeypatch.setattr(Image.Image, "convert", None)
    with pytest.raises(InputError, match="20000x500 pixels") as caught:
        load(path)
    assert "12000" in caught.value.wants
    assert caught.value.fix


def test_a_picture_that_only_claims_to_be_huge_is_refused(tmp_path):
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    with pytest.raises(InputError):
        load(path)


def test_a_file_that_runs_a_program_when_opened_is_refused(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n")
    with pytest.raises(InputError, match="not an image"):
        load(path)


def samples():
    made = []
    for suffix in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000", "AVIF", "ICO", "PPM"):
        data = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 3
        Image.fromarray(ramp(24, 20)).save(
            data, suffix, **({"exif": exif} if suffix in ("PNG", "JPEG", "WEBP", "TIFF") else {})
        )
        made.append(data.getvalue())
    return [jpeg(), *made]


SAMPLES = samples()


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
    st.booleans(),
)
@settings(max_examples=250)
def test_a_damaged_image_is_read_or_refused(tmp_path_factory, data, changes, end, cut):
    mutated = bytearray(data)
    for place, byte in changes:
        mutated[min(int(place * len(mutated)), len(mutated) - 1)] = byte
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(bytes(mutated[: int(end * len(mutated))] if cut else mutated))
    found = attempt(lambda: load(path))
    if isinstance(found, InputError):
        assert "face" in str(found)
    else:
        assert found.dtype == np.uint8
        assert found.ndim == 3
        assert found.shape[2] == 3


def test_loading_leaves_no_file_open(tmp_path):
    path = saved(tmp_path, Image.fromarray(ramp()))
    load(path)
    path.rename(tmp_path / "b.png")
    assert image.MAX_SIDE == 12_000
