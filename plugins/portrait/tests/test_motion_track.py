"""Motion seen in landmarks: what the channels say is what is measured."""

import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core import InputError
from pfy_core.kinds import APERTURE_SPAN, MOTION_CHANNELS, MOTION_INDEX
from pfy_core.testing import faces
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.canonical import IOD, canonical
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.motion_track import MotionTrack


def tracked(*rows):
    return np.concatenate(list(MotionTrack()(iter([np.array(rows, np.float32)])))).astype(np.float64)


def apart(points, a, b):
    """Distance (t) in the picture, in iod."""
    return np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=1) / IOD


def test_no_motion_is_the_face_at_rest():
    points = tracked(pose(), pose())
    assert np.abs(points - canonical()).max() < 1e-4
    assert apart(points, 33, 263) == pytest.approx(1, abs=1e-6)
    assert apart(points, 13, 14).max() == 0


def test_the_lips_part_by_what_the_channels_say_whatever_else_the_face_does():
    rows = np.random.default_rng(0).uniform(0, 1, (200, len(MOTION_CHANNELS)))
    rows[:, -6:] = 0
    gap = rows[:, MOTION_INDEX["jawOpen"]] - rows[:, MOTION_INDEX["mouthClose"]]
    assert apart(tracked(*rows), 13, 14) == pytest.approx(APERTURE_SPAN * np.maximum(gap, 0), abs=2e-5)


def test_a_closed_mouth_lets_the_jaw_drop_behind_it():
    rest, dropped = tracked(pose(), pose(jawOpen=0.6, mouthClose=0.6))
    assert np.linalg.norm(dropped[13] - dropped[14]) / IOD < 1e-5
    assert (dropped[152, 1] - rest[152, 1]) / IOD > 0.05


def test_lids_meet_in_a_blink_of_their_side_only():
    open_eyes, shut = tracked(pose(), pose(eyeBlinkLeft=1.0))
    for index in (1, 3, 5):
        upper, lower = anatomy.UPPER_LIDS[1][index], anatomy.LOWER_LIDS[1][index]
        assert shut[upper, :2] == pytest.approx(shut[lower, :2], abs=1e-3)
    right = [*anatomy.UPPER_LIDS[0], *anatomy.LOWER_LIDS[0]]
    assert np.abs(shut[right] - open_eyes[right]).max() / IOD < 0.002


@pytest.mark.parametrize(
    ("channels", "grows"),
    [
        ({"mouthStretch": 1.0}, (61, 291)),
        ({"mouthSmile": 1.0}, (61, 291)),
        ({"browInnerUp": 1.0}, (66, 159)),
        ({"browOuterUp": 1.0}, (70, 33)),
        ({"eyeWide": 1.0}, (159, 145)),
    ],
)
def test_a_channel_takes_its_points_apart(channels, grows):
    before, after = apart(tracked(pose(), pose(**channels)), *grows)
    assert after > before + 0.01


@pytest.mark.parametrize(
    ("channels", "shrinks"),
    [
        ({"mouthPucker": 1.0}, (61, 291)),
        ({"browDown": 1.0}, (66, 159)),
        ({"eyeSquint": 1.0}, (159, 145)),
        ({"jawOpen": 1.0}, (61, 291)),
    ],
)
def test_a_channel_brings_its_points_together(channels, shrinks):
    before, after = apart(tracked(pose(), pose(**channels)), *shrinks)
    assert after < before - 0.01


def test_eyes_look_where_the_channels_say():
    rest, aside = tracked(pose(), pose(eyeLookInRight=1.0, eyeLookOutLeft=1.0))
    went = (aside - rest)[[468, 473], :2] / IOD
    assert (went[:, 0] > 0.05).all()
    assert went[:, 1] == pytest.approx(0, abs=1e-6)


def test_the_head_turns_as_one_piece_in_the_directions_that_the_channels_name():
    turned = tracked(pose(headYaw=0.1), pose(headPitch=0.1), pose(headRoll=0.1), pose(headX=0.1))
    rest = canonical()
    for points in turned:
        assert np.linalg.norm(points[10] - points[152]) == pytest.approx(
            np.linalg.norm(rest[10] - rest[152]), rel=1e-6
        )
    nose = (turned[:, 1] - rest[1]) / IOD
    assert nose[0, 0] > 0.05
    assert nose[1, 1] > 0.05
    assert (turned[2, 10] - rest[10])[0] / IOD > 0.05
    assert nose[3] == pytest.approx([0.1, 0, 0], abs=1e-6)
    nearer = tracked(pose(headZ=0.1))
    assert apart(nearer, 33, 263) == pytest.approx(1.1, abs=1e-5)


def test_chunks_make_no_difference():
    rows = np.random.default_rng(1).uniform(-0.5, 1.5, (9, len(MOTION_CHANNELS))).astype(np.float32)
    whole = np.concatenate(list(MotionTrack()(iter([rows]))))
    cut = np.concatenate(list(MotionTrack()(iter([rows[:1], rows[1:5], rows[5:]]))))
    assert (whole == cut).all()


def test_motion_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="not finite"):
        tracked(pose(jawOpen=np.nan))


def test_motion_of_any_size_is_a_face():
    assert np.isfinite(tracked(np.full(58, 1e30), np.full(58, -1e30))).all()


@pytest.mark.slow
def test_the_canonical_face_is_the_drawing_as_the_mesh_sees_it(encoder):
    drawn = Face(encoder(faces.photo(768, 768)).landmarks.astype(np.float64))
    seen = drawn.local(drawn.flat, drawn.flat[[33, 263]].mean(0))
    kept = (canonical()[:, :2] - canonical()[[33, 263], :2].mean(0)) / IOD
    assert np.linalg.norm(seen - kept, axis=1).mean() < 0.015
    assert seen[13] == pytest.approx(kept[13], abs=0.03)
