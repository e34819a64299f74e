import re

import pupils
import pytest
import yaml

from pfy_core import Graph
from pfy_core.errors import InputError
from pfy_train import recipe as recipes
from pfy_train.plan import plan
from pfy_train.recipe import RecipeError
from pfy_train.trainer import train


def problems(text, folder):
    """What is wrong with a recipe, as (code, where, line)."""
    (folder / "recipe.yaml").write_text(text)
    with pytest.raises(RecipeError) as error:
        plan(recipes.load(folder / "recipe.yaml"))
    return {(problem.code, problem.where): problem for problem in error.value.problems}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "graph.yaml").write_text(pupils.graph().to_yaml())
    return tmp_path


def test_a_recipe_reads_back_as_it_was_written(folder):
    one = recipes.from_yaml(pupils.RECIPE, "pupils", folder).recipe
    two = recipes.from_yaml(one.to_yaml(), "other", folder).recipe
    assert one == two
    assert one.digest() == two.digest()
    assert one.losses["velocity"].weight == 0.5
    assert one.optimiser.betas == (0.9, 0.99)


def test_every_fault_of_the_file_is_told_at_once_with_its_line(folder):
    text = pupils.RECIPE.replace("batch: 4", "batch: 0\nbach: 3").replace("warmup: 3", "warmup: many")
    text = text.replace("lr: 1.0e-2", "lr: -1, betas: [0.9]").replace("ema: 0.9", "ema: 1.0")
    text = text.replace("recipe: pupils\n", "recipe: pupils\nprecision: half\n")
    found = problems(text, folder)
    lines = {where: text.splitlines()[problem.line - 1] for (_, where), problem in found.items()}
    assert set(lines) == {
        *("batch", "bach", "schedule.warmup", "optimiser.lr", "optimiser.betas", "ema", "precision")
    }
    assert all(where.split(".")[-1] in line for where, line in lines.items())
    assert found["R002", "bach"].fix == "did you mean 'batch'?"


def test_what_a_recipe_lacks_is_told(folder):
    found = problems("recipe: empty\ndata: {train: []}\n", folder)
    assert {where for _, where in found} == {"graph", "learn", "losses", "data.train"}


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [", "a: ${b}\n", "\t", "a: 1\na: 2\n}"])
def test_what_is_no_recipe_is_said_so(folder, text):
    with pytest.raises(RecipeError):
        recipes.from_yaml(text, "broken", folder)


def test_every_fault_of_the_plan_is_told_at_once_with_its_line(folder):
    text = pupils.RECIPE.replace("learn: [speech, motion]", "learn: [speech, motion, spread, mouth]")
    text = text.replace("mesh: landmarks}", "mesh: landmark, nobody: text, $face: wave}")
    text = text.replace("motion: {motion: motion}", "motion: {motion: motion, mood: text}, mesh: {x: text}")
    text = text.replace("snr: motion.snr", "snr: motion.snrr").replace("loss/velocity", "loss/velocty")
    text = text.replace("    weight: 0.5", "    weight: 0.5\n  lips: {use: loss/lip-gap, with: {closd: 1}}")
    found = problems(text, folder)
    assert set(found) == {
        ("R202", "data.give.mesh"),
        ("R201", "data.give.nobody"),
        ("R203", "data.give.$face"),
        ("R301", "learn"),
        ("R303", "learn"),
        ("R302", "data.targets.mesh"),
        ("R305", "data.targets.motion.mood"),
        ("R406", "losses.denoising.take.snr"),
        ("R401", "losses.velocity.use"),
        ("R402", "losses.lips.with.closd"),
        ("R403", "losses.lips.take"),
    } | {("R205", "data.give")} & set(found)
    assert found["R406", "losses.denoising.take.snr"].fix == "did you mean 'snr'?"
    assert "encoder/pupil-spread has no parameters that learn" in found["R303", "learn"].sends
    for (_, where), problem in found.items():
        line = text.splitlines()[problem.line - 1]
        assert where.split(".")[-1] in line or where.split(".")[-2] in line or "lips" in line, (where, line)


def test_an_input_that_nothing_gives_is_told(folder):
    found = problems(pupils.RECIPE.replace("{$speech: wave, mesh: landmarks}", "{}"), folder)
    assert "nothing for input 'wave' of speech, which takes $speech" in found["R205", "data.give"].sends


def test_a_target_that_learn_needs_and_nobody_gives_is_told(folder):
    found = problems(pupils.RECIPE.replace("  targets: {motion: {motion: motion}}\n", ""), folder)
    assert "nothing for 'motion' of decoder/pupil-move.learn" in found["R304", "data.targets.motion"].sends


