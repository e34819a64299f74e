import json
import re
import shutil

import pupils
import pytest
import torch
from pupils import Move, Spread_
from training_runs import losses, same, tensors

from pfy_core import Graph, weights
from pfy_core.check import check
from pfy_core.errors import InputError
from pfy_train import train
from pfy_train.state import found, read


def test_a_training_lowers_the_loss_and_leaves_all_that_it_promises(room, tmp_path):
    out = tmp_path / "out"
    told = []
    made = train(room, out=out, steps=60, watch=told.append)
    curve = [line["loss"] for line in losses(out)]
    assert len(curve) == 12
    assert curve[-1] < 0.75 * curve[0]
    assert made.steps == 60
    assert made.losses["loss"] == curve[-1]
    assert [path.name for path in found(out)] == ["000050", "000060"]
    assert {
        "recipe.yaml",
        "log.jsonl",
        "tensorboard",
        "checkpoints",
        "weights",
        "graph.yaml",
        "record.json",
    } <= {path.name for path in out.iterdir()}
    record = json.loads((out / "record.json").read_text())
    assert record["steps"] == 60
    assert record["parameters"] == {"speech": 40, "motion": 4350}
    assert str(tmp_path) not in (out / "record.json").read_text()
    validation = losses(out, "validation")
    assert [line["step"] for line in validation] == [10, 20, 30, 40, 50, 60]
    assert validation[-1]["loss"] < validation[0]["loss"]
    progress = [event for event in told if event.kind == "progress" and event.source == "train"]
    assert (progress[-1].done, progress[-1].total) == (60, 60)


def test_the_graph_that_is_handed_out_runs_anywhere_with_what_was_learnt(room, tmp_path, monkeypatch):
    made = train(room, out=tmp_path / "out", steps=5)
    monkeypatch.chdir(tmp_path.parent)
    graph = Graph.load(tmp_path / "out" / "graph.yaml")
    assert check(graph) == []
    held = tensors(made.weights["motion"])
    component = Move(weights=graph.nodes["motion"].config["weights"])
    assert all(torch.equal(component.network().state_dict()[key], value) for key, value in held.items())
    assert same(made.weights["motion"], tmp_path / "out" / "weights" / "motion.safetensors")


def test_the_weights_are_the_moving_average_in_the_dtype_that_the_recipe_says(room, tmp_path):
    made = train(room, out=tmp_path / "out", steps=5, sets=["save.dtype=float16"])
    (kept,) = found(tmp_path / "out")
    average, last = tensors(kept / "average.safetensors"), tensors(kept / "parameters.safetensors")
    for key, value in tensors(made.weights["speech"]).items():
        assert value.dtype == torch.float16
        assert torch.equal(value, average[f"speech.{key}"].half())
        assert not torch.equal(value, last[f"speech.{key}"].half())


def test_the_weights_become_entries_that_graphs_use_by_name(room, tmp_path):
    made = train(room, out=tmp_path / "mine", steps=5)
    assert made.entries == {"speech": "mine/speech", "motion": "mine/motion"}
    graph = Graph.load(tmp_path / "graph.yaml").set("speech.weights=mine/speech")
    assert check(graph) == []
    assert same(weights.path("mine/speech"), made.weights["speech"])
    again = train(room, out=tmp_path / "more" / "mine", steps=8)
    assert same(weights.path("mine/speech"), again.weights["speech"])
    assert not same(weights.path("mine/speech"), made.weights["speech"])


def test_frozen_nodes_run_once_per_clip_and_those_that_are_given_never(room, tmp_path, monkeypatch):
    monkeypatch.setattr(Spread_, "calls", 0)
    train(room, out=tmp_path / "out", steps=12)
    assert Spread_.calls == 10 + 3  # the clips of both splits; Mesh raises when it is called


@pytest.mark.parametrize("sets", [[], ["data.seconds=0"], ["accumulate=2"]])
def test_the_same_recipe_gives_the_same_weights(room, tmp_path, sets):
    for name in ("one", "two"):
        train(room, out=tmp_path / name, steps=6, sets=sets)
    assert same(*(tmp_path / name / "weights" / "motion.safetensors" for name in ("one", "two")))
    assert losses(tmp_path / "one") == losses(tmp_path / "two")


def test_another_seed_gives_other_weights(room, tmp_path):
    for seed in (0, 1):
        train(room, out=tmp_path / str(seed), steps=3, sets=[f"seed={seed}"])
    assert not same(*(tmp_path / str(seed) / "weights" / "motion.safetensors" for seed in (0, 1)))


def test_two_batches_accumulated_are_a_step_of_both(room, tmp_path):
    """With whole clips of one length, the gradient of 2 x 4 clips is that of 8."""
    common = ["data.seconds=0.5", "schedule.warmup=0", "every.log=1", "every.validate=0"]
    train(room, out=tmp_path / "two", steps=3, sets=[*common, "batch=4", "accumulate=2"])
    train(room, out=tmp_path / "one", steps=3, sets=[*common, "batch=8"])
    for one, two in zip(losses(tmp_path / "one"), losses(tmp_path / "two"), strict=True):
        assert one["loss"] == pytest.approx(two["loss"], rel=1e-5)
        assert one["gradient"] == pytest.approx(two["gradient"], rel=1e-4)


