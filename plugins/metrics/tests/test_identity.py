"""Who is seen: embeddings of real pictures, and distances of made-up ones."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
from acting import SIDES, face
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_core.testing import faces
from pfy_plugin_metrics import identity
from pfy_plugin_metrics.of_identity import (
    FaceIdentity,
    IdentityDistance,
    IdentityDrift,
    IdentitySimilarity,
    PhotoIdentity,
)

with_dlib = pytest.mark.skipif(not find_spec("dlib"), reason="the extra 'faces' is not installed")


def embedded(count=5, width=8, seed=0):
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


@pytest.mark.slow
@with_dlib
def test_every_so_manieth_frame_is_looked_at_and_only_where_there_is_a_face():
    points = face(frames=7)
    points[4] = np.nan
    frames = np.repeat(faces.photo(*SIDES)[None], 7, axis=0)
    found = FaceIdentity(every=2)(frames, points)
    assert found.shape == (4, 128)
    assert np.isfinite(found).all(1).tolist() == [True, True, False, True]
    alone = PhotoIdentity()(frames[0], points[0])
    assert found[0] == pytest.approx(alone[0])
    assert IdentityDistance()(found, alone).value == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
@with_dlib
def test_another_face_is_further_away_than_a_brighter_picture_of_the_same():
    picture, points = faces.photo(*SIDES), faces.landmarks(*SIDES)
    look = PhotoIdentity()
    same = look(np.clip(picture * 1.1, 0, 255).astype(np.uint8), points)
    other = look(np.ascontiguousarray(picture[..., ::-1]), points * (1, 1.1, 1))
    known = look(picture, points)
    assert IdentityDistance()(same, known).value < 0.5 * IdentityDistance()(other, known).value
    with pytest.raises(InputError, match="beyond the picture"):
        look(picture, points + 1e6)


def test_without_dlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(InputError, match="without dlib") as error:
        FaceIdentity()
    assert "pip install" in error.value.fix


def test_one_frame_in_none_is_refused():
    with pytest.raises(InputError, match="every 0"):
        FaceIdentity(every=0)


def test_distance_and_cosine_of_known_embeddings():
    made = np.array([[1, 0], [0, 2]], np.float32)
    reference = np.array([[1, 0]], np.float32)
    assert IdentityDistance()(made, reference).value == pytest.approx(5**0.5 / 2)
    assert IdentitySimilarity()(made, reference).value == pytest.approx(0.5)


@given(st.integers(0, 99), st.floats(-2, 2))
def test_a_face_that_leaves_drifts_by_as_far_as_it_goes(seed, far):
    start, way = embedded(2, seed=seed).astype(float)
    made = start + 3 * way + np.linspace(0, far, 9)[:, None] * way
    drift = identity.growth(identity.distances(made, start[None]))
    assert drift == pytest.approx(far * np.linalg.norm(way), abs=1e-6)


def test_frames_without_a_face_are_left_out_and_a_side_without_any_is_not_scored():
    made = embedded()
    some = made.copy()
    some[2] = np.nan
    kept = np.delete(made, 2, 0)
    assert IdentityDistance()(some, made).value == IdentityDistance()(kept, made).value
    for metric in (IdentityDistance(), IdentitySimilarity(), IdentityDrift()):
        assert metric(made, made * np.nan).reason == "reference: no face in the compared frames"
    assert "2 compared frames" in IdentityDrift()(made[:2], made).reason
    with pytest.raises(InputError, match="of length 8 and 9"):
        IdentityDistance()(made, embedded(width=9))
