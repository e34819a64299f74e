"""why: which part of a node's key changed since the last time."""

import json
import time

import pytest
import toys
from installing import install, install_toy, python, sources

from pfy_core import Encoder, InputError, Runner, Weights
from pfy_core import catalogue as catalogues
from pfy_core.catalogue import Plugin
from pfy_core.errors import NodeError
from pfy_core.trace import KEEP, Trace, traces, why, why_all


def ran(graph, store, *more, text="a b", seed=0, catalogue=None):
    with Runner(graph, catalogue=catalogue or toys.catalogue(*more), store=store)(
        {"text": text}, seed=seed
    ) as run:
        run.wait()


def changed(node, store):
    return set(why(node, store.root)["changed"])


def test_the_first_run_has_nothing_to_compare_with(store):
    ran(toys.sums(), store)
    answer = why("scale", store.root)
    assert (answer["state"], answer["changed"], answer["compared"]) == ("stored", {}, None)


def test_a_changed_option_is_named_with_both_values(store):
    ran(toys.sums(), store)
    ran(toys.sums().set("scale.by=3"), store)
    assert why("scale", store.root)["changed"] == {"config.by": [2.0, 3.0]}


def test_a_changed_input_is_named_at_the_nodes_it_reaches(store):
    ran(toys.sums(), store)
    ran(toys.sums(), store, text="c d e")
    assert changed("embed", store) == {"inputs.text"}
    assert changed("scale", store) == {"inputs.latent"}


def test_a_node_behind_a_changed_one_names_the_input_that_came_differently(store):
    ran(toys.sums(), store)
    ran(toys.sums().set("scale.by=3"), store)
    assert changed("total", store) == {"inputs.latent"}
    assert why("embed", store.root)["state"] == "reused"


def test_a_changed_seed_is_named(store):
    graph = toys.sums().add("noise", "decoder/noise", text="$text").output(noise="noise")
    ran(graph, store, seed=1)
    ran(graph, store, seed=2)
    assert changed("noise", store) == {"seed"}
    assert changed("embed", store) == set()


def test_a_changed_component_is_named(store):
    ran(toys.sums(), store)
    ran(toys.sums().set("scale=encoder/whole"), store)
    assert changed("scale", store) == {"component", "config.by"}


def test_a_changed_place_is_named(store):
    ran(toys.sums(), store)
    ran(toys.sums().set("scale.place.dtype=float16"), store)
    assert changed("scale", store) == {"dtype"}
    ran(toys.sums().set("scale.place.device=cuda:0"), store)
    assert changed("scale", store) == {"dtype", "device"}


def test_a_changed_weights_file_is_named(store, tmp_path, monkeypatch):
    class Reader(Encoder, name="reader"):
        def __init__(self, table: Weights): ...

        def __call__(self, text: toys.Text) -> toys.Text:
            return text

    file = tmp_path / "table.bin"
    graph = toys.sums().add("r", "encoder/reader", {"table": str(file)}, text="$text").output(r="r")
    file.write_bytes(b"one")
    ran(graph, store, Reader)
    ran(graph, store, Reader)
    assert why("r", store.root)["state"] == "reused"
    file.write_bytes(b"two")
    ran(graph, store, Reader)
    assert changed("r", store) == {"weights.table"}


def test_a_weights_file_put_in_place_by_hand_counts_by_its_content(store, monkeypatch):
    class Reader(Encoder, name="reader"):
        def __init__(self, *, table: Weights = "toy/own"): ...

        def __call__(self, text: toys.Text) -> toys.Text:
            return text

    from pfy_core import weights

    made = toys.catalogue(Reader)
    made.plugins["p"] = Plugin(
        "p", "p", manifest={"weights": {"toy/own": {"file": "own.bin", "sources": [{"path": "/none"}]}}}
    )
    monkeypatch.setattr(catalogues, "_installed", made)
    graph = toys.sums().add("r", "encoder/reader", text="$text").output(r="r")
    place = weights.entry("toy/own").cached
    place.parent.mkdir(parents=True)
    place.write_bytes(b"one")
    ran(graph, store, catalogue=made)
    place.write_bytes(b"two")
    ran(graph, store, catalogue=made)
    assert why("r", store.root)["state"] == "stored"
    assert changed("r", store) == {"weights.table"}


