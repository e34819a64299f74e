"""The store: what is kept, found again, given up, and what survives of a killed process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
import scenes
import toys
from hypothesis import given, settings
from hypothesis import strategies as st
from installing import environment

from pfy_core import Encoder, Graph, InputError, Port, Runner, Store, measured, note, record
from pfy_core import store as stores
from pfy_core.store import key_of

Text, Latent, Number = toys.Text, toys.Latent, toys.Number
WORDS = "one three fiver a"
HERE = Path(__file__).parent


def ran(graph, store, *more, text=WORDS, **options):
    """States of the nodes of a run, after its result was compared with a run without a store."""
    found, states = toys.results(graph, {"text": text}, toys.catalogue(*more), store=store, **options)
    return found, states


def only(store):
    (entry,) = store.entries()
    return entry


# Reuse --------------------------------------------------------------------------------------------


def test_a_second_run_reuses_what_the_first_made(store):
    first, states = ran(toys.sums(), store)
    assert states == {"embed": "stored", "scale": "stored", "total": "stored"}
    second, states = ran(toys.sums(), store)
    assert states == {"embed": "reused", "scale": "reused", "total": "reused"}
    assert first == second
    assert toys.CALLS == {"embed": 1, "scale": 1, "total": 1}


def test_a_reused_stream_comes_in_the_same_chunks(store):
    def chunks():
        with Runner(toys.speech(), catalogue=toys.catalogue(), store=store)(
            {"text": WORDS}, outputs=["motion", "wave"]
        ) as run:
            found = [list(run[name]) for name in ("motion", "wave")]
            run.wait()
            return found, {name: trace.state for name, trace in run.trace.nodes.items()}

    first, states = chunks()
    assert states == {"say": "stored", "move": "stored"}
    second, states = chunks()
    assert states == {"say": "reused", "move": "reused"}
    assert [[chunk.tolist() for chunk in part] for part in first] == [
        [chunk.tolist() for chunk in part] for part in second
    ]


def test_what_a_component_told_is_told_again_when_its_result_is_reused(store):
    class Telling(Encoder, name="telling"):
        def __call__(self, text: Text) -> Iterator[Latent]:
            note(f"heard {text}")
            yield np.zeros((1, 4), np.float32)
            measured(words=len(text.split()), quality=None)
            note("that was all")

    def told():
        graph = Graph("telling").input("text", "text").add("tell", "encoder/telling", text="$text")
        events = []
        graph = graph.output(out="tell")
        runner = Runner(graph, catalogue=toys.catalogue(Telling), store=store, watch=events.append)
        with runner({"text": WORDS}) as run:
            list(run["out"])
            run.wait()
            node = record.build(run, {"text": WORDS}, {})["nodes"]["tell"]
        return node, [event for event in events if event.kind in ("note", "measured")]

    first, heard = told()
    second, again = told()
    assert (first["state"], second["state"]) == ("stored", "reused")
    assert first["notes"] == second["notes"] == [f"heard {WORDS}", "that was all"]
    assert first["measured"] == second["measured"] == {"words": 4, "quality": None}
    assert sorted(event.kind for event in heard) == sorted(event.kind for event in again)
    assert {event.source for event in again} == {"tell"}


def test_only_what_changed_runs_again(store):
    ran(toys.sums(), store)
    _, states = ran(toys.sums().set("scale.by=3"), store)
    assert states == {"embed": "reused", "scale": "stored", "total": "stored"}
    _, states = ran(toys.sums(), store, text="other words")
    assert set(states.values()) == {"stored"}


def test_an_upstream_change_that_changes_nothing_stops_there(store):
    class Lower(Encoder, name="lower"):
        def __call__(self, text: Text) -> Text:
            toys.CALLS["lower"] += 1
            return text.lower()

    graph = toys.sums().add("lower", "encoder/lower", text="$text").set("embed.take.text=lower")
    ran(graph, store, Lower, text="Some Words")
    _, states = ran(graph, store, Lower, text="some WORDS")
    assert states == {"lower": "stored", "embed": "reused", "scale": "reused", "total": "reused"}
    assert toys.CALLS["lower"] == 2


def test_a_sweep_over_the_last_node_computes_the_first_once(store):
    class Power(Encoder, name="power"):
        def __init__(self, *, by: float = 1.0):
            self.by = by

        def __call__(self, latent: Latent) -> Number:
            return int((latent**self.by).sum())

    graph = toys.sums().set("total=encoder/power")
    found = [ran(graph.set(f"total.by={by}"), store, Power)[0]["total"] for by in range(6)]
    assert len(set(found)) == 6
    assert (toys.CALLS["embed"], toys.CALLS["scale"]) == (1, 1)


def test_two_nodes_that_compute_the_same_share_a_result(store):
    graph = toys.sums().add("again", "encoder/embed", text="$text").output(again="again")
    ran(toys.sums(), store)
    _, states = ran(graph, store)
    assert states["again"] == "reused"


def test_the_seed_counts_for_seeded_components_only(store):
    graph = toys.sums().add("noise", "decoder/noise", text="$text").output(noise="noise")
    one, _ = ran(graph, store, seed=1)
    two, states = ran(graph, store, seed=2)
    assert (states["noise"], states["embed"]) == ("stored", "reused")
    assert not np.array_equal(one["noise"], two["noise"])
    again, states = ran(graph, store, seed=1)
    assert states["noise"] == "reused"
    assert np.array_equal(one["noise"], again["noise"])


def test_the_device_and_dtype_of_a_node_count(store):
    ran(toys.sums(), store)
    for place in ("scale.place.dtype=float16", "scale.place.device=cuda:0"):
        _, states = ran(toys.sums().set(place), store)
        assert states["scale"] == "stored"
    _, states = ran(toys.sums().set("scale.place.device=cuda:1"), store)
    assert states["scale"] == "reused"


@given(graph=scenes.latent_graphs(), seed=st.integers(0, 2))
@settings(max_examples=25)
def test_reused_results_are_the_computed_ones(graph, seed, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    for mode in ("on", "on", "read", "verify"):
        store.mode = mode
        found, states = toys.results(graph, {"text": scenes.TEXT}, toys.catalogue(), seed=seed, store=store)
        wanted = scenes.expected(graph, scenes.TEXT, seed)
        assert all(scenes.same(found[name], wanted[name]) for name in wanted)
        assert set(states.values()) <= {"stored", "reused", "verified"}
    assert "DIFFERS" not in str(states)


def test_a_reader_that_leaves_early_keeps_the_rest_from_being_stored(store):
    ready = Runner(toys.speech(), catalogue=toys.catalogue(), store=store)
    with ready({"text": "word " * 50}, outputs=["wave"]) as run:
        next(run["wave"])
    assert list(store.entries()) == []
    assert list((store.root / "tmp").iterdir()) == []


# What is not kept ---------------------------------------------------------------------------------


class Handle(Encoder, name="handle"):
    """Makes something that has no content."""

    def __call__(self, text: Text) -> Annotated[object, Port("toy.handle")]:
        return object()


class Use(Encoder, name="use"):
    def __call__(self, handle: Annotated[object, Port("toy.handle")]) -> Number:
        return 1


def traces(graph, store, *more, text="a"):
    with Runner(graph, catalogue=toys.catalogue(*more), store=store)({"text": text}) as run:
        run.wait()
    return run.trace.nodes


def test_what_has_no_digest_is_not_stored_and_neither_is_what_follows_and_both_say_why(store):
    graph = (
        Graph("g")
        .input("text", "text")
        .add("h", "encoder/handle", text="$text")
        .add("u", "encoder/use", handle="h")
        .output(u="u")
    )
    found = traces(graph, store, Handle, Use)
    assert (found["h"].state, found["u"].state) == ("not stored", "not stored")
    assert "a object cannot be stored" in found["h"].reason
    assert "no digest" in found["u"].reason


def test_an_uncached_component_is_never_stored(store):
    class Clock(Encoder, name="clock", cache=False):
        def __call__(self, text: Text) -> Number:
            return 1

    graph = Graph("g").input("text", "text").add("c", "encoder/clock", text="$text").output(c="c")
    found = traces(graph, store, Clock)["c"]
    assert (found.state, found.reason) == ("not stored", "its component says so")
    assert list(store.entries()) == []


def test_video_frames_are_never_stored(store):
    _, states = toys.results(toys.speech(), {"text": WORDS}, toys.catalogue(), store=store)
    assert states == {"say": "stored", "move": "stored", "film": "not stored", "count": "stored"}


def test_a_result_above_the_limit_is_given_up_and_says_so(store, monkeypatch):
    monkeypatch.setattr(stores, "ENTRY_LIMIT", 2000)
    found = traces(toys.sums(), store, text="word " * 400)
    assert found["embed"].state == "not stored"
    assert "larger" in found["embed"].reason
    assert list((store.root / "tmp").iterdir()) == []


def test_a_component_whose_code_cannot_be_read_is_not_stored(store):
    space = {}
    exec(  # a class without a file, as in a notebook
        "from toys import *\n"
        "class Typed(Encoder, name='typed'):\n"
        "    def __call__(self, text: Text) -> Number:\n        return 1\n"
        "Typed.__module__ = 'notebook'",
        space,
    )
    graph = Graph("g").input("text", "text").add("t", "encoder/typed", text="$text").output(t="t")
    found = traces(graph, store, space["Typed"])["t"]
    assert found.state == "not stored"
    assert found.reason


@pytest.mark.parametrize(
    "value",
    [
        np.array(3.5, np.float32),
        np.zeros((0, 3), np.float32),
        np.float32(2.5),
        float("nan"),
        "a\ud800é",
        {"a": (1, [None, True])},
        np.arange(6).reshape(2, 3).T,
        2**100,
        np.array([True]),
        [],
        {},
    ],
    ids=repr,
)
def test_a_value_comes_back_from_the_store_as_it_was(store, value):
    class Give(Encoder, name="give"):
        def __call__(self, text: Text) -> Annotated[object, Port("toy.any")]:
            return value

    graph = Graph("g").input("text", "text").add("g", "encoder/give", text="$text").output(x="g")
    ran(graph, store, Give)
    found, states = ran(graph, store, Give)
    assert states == {"g": "reused"}
    assert type(found["x"]) is type(value)
    assert np.shape(found["x"]) == np.shape(value)
    assert np.array(found["x"]).dtype == np.array(value).dtype
    np.testing.assert_equal(found["x"], value)


@pytest.mark.parametrize(
    "value",
    [
        np.array(["a"]),
        np.array([1j]),
        np.arange(3, dtype=">f4"),
        np.array(["2001"], "datetime64[D]"),
        b"bytes",
        {1, 2},
    ],
    ids=repr,
)
def test_a_value_that_the_store_cannot_hold_does_not_stop_the_run(store, value):
    class Give(Encoder, name="give"):
        def __call__(self, text: Text) -> Annotated[object, Port("toy.any")]:
            return value

    graph = Graph("g").input("text", "text").add("g", "encoder/give", text="$text").output(x="g")
    found, states = ran(graph, store, Give)
    assert states == {"g": "not stored"}
    assert found["x"] is value


def test_a_store_that_cannot_be_written_does_not_stop_the_run(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with Runner(toys.speech(), catalogue=toys.catalogue(), store=Store(blocked))(
        {"text": "a b"}, outputs=["motion", "count"]
    ) as run:
        list(run["motion"])
        assert run["count"] == 5
        run.wait()
    assert {trace.state for trace in run.trace.nodes.values()} == {"not stored"}
    assert all(
        "Not a directory" in trace.reason or "File exists" in trace.reason
        for trace in run.trace.nodes.values()
    )


def test_a_disk_that_is_full_does_not_stop_the_run(tmp_path):
    script = """
