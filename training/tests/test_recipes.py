"""The recipes that come with the package: each can be planned, with every ablation of its graph."""

import pytest
import yaml

from pfy_core import registry
from pfy_train import recipe as recipes
from pfy_train.plan import plan

ABLATIONS = [
    name
    for name in registry.names("ablations")
    if "p4y-motion" in yaml.safe_load(registry.path("ablations", name).read_text())["of"]
]
TRAINED = {"ste", "no-dc", "no-ec", "visual-tokens-only", "audio-tokens-only", "no-visual-in-prompt"} | {
    "no-text-prompt",
    "no-landmarks",
    "no-speech-encoder",
}
"""Nine of the paper's ten; ``no-hifigan`` has nothing to leave out, for no voice is made."""


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_that_is_shipped_has_no_fault(name):
    made = plan(recipes.load(name))
    assert [part.node for part in made.parts] == ["speech", "landmarks", "fusion", "motion"]
    assert made.drop == {"text.tokens": 0.3}


@pytest.mark.parametrize("ablation", sorted(TRAINED))
def test_every_ablation_can_be_trained_by_the_same_recipe(ablation):
    made = plan(recipes.load("p4y-motion", [f"graph=p4y-motion+{ablation}"]))
    assert "motion" in [part.node for part in made.parts]
    assert made.graph.name == f"p4y-motion+{ablation}"


def test_all_ablations_of_the_paper_that_apply_are_there():
    assert set(ABLATIONS) >= TRAINED
    assert "no-hifigan" not in ABLATIONS


def test_without_the_words_nothing_of_them_is_dropped():
    assert plan(recipes.load("p4y-motion", ["graph=p4y-motion+no-text-prompt"])).drop == {}


def test_small_is_the_same_training_of_fewer_clips():
    large, small = (recipes.load(name).recipe.as_dict() for name in ("p4y-motion", "p4y-motion-small"))
    assert small["losses"] == large["losses"]
    assert small["learn"] == large["learn"]