RUN = """
from pfy_core import Graph, Runner, Store
graph = Graph("g").input("text", "text").add("up", "encoder/upper", text="$text").output(x="up.upper")
with Runner(graph, store=Store())({"text": "a"}) as run:
    run.wait()
    print(run.trace.nodes["up"].state, run["x"])
"""


def test_changed_code_and_a_changed_version_are_named(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("PFY_HOME", str(home))

    def run(site):
        done = python("-c", RUN, site=site, home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    install_toy(tmp_path / "one")
    assert run(tmp_path / "one") == ["stored", "A!"]
    assert run(tmp_path / "one") == ["reused", "A!"]

    root = install_toy(tmp_path / "two")
    code = (root / "parts.py").read_text()
    (root / "parts.py").write_text(code.replace("text.upper()", "text.upper().lower()"))
    assert run(tmp_path / "two") == ["stored", "a!"]
    assert set(why("up", home / "store")["changed"]) == {"code"}

    root = install(tmp_path / "three", "pfy-plugin-toy", "pfy_plugin_toy", sources(), version="2.0")
    (root / "pfy.json").write_text((tmp_path / "one" / "pfy_plugin_toy" / "pfy.json").read_text())
    assert run(tmp_path / "three") == ["stored", "A!"]
    assert set(why("up", home / "store")["changed"]) == {"code", "version"}
    assert run(tmp_path / "one") == ["reused", "A!"]


def test_what_was_not_stored_says_why(store):
    class Handle(Encoder, name="handle"):
        def __call__(self, text: toys.Text) -> toys.Annotated[object, toys.Port("toy.handle")]:
            return object()

    graph = toys.sums().add("h", "encoder/handle", text="$text").output(h="h")
    ran(graph, store, Handle)
    answer = why("h", store.root)
    assert (answer["state"], answer["reason"]) == ("not stored", "a object cannot be stored")


def test_runs_without_the_node_are_passed_over(store):
    graph = toys.sums().add("noise", "decoder/noise", text="$text").output(noise="noise")
    ran(graph, store, seed=1)
    ran(toys.sums(), store)
    ran(graph, store, seed=2)
    assert changed("noise", store) == {"seed"}


def test_without_a_run_on_record_there_is_no_answer(store):
    with pytest.raises(InputError, match="no run is on record"):
        why("scale", store.root)


def test_an_unknown_node_gets_the_nearest(store):
    ran(toys.sums(), store)
    with pytest.raises(InputError, match="did you mean 'scale'"):
        why("scal", store.root)
    with pytest.raises(InputError, match="nodes: embed, scale, total"):
        why("zzzz", store.root)


def test_only_the_last_runs_are_kept(store):
    for index in range(KEEP + 5):
        Trace(f"g{index}", started=1000.0 + index).save(store.root)
    kept = traces(store.root)
    assert len(kept) == KEEP
    assert (kept[0]["graph"], kept[-1]["graph"]) == (f"g{KEEP + 4}", "g5")


def test_nodes_stand_in_the_order_of_the_plan_whichever_began_first(store):
    class Slow(Encoder, name="slow"):
        def __call__(self, text: toys.Text) -> toys.Number:
            time.sleep(0.05)
            return len(text)

    graph = toys.sums().add("slow", "encoder/slow", text="$text").output(slow="slow")
    runner = Runner(graph, catalogue=toys.catalogue(Slow), store=store)
    for _ in range(3):
        with runner({"text": "a b"}) as run:
            run.wait()
        assert list(run.trace.nodes) == run.plan.order == [item["node"] for item in why_all(store.root)]


def test_damaged_traces_are_passed_over(store):
    ran(toys.sums(), store)
    ran(toys.sums().set("scale.by=3"), store)
    for text in ("", "{", "[]", "3", "{}", json.dumps({"nodes": 3})):
        (store.root / "runs" / f"9999999999.{len(text)}.json").write_text(text)
    assert changed("scale", store) == {"config.by"}


def test_a_failed_run_is_not_on_record(store):
    class Broken(Encoder, name="broken"):
        def __call__(self, latent: toys.Latent) -> toys.Latent:
            raise ValueError("no")

    with pytest.raises(NodeError):
        ran(toys.sums().set("scale=encoder/broken"), store, Broken)
    with pytest.raises(InputError, match="no run is on record"):
        why("embed", store.root)