import resource, signal, sys
from pathlib import Path
import toys
from pfy_core import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
found, states = toys.results(toys.sums(), {"text": "word " * 400}, toys.catalogue(), store=store)
print(found["total"], states["embed"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "store"],
        env=environment(HERE),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == [str(2 * 400 * (4 + 5 + 6)), "not", "stored"], done.stderr
    assert list(Store(tmp_path / "store").entries()) == []


# Modes --------------------------------------------------------------------------------------------


def test_mode_off_keeps_nothing(store):
    store.mode = "off"
    _, states = ran(toys.sums(), store)
    assert set(states.values()) == {"ran"}
    assert not store.root.exists()


def test_mode_read_uses_and_never_writes(store):
    ran(toys.sums(), store)
    before = sorted(store.root.glob("objects/*/*"))
    store.mode = "read"
    _, states = ran(toys.sums().set("scale.by=3"), store)
    assert states["embed"] == "reused"
    assert states["scale"] != "stored"
    assert sorted(store.root.glob("objects/*/*")) == before


def test_mode_read_leaves_a_damaged_entry_alone(store):
    ran(toys.sums(), store)
    damaged = damage(store)
    store.mode = "read"
    ran(toys.sums(), store)
    assert all(folder.exists() for folder in damaged)


def test_mode_read_works_where_times_cannot_be_set(store, monkeypatch):
    ran(toys.sums(), store)
    store.mode = "read"

    def refuse(*_):
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    assert set(ran(toys.sums(), store)[1].values()) == {"reused"}


def test_mode_write_computes_again(store):
    ran(toys.sums(), store)
    store.mode = "write"
    _, states = ran(toys.sums(), store)
    assert set(states.values()) == {"stored"}
    assert toys.CALLS["embed"] == 2


def test_mode_write_mends_a_damaged_entry(store):
    ran(toys.sums(), store)
    damage(store)
    store.mode = "write"
    ran(toys.sums(), store)
    assert [entry.faults() for entry in store.entries()] == [[], [], []]


def test_mode_verify_finds_a_component_that_is_not_deterministic(store):
    class Moody(Encoder, name="moody"):
        def __call__(self, text: Text) -> Number:
            toys.CALLS["moody"] += 1
            return toys.CALLS["moody"]

    graph = toys.sums().add("moody", "encoder/moody", text="$text").output(moody="moody")
    ran(graph, store, Moody)
    before = {entry.folder.name: entry.digests for entry in store.entries()}
    store.mode = "verify"
    with Runner(graph, catalogue=toys.catalogue(Moody), store=store)({"text": WORDS}) as run:
        run.wait()
    found = {name: (trace.state, trace.reason) for name, trace in run.trace.nodes.items()}
    assert found["moody"] == ("verified", "DIFFERS from what is stored")
    assert found["embed"] == ("verified", "same as stored")
    assert {entry.folder.name: entry.digests for entry in store.entries()} == before


def test_mode_verify_compares_streams_too(store):
    ran(toys.speech(), store)
    store.mode = "verify"
    _, states = ran(toys.speech(), store)
    assert states["say"] == states["move"] == "verified"


def test_an_unknown_mode_is_refused():
    with pytest.raises(InputError, match="one of on, off, read, write, verify"):
        Store(mode="maybe")


def test_a_root_may_be_text(tmp_path):
    ran(toys.sums(), Store(str(tmp_path / "s")))
    assert len(list(Store(tmp_path / "s").entries())) == 3


def test_the_store_is_in_the_folder_of_pfy_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(tmp_path))
    assert Store().root == tmp_path / "store"


