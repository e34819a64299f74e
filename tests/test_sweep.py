"""Sweeps: one graph with many settings, what they share is computed once, and each difference is named."""

from typing import Annotated, Literal

import numpy as np
import pytest
import toys
from installing import pfy

from pfy_core import Fuser, Graph, InputError, Port, Runner, Store, paths
from pfy_core.check import check
from pfy_core.trace import why

AXES = {"fusion": ["fuser/weighted", "fuser/largest"], "fusion.power": [1, 2, 3]}
Latent = Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float32")]


class Weighted(Fuser, name="weighted"):
    """The sum of latents, the first one raised to a power."""

    def __init__(self, *, power: int = 1, mode: Literal["plain", "log"] = "plain"):
        self.power = power

    def __call__(self, *latents: Latent) -> Latent:
        toys.CALLS["weighted"] += 1
        return np.sum([latents[0] ** self.power, *latents[1:]], axis=0, dtype=np.float32)


class Largest(Fuser, name="largest"):
    """The largest of latents, raised to a power."""

    def __init__(self, *, power: int = 1):
        self.power = power

    def __call__(self, *latents: Latent) -> Latent:
        toys.CALLS["largest"] += 1
        return np.max(latents, axis=0) ** np.float32(self.power)


def graph():
    """Two encoders of a text, fused."""
    return (
        Graph("toy")
        .input("text", "text")
        .add("embed", "encoder/embed", text="$text")
        .add("scale", "encoder/scale", latent="embed")
        .add("fusion", "fuser/weighted", latents=["embed", "scale"])
        .add("total", "encoder/total", latent="fusion")
        .output(total="total")
    )


def ran(made, store):
    return toys.results(made, {"text": "a bc def"}, toys.catalogue(Weighted, Largest), store=store)


def test_a_sweep_is_every_combination_and_each_graph_says_its_settings():
    pairs = graph().sweep(AXES)
    assert [settings["fusion.power"] for settings, _ in pairs] == [1, 2, 3, 1, 2, 3]
    settings, last = pairs[-1]
    assert settings == {"fusion": "fuser/largest", "fusion.power": 3}
    assert last.name == "toy+fusion=fuser/largest+fusion.power=3"
    assert last.nodes["fusion"] == graph().set("fusion=fuser/largest", "fusion.power=3").nodes["fusion"]
    assert len({made.digest() for _, made in pairs}) == 6
    assert not any(check(made, toys.catalogue(Weighted, Largest)) for _, made in pairs)


def test_six_settings_of_the_fuser_compute_the_encoders_once(store):
    found = {made.name: ran(made, store) for _, made in graph().sweep(AXES)}
    assert toys.CALLS == {"embed": 1, "scale": 1, "weighted": 3, "largest": 3, "total": 6}
    assert len({results["total"] for results, _ in found.values()}) == 6
    for _, made in graph().sweep(AXES):
        alone, _ = ran(made, None)
        assert alone == found[made.name][0]


def test_a_sweep_of_nothing_is_the_graph_itself():
    assert graph().sweep({}) == [({}, graph())]


def test_settings_may_be_any_values_and_reach_any_field():
    pairs = graph().sweep({"nodes.fusion.take.latents": [["embed"], ["scale", "embed"]], "scale.by": [0.5]})
    assert [made.nodes["fusion"].take["latents"] for _, made in pairs] == [["embed"], ["scale", "embed"]]
    assert {made.nodes["scale"].config["by"] for _, made in pairs} == {0.5}


@pytest.mark.parametrize(
    ("axes", "fault"),
    [
        ({"fusion": "fuser/weighted"}, "sweep over fusion: 'fuser/weighted'"),
        ({"fusion.power": []}, r"sweep over fusion.power: \[\]"),
        ({"fusion.power": 3}, "sweep over fusion.power: 3"),
        ({"fusoin.power": [1]}, "no node 'fusoin'"),
    ],
)
def test_what_cannot_be_swept_over_is_refused(axes, fault):
    with pytest.raises(InputError, match=fault):
        graph().sweep(axes)


def test_between_two_settings_why_names_the_difference_and_the_runs(store):
    for _, made in graph().sweep(AXES):
        ran(made, store)
    answer = why("fusion", store.root)
    assert answer["changed"] == {"config.power": [2, 3]}
    assert answer["compared"]["graph"] == "toy+fusion=fuser/largest+fusion.power=2"
    assert answer["made"] is None
    answer = why("embed", store.root)
    assert (answer["state"], answer["changed"]) == ("reused", {})
    assert answer["made"]["graph"] == "toy+fusion=fuser/weighted+fusion.power=1"


def test_a_result_reused_from_an_earlier_setting_says_what_differs_from_the_run_before(store):
    for by in (1, 2, 1):
        ran(graph().set(f"scale.by={by}"), store)
    answer = why("scale", store.root)
    assert answer["state"] == "reused"
    assert answer["changed"] == {"config.by": [2.0, 1.0]}
    assert answer["made"]["started"] < answer["compared"]["started"]


def told(*argv):
    done = pfy(*argv)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_tells_the_results_of_a_sweep_apart():
    store = Store(paths.home() / "store")
    for _, made in graph().sweep({"fusion.power": [1, 2]}):
        with Runner(made, catalogue=toys.catalogue(Weighted), store=store)({"text": "a bc def"}) as run:
            run.wait()
    text = told("why", "total")
    assert "compared with the run of toy+fusion.power=1 at " in text
    assert text.endswith("  from fusion\n")
    lines = told("why").splitlines()
    assert lines[0] == "the last run: toy+fusion.power=2"
    assert next(line.split() for line in lines if line.startswith("fusion"))[-1] == "config.power"
    rows = [line for line in told("store", "ls").splitlines() if "fuser/weighted" in line]
    assert [row.split()[-1] for row in rows] == ["config.power=1", "config.power=2"]
    (embed,) = [line for line in told("store", "ls").splitlines() if "encoder/embed" in line]
    assert "=" not in embed
