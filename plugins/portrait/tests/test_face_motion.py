"""The motion of a filmed face: what moved it is found again."""

import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core import InputError, events
from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_portrait.canonical import IOD, canonical
from pfy_plugin_portrait.decoder import PortraitDecoder
from pfy_plugin_portrait.face_motion import FaceMotion
from pfy_plugin_portrait.motion_track import MotionTrack
from pfy_plugin_portrait.neutral import LONGEST, filled
from pfy_plugin_portrait.track import FaceTrack

FRAMES = 100


def tracked(motion):
    return np.concatenate(list(MotionTrack()(iter([motion]))))


def channel(motion, name):
    """A channel (t); the mean of both sides for a name without Left or Right."""
    names = [name] if name in MOTION_INDEX else [name + "Left", name + "Right"]
    return motion[:, [MOTION_INDEX[full] for full in names]].mean(1)


def aperture(motion):
    return APERTURE_SPAN * np.maximum(channel(motion, "jawOpen") - channel(motion, "mouthClose"), 0)


def acted(frames=FRAMES):
    """A mouth that opens and closes, rounds and spreads, blinks, brows that rise and a head that sways."""
    t = np.arange(frames) / 25
    opening = np.maximum(0, 0.5 * np.sin(2 * np.pi * 2.1 * t))
    width = np.sin(2 * np.pi * 0.9 * t)
    look = np.sin(2 * np.pi * 0.6 * t)
    blink = np.maximum(0, 1 - np.abs((np.arange(frames) + 10) % 40 - 20) / 3)
    columns = {
        "jawOpen": opening,
        "mouthPucker": 0.6 * np.maximum(width, 0),
        "mouthStretch": 0.6 * np.maximum(-width, 0),
        "mouthSmile": 0.5 * np.maximum(0, np.sin(2 * np.pi * 0.4 * t - 1)),
        "browInnerUp": 0.7 * np.maximum(0, np.sin(2 * np.pi * 0.5 * t)),
        "browDown": 0.7 * np.maximum(0, -np.sin(2 * np.pi * 0.5 * t)),
        "eyeBlink": blink,
        "headYaw": 0.10 * np.sin(2 * np.pi * 0.3 * t),
        "headPitch": 0.06 * np.sin(2 * np.pi * 0.45 * t),
        "headRoll": 0.05 * np.sin(2 * np.pi * 0.35 * t),
        "headX": 0.05 * np.sin(2 * np.pi * 0.25 * t),
        "headY": 0.04 * np.sin(2 * np.pi * 0.5 * t),
        "headZ": 0.04 * np.sin(2 * np.pi * 0.2 * t),
    }
    rows = [pose(**{name: values[k] for name, values in columns.items()}) for k in range(frames)]
    for row, value in zip(rows, 0.5 * look, strict=True):
        for name, sign in (("InRight", 1), ("OutLeft", 1), ("OutRight", -1), ("InLeft", -1)):
            row[MOTION_INDEX["eyeLook" + name]] = max(0.0, sign * value)
    return np.array(rows)


def agreement(a, b):
    return float(np.corrcoef(a, b)[0, 1])


@pytest.fixture(scope="module")
def both():
    motion = acted()
    return motion, FaceMotion()(tracked(motion))


def test_lips_part_as_they_did(both):
    made, found = (aperture(motion) for motion in both)
    assert agreement(made, found) > 0.99
    assert np.abs(made - found).max() < 0.02
    assert (found[made == 0] == 0).mean() > 0.9


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("mouthPucker", 0.95),
        ("mouthSmile", 0.9),
        ("browInnerUp", 0.95),
        ("browDown", 0.9),
        ("eyeBlink", 0.97),
        ("eyeLookInRight", 0.97),
        ("eyeLookOutRight", 0.97),
        ("headYaw", 0.99),
        ("headPitch", 0.99),
        ("headRoll", 0.99),
        ("headX", 0.99),
        ("headY", 0.99),
        ("headZ", 0.99),
    ],
)
def test_channels_move_as_they_did(both, name, least):
    made, found = (channel(motion, name) for motion in both)
    assert agreement(made, found) > least


def test_the_width_of_the_mouth_is_rounding_less_stretching(both):
    made, found = (channel(motion, "mouthStretch") - channel(motion, "mouthPucker") for motion in both)
    assert agreement(made, found) > 0.93


def test_a_face_that_rests_has_no_motion():
    motion = FaceMotion()(tracked(np.zeros((30, 58), np.float32)))
    assert motion.shape == (30, 58)
    assert motion.dtype == np.float32
    assert np.abs(motion).max() < 1e-3