# Damage -------------------------------------------------------------------------------------------


def damage(store, how="flip", pattern="[0-9]*"):
    """Damage a file of every entry; returns their folders."""
    folders = sorted(store.root.glob("objects/*/*"))
    for folder in folders:
        file = sorted(folder.glob(pattern))[0]
        data = file.read_bytes()
        match how:
            case "flip":
                file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            case "cut":
                file.write_bytes(data[:-1])
            case "empty":
                file.write_bytes(b"")
            case "remove":
                file.unlink()
    return folders


@pytest.mark.parametrize("how", ["flip", "cut", "empty", "remove"])
@pytest.mark.parametrize("pattern", ["*.json", "*"])
def test_a_damaged_entry_is_noticed_removed_and_computed_again(store, how, pattern):
    first, _ = ran(toys.sums(), store)
    damage(store, how, "0" + pattern)
    again, states = ran(toys.sums(), store)
    assert set(states.values()) == {"stored"}
    assert first == again
    assert set(ran(toys.sums(), store)[1].values()) == {"reused"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"schema": 1}', '{"schema": 9}', '{"schema": 1, "files": 3}', "\x00"]
)
def test_an_entry_whose_description_is_damaged_is_removed_and_computed_again(store, text):
    ran(toys.sums(), store)
    for meta in store.root.glob("objects/*/*/meta.json"):
        meta.write_text(text)
    assert set(ran(toys.sums(), store)[1].values()) == {"stored"}
    assert set(ran(toys.sums(), store)[1].values()) == {"reused"}


