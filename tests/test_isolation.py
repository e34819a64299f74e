"""Isolation: what a component in a process of its own gives is what it gives here."""

import dataclasses
import itertools
import os
import threading
import time

import homes
import isolating
import numpy as np
import pytest
import toys
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from installing import python
from isolating import Both, Mark, isolated

from pfy_core import InputError, Runner
from pfy_core.digest import digest
from pfy_core.errors import NodeError, PluginError
from pfy_core.isolation import Isolated

torch = pytest.importorskip("torch") if __import__("importlib.util").util.find_spec("torch") else None


@pytest.fixture(scope="module")
def echo():
    with isolated(isolating.Echo) as made:
        yield made


@pytest.fixture(scope="module")
def describe():
    with isolated(isolating.Describe) as made:
        yield made


# Values ------------------------------------------------------------------------------------------

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | arrays.arrays(
        st.sampled_from(["bool", "uint8", "int64", "float16", "float32", "float64"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)  # fmt: skip


VALUES = st.recursive(
    LEAVES, lambda i: st.lists(i, max_size=3) | st.dictionaries(st.text(), i) | st.tuples(i)
)


@settings(max_examples=30)
@given(
    value=st.recursive(
        LEAVES, lambda i: st.lists(i, max_size=3) | st.dictionaries(st.text(), i) | st.tuples(i)
    )
)
def test_any_value_comes_back_as_it_was(echo, value):
    assert digest(echo(value=value)) == digest(value)
    assert type(echo(value=value)) is type(value)


@pytest.mark.parametrize("rows", [10, 20_000], ids=["inline", "shared"])
@pytest.mark.parametrize(
    "form",
    [
        lambda a: a,
        lambda a: a[::2, ::-1],
        lambda a: np.asfortranarray(a),
        lambda a: a[:0],
        lambda a: a.astype(np.float16),
        lambda a: np.broadcast_to(a[:1], a.shape),
        lambda a: [a, a[0], {"b": a > 0}],
    ],
    ids=["plain", "strided", "fortran", "empty", "half", "read-only", "several"],
)
def test_arrays_of_every_layout_cross(echo, form, rows):
    value = form(np.random.default_rng(0).normal(size=(rows, 6)).astype(np.float32))
    found = echo(value=value)
    assert digest(found) == digest(value)
    if isinstance(value, np.ndarray):
        assert found.flags.writeable
        assert found.dtype == value.dtype
        assert found.shape == value.shape


@pytest.mark.skipif(torch is None, reason="torch is not installed")
@pytest.mark.parametrize("rows", [10, 20_000], ids=["inline", "shared"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "bool", "int64", "complex64"])
def test_tensors_of_every_kind_cross(echo, describe, dtype, rows):
    tensor = torch.randn(rows, 6).to(getattr(torch, dtype))
    for value in (
        tensor,
        tensor[::2].T,
        tensor[:0],
        tensor[0, 0],
        tensor.requires_grad_(tensor.is_floating_point()),
    ):
        found = echo(value=value)
        assert found.dtype == value.dtype
        assert found.shape == value.shape
        assert torch.equal(found, value)
        assert not found.requires_grad
    assert describe(value=tensor) == f"torch.Tensor torch.Size([{rows}, 6])"


@pytest.mark.skipif(torch is None, reason="torch is not installed")
def test_a_tensor_that_is_no_block_of_numbers_is_refused(echo):
    with pytest.raises(TypeError, match=r"\(torch\.sparse_coo .* cannot be sent to another process"):
        echo(value=torch.eye(3).to_sparse())
    with pytest.raises(TypeError, match="on meta"):
        echo(value=torch.zeros(3, device="meta"))
    assert echo(value=1) == 1


@pytest.mark.skipif(torch is None, reason="torch is not installed")
@pytest.mark.parametrize(
    ("sent", "place", "arrives"),
    [("cpu", "meta", "cpu"), ("meta", "", "meta"), ("cuda:0", "meta", "meta"), ("cuda:7", "", "cpu")],
)
def test_a_tensor_of_another_device_is_put_on_the_places_device_where_there_is_one(sent, place, arrives):
    from pfy_core.isolation import memory

    layout = [{"name": "a", "dtype": "float32", "shape": [1], "at": 0, "bytes": 4, "device": sent}]
    assert memory.read(bytearray(4), layout, place)["a"].device.type == arrives


@pytest.mark.parametrize("value", [object(), {1, 2}, open, np.array(["a"]), np.array([object()])])
def test_what_cannot_cross_is_named(echo, value):
    with pytest.raises(TypeError, match=r"a \w+ (cannot be sent to another process|has no content)"):
        echo(value=[value])
    assert echo(value="still here") == "still here"


def test_what_the_component_returns_and_cannot_cross_is_the_nodes_failure():
    with isolated(isolating.Fails, node="odd") as fails:
        with pytest.raises(NodeError, match="node 'odd' failed: CannotCross: a object cannot be sent"):
            fails(how="odd")
        assert fails(how="go on") == "go on"


def test_dataclasses_arrive_as_they_are_where_their_plugin_is(describe):
    mark = Mark("one", np.ones((2, 3), np.float32))
    assert "isolating.Mark" in describe(value=mark)
    with isolated(isolating.Marked) as marked:
        both = marked(rows=mark.rows)
    assert isinstance(both, Both)
    assert isinstance(both.mark, Mark)
    assert both.mark.loud() == "ONE"
    assert (both.rows == 2).all()


@dataclasses.dataclass
class Ours:
    """A class that the worker cannot import."""

    name: str
    inner: list

    def twice(self):
        return self.name * 2


def test_a_dataclass_that_the_other_side_has_not_is_stood_in_for_and_comes_back(echo, describe):
    value = Ours("a", [Ours("b", []), np.arange(3)])
    assert digest(echo(value=value)) == digest(value)
    assert describe(value=value).startswith(f"{Ours.__module__}.Ours")


def test_a_stand_in_has_fields_and_says_what_it_has_not():
    from pfy_core.isolation import values

    found = values.decode({"dataclass": "far_away:Pose", "fields": {"yaw": {"v": 3}}}, {})
    assert found.yaw == 3
    assert not hasattr(found, "shape")
    with pytest.raises(InputError, match=r"far_away:Pose has only its fields here: there is no 'turned'"):
        found.turned()
    assert values.encode(found, {}) == {"dataclass": "far_away:Pose", "fields": {"yaw": {"v": 3}}}


TORCHLESS = """
import sys
sys.path[:0] = {path!r}
sys.modules["torch"] = None
import numpy as np, pytest
from pfy_core import InputError
from pfy_core.isolation import memory
layout = [dict(name="a", dtype="bfloat16", shape=[2], at=0, bytes=4, device="cpu")]
found = memory.read(bytearray(b"\\1\\2\\3\\4"), layout)["a"]
assert found.shape == (2,) and found.dtype == "bfloat16" and not hasattr(found, "__len__")
again, total = memory.lay_out({{"a": found}})
assert again == layout and memory.joined({{"a": found}}, again, total) == bytearray(b"\\1\\2\\3\\4")
with pytest.raises(InputError, match="torch is not installed here"):
    found.float()
"""


def test_a_tensor_passes_through_a_process_without_torch():
    import sys

    done = python("-c", TORCHLESS.format(path=[p for p in sys.path if p]))
    assert done.returncode == 0, done.stderr


# Calls -------------------------------------------------------------------------------------------


def place(graph, *nodes):
    return graph.set(*(f"{node}.place.executor=process" for node in nodes))


@pytest.mark.parametrize("nodes", [("say",), ("move", "count"), ("pitch", "say", "move", "film", "count")])
def test_a_graph_gives_the_same_whatever_runs_in_a_process_of_its_own(catalogue, nodes):
    inputs = {"text": "a bb ccc dddd", "voice": np.linspace(0, 1, 16_000, dtype=np.float32)}
    here, _ = toys.results(toys.speech(), inputs, catalogue)
    there, _ = toys.results(place(toys.speech(), *nodes), inputs, catalogue)
    assert {k: digest(v) for k, v in there.items()} == {k: digest(v) for k, v in here.items()}
    assert len(here["frames"]) > 5
    assert set(toys.CALLS) >= {"say", "move"}
    assert toys.CALLS["say"] == (1 if "say" in nodes else 2)


def test_variadic_inputs_and_seeds_arrive_in_order(catalogue):
    with Isolated(catalogue.spec("fuser/mix")) as mix:
        assert (mix(np.ones((1, 2), np.float32), np.full((1, 2), 2, np.float32)) == 3).all()
    noise = toys.Noise(width=5)(text="a", seed=7)
    with Isolated(catalogue.spec("decoder/noise"), {"width": 5}) as far:
        assert (far(text="a", seed=7) == noise).all()


def test_a_process_lives_through_many_runs_of_a_runner(catalogue):
    runner = Runner(place(toys.sums(), "scale"), catalogue=catalogue)
    pids = set()
    for text in ("a", "bb c", ""):
        with runner({"text": text}) as run:
            total = run["total"]
            run.wait()
        assert total == toys.results(toys.sums(), {"text": text}, catalogue)[0]["total"]
        pids.add(runner.instance("scale").pid)
    assert len(pids) == 1


def test_threads_that_call_one_component_take_turns(echo):
    found = {}

    def ask(name):
        found[name] = [echo(value=(name, number)) for number in range(20)]

    threads = [threading.Thread(target=ask, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: [(name, number) for number in range(20)] for name in "abcd"}


# Streams -----------------------------------------------------------------------------------------


def rows(count, seen):
    for number in range(count):
        seen.append(number)
        yield np.full((1, 2), number, np.float32)


def test_a_stream_is_computed_as_it_is_read():
    seen = []
    with isolated(isolating.Through) as through:
        made = through(rows=rows(10**9, seen))
        assert seen == []
        assert [int(chunk[0, 0]) for chunk in itertools.islice(made, 3)] == [1, 2, 3]
        assert seen == [0, 1, 2]


def test_a_stream_that_is_left_is_closed_in_the_worker(tmp_path):
    sign = tmp_path / "sign"
    with isolated(isolating.Naturals) as naturals:
        made = naturals(text=str(sign))
        next(made)
        made.close()
        assert isolating.eventually(sign.exists)
        assert int(next(naturals(text=""))[0, 0]) == 0


def test_two_streams_of_one_component_do_not_disturb_each_other():
    with isolated(isolating.Naturals) as naturals:
        pairs = itertools.islice(zip(naturals(text=""), naturals(text=""), strict=True), 4)
        assert [(int(a[0, 0]), int(b[0, 0])) for a, b in pairs] == [(n, n) for n in range(4)]


def test_a_component_may_read_its_input_from_a_thread_of_its_own():
    with isolated(isolating.Through, greedy=True) as through:
        assert len(list(through(rows=rows(5, [])))) == 5


def test_chunks_may_be_collected_in_any_number():
    with isolated(isolating.Naturals, width=20_000) as naturals:
        chunks = list(itertools.islice(naturals(text=""), 600))
        assert len(os.listdir("/proc/self/fd")) < 500
        assert [int(chunk[0, -1]) for chunk in chunks] == list(range(600))


def test_a_component_may_read_ahead_while_nobody_asks_for_its_output():
    seen = []
    with isolated(isolating.Eager) as eager:
        made = eager(rows=rows(40, seen))
        found = []
        for chunk in made:
            found.append(int(chunk[0, 0]))
            time.sleep(0.002)
    assert found == list(range(40))


def test_a_thread_that_a_stream_leaves_behind_takes_nothing_of_the_next_call():
    with isolated(isolating.Eager) as eager:
        made = eager(rows=rows(10**9, []))
        next(made)
        made.close()
        for _ in range(3):
            assert [int(chunk[0, 0]) for chunk in eager(rows=rows(30, []))] == list(range(30))


def test_memory_stays_flat_however_long_a_stream_is():
    def used():
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    with isolated(isolating.Naturals, width=1_000_000) as naturals:
        made = naturals(text="")
        next(made)
        before = used()
        for _ in itertools.islice(made, 60):
            pass
        assert used() - before < 50  # megabytes; 240 went by


def test_an_error_of_an_inputs_source_is_the_error_of_the_call():
    def broken():
        yield np.zeros((1, 2), np.float32)
        raise OverflowError("upstream")

    with isolated(isolating.Through) as through:
        made = through(rows=broken())
        assert next(made)[0, 0] == 1
        with pytest.raises(OverflowError, match="upstream"):
            next(made)
        assert len(list(through(rows=rows(2, [])))) == 2


# Telling -----------------------------------------------------------------------------------------


def test_notes_progress_and_measures_arrive_as_the_nodes_own_and_prints_do_not_disturb(capfd):
    graph = toys.Graph("g").input("text", "text").add("up", "encoder/told", text="$text").output(out="up")
    events = []
    runner = Runner(place(graph, "up"), catalogue=toys.catalogue(isolating.Told), watch=events.append)
    with runner({"text": "a"}) as run:
        assert run["out"] == "A"
        run.wait()
        assert run.trace.nodes["up"].notes == ["a noted"]
        assert run.trace.nodes["up"].measured == {"likeness": 0.5}
    told = [(event.kind, event.source) for event in events]
    assert told == [(kind, "up") for kind in ("start", "note", "progress", "measured", "end")]
    assert capfd.readouterr() == ("", "")


def test_an_error_for_the_user_stays_that():
    with isolated(isolating.Fails) as fails:
        with pytest.raises(InputError) as caught:
            fails(how="refuse")
        assert (caught.value.sends, caught.value.wants, caught.value.fix) == (
            "a blank wall",
            "a face",
            "give another photo",
        )
        with pytest.raises(NodeError, match="node 'node' failed: ZeroDivisionError: by nothing") as failed:
            fails(how="raise")
        cause = failed.value.__cause__
        assert type(cause).__name__ == "ZeroDivisionError"
        assert 'raise ZeroDivisionError("by nothing")' in str(cause.__cause__)
        assert fails(how="go on") == "go on"


def test_an_error_of_the_constructor_comes_out():
    with pytest.raises(InputError, match="a blank wall"):
        isolated(isolating.Fails, start="refuse")
    with pytest.raises(NodeError, match="ZeroDivisionError"):
        isolated(isolating.Fails, start="raise")


def test_a_component_that_cannot_be_imported_names_plugin_and_cause():
    spec = dataclasses.replace(
        toys.catalogue().spec("encoder/embed"), target="nowhere_at_all:Embed", plugin="pfy-plugin-far"
    )
    with pytest.raises(PluginError) as caught:
        Isolated(spec)
    assert "encoder/embed of pfy-plugin-far cannot be imported in its process" in caught.value.sends
    assert "ModuleNotFoundError: No module named 'nowhere_at_all'" in caught.value.sends


def test_a_class_of_the_session_says_where_to_put_it(catalogue):
    with pytest.raises(PluginError) as caught:
        isolated(isolating.local())
    assert "at the top level of a module" in caught.value.fix


@pytest.mark.slow
def test_the_default_makes_the_same_video_with_its_parts_in_processes(monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(homes.with_weights(tmp_path)))
    from pfy_core import Graph, weights

    graph = Graph.load("portrait").set("video.size=96", "speech.voice=light")
    inputs = {"text": "Hello. I am here.", "face": weights.path("demo/astronaut")}
    here, _ = toys.results(graph, inputs, None)
    there, _ = toys.results(place(graph, "speech", "mesh", "video"), inputs, None)
    assert len(here["frames"]) > 20
    assert {k: digest(v) for k, v in there.items()} == {k: digest(v) for k, v in here.items()}


def test_the_worker_imports_no_more_than_it_needs():
    code = (
        "import sys, pfy_core.isolation.worker\n"
        "heavy = {'numpy', 'torch', 'omegaconf', 'typer', 'rich', 'yaml', 'subprocess'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
