import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.framing import MAX_SIDE, MIN_SIDE, frame, parse_size


def face_at(x, y, width):
    """Landmarks of a schematic face: an oval of a width, 1.3 times as high, and eyes above its middle."""
    points = np.zeros((478, 3), np.float32)
    angle = np.linspace(0, 2 * np.pi, len(anatomy.OVAL), endpoint=False)
    points[list(anatomy.OVAL), :2] = np.stack(
        [width / 2 * np.sin(angle), -0.65 * width * np.cos(angle)], 1
    ) + (x, y)
    points[[33, 263], :2] = [[x - width / 4, y - width / 5], [x + width / 4, y - width / 5]]
    return points


@pytest.mark.parametrize(
    ("given", "found"),
    [(0, 0), ("0", 0), (720, 720), ("720", 720), ("1080x1920", (1080, 1920)), (" 640 X 480 ", (640, 480))],
)
def test_sizes_are_read(given, found):
    assert parse_size(given) == found


@pytest.mark.parametrize("text", ["big", "", "-1", "63", "9999", "1080x", "1080x1921", "10x10", "1e3", "7.5"])
def test_other_sizes_are_refused(text):
    with pytest.raises(InputError, match="size"):
        parse_size(text)


@settings(deadline=None)
@given(st.text("0123456789xX× -.e", max_size=9) | st.text(max_size=4) | st.integers(-10, 10_000))
def test_any_size_is_read_or_refused(text):
    try:
        found = parse_size(text)
    except InputError:
        return
    sides = [found] if isinstance(found, int) else found
    assert all(side == 0 or MIN_SIDE <= side <= MAX_SIDE for side in sides)


@settings(max_examples=60, deadline=None)
@given(
    photo=st.tuples(st.integers(200, 3000), st.integers(200, 3000)),
    at=st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    share=st.floats(0.05, 0.7),
    size=st.sampled_from([(1080, 1920), (1920, 1080), (512, 512), (720, 900)]),
    face=st.booleans(),
)
def test_every_format_shows_the_whole_face(photo, at, share, size, face):
    width = share * min(photo)
    found = frame(photo, face_at(at[0] * photo[0], at[1] * photo[1], width), size, face=face)
    assert found.size == size
    assert abs(found.width / found.height - size[0] / size[1]) < 0.02
    if 0.65 * width < min(at[1], 1 - at[1]) * photo[1] and width / 2 < min(at[0], 1 - at[0]) * photo[0]:
        assert found.left <= at[0] * photo[0] - width / 2 + 1
        assert found.left + found.width >= at[0] * photo[0] + width / 2 - 1
        assert found.top <= at[1] * photo[1] - 0.65 * width + 1
        assert found.top + found.height >= at[1] * photo[1] + 0.65 * width - 1


def test_the_eyes_of_a_vertical_video_are_near_its_upper_third():
    found = frame((1600, 1600), face_at(800, 800, 260), (1080, 1920), face=True)
    eyes = (800 - 260 / 5 - found.top) / found.height
    assert 0.28 < eyes < 0.42


def test_nothing_is_added_where_the_photo_has_enough():
    found = frame((512, 512), face_at(220, 130, 90), (1080, 1920))
    assert found.beyond((512, 512)) == 0
    assert found.height == 512


@pytest.mark.parametrize("size", [(540, 960), (960, 540)])
def test_what_the_photo_lacks_is_no_black_bar(astronaut, mesh, size):
    close = astronaut[30:230, 130:320]
    shift = np.array([130, 30, 0], np.float32)
    landmarks, matte = mesh.landmarks - shift, mesh.matte[30:230, 130:320]
    found = frame((190, 200), landmarks, size)
    assert found.beyond((190, 200)) > 0.1
    image, moved, cover = found.apply(close, landmarks, matte)
    assert image.shape == (size[1], size[0], 3)
    assert cover.shape == image.shape[:2]
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).astype(float)
    assert (edge.mean(-1) < 8).mean() < 0.1
    assert np.abs(np.diff(image[0].astype(int), axis=0)).max() < 12
    assert 0 < moved[1, 0] < size[0]
    assert 0 < moved[1, 1] < size[1]


def test_landmarks_go_with_the_picture(astronaut, mesh, encoder):
    found = frame((512, 512), mesh.landmarks, (540, 960))
    image, moved, _ = found.apply(astronaut, mesh.landmarks, mesh.matte)
    again = encoder(image).landmarks
    iod = np.linalg.norm(moved[33, :2] - moved[263, :2])
    assert np.abs(again - moved)[[1, 33, 263, 61, 291], :2].max() < 0.06 * iod
