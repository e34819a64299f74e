"""Films to shots, and shots to stretches in which one face is seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core.testing import faces
from pfy_plugin_data.prepare.shots import LEAST, seen, shots
from pfy_plugin_data.prepare.words import Words

UNTIL = Words(60).until


def grey(value, count, shape=(18, 32)):
    return [np.full((*shape, 3), value, np.uint8)] * count


def test_a_change_of_scene_parts_shots():
    found = list(shots(grey(60, 80) + grey(200, 70) + grey(60, 20), UNTIL))
    assert [(shot.start, len(shot.frames)) for shot in found] == [(0, 80), (80, 70)]
    assert found[1].begin == 3.2
    assert (found[1].frames == 200).all()


def test_long_shots_are_cut_and_what_is_too_short_left_out():
    found = list(shots(grey(60, 540), UNTIL))
    assert [(shot.start, len(shot.frames)) for shot in found] == [(0, 250), (250, 250)]


def test_shots_end_where_the_words_do():
    found = list(shots(grey(60, 400), Words(16, ((0.0, 5.0, "a"), (6.0, 15.0, "b"), (15.5, 16, "c"))).until))
    assert [(shot.start, len(shot.frames)) for shot in found] == [(0, 138), (138, 243)]


def test_large_frames_are_made_smaller():
    found = list(shots(grey(60, 50, (1080, 1920)), UNTIL))
    assert found[0].frames.shape == (50, 540, 960, 3)


def test_frames_that_change_their_size_are_another_shot():
    found = list(shots(grey(60, 60) + grey(60, 60, (32, 32)), UNTIL))
    assert [len(shot.frames) for shot in found] == [60, 60]


def test_no_frames_are_no_shot():
    assert list(shots([], UNTIL)) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 90)), max_size=5))
def test_stretches_are_those_with_a_face(parts):
    face = faces.landmarks(128, 128)
    rows = [face if there else np.full_like(face, np.nan) for there, count in parts for _ in range(count)]
    track = np.stack(rows) if rows else np.zeros((0, 478, 3), np.float32)
    found = seen(track)
    assert all(np.isfinite(track[begin:end]).all() and end - begin >= LEAST * 25 for begin, end in found)
    joined = "".join("x" * count if there else "-" * count for there, count in parts)
    assert len(found) == sum(len(run) >= LEAST * 25 for run in joined.split("-"))


@pytest.mark.parametrize(("step", "stretches"), [(2.0, [(0, 120)]), (60.0, [(0, 60), (60, 120)])])
def test_another_face_is_another_stretch(step, stretches):
    track = np.repeat(faces.landmarks(256, 256)[None], 120, axis=0)
    track[60:, :, 0] += step
    assert seen(track) == stretches