def test_an_entry_without_description_is_replaced(store):
    ran(toys.sums(), store)
    for meta in store.root.glob("objects/*/*/meta.json"):
        meta.unlink()
    ran(toys.sums(), store)
    assert set(ran(toys.sums(), store)[1].values()) == {"reused"}


def test_an_entry_that_goes_away_while_it_is_needed_is_an_error_that_says_what_to_do(store):
    ran(toys.sums(), store)
    ready = Runner(toys.sums(), catalogue=toys.catalogue(), store=store)
    with ready({"text": WORDS}, outputs=["total"]) as run:
        run.wait()
        for entry in store.entries():
            store.remove(entry.folder)
        with pytest.raises(InputError, match="lost its file"):
            run["total"]


# Keys and entries ---------------------------------------------------------------------------------


def test_a_key_does_not_depend_on_the_order_of_its_fields():
    assert key_of({"a": 1, "b": {"c": 2, "d": 3}}) == key_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})


def test_a_key_takes_any_config():
    assert len(key_of({"config": {1: "a", "b": float("nan"), None: [(), {}]}})) == 64


def test_an_entry_says_what_it_was_made_from(store):
    ran(toys.sums(), store, outputs=["total"])
    fields = {entry.meta["fields"]["component"]: entry.meta["fields"] for entry in store.entries()}
    assert fields["encoder/scale"]["config"] == {"by": 2.0}
    assert set(fields["encoder/scale"]) == {
        "component",
        "version",
        "code",
        "config",
        "weights",
        "inputs",
        "seed",
        "dtype",
        "device",
    }