def test_a_frozen_node_behind_one_that_learns_cannot_feed_another(folder):
    graph = (
        Graph("chain")
        .input("speech", "audio.wave")
        .add("speech", "encoder/pupil-listen", wave="$speech")
        .add("first", "decoder/pupil-move", audio="speech")
        .add("second", "encoder/pupil-again", motion="first")
        .add("motion", "decoder/pupil-move", audio="second")
        .output(motion="motion")
    )
    (folder / "graph.yaml").write_text(graph.to_yaml())
    found = problems(pupils.RECIPE.replace("mesh: landmarks", "").replace("wave, }", "wave}"), folder)
    assert found["R306", "learn"].fix == "add first"


def test_the_problems_of_the_graph_are_among_them(folder):
    (folder / "graph.yaml").write_text(pupils.graph().set("nodes.motion.take.visual=nothing").to_yaml())
    assert ("E203", "nodes.motion.take.visual") in problems(pupils.RECIPE, folder)


def test_a_graph_that_there_is_not_is_told_with_the_line(folder):
    found = problems(pupils.RECIPE.replace("graph.yaml", "portrayt"), folder)
    assert found["R101", "graph"].line == 2
    assert "portrait" in found["R101", "graph"].fix


def test_a_field_of_another_clock_is_refused(folder):
    graph = pupils.graph().as_dict()
    graph["inputs"]["speech"] = {"kind": "audio.wave", "rate": 48000}
    (folder / "graph.yaml").write_text(Graph.from_dict(graph).to_yaml())
    assert "wave @ 16 kHz" in problems(pupils.RECIPE, folder)["R204", "data.give.$speech"].sends


def test_fields_are_set_from_the_command_line(folder):
    (folder / "recipe.yaml").write_text(pupils.RECIPE)
    made = recipes.load(
        folder / "recipe.yaml", ["batch=9", "losses.velocity.weight=2", "set=[motion.gain=3]"]
    )
    assert (made.recipe.batch, made.recipe.losses["velocity"].weight) == (9, 2.0)
    assert plan(made).graph.nodes["motion"].config == {"gain": 3}
    for wrong in ("batch", "=3", "batch.x=3"):
        with pytest.raises(InputError):
            recipes.load(folder / "recipe.yaml", [wrong])
    with pytest.raises(RecipeError, match="1 problem") as error:
        recipes.load(folder / "recipe.yaml", ["bacth=3"])
    assert error.value.as_dict()["problems"][0]["fix"] == "did you mean 'batch'?"


def test_a_text_field_is_emptied_by_nothing_behind_the_sign(folder):
    (folder / "recipe.yaml").write_text(pupils.RECIPE)
    found = recipes.load(folder / "recipe.yaml", ["validate.suite=", "every.log=0"])
    assert (found.recipe.validate.suite, found.recipe.every.log) == ("", 0)


def test_a_window_without_a_frame_is_refused(folder):
    (folder / "recipe.yaml").write_text(pupils.RECIPE)
    with pytest.raises(RecipeError, match=r"data\.seconds"):
        recipes.load(folder / "recipe.yaml", ["data.seconds=0.01"])


def test_a_recipe_that_there_is_not_is_told_with_the_nearest():
    with pytest.raises(InputError, match="no recipe is named 'p4y-motoin'") as error:
        recipes.load("p4y-motoin")
    assert "p4y-motion" in error.value.fix


@pytest.mark.parametrize("name", recipes.names())
def test_the_recipes_that_come_along_are_read(name):
    made = recipes.load(name).recipe
    assert made.recipe == name
    assert made.doc


def test_missing_and_empty_data_are_told_beside_the_faults_of_the_plan(folder):
    (folder / "corpus" / "train").mkdir(parents=True)
    (folder / "recipe.yaml").write_text(pupils.RECIPE.replace("$speech: wave, ", ""))
    with pytest.raises(RecipeError) as error:
        train(folder / "recipe.yaml", out=folder / "out")
    found = {problem.where: problem for problem in error.value.problems}
    assert set(found) == {"data.train", "data.validation", "data.give"}
    assert "has no shard" in found["data.train"].sends
    assert found["data.validation"].code == "R501"
    assert "data.validation=[]" in found["data.validation"].fix
    assert all(problem.line for problem in found.values())
    assert not (folder / "out").exists()


def test_a_recipe_of_a_run_is_complete_yaml(folder):
    made = recipes.from_yaml(pupils.RECIPE, "pupils", folder).recipe
    kept = yaml.safe_load(made.to_yaml())
    assert kept["losses"]["denoising"]["with"] == {}
    assert kept["validate"] == {"windows": 64, "suite": "", "clips": 8, "set": []}
    assert not re.search("options", made.to_yaml())
