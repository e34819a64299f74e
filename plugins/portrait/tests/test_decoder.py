import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core import InputError
from pfy_core.events import watching
from pfy_plugin_portrait.decoder import PortraitDecoder


def rows(count):
    return np.stack([pose(jawOpen=0.3 * (k % 5) / 5) for k in range(count)])


def render(decoder, photo, mesh, *chunks):
    return np.concatenate(list(decoder(photo, mesh.landmarks, mesh.matte, iter(chunks))))


def test_every_row_of_motion_becomes_a_frame_in_order(astronaut, mesh, portrait):
    motion = rows(11)
    frames = render(PortraitDecoder(), astronaut, mesh, motion)
    assert frames.shape == (11, 512, 512, 3)
    assert np.array_equal(frames[7], portrait.frame(motion[7]))


def test_chunks_and_workers_do_not_matter(astronaut, mesh):
    motion = rows(10)
    whole = render(PortraitDecoder(workers=1), astronaut, mesh, motion)
    pieces = render(
        PortraitDecoder(workers=3), astronaut, mesh, motion[:1], motion[1:2], motion[2:9], motion[9:]
    )
    assert np.array_equal(whole, pieces)


def test_no_motion_gives_no_frames(astronaut, mesh):
    assert list(PortraitDecoder()(astronaut, mesh.landmarks, mesh.matte, iter([rows(1)[:0]]))) == []


def test_frames_are_made_one_chunk_ahead_at_most(astronaut, mesh):
    asked = []

    def motion():
        for index in range(5):
            asked.append(index)
            yield rows(8)

    next(PortraitDecoder()(astronaut, mesh.landmarks, mesh.matte, motion()))
    assert len(asked) == 1


@pytest.mark.parametrize(("size", "shape"), [(256, (256, 256)), (300, (300, 300)), (0, (512, 512))])
def test_the_video_has_the_wanted_size(astronaut, mesh, size, shape):
    assert render(PortraitDecoder(size=size), astronaut, mesh, rows(1)).shape[1:3] == shape


def test_odd_sides_lose_a_pixel(astronaut, mesh):
    cut = astronaut[:401, :333]
    frames = list(PortraitDecoder()(cut, mesh.landmarks, mesh.matte[:401, :333], iter([rows(1)])))
    assert frames[0].shape[1:3] == (400, 332)


def test_a_smaller_video_shows_the_same_face(astronaut, mesh, encoder):
    frame = render(PortraitDecoder(size=256), astronaut, mesh, rows(1))[0]
    found = encoder(frame).landmarks[:, :2]
    assert np.abs(found - (mesh.landmarks[:, :2] + 0.5) / 2 + 0.5)[[33, 263, 1]].max() < 2


@pytest.mark.parametrize(
    "options",
    [{"size": 10}, {"size": 9999}, {"size": -1}, {"workers": -2}, {"size": "9x9"}, {"background": "x"}],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError):
        PortraitDecoder(**options)


def test_a_huge_photo_is_limited_with_a_note(astronaut, mesh):
    wide = np.zeros((600, 4600, 3), np.uint8)
    wide[:512, :512] = astronaut
    matte = np.zeros((600, 4600), np.float32)
    matte[:512, :512] = mesh.matte
    notes = []
    with watching(lambda event: notes.append(event.text)):
        frames = list(PortraitDecoder(workers=1)(wide, mesh.landmarks, matte, iter([rows(1)])))
    assert frames[0].shape[1:3] == (534, 4096)
    assert any("4096" in note for note in notes)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"size": "360x640"}, (640, 360, 3)),
        ({"size": "640x360", "crop": "face"}, (360, 640, 3)),
        ({"size": 300, "crop": "face"}, (300, 300, 3)),
        ({"size": "256", "background": "transparent"}, (256, 256, 4)),
        ({"size": "128x128", "background": "#00ff00"}, (128, 128, 3)),
    ],
)
def test_formats_are_exact(astronaut, mesh, options, shape):
    assert render(PortraitDecoder(**options), astronaut, mesh, rows(1)).shape[1:] == shape


def test_a_small_face_cut_out_is_enlarged(astronaut, mesh):
    frames = render(PortraitDecoder(crop="face"), astronaut, mesh, rows(1))
    assert frames.shape[1:3] == (512, 512)


def test_what_is_added_to_the_photo_is_said(astronaut, mesh):
    close, shift = astronaut[30:230, 130:320], np.array([130, 30, 0], np.float32)
    notes = []
    with watching(lambda event: notes.append(event.text)):
        decoder = PortraitDecoder(size="180x320", workers=1)
        list(decoder(close, mesh.landmarks - shift, mesh.matte[30:230, 130:320], iter([rows(1)])))
    assert any("border" in note for note in notes)
