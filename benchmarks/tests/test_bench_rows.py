from pathlib import Path

import pytest

from pfy_bench import rows
from pfy_bench.records import Results
from pfy_bench.rows import Row
from pfy_core.errors import InputError
from pfy_core.graph import Graph


def names(*arguments):
    return [row.name for row in rows.of_graphs(*arguments)]


def test_a_row_for_the_graph_and_for_each_ablation():
    assert names(["portrait"], ["still-head", "staring"]) == [
        "portrait", "portrait+still-head", "portrait+staring",
    ]  # fmt: skip


def test_all_takes_those_that_are_made_for_the_graph():
    found = names(["portrait"], ["all"])
    assert {"portrait", "portrait+still-head", "portrait+frozen-face"} <= set(found)
    assert "portrait+no-ec" not in found


def test_an_ablation_that_fits_none_of_the_graphs_is_an_error():
    with pytest.raises(InputError, match="ablation no-ec is made for"):
        rows.of_graphs(["portrait"], ["no-ec"])
    with pytest.raises(InputError, match="no graph is named"):
        rows.of_graphs(["portrai"], [])


def test_what_changes_a_clip_changes_the_code_of_its_row():
    plain, same, set_, edited = (
        rows.of_graphs(["portrait"], [])[0],
        rows.of_graphs(["portrait"], [])[0],
        rows.of_graphs(["portrait"], [], ["motion.fps=30"])[0],
        rows.of_graphs(["portrait"], ["still-head"])[1],
    )
    assert plain.code() == same.code()
    assert len({plain.code(), set_.code(), edited.code()}) == 3


def test_a_record_says_graph_ablation_and_weights_and_gives_the_row_back(tmp_path):
    made = rows.of_graphs(["portrait"], ["still-head"])[1]
    record = made.record()
    assert (record.row, record.ablation) == ("portrait+still-head", "still-head")
    assert all(item["licence"] for item in record.weights.values())
    again = rows.of_records(Results(tmp_path, None, {record.address: record}, {}, {}, {}, {}))
    assert [row.name for row in again] == ["portrait+still-head"]
    assert again[0].graph.digest() == made.graph.digest()


def test_videos_that_were_there_have_no_graph_to_run_again(tmp_path):
    record = Row("made").record()
    with pytest.raises(InputError, match="were there already"):
        rows.of_records(Results(tmp_path, None, {record.address: record}, {}, {}, {}, {}))


def test_a_record_names_no_folder_of_this_machine():
    graph = Graph.load("portrait").set("speech.voice=/home/me/secret/voice.onnx")
    assert "/home/me" not in str(Row("x", graph).record().graph)


def test_rows_that_are_given_one_name_are_replicates(tmp_path):
    graphs = [str(tmp_path / f"{seed}.yaml") for seed in (0, 1)]
    for path, mouth in zip(graphs, (0.9, 1.0), strict=True):
        Path(path).write_text(Graph.load("portrait").set(f"motion.mouth={mouth}").to_yaml())
    found = rows.of_graphs([f"full={path}" for path in graphs], ["still-head"])
    assert [(row.name, row.replicate) for row in found] == [
        ("full", 0), ("full+still-head", 0), ("full", 1), ("full+still-head", 1),
    ]  # fmt: skip
    assert rows.of_graphs(["mine=portrait+still-head"], [])[0].record().ablation == "still-head"
    with pytest.raises(InputError, match="full twice"):
        rows.of_graphs([f"full={graphs[0]}", f"full={graphs[0]}"], [])
    with pytest.raises(InputError, match="portrait twice"):
        rows.of_graphs(graphs, [])


def test_a_baseline_is_a_control_that_stands_beside_rows():
    found = rows.baselines(["shuffled"])[0]
    assert (found.name, found.baseline, found.code()) == ("shuffled", "shuffled-1", "shuffled-1")
    assert found.record().title == "the motion of another clip"
    with pytest.raises(InputError, match="no control is named shufled"):
        rows.baselines(["shufled"])
    with pytest.raises(InputError, match="frozen twice"):
        rows.baselines(["frozen"], [Row("frozen")])


def test_two_rows_of_one_name_are_an_error():
    with pytest.raises(InputError, match="portrait twice"):
        rows.of_graphs(["portrait", "portrait"], [])
    with pytest.raises(InputError, match="still-head twice"):
        rows.of_graphs(["portrait"], ["still-head", "still-head"])