def test_clips_beyond_the_memory_are_read_again_and_learnt_the_same(room, tmp_path, monkeypatch):
    train(room, out=tmp_path / "kept", steps=6)
    monkeypatch.setattr("pfy_train.setting.MEMORY_SHARE", 0.0)
    monkeypatch.setattr(Spread_, "calls", 0)
    train(room, out=tmp_path / "read", steps=6)
    assert Spread_.calls == 0  # the store has them
    assert same(*(tmp_path / name / "weights" / "motion.safetensors" for name in ("kept", "read")))


def test_a_loss_that_is_no_number_stops_and_names_step_loss_and_clips(room, tmp_path):
    with pytest.raises(InputError, match=r"step \d+: loss 'denoising' is (nan|inf)") as error:
        train(room, out=tmp_path / "out", sets=["optimiser.lr=1e30", "clip=0", "every.log=10"])
    assert "its clips are train-" in str(error.value)
    assert "smaller optimiser.lr" in error.value.fix
    kept = found(tmp_path / "out")
    assert all(
        torch.isfinite(v).all() for path in kept for v in tensors(path / "parameters.safetensors").values()
    )


def test_parameters_that_no_loss_reaches_are_told(room, tmp_path):
    (room.parent / "graph.yaml").write_text(
        Graph.load(room.parent / "graph.yaml").set("motion=decoder/pupil-move", "motion.gain=0.0").to_yaml()
    )
    told = []
    train(room, out=tmp_path / "out", steps=1, sets=["losses.velocity.weight=0"], watch=told.append)
    assert not [event for event in told if "no gradient" in event.text]  # zero is a gradient
    recipe = room.read_text().replace("[speech, motion]", "[speech, motion, idle]")
    graph = Graph.load(room.parent / "graph.yaml").add("idle", "encoder/pupil-listen", wave="$speech")
    (room.parent / "graph.yaml").write_text(graph.to_yaml())
    room.write_text(recipe)
    train(room, out=tmp_path / "idle", steps=1, watch=told.append)
    assert [e.text for e in told if "no gradient" in e.text] == [
        "no gradient reaches 2 of 8 parameters: idle.weight, idle.bias"
    ]


def test_the_folder_of_another_training_is_not_written_into(room, tmp_path):
    train(room, out=tmp_path / "out", steps=1)
    with pytest.raises(InputError, match="holds a training already"):
        train(room, out=tmp_path / "out", steps=1)


@pytest.mark.parametrize(
    ("folder", "entry"), [("my run", "my-run"), ("p4y+ste 1", "p4y-ste-1"), ("été", "t"), ("..é", "trained")]
)
def test_entries_are_named_by_the_folder_as_far_as_a_name_may_be(room, tmp_path, folder, entry):
    made = train(room, out=tmp_path / folder, steps=1)
    assert made.entries["motion"].startswith(entry)
    assert made.entries["motion"].endswith("/motion")
    assert made.entries["motion"] in weights.own()


def test_what_is_drawn_from_torchs_generator_is_the_steps_own(room, tmp_path, monkeypatch):
    seen = []

    def draws(self, audio, motion, seeds, visual=None, learn=Move.learn):
        seen.append(torch.rand(1).item())
        return learn(self, audio, motion, seeds, visual)

    monkeypatch.setattr(Move, "learn", draws)
    sets = ["data.validation=[]", "every.save=2"]
    for name in "abcd":
        train(room, out=tmp_path / name, steps=2, sets=sets)
    train(room, out=tmp_path / "e", steps=4, sets=sets)
    train(room, out=tmp_path / "d", steps=4, sets=sets, resume=True)
    assert seen[:2] == seen[2:4] == seen[4:6] == seen[6:8]
    assert seen[8:12] == seen[6:8] + seen[12:14]


WORDS = pupils.RECIPE.replace("mesh: landmarks}", "mesh: landmarks, $text: text}")


def with_words(room, said):
    """A graph whose faces are words, and a corpus of which some clips have none."""
    nodes = pupils.graph().input("text", "text").as_dict()
    nodes["nodes"]["spread"] = {"use": "encoder/pupil-words", "take": {"text": "$text"}}
    (room.parent / "graph.yaml").write_text(Graph.from_dict(nodes).to_yaml())
    room.write_text(WORDS)
    shutil.rmtree(room.parent / "corpus")
    for split in ("train", "validation"):
        pupils.split(room.parent / "corpus" / split, 6, said=said)


def test_a_clip_without_words_does_without_what_may_be_missing(room, tmp_path, monkeypatch):
    seen = []

    def looks(self, audio, motion, seeds, visual=None, learn=Move.learn):
        seen.extend(len(item) for item in visual)
        return learn(self, audio, motion, seeds)

    monkeypatch.setattr(Move, "learn", looks)
    with_words(room, lambda number: "" if number % 2 else "some words")
    with pytest.raises(InputError, match=r"has no text, of which spread\.\w+ is made") as refused:
        train(room, out=tmp_path / "refused", steps=3)
    reference = re.search(r"of which (\S+) is", str(refused.value))[1]
    seen.clear()
    train(room, out=tmp_path / "out", steps=3, sets=[f"data.drop={{{reference}: 0}}", "data.validation=[]"])
    assert set(seen) == {0, 2}


def test_the_state_says_what_it_is_the_state_of(room, tmp_path):
    train(room, out=tmp_path / "out", steps=7)
    state = read(found(tmp_path / "out")[-1])
    assert state.step == 7
    assert state.count == 0  # the last step is always logged
    assert set(state.updates.values()) == {7}
