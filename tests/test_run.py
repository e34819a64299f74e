"""Runs: what comes out, what overlaps, what stops, and what is passed on when something fails."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pytest
import scenes
import toys
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import (
    Encoder,
    Fuser,
    Graph,
    GraphError,
    InputError,
    PfyError,
    Port,
    Runner,
    Seed,
    note,
    progress,
)
from pfy_core.errors import Cancelled, NodeError
from pfy_core.run import Run, node_seed

SOON = 20.0
"""Bound of waits that end at once unless something is broken."""

Text, Latent, Number = toys.Text, toys.Latent, toys.Number
WORDS = "one three fiver a"


def runner(graph, *more, **options):
    return Runner(graph, catalogue=toys.catalogue(*more), **options)


def test_a_value_goes_from_node_to_node():
    with runner(toys.sums())({"text": "ab c"}) as run:
        assert run["total"] == 2 * (2 + 3 + 4 + 1 + 2 + 3)


def test_a_graph_runs_itself_with_the_installed_components(monkeypatch):
    from pfy_core import catalogue

    monkeypatch.setattr(catalogue, "_installed", toys.catalogue())
    with toys.sums().run(text="a") as run:
        assert run["total"] == 12


def test_a_stream_is_read_chunk_by_chunk():
    with runner(toys.speech())({"text": WORDS}, outputs=["motion"]) as run:
        chunks = list(run["motion"])
        run.wait()
    assert len(chunks) == 4
    assert all(chunk.shape[1] == 4 for chunk in chunks)


def test_several_outputs_may_be_read_one_after_the_other():
    found, _ = toys.results(toys.speech(), {"text": WORDS}, toys.catalogue())
    assert len(found["wave"]) == 4 * 2400
    assert len(found["motion"]) == len(found["frames"]) == found["count"] == 10


@given(scenes.latent_graphs(), st.integers(0, 5))
@settings(max_examples=80)
def test_a_graph_computes_what_the_same_steps_compute_by_hand(graph, seed):
    found, _ = toys.results(graph, {"text": scenes.TEXT}, toys.catalogue(), seed=seed)
    wanted = scenes.expected(graph, scenes.TEXT, seed)
    assert all(scenes.same(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_any_chunking_gives_the_same_result(size):
    text = "some words that make a latent of nine rows"
    graph = (
        Graph("g")
        .input("text", "text")
        .add("embed", "encoder/embed", text="$text")
        .add("chop", "decoder/chop", {"size": size}, latent="embed")
        .add("ahead", "decoder/ahead", {"by": 4}, latent="chop")
        .add("pair", "fuser/pair", one="chop", two="ahead")
        .add("whole", "encoder/whole", latent="pair")
        .add("total", "encoder/total", latent="chop")
        .output(pair="pair", whole="whole", total="total")
    )
    found, _ = toys.results(graph, {"text": text}, toys.catalogue())
    wanted = scenes.expected(graph, text)
    assert all(scenes.same(found[name], wanted[name]) for name in wanted)


def test_a_branch_that_looks_far_ahead_does_not_block_the_other():
    graph = (
        Graph("diamond")
        .input("text", "text")
        .add("embed", "encoder/embed", text="$text")
        .add("chop", "decoder/chop", latent="embed")
        .add("ahead", "decoder/ahead", {"by": 60}, latent="chop")
        .add("pair", "fuser/pair", one="chop", two="ahead")
        .output(pair="pair")
    )
    text = "x " * 200
    found, _ = toys.results(graph, {"text": text}, toys.catalogue())
    assert np.array_equal(found["pair"], scenes.expected(graph, text)["pair"])


def test_a_barrier_beside_its_own_stream_does_not_block():
    class Against(Fuser, name="against"):
        def __call__(self, whole: Latent, parts: Iterator[Latent]) -> Iterator[Latent]:
            for part in parts:
                yield part - whole.mean()

    graph = (
        Graph("g")
        .input("text", "text")
        .add("embed", "encoder/embed", text="$text")
        .add("chop", "decoder/chop", latent="embed")
        .add("whole", "encoder/whole", latent="chop")
        .add("against", "fuser/against", whole="whole", parts="chop")
        .output(out="against")
    )
    found, _ = toys.results(graph, {"text": "word " * 50}, toys.catalogue(Against))
    assert np.allclose(found["out"].mean(), 0, atol=1e-5)


def test_two_readers_of_a_run_at_different_speeds_get_everything():
    with runner(toys.speech())({"text": "word " * 60}, outputs=["wave", "motion"]) as run:
        wave, motion = run["wave"], run["motion"]
        first = [next(wave) for _ in range(40)]
        rows = sum(map(len, motion))
        rest = list(wave)
        run.wait()
    assert len(first) + len(rest) == 60
    assert rows == 150


def test_streams_are_made_no_faster_than_they_are_read():
    made = []

    class Endless(Encoder, name="endless"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            while True:
                made.append(weakref.ref(chunk := np.zeros((1, 3), np.float32)))
                yield chunk

    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/endless", text="$text")
        .add("a", "decoder/ahead", latent="e")
        .output(x="a")
    )
    most = 0
    with runner(graph, Endless)({"text": ""}) as run:
        for index, _ in enumerate(run["x"]):
            most = max(most, sum(ref() is not None for ref in made))
            if index == 300:
                break
    assert most < 20


def test_a_reader_may_leave_early_and_the_others_go_on():
    with runner(toys.speech())({"text": "word " * 50}, outputs=["wave", "motion"]) as run:
        for _ in run["motion"]:
            break
        assert sum(map(len, run["wave"])) == 50 * 2400
        run.wait()


def test_a_dropped_output_is_not_waited_for():
    with runner(toys.speech())({"text": "word " * 50}) as run:
        for name in ("frames", "wave", "motion"):
            run.drop(name)
        assert run["count"] == 125
        run.wait()


def test_a_stream_may_be_read_in_two_goes():
    with runner(toys.speech())({"text": WORDS}, outputs=["wave"]) as run:
        stream = run["wave"]
        assert len([next(stream), *stream]) == 4


def test_variadic_inputs_come_in_their_order():
    class Row(Fuser, name="row"):
        def __call__(self, *parts: Text, last: Text) -> Text:
            return "".join(parts) + last

    graph = Graph("g").output(x="r")
    for name in "abc":
        graph = graph.input(name, "text")
    graph = graph.add("r", "fuser/row", parts=["$c", "$a", "$b", "$a"], last="$c")
    assert toys.results(graph, {"a": "1", "b": "2", "c": "3"}, toys.catalogue(Row))[0] == {"x": "31213"}


def test_variadic_streams_come_as_streams():
    class Zip(Fuser, name="zip"):
        def __call__(self, *parts: Iterator[Latent]) -> Iterator[Latent]:
            for chunks in zip(*parts, strict=True):
                yield np.sum(chunks, axis=0)

    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("c", "decoder/chop", latent="e")
    )
    graph = graph.add("z", "fuser/zip", parts=["c", "c", "c"]).output(x="z")
    found, _ = toys.results(graph, {"text": WORDS}, toys.catalogue(Zip))
    assert np.array_equal(found["x"], 3 * scenes.expected(graph.output(x="c"), WORDS)["x"])


def test_absent_optional_inputs_switch_nodes_off_and_defaults_apply():
    events = []
    found, states = toys.results(
        toys.speech(), {"text": "a", "voice": None}, toys.catalogue(), watch=events.append
    )
    assert "pitch" not in states
    assert ("skip", "pitch", "$voice") in [(event.kind, event.source, event.text) for event in events]
    assert found["wave"][0] == np.float32(0.05)
    louder, states = toys.results(
        toys.speech(), {"text": "a", "voice": np.full(16, 0.5, np.float32)}, toys.catalogue()
    )
    assert "pitch" in states
    assert louder["wave"][0] == np.float32(0.55)


def test_what_is_switched_off_is_no_output_of_the_run():
    with runner(toys.speech().output(voice="$voice"))({"text": "a"}, outputs=["count", "voice"]) as run:
        assert "count" in run
        assert "voice" not in run
        with pytest.raises(KeyError):
            run["voice"]


def test_an_input_may_be_an_output():
    with runner(toys.sums().output(text="$text"))({"text": "a"}) as run:
        assert run["text"] == "a"


def test_values_are_passed_on_without_a_copy():
    seen = []

    class Look(Encoder, name="look"):
        def __call__(self, latent: Latent) -> Latent:
            seen.append(latent)
            return latent

    graph = (
        toys.sums()
        .add("l", "encoder/look", latent="embed")
        .add("m", "encoder/look", latent="l")
        .output(l="m")
    )
    with runner(graph, Look)({"text": "a"}) as run:
        assert run["l"] is seen[0] is seen[1]


def test_a_value_is_let_go_after_its_last_use():
    refs = []

    class Make(Encoder, name="make"):
        def __call__(self, text: Text) -> Latent:
            array = np.zeros((1000, 3), np.float32)
            refs.append(weakref.ref(array))
            return array

    class Later(Encoder, name="later"):
        def __call__(self, a: Number, b: Latent) -> Number:
            gc.collect()
            return int(refs[0]() is None)

    graph = (
        Graph("g")
        .input("text", "text")
        .add("make", "encoder/make", text="$text")
        .add("sum", "encoder/total", latent="make")
        .add("embed", "encoder/embed", text="$text")
        .add("later", "encoder/later", a="sum", b="embed")
        .output(x="later")
    )
    with runner(graph, Make, Later)({"text": "a"}) as run:
        assert run["x"] == 1


# Errors -------------------------------------------------------------------------------------------


class Broken(Encoder, name="broken"):
    def __call__(self, latent: Latent) -> Latent:
        raise ValueError("it broke")


class Fading(Encoder, name="fading"):
    """A stream that breaks after two chunks."""

    def __call__(self, latent: Iterator[Latent]) -> Iterator[Latent]:
        yield next(latent)
        yield next(latent)
        raise ValueError("it broke")


def test_an_error_names_node_component_and_plugin_and_keeps_its_cause():
    graph = toys.sums().set("scale=encoder/broken")
    with (
        runner(graph, Broken)({"text": "a"}) as run,
        pytest.raises(NodeError, match=r"'scale'.*ValueError: it broke") as caught,
    ):
        run["total"]
    assert (caught.value.node, caught.value.component, caught.value.exit_code) == (
        "scale",
        "encoder/broken",
        1,
    )
    assert "this session" in caught.value.fix
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_error_for_the_user_passes_as_it_is():
    class Picky(Encoder, name="picky"):
        def __call__(self, latent: Latent) -> Latent:
            raise InputError("no face", "a face", "another photo")

    graph = toys.sums().set("scale=encoder/picky")
    with runner(graph, Picky)({"text": "a"}) as run, pytest.raises(InputError, match="no face"):
        run.wait()


def test_an_error_in_a_stream_reaches_every_reader():
    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("c", "decoder/chop", latent="e")
        .add("f", "encoder/fading", latent="c")
        .add("one", "encoder/whole", latent="f")
        .add("two", "decoder/ahead", latent="f")
        .output(one="one", two="two", f="f", c="c")
    )
    with runner(graph, Fading)({"text": "a b c d e f g"}) as run:
        for name in ("f", "two"):
            with pytest.raises(NodeError, match="'f' failed"):
                list(run[name])
        with pytest.raises(NodeError, match="'f' failed"):
            run["one"]
        with pytest.raises(NodeError, match="'f' failed"):
            run.wait()


def test_chunks_before_an_error_are_delivered():
    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("c", "decoder/chop", latent="e")
    )
    graph = graph.add("f", "encoder/fading", latent="c").output(f="f")
    got = []
    with runner(graph, Fading)({"text": "a b c d"}) as run, pytest.raises(NodeError):
        got.extend(run["f"])
    assert len(got) == 2


def test_an_error_stops_nodes_that_do_not_depend_on_it():
    class Endless(Encoder, name="endless"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            while True:
                yield np.zeros((1, 3), np.float32)

    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/endless", text="$text")
        .add("w", "encoder/whole", latent="e")
        .add("m", "encoder/embed", text="$text")
        .add("b", "encoder/broken", latent="m")
        .output(w="w", b="b")
    )
    with runner(graph, Endless, Broken)({"text": "a"}) as run, pytest.raises(NodeError, match="'b' failed"):
        run["w"]
    assert not any(thread.is_alive() for thread in run._threads)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (np.zeros((2, 3), np.float64), "dtype float64 is not float32"),
        (np.zeros(3, np.float32), r"shape \(3,\) is not \(t width\)"),
        (np.zeros((2, 3, 1), np.float32), "is not"),
    ],
)
def test_a_value_that_is_not_what_its_port_says_is_caught(value, fault):
    class Liar(Encoder, name="liar"):
        def __call__(self, latent: Latent) -> Latent:
            return value

    with (
        runner(toys.sums().set("scale=encoder/liar"), Liar)({"text": "a"}) as run,
        pytest.raises(NodeError, match=fault),
    ):
        run["total"]


def test_a_component_that_returns_half_its_outputs_is_caught():
    @dataclass
    class Both:
        a: Text
        b: Text

    class Half(Encoder, name="half"):
        def __call__(self, text: Text) -> Both:
            return "only one"

    with (
        runner(Graph("g").input("t", "text").add("h", "encoder/half", text="$t").output(a="h.a"), Half)(
            {"t": "x"}
        ) as run,
        pytest.raises(NodeError, match="a value of type str without a, b"),
    ):
        run["a"]


def test_an_empty_stream_into_a_barrier_is_an_error_that_says_so():
    with (
        runner(toys.speech())({"text": " "}, outputs=["count"]) as run,
        pytest.raises(NodeError, match="without chunks"),
    ):
        run["count"]


def test_a_constructor_that_fails_is_an_error_of_its_node():
    class Unready(Encoder, name="unready"):
        def __init__(self, *, size: int = 0):
            raise InputError("size 0", "above 0")

        def __call__(self, latent: Latent) -> Latent: ...

    with (
        runner(toys.sums().set("scale=encoder/unready"), Unready)({"text": "a"}) as run,
        pytest.raises(InputError, match="size 0"),
    ):
        run["total"]


def test_a_component_that_exits_does_not_end_the_host():
    class Quit(Encoder, name="quit"):
        def __call__(self, latent: Latent) -> Latent:
            raise SystemExit(3)

    with (
        runner(toys.sums().set("scale=encoder/quit"), Quit)({"text": "a"}) as run,
        pytest.raises(NodeError, match="SystemExit"),
    ):
        run["total"]


def test_a_graph_with_problems_never_starts():
    with pytest.raises(GraphError):
        runner(toys.sums().set("scale.nothing=3"))
    assert not toys.CALLS


def test_bad_inputs_are_refused_before_anything_runs():
    ready = runner(toys.speech())
    for bad in ({}, {"text": 3}, {"text": "a", "txt": "b"}, {"text": "a", "voice": "/nowhere.wav"}):
        with pytest.raises(InputError):
            ready(bad)
    assert not toys.CALLS


@pytest.mark.parametrize("node", ["embed", "scale", "other", "chop", "total", "ahead"])
@pytest.mark.parametrize("kind", ["start", "end"])
def test_a_watcher_that_fails_is_an_error_of_the_run_and_never_a_silent_stop(kind, node):
    def watch(event):
        if (event.kind, event.source) == (kind, node):
            raise RuntimeError("watcher broke")

    graph = (
        toys.sums()
        .add("other", "encoder/embed", text="$text")
        .add("chop", "decoder/chop", latent="other")
        .add("ahead", "decoder/ahead", latent="chop")
        .add("mix", "fuser/mix", latents=["other", "embed"])
        .output(ahead="ahead", mix="mix")
    )
    with pytest.raises((RuntimeError, PfyError), match="watcher broke"):
        toys.results(graph, {"text": WORDS}, toys.catalogue(), watch=watch)


# Stopping -----------------------------------------------------------------------------------------


class Pump(Encoder, name="pump"):
    """An endless stream that nothing ever holds up."""

    def __call__(self, text: Text) -> Iterator[Latent]:
        while True:
            toys.CALLS["pump"] += 1
            yield np.zeros((1, 3), np.float32)


class Sink(Encoder, name="sink"):
    """Takes a stream as fast as it comes."""

    def __call__(self, latent: Iterator[Latent]) -> Number:
        return sum(1 for _ in latent)


def sinking():
    return (
        Graph("g")
        .input("text", "text")
        .add("p", "encoder/pump", text="$text")
        .add("s", "encoder/sink", latent="p")
        .output(n="s")
    )


def test_closing_stops_a_stream_that_nobody_reads():
    run = runner(toys.speech())({"text": "word " * 1000})
    next(run["motion"])
    run.close()
    assert not any(thread.is_alive() for thread in run._threads)
    assert toys.CALLS["say"] == 1


def test_closing_stops_a_pipeline_that_never_waits():
    run = runner(sinking(), Pump, Sink)({"text": ""})
    while toys.CALLS["pump"] < 100:
        time.sleep(0.001)
    run.close()
    assert not any(thread.is_alive() for thread in run._threads)


def test_leaving_the_block_closes_the_run_even_after_an_error():
    with pytest.raises(ZeroDivisionError), runner(sinking(), Pump, Sink)({"text": ""}) as run:
        1 / 0  # noqa: B018
    assert not any(thread.is_alive() for thread in run._threads)


def test_what_is_read_from_a_closed_run_is_a_cancellation():
    run = runner(toys.speech())({"text": "word " * 1000})
    motion = run["motion"]
    next(motion)
    run.close()
    with pytest.raises(Cancelled):
        list(motion)
    with pytest.raises(Cancelled):
        run["count"]
    with pytest.raises(Cancelled):
        run.wait()


def test_closing_closes_the_generators_of_components():
    closed = threading.Event()

    class Careful(Encoder, name="careful"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            try:
                while True:
                    yield np.zeros((1, 3), np.float32)
            finally:
                closed.set()

    graph = Graph("g").input("text", "text").add("c", "encoder/careful", text="$text").output(x="c")
    with runner(graph, Careful)({"text": ""}) as run:
        next(run["x"])
    assert closed.wait(SOON)


def test_closing_twice_or_after_the_end_is_harmless():
    run = runner(toys.sums())({"text": "a"})
    run.wait()
    run.close()
    run.close()
    assert run["total"] == 12


# Overlap and lanes --------------------------------------------------------------------------------


def meeting(parties):
    """A component that only returns when ``parties`` of its kind are inside at once."""
    barrier = threading.Barrier(parties, timeout=SOON)

    class Meet(Encoder, name="meet"):
        def __call__(self, text: Text) -> Number:
            barrier.wait()
            return 1

    return Meet


def test_independent_branches_run_at_the_same_time():
    graph = Graph("g").input("text", "text")
    for name in "abc":
        graph = graph.add(name, "encoder/meet", text="$text").output(**{name: name})
    found, _ = toys.results(graph, {"text": ""}, toys.catalogue(meeting(3)))
    assert found == {"a": 1, "b": 1, "c": 1}


def test_stages_of_a_stream_run_at_the_same_time():
    first, second = threading.Event(), threading.Event()

    class Left(Encoder, name="left"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            yield np.zeros((1, 3), np.float32)
            assert second.wait(SOON)
            yield np.ones((1, 3), np.float32)

    class Right(Encoder, name="right"):
        def __call__(self, latent: Iterator[Latent]) -> Iterator[Latent]:
            for chunk in latent:
                second.set()
                yield chunk

    graph = (
        Graph("g")
        .input("text", "text")
        .add("l", "encoder/left", text="$text")
        .add("r", "encoder/right", latent="l")
        .output(x="r")
    )
    found, _ = toys.results(graph, {"text": ""}, toys.catalogue(Left, Right))
    assert len(found["x"]) == 2
    assert not first.is_set()


class Occupancy:
    """Components on one device, which note how many of them compute at once."""

    def __init__(self):
        self.inside = self.most = self.calls = 0
        self.lock = threading.Lock()

    def work(self):
        with self.lock:
            self.inside += 1
            self.calls += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.001)
        with self.lock:
            self.inside -= 1

    def classes(self):
        meter = self

        class Value(Encoder, name="value"):
            def __call__(self, text: Text) -> Latent:
                meter.work()
                return np.ones((6, 3), np.float32)

        class Source(Encoder, name="source"):
            def __call__(self, text: Text) -> Iterator[Latent]:
                for _ in range(6):
                    meter.work()
                    yield np.ones((1, 3), np.float32)

        class Step(Encoder, name="step"):
            def __call__(self, latent: Iterator[Latent]) -> Iterator[Latent]:
                for chunk in latent:
                    meter.work()
                    yield chunk

        class Hoard(Encoder, name="hoard"):
            def __call__(self, latent: Iterator[Latent]) -> Latent:
                rows = []
                for chunk in latent:
                    meter.work()
                    rows.append(chunk)
                return np.concatenate(rows)

        return Value, Source, Step, Hoard


def on_device(device, *nodes):
    graph = Graph("g").input("text", "text")
    for name, use, take in nodes:
        graph = graph.add(name, use, **take).set(f"{name}.place.device={device}")
    return graph.output(**{f"out_{name}": name for name, _, _ in nodes})


LANED = [
    ("v", "encoder/value", {"text": "$text"}),
    ("w", "encoder/value", {"text": "$text"}),
    ("s", "encoder/source", {"text": "$text"}),
    ("t", "encoder/step", {"latent": "s"}),
    ("u", "encoder/step", {"latent": "t"}),
    ("h", "encoder/hoard", {"latent": "u"}),
    ("x", "encoder/step", {"latent": "v"}),
]


def test_nodes_of_one_device_take_turns_and_waiting_ones_let_the_others_pass():
    meter = Occupancy()
    found, _ = toys.results(on_device("gpu:0", *LANED), {"text": ""}, toys.catalogue(*meter.classes()))
    assert len(found["out_h"]) == len(found["out_u"]) == 6
    assert meter.calls == 2 + 6 * 4 + 1
    assert meter.most == 1


def test_nodes_of_the_cpu_do_not_take_turns():
    graph = on_device("cpu", *((name, "encoder/meet", {"text": "$text"}) for name in "ab"))
    found, _ = toys.results(graph, {"text": ""}, toys.catalogue(meeting(2)))
    assert found == {"out_a": 1, "out_b": 1}


def test_two_devices_run_at_the_same_time():
    graph = on_device(
        "gpu:0", ("a", "encoder/meet", {"text": "$text"}), ("b", "encoder/meet", {"text": "$text"})
    )
    found, _ = toys.results(graph.set("b.place.device=gpu:1"), {"text": ""}, toys.catalogue(meeting(2)))
    assert found == {"out_a": 1, "out_b": 1}


def test_two_runs_of_one_runner_share_its_devices():
    meter = Occupancy()
    ready = runner(on_device("gpu:0", *LANED), *meter.classes())
    runs = [ready({"text": ""}) for _ in range(3)]
    for run in runs:
        for name in ("out_s", "out_t", "out_u", "out_x"):
            run.drop(name)
    for run in runs:
        assert len(run["out_h"]) == 6
        run.close()
    assert meter.most == 1


def test_the_place_reaches_a_component_that_asks_for_it():
    seen = {}

    class Placed(Encoder, name="placed"):
        def __init__(self, *, device: str = "cpu", dtype: str = "float32"):
            seen.update(device=device, dtype=dtype)

        def __call__(self, text: Text) -> Number:
            return 1

    graph = Graph("g").input("text", "text").add("p", "encoder/placed", text="$text").output(x="p")
    toys.results(graph.set("p.place.device=cuda:1"), {"text": ""}, toys.catalogue(Placed))
    assert seen == {"device": "cuda:1", "dtype": "float32"}


# Seeds --------------------------------------------------------------------------------------------


def noise(seed):
    graph = (
        Graph("g")
        .input("text", "text")
        .add("a", "decoder/noise", text="$text")
        .add("b", "decoder/noise", text="$text")
        .output(a="a", b="b")
    )
    return toys.results(graph, {"text": ""}, toys.catalogue(), seed=seed)[0]


def test_the_same_seed_gives_the_same_result():
    assert np.array_equal(noise(3)["a"], noise(3)["a"])
    assert not np.array_equal(noise(3)["a"], noise(4)["a"])


def test_every_node_has_a_seed_of_its_own():
    assert not np.array_equal(noise(3)["a"], noise(3)["b"])


@given(st.integers(), st.text())
def test_a_node_seed_is_one_that_numpy_and_torch_take(seed, node):
    assert 0 <= node_seed(seed, node) < 2**32


def test_a_seed_does_not_depend_on_the_process():
    assert node_seed(0, "motion") == 2831185475


# Events -------------------------------------------------------------------------------------------


def test_events_tell_what_happens_and_who_speaks():
    class Chatty(Encoder, name="chatty"):
        def __call__(self, latent: Latent) -> Latent:
            note("two faces found")
            progress(1, 3)
            return latent

    events = []
    toys.results(
        toys.sums().set("scale=encoder/chatty"), {"text": "a"}, toys.catalogue(Chatty), watch=events.append
    )
    found = [(event.kind, event.source) for event in events]
    assert [kind for kind, source in found if source == "scale"] == ["start", "note", "progress", "end"]
    assert found.index(("end", "embed")) < found.index(("start", "scale"))
    assert next(event.text for event in events if event.kind == "note") == "two faces found"


def test_media_events_count_the_seconds_made():
    events = []
    toys.results(toys.speech(), {"text": WORDS}, toys.catalogue(), watch=events.append)
    made = [
        event.done for event in events if (event.kind, event.source, event.text) == ("media", "say", "wave")
    ]
    assert made == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_streaming_components_speak_under_their_own_name():
    class Talk(Encoder, name="talk"):
        def __call__(self, latent: Iterator[Latent]) -> Iterator[Latent]:
            for chunk in latent:
                note("chunk")
                yield chunk

    events = []
    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("t", "encoder/talk", latent="e")
        .output(x="t")
    )
    toys.results(graph, {"text": "a"}, toys.catalogue(Talk), watch=events.append)
    assert ("note", "t") in [(event.kind, event.source) for event in events]


def test_notes_outside_a_run_go_nowhere():
    note("nobody hears this")
    progress(1, 2)


def test_seconds_are_those_of_work_and_not_of_waiting():
    go = threading.Event()

    class Slow(Encoder, name="slow"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            yield np.zeros((1, 3), np.float32)
            go.wait(SOON)
            yield np.zeros((1, 3), np.float32)

    graph = (
        Graph("g")
        .input("text", "text")
        .add("s", "encoder/slow", text="$text")
        .add("a", "decoder/ahead", {"by": 0}, latent="s")
        .output(x="a")
    )
    with runner(graph, Slow)({"text": ""}) as run:
        stream = run["x"]
        next(stream)
        threading.Timer(0.3, go.set).start()
        list(stream)
        run.wait()
    assert run.trace.nodes["s"].seconds > 0.25
    assert run.trace.nodes["a"].seconds < run.trace.nodes["s"].seconds / 2
    assert run.waited("x") > 0.25
    assert run.waited("nothing") == 0


def test_components_are_built_once_and_used_by_every_run():
    built = []

    class Heavy(Encoder, name="heavy"):
        def __init__(self, *, size: int = 1):
            built.append(size)

        def __call__(self, latent: Latent) -> Latent:
            return latent

    ready = runner(toys.sums().set("scale=encoder/heavy"), Heavy)
    for text in ("a", "b", "c"):
        with ready({"text": text}) as run:
            run.wait()
    assert built == [1]


def test_many_runs_leave_no_threads():
    ready = runner(toys.speech())
    before = threading.active_count()
    for _ in range(20):
        with ready({"text": WORDS}) as run:
            next(run["frames"])
    assert threading.active_count() == before


def test_a_run_may_be_made_without_a_runner(monkeypatch):
    from pfy_core import catalogue

    monkeypatch.setattr(catalogue, "_installed", toys.catalogue())
    with Run(toys.sums(), {"text": "a"}, outputs=["total"]) as run:
        assert run["total"] == 12


def test_annotations_do_not_matter_at_run_time():
    class Free(Encoder, name="free"):
        def __call__(self, text: Text, *, seed: Seed = 3) -> Annotated[list, Port("toy.any")]:
            return [seed, text]

    graph = Graph("g").input("text", "text").add("f", "encoder/free", text="$text").output(x="f")
    assert toys.results(graph, {"text": "a"}, toys.catalogue(Free))[0]["x"] == [node_seed(0, "f"), "a"]
