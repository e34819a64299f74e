"""``dataset/shards``: the clips of a corpus, in a graph."""

import numpy as np
import pytest
from corpora import shard, tone

from pfy_core import Graph, InputError
from pfy_plugin_data import write
from pfy_plugin_data.dataset import ShardClips


def test_a_graph_takes_a_clip_by_its_number(tmp_path):
    shard(tmp_path)
    graph = Graph("clips").input("item", "dataset.item")
    graph = graph.add("data", "dataset/shards", {"folder": str(tmp_path)}, item="$item")
    with graph.output(motion="data.motion", wave="data.wave", name="data.name").run(item=1) as run:
        assert run["name"] == "tone-001"
        assert len(run["wave"]) == 640 * len(run["motion"])


def test_a_clip_has_what_its_sample_has(tmp_path):
    write.shard(tmp_path / "000000.tar", [tone(4, phones=None)])
    found = ShardClips(folder=str(tmp_path))(0)
    assert (found.name, found.identity, found.text, found.phones) == (
        "tone-004",
        "tuning-fork",
        "Tone 4.",
        None,
    )
    assert found.photo.shape == (96, 96, 3)
    assert np.array_equal(found.motion, tone(4).motion.astype(np.float16).astype(np.float32))


def test_the_first_clips_are_taken(tmp_path):
    shard(tmp_path, 5)
    assert [len(ShardClips(folder=str(tmp_path), clips=clips)) for clips in (0, 2, 9)] == [5, 2, 5]
    with pytest.raises(InputError, match="0 to 1"):
        ShardClips(folder=str(tmp_path), clips=2)(2)
    with pytest.raises(InputError, match="-1 clips"):
        ShardClips(folder=str(tmp_path), clips=-1)
