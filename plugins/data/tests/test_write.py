"""Shards are written whole or not at all, and are the same bytes whenever they are made."""

import time

import numpy as np
import pytest
from corpora import shard, tone

from pfy_core.errors import OutputError
from pfy_plugin_data import write


def test_the_same_clips_are_the_same_bytes(tmp_path):
    first = shard(tmp_path / "a").read_bytes()
    time.sleep(1.1)  # tars tell whole seconds
    assert shard(tmp_path / "b").read_bytes() == first


def test_nothing_is_left_where_a_clip_cannot_be_made(tmp_path):
    def clips():
        yield tone(0)
        raise RuntimeError("the voice broke")

    with pytest.raises(RuntimeError, match="the voice broke"):
        write.shard(tmp_path / "000000.tar", clips())
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "000000.tar").mkdir()
    with pytest.raises(OutputError, match=r"000000\.tar"):
        write.shard(tmp_path / "000000.tar", [tone()])


@pytest.mark.parametrize(
    "wrong",
    [
        {"wave": np.zeros(6401, np.float32)},
        {"motion": np.zeros((10, 57))},
        {"motion": np.zeros((0, 58)), "wave": np.zeros(0, np.float32)},
        {"landmarks": np.zeros((468, 3))},
    ],
)
def test_arrays_that_do_not_fit_are_no_clip(wrong):
    with pytest.raises(ValueError, match="tone-000"):
        write.parts(tone(**wrong))


def test_a_wave_is_fitted_to_frames():
    wave = np.ones(1000, np.float32)
    assert np.array_equal(write.fitted(wave, 1), wave[:640])
    assert write.fitted(wave, 2).sum() == 1000
    assert len(write.fitted(wave, 2)) == 1280
