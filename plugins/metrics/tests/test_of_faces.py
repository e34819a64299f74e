"""Metrics of a face over time, on faces that move and change in known ways."""

import numpy as np
import pytest
from acting import FPS, IOD, SIDES, face

from pfy_core.testing import faces
from pfy_plugin_metrics import eyes
from pfy_plugin_metrics.of_faces import BlinkRate, ColourDrift, FaceFound, HeadSpeed

STILL = face(frames=100)


def blinking(moments):
    """Eyes that shut for five frames around each moment, in frames."""
    points = STILL.copy()
    for moment in moments:
        for away, openness in zip(range(-2, 3), (0.6, 0.2, 0.0, 0.2, 0.6), strict=True):
            for *_, above, above_too, below, below_too in eyes.LIDS:
                for upper, lower in ((above, below), (above_too, below_too)):
                    gap = points[0, lower, 1] - points[0, upper, 1]
                    points[moment + away, upper, 1] = points[0, lower, 1] - openness * gap
    return points


def filmed(tint):
    """Frames of the kit's face, each as much redder as ``tint`` (t) says."""
    frames = np.repeat(faces.photo(*SIDES)[None], len(tint), axis=0).astype(float)
    frames[..., 0] += np.asarray(tint)[:, None, None]
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


def test_a_face_is_found_where_it_is():
    some = STILL.copy()
    some[:25] = np.nan
    assert FaceFound()(some).value == 0.75
    assert FaceFound()(STILL * np.nan).value == 0
    assert FaceFound()(STILL[:0]).reason == "no frames"


def test_a_head_is_as_fast_as_it_moves():
    assert HeadSpeed()(face(moves=0.5 * np.arange(50))).value == pytest.approx(50 / IOD, rel=1e-3)
    assert HeadSpeed()(STILL).value == 0


@pytest.mark.parametrize("moments", [[], [30], [10, 40, 80]])
def test_blinks_are_counted_by_the_minute(moments):
    assert BlinkRate()(blinking(moments)).value == pytest.approx(60 * FPS * len(moments) / 100)


def test_skin_that_reddens_drifts_and_skin_that_flickers_does_not():
    drift = ColourDrift()
    frames = len(STILL)
    assert drift(filmed(np.zeros(frames)), STILL).value == pytest.approx(0, abs=1e-9)
    slow, fast = (drift(filmed(np.linspace(0, by, frames)), STILL).value for by in (8, 16))
    assert fast == pytest.approx(2 * slow, rel=0.1)
    assert slow > 2
    flicker = np.where(np.arange(frames) // 5 % 2, 8, 0)
    assert drift(filmed(flicker), STILL).value < 0.25 * slow


def test_what_cannot_be_said_is_not_said_and_why():
    away = STILL + np.float32(1000)
    assert "outside of the picture" in ColourDrift()(filmed(np.zeros(100)), away).reason
    assert "2 compared frames" in ColourDrift()(filmed(np.zeros(10)), STILL[:10]).reason
    assert "4 frames" in HeadSpeed()(STILL[:4]).reason
    assert "90% wanted" in BlinkRate()(STILL * np.nan).reason