def test_each_side_of_the_mouth_and_each_eye_is_its_own():
    rows = np.array([pose()] * 30 + [pose(mouthSmileLeft=0.6, eyeBlinkRight=1.0)] * 5 + [pose()] * 30)
    seen = FaceMotion()(tracked(rows))[32]
    assert seen[MOTION_INDEX["mouthSmileLeft"]] > 0.3
    assert seen[MOTION_INDEX["mouthSmileRight"]] < 0.1
    assert seen[MOTION_INDEX["eyeBlinkRight"]] > 0.8
    assert seen[MOTION_INDEX["eyeBlinkLeft"]] < 0.1


def test_a_closure_of_one_frame_stays_closed():
    rows = np.array([pose(jawOpen=0.5)] * 40 + [pose()] + [pose(jawOpen=0.5)] * 10 + [pose()] * 20)
    found = aperture(FaceMotion()(tracked(rows)))
    assert found[40] == 0
    assert found[[38, 42]] == pytest.approx(0.15, abs=0.05)


def test_a_face_at_rest_may_be_given():
    """A smile that lasts is the film's own rest, but not that of the face."""
    smiling = tracked(np.array([pose(mouthSmile=0.6, headYaw=0.1)] * 20))
    of_film = FaceMotion()(smiling)
    of_face = FaceMotion()(smiling, canonical().astype(np.float32))
    assert channel(of_film, "mouthSmile").max() < 0.01
    assert channel(of_face, "mouthSmile").min() > 0.4
    assert channel(of_face, "headYaw") == pytest.approx(0.1, abs=0.005)


def test_where_and_how_large_the_face_is_does_not_matter():
    motion = acted(50)
    track = tracked(motion)
    assert FaceMotion()(2.5 * track + 300) == pytest.approx(FaceMotion()(track), abs=2e-3)


def test_short_gaps_are_filled_and_long_ones_are_no_motion():
    motion = acted(80)
    track = tracked(motion)
    track[20:23] = np.nan
    track[50:60] = np.nan
    notes = []
    with events.watching(notes.append):
        found = FaceMotion()(track)
    assert "10 of 80 frames" in str(notes)
    assert np.isfinite(found).all()
    assert (found[50:60] == 0).all()
    assert channel(found, "headYaw")[20:23] == pytest.approx(channel(motion, "headYaw")[20:23], abs=0.03)


def test_gaps_are_filled_on_a_straight_line():
    points = np.arange(478 * 3, dtype=float).reshape(1, 478, 3) + 10.0 * np.arange(20)[:, None, None]
    track = points.copy()
    track[4:9] = np.nan
    whole, found = filled(track)
    assert whole == pytest.approx(points)
    assert found.all()
    track[:3], track[12 : 12 + LONGEST + 1] = np.nan, np.nan
    whole, found = filled(track)
    assert (np.flatnonzero(~found) == np.arange(12, 12 + LONGEST + 1)).all()
    assert whole[0] == pytest.approx(points[3])


def test_a_film_without_a_face_is_refused():
    with pytest.raises(InputError, match="without a face"):
        FaceMotion()(np.full((5, 478, 3), np.nan, np.float32))
    with pytest.raises(InputError, match="one place"):
        FaceMotion()(np.ones((5, 478, 3), np.float32))


@pytest.mark.parametrize(("value", "says"), [(np.nan, "not finite"), (1.0, "one place")])
def test_a_face_at_rest_that_is_none_is_refused(value, says):
    with pytest.raises(InputError, match=says):
        FaceMotion()(tracked(acted(10)), np.full((478, 3), value, np.float32))


def test_a_trembling_mesh_changes_little():
    motion = acted()
    noise = 0.002 * IOD * np.random.default_rng(0).normal(size=(FRAMES, 478, 3))
    found = FaceMotion()((tracked(motion) + noise).astype(np.float32))
    assert agreement(aperture(motion), aperture(found)) > 0.98
    assert np.abs(channel(motion, "headYaw") - channel(found, "headYaw")).max() < 0.03


@pytest.mark.slow
def test_motion_that_was_rendered_is_found_in_the_film(astronaut, mesh):
    motion = acted(75)
    video = PortraitDecoder(size=256, crop="face")
    frames = np.concatenate(list(video(astronaut, mesh.landmarks, mesh.matte, iter([motion]))))
    found = FaceMotion()(np.concatenate(list(FaceTrack()(iter([frames])))))
    assert agreement(aperture(motion), aperture(found)) > 0.85
    for name, least in (("eyeBlink", 0.9), ("headYaw", 0.9), ("headRoll", 0.9)):
        assert agreement(channel(motion, name), channel(found, name)) > least
