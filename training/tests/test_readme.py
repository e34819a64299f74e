import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pfy_core.cli import app
from pfy_train import recipe as recipes
from pfy_train.cli import train
from pfy_train.recipe import Recipe, flat

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def fenced(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_component_learns_by_heart_and_the_loss_is_one():
    import torch

    from pfy_core.component import describe

    room = {"__name__": "readme"}
    exec("\n".join(fenced("python")[:3]), room)
    assert describe(room["Loud"]).id == "encoder/loud"
    assert describe(room["Jerk"]).role == "loss"
    assert room["Jerk"]()(torch.ones(2, 5, 3)).item() == 0.0


def test_the_recipe_is_one():
    made = recipes.from_yaml(fenced("yaml")[0], "readme", Path("/")).recipe
    assert made.learn == ["speech", "fusion", "motion"]


def test_every_field_of_a_recipe_is_in_the_table_with_its_default():
    table = {row.split("|")[1]: row.split("|")[2] for row in README.splitlines() if row.startswith("| `")}
    named = set(re.findall(r"`\.?([\w.]+)`", " ".join(table)))
    fields = set(Recipe.__dataclass_fields__) - {"recipe", "doc", "data", "losses"}
    assert fields <= named
    defaults = flat(Recipe(recipe="x", graph="x", learn=["x"], losses={}).as_dict())
    for heads, shown in table.items():
        for head, text in zip(
            re.findall(r"`([\w.]+)`", heads), re.findall(r"`([^`]+)`", shown), strict=False
        ):
            if head in Recipe.__dataclass_fields__:
                given = yaml.safe_load(text)
                for key, value in flat(given, head).items() if isinstance(given, dict) else [(head, given)]:
                    assert (
                        defaults[key] == pytest.approx(float(value))
                        if "lr" in key
                        else defaults[key] == value
                    )


def test_the_commands_have_the_options_that_they_are_shown_with():
    import typer

    alone = typer.Typer()
    alone.command()(train)
    shown = CliRunner().invoke(alone, ["--help"]).output
    lines = [line for block in fenced("sh") for line in block.splitlines() if "train " in line]
    assert len(lines) == 3
    for line in lines:
        for word in shlex.split(
            line.partition("#")[0].partition(" -m pfy_core ")[2] or line.partition("#")[0]
        ):
            assert not word.startswith("--") or word in shown, word
    assert app is not None