# Clearing up --------------------------------------------------------------------------------------


def test_gc_removes_the_least_recently_used_beyond_the_limit(store):
    for index in range(6):
        ran(toys.sums(), store, text=f"text {index} " * 50)
    entries = list(store.entries())
    for age, entry in enumerate(reversed(entries)):
        os.utime(entry.folder / "meta.json", (1e9 - age, 1e9 - age))
    ran(toys.sums(), store, text="text 0 " * 50)  # used just now
    used = {entry.folder for entry in list(store.entries())[-3:]}
    size = sum(entry.size for entry in store.entries())
    biggest = max(entry.size for entry in store.entries())
    removed, freed = store.gc(size // 2)
    left = list(store.entries())
    assert removed == len(entries) - len(left)
    assert freed == size - sum(entry.size for entry in left)
    assert size // 2 - biggest <= sum(entry.size for entry in left) <= size // 2
    assert used <= {entry.folder for entry in left}


def test_gc_leaves_what_another_process_may_be_about_to_read(store):
    for index in range(3):
        ran(toys.sums(), store, text=f"text {index}")
    entries = list(store.entries())
    os.utime(entries[0].folder / "meta.json", (1, 1))
    assert store.gc(0, grace=3600)[0] == 1
    assert {entry.folder for entry in store.entries()} == {entry.folder for entry in entries[1:]}


def test_gc_within_the_limit_removes_nothing(store):
    ran(toys.sums(), store)
    assert store.gc(10**9) == (0, 0)
    assert len(list(store.entries())) == 3
    assert store.gc(0)[0] == 3
    assert list(store.entries()) == []


def test_gc_removes_what_killed_processes_left_a_day_ago(store):
    fresh, old = store.begin(), store.begin()
    os.utime(old.folder, (time.time() - 2 * stores.ABANDONED,) * 2)
    store.gc(10**9)
    assert (fresh.folder.exists(), old.folder.exists()) == (True, False)


def test_gc_of_a_store_that_does_not_exist_is_nothing(store):
    assert store.gc(0) == (0, 0)


def test_the_limit_is_in_megabytes(monkeypatch):
    assert stores.limit() == 2048 << 20
    monkeypatch.setenv("PFY_STORE_LIMIT", "10")
    assert stores.limit() == 10 << 20
    monkeypatch.setenv("PFY_STORE_LIMIT", "much")
    with pytest.raises(InputError, match="megabytes"):
        stores.limit()


# Several processes --------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from pfy_core import Store
root, gate = Path(sys.argv[1]), Path(sys.argv[2])
store = Store(root)
print("ready", flush=True)
while not gate.exists():
    pass
for index in range(40):
    writer = store.begin()
    for chunk in range(3):
        assert writer.add({"out": np.full((200, 3), index, np.float32)})
    writer.commit({"index": index})
    assert store.get(__import__("pfy_core.store").store.key_of({"index": index})).digests == writer.digests
"""


def process(script, *argv):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, argv)],
        env=environment(HERE),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_write_the_same_keys_at_once_all_succeed(store, tmp_path):
    gate = tmp_path / "gate"
    writers = [process(WRITER, store.root, gate) for _ in range(2)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    gate.touch()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    entries = list(store.entries())
    assert len(entries) == 40
    assert all(not entry.faults() and len(list(entry.chunks())) == 3 for entry in entries)
    assert list((store.root / "tmp").iterdir()) == []


SLOW = """
import sys, time
from pathlib import Path
import numpy as np
import toys
from pfy_core import Runner, Store
from pfy_core.store import Writer
import pfy_core.store
name = sys.argv[2]
real = getattr(Writer, name)
def stuck(self, *given):
    if name == "add" and not self.chunks:
        return real(self, *given)
    print("now", flush=True)
    time.sleep(100)
setattr(Writer, name, stuck)
toys.results(toys.speech(), {"text": "one three fiver a"}, toys.catalogue(), store=Store(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("moment", ["add", "_write", "commit"])
def test_a_process_killed_while_it_writes_leaves_nothing_that_can_be_read(store, moment):
    writer = process(SLOW, store.root, moment)
    assert writer.stdout.readline() == "now\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=30)
    assert list((store.root / "tmp").iterdir())
    assert list(store.entries()) == []
    first, states = ran(toys.speech(), store)
    assert states["say"] == "stored"
    assert first["count"] == 10
    assert ran(toys.speech(), store)[1]["say"] == "reused"


BUSY = """
import sys
from pathlib import Path
import numpy as np
from pfy_core import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for index in range(100_000):
    writer = store.begin()
    writer.add({"out": np.full((500, 3), index, np.float32)})
    writer.commit({"index": index % 50})
    if index % 7 == 0:
        store.gc(200_000)
"""


@pytest.mark.slow
def test_whenever_a_process_is_killed_every_entry_left_is_whole(store):
    rng = np.random.default_rng(0)
    for _ in range(5):
        writer = process(BUSY, store.root)
        assert writer.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.02, 0.2))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)
        folders = list(store.root.glob("objects/*/*"))
        assert all((folder / "meta.json").exists() for folder in folders)
        entries = list(store.entries())
        assert len(entries) == len(folders)
        assert all(not entry.faults() for entry in entries)


