import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core.kinds import HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait.emotion import EMOTIONS, Expression

TIMES = (np.arange(250) + 0.5) / 25


def shown(name, strength=0.6, row=None):
    motion = np.tile(pose() if row is None else row, (len(TIMES), 1)).astype(float)
    Expression(name, strength, 0).show(TIMES, motion)
    return motion


@pytest.mark.parametrize("name", EMOTIONS)
def test_profiles_name_real_channels(name):
    emotion = EMOTIONS[name]
    assert set(emotion.channels) <= set(MOTION_CHANNELS)
    assert set(emotion.head) <= set(HEAD_CHANNELS)


@pytest.mark.parametrize("name", [name for name in EMOTIONS if name != "neutral"])
def test_it_comes_stays_and_breathes(name):
    motion = shown(name)
    assert np.abs(motion[0]).max() < 0.02
    late = motion[50:]
    assert late.max() > 0.3
    strongest = late[:, np.argmax(late.mean(0))]
    assert 0.001 < strongest.std() / strongest.mean() < 0.15
    assert np.abs(np.diff(strongest)).max() < 0.02
    assert 0 <= motion.min() <= motion.max() <= 1


@pytest.mark.parametrize("name", EMOTIONS)
def test_more_strength_shows_more_and_none_shows_nothing(name):
    faint, full, none = (shown(name, strength).sum() for strength in (0.3, 0.8, 0.0))
    assert none == 0
    assert faint <= full
    assert (name == "neutral") == (full == 0)


@pytest.mark.parametrize("name", EMOTIONS)
def test_what_is_closed_stays_closed(name):
    closed = shown(name, 1.5, pose(jawOpen=0.3, mouthClose=0.3, mouthPress=1.0))
    gap = closed[:, MOTION_INDEX["jawOpen"]] - closed[:, MOTION_INDEX["mouthClose"]]
    assert np.abs(gap).max() < 1e-12
    for parting in ("mouthUpperUpLeft", "mouthLowerDownLeft", "mouthFunnel"):
        assert closed[:, MOTION_INDEX[parting]].max() < 1e-9


def test_a_smile_gives_way_to_rounded_lips():
    smile = MOTION_INDEX["mouthSmileLeft"]
    assert shown("happy", row=pose(mouthPucker=1.0))[-1, smile] < 0.6 * shown("happy")[-1, smile]
