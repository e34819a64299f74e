import bench_videos
import pytest

from pfy_bench.corpora import Datasets
from pfy_core.errors import InputError
from pfy_core.graph_file import Node


@pytest.fixture
def nodes():
    return {"mini": Node("dataset/mini", {}, {"clips": 4}), "clips": Node("dataset/clips")}


def test_a_run_is_repeated_on_the_data_that_it_had(tmp_path, nodes):
    for index in range(3):
        bench_videos.write(tmp_path / f"{index}.mp4", index)
    first = Datasets.of(nodes, {"clips": tmp_path}, 2)
    about = first.about()
    assert about["clips"]["items"] == len(first.items) == 2
    with pytest.raises(InputError, match="run was on clips"):
        Datasets.again(nodes, about, {})
    again = Datasets.again(nodes, about, {"clips": tmp_path})
    assert again.items == first.items == ["clips/0000", "clips/0001"]
    assert again.about() == about
    with pytest.raises(InputError, match="no dataset mini"):
        Datasets.again(nodes, about, {"clips": tmp_path, "mini": tmp_path})
    assert Datasets.again(nodes, Datasets.of(nodes, {}).about(), {}).items[-1] == "mini/0003"


def test_a_suite_without_data_says_so():
    with pytest.raises(InputError, match="names no data"):
        Datasets.of({}, {})