def test_an_entry_names_files_of_its_own_folder_only(store):
    ran(toys.sums(), store)
    outside = store.root / "secret.json"
    outside.write_text("{}")
    entry = next(store.entries())
    meta = entry.meta | {"files": {"../../../secret.json": {"sha256": "0" * 64, "bytes": 2}}}
    (entry.folder / "meta.json").write_text(json.dumps(meta))
    assert store.get(entry.folder.name) is None
    assert outside.exists()


def test_streams_of_tensors_are_kept():
    torch = pytest.importorskip("torch")

    class Tensors(Encoder, name="tensors"):
        def __call__(
            self, text: Text
        ) -> Iterator[Annotated[object, Port("latent.torch", "t 2", dtype="bfloat16")]]:
            for index in range(3):
                yield torch.full((2, 2), index, dtype=torch.bfloat16)

    graph = Graph("g").input("text", "text").add("t", "encoder/tensors", text="$text").output(x="t")
    store = Store()
    for expected in ("stored", "reused"):
        with Runner(graph, catalogue=toys.catalogue(Tensors), store=store)({"text": ""}) as run:
            chunks = list(run["x"])
            run.wait()
        assert run.trace.nodes["t"].state == expected
        assert [int(chunk[0, 0]) for chunk in chunks] == [0, 1, 2]
