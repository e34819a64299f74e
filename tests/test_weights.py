"""Weights: fetched once from the first source that has them, verified, and kept."""

import hashlib
import os
import signal
import subprocess
import sys
import threading

import pytest
import toys
from installing import environment
from serving import serving
from test_sources import index, wheel  # noqa: F401

from pfy_core import Encoder, Graph, OptionalWeights, Weights, paths, weights
from pfy_core import catalogue as catalogues
from pfy_core.catalogue import Catalogue, Plugin
from pfy_core.check import resolve
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_core.weights import Entry

ONE = b"the weights" * 100
SHA = hashlib.sha256(ONE).hexdigest()
BAD = "0" * 64


@pytest.fixture
def known(monkeypatch):
    """Make weights entries known, as an installed plugin would."""
    made = Catalogue()
    monkeypatch.setattr(catalogues, "_installed", made)

    def add(**entries):
        data = {name.replace("_", "/"): {"file": "one.bin"} | entry for name, entry in entries.items()}
        made.plugins["pfy-plugin-files"] = Plugin("pfy-plugin-files", "files", manifest={"weights": data})
        return made

    return add


@pytest.fixture
def one(tmp_path):
    file = tmp_path / "source.bin"
    file.write_bytes(ONE)
    return file


def kept():
    """Files below the weights folder."""
    folder = paths.home() / "weights"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_file_is_fetched_once_and_kept(known, one):
    known(toy_a={"sha256": SHA, "size": len(ONE), "sources": [{"path": str(one)}]})
    assert not weights.present("toy/a")
    file = weights.path("toy/a")
    assert file == paths.home() / "weights" / "toy/a" / "one.bin" == weights.entry("toy/a").cached
    assert file.read_bytes() == ONE
    one.unlink()
    assert weights.path("toy/a") == file
    assert weights.present("toy/a")
    assert weights.digest("toy/a") == SHA
    assert kept() == ["toy/a/one.bin"]


def test_the_next_source_is_tried_after_one_that_fails(known, one):
    with serving({"/bad.bin": b"other", "/short/x": ONE, "/good.bin": ONE}) as (address, requests):
        names = ["none.bin", "nonsense", "drop", "bad.bin", "short/good.bin", "good.bin", "never.bin"]
        known(
            toy_a={
                "sha256": SHA,
                "sources": [
                    {"path": "/none"},
                    {"nothing": 1},
                    *({"url": f"{address}/{name}"} for name in names),
                ],
            }
        )
        assert weights.path("toy/a").read_bytes() == ONE
        assert requests[-1][0] == "/good.bin"
    assert kept() == ["toy/a/one.bin"]


def test_when_no_source_gives_the_file_the_error_lists_all_with_reasons(known, one, index):  # noqa: F811
    other = one.with_name("other.bin")
    other.write_bytes(b"other")
    with serving({"/bad.bin": b"bad"}) as (address, _):
        known(
            toy_a={
                "sha256": SHA,
                "licence": "CC-BY-4.0",
                "sources": [
                    {"path": "/none/a.bin"},
                    {"path": str(other)},
                    {"url": f"{address}/none.bin"},
                    {"url": f"{address}/bad.bin"},
                    {"package": "no-such-thing", "inside": "x"},
                    {"wheel": "no-such-thing==1", "inside": "x"},
                    {"hub": "a/b"},
                    {"colour": "red"},
                ],
            }
        )
        with pytest.raises(WeightsError) as caught:
            weights.path("toy/a")
    message = str(caught.value)
    for part in (
        "'toy/a'",
        "one.bin",
        "CC-BY-4.0",
        "path /none/a.bin: /none/a.bin is not a file",
        f"path {other}: sha256",
        "none.bin: HTTP Error 404",
        "bad.bin: sha256",
        "package no-such-thing: no-such-thing is not installed",
        "wheel no-such-thing==1: pip failed",
        "hub a/b:",
        "unknown source",
        "pfy weights pull toy/a",
        str(weights.entry("toy/a").cached),
    ):
        assert part in message, part
    assert kept() == []


def test_an_entry_without_sources_says_where_to_put_the_file(known):
    known(toy_a={})
    with pytest.raises(WeightsError, match="none is known") as caught:
        weights.path("toy/a")
    place = weights.entry("toy/a").cached
    assert str(place) in caught.value.fix
    place.parent.mkdir(parents=True)
    place.write_bytes(ONE)
    assert weights.path("toy/a") == place


@pytest.mark.parametrize("how", ["setting", "argument"])
def test_offline_nothing_is_asked_and_the_error_says_so(known, one, monkeypatch, how):
    with serving({"/one.bin": ONE}) as (address, requests):
        made = known(
            toy_a={"sha256": SHA, "sources": [{"url": f"{address}/one.bin"}]},
            toy_b={"sha256": SHA, "sources": [{"url": f"{address}/one.bin"}, {"path": str(one)}]},
            toy_c={"sha256": SHA, "sources": [{"join": [{"path": str(one)}]}]},
            toy_d={"sha256": SHA, "sources": [{"join": [{"path": str(one)}, {"url": f"{address}/one.bin"}]}]},
        )
        fetch = how == "setting"
        if fetch:
            monkeypatch.setenv("PFY_OFFLINE", "1")
            assert weights.fault("toy/a", made)
            assert weights.fault("toy/d", made)
        for name in ("toy/a", "toy/d"):
            with pytest.raises(WeightsError, match="not tried, PFY_OFFLINE is set or fetching is off"):
                weights.path(name, fetch=fetch)
        for name in ("toy/b", "toy/c"):
            assert weights.fault(name, made) is None
            assert weights.path(name, fetch=fetch).read_bytes() == ONE
        assert requests == []


def test_siblings_inside_one_wheel_are_placed_together(known, index):  # noqa: F811
    made = wheel(index, files={"a.bin": b"a", "b.bin": b"b", "c.bin": b"c"})
    source = {"wheel": "toyweights==1.0"}
    known(
        toy_a={"sources": [source | {"inside": "toyweights/a.bin"}]},
        toy_b={"sources": [{"path": "/none"}, source | {"inside": "toyweights/b.bin"}]},
        toy_c={"sha256": BAD, "sources": [source | {"inside": "toyweights/c.bin"}]},
        toy_d={"sources": [source | {"inside": "toyweights/none.bin"}]},
        toy_e={"sources": [{"wheel": "toyweights==2.0", "inside": "toyweights/a.bin"}]},
    )
    assert weights.path("toy/a").read_bytes() == b"a"
    made.unlink()
    assert weights.path("toy/b").read_bytes() == b"b"
    assert [name for name in weights.entries() if name.startswith("toy/") and weights.present(name)] == [
        "toy/a",
        "toy/b",
    ]


def test_a_file_of_unknown_sha256_is_held_to_the_first_one_seen(known, one):
    known(toy_a={"sources": [{"path": str(one)}]})
    weights.path("toy/a")
    assert weights.entry("toy/a").recorded == SHA
    weights.entry("toy/a").cached.unlink()
    one.write_bytes(b"something else")
    with pytest.raises(WeightsError, match="sha256"):
        weights.path("toy/a")
    one.write_bytes(ONE)
    assert weights.path("toy/a").read_bytes() == ONE


def test_a_file_of_another_size_is_not_the_one(known, one):
    known(toy_a={"size": len(ONE) + 1, "sources": [{"path": str(one)}]})
    with pytest.raises(WeightsError, match="bytes"):
        weights.path("toy/a")
    assert kept() == []


def test_a_cached_file_of_another_size_is_fetched_again(known, one):
    known(toy_a={"sha256": SHA, "size": len(ONE), "sources": [{"path": str(one)}]})
    weights.path("toy/a").write_bytes(b"cut")
    assert not weights.present("toy/a")
    assert weights.path("toy/a").read_bytes() == ONE


def test_a_file_of_the_users_own_stands_for_itself(known, one):
    known()
    assert weights.path(str(one)) == one
    assert weights.present(str(one))
    assert weights.digest(str(one)) == SHA
    assert weights.fault(str(one), Catalogue()) is None


def test_an_unknown_name_gets_the_nearest(known):
    known(toy_table={})
    with pytest.raises(WeightsError, match="did you mean 'toy/table'"):
        weights.path("toy/tabel")
    with pytest.raises(WeightsError, match="pfy weights list"):
        weights.path("zzz")
    assert weights.digest("zzz") == ""
    assert not weights.present("zzz")


def test_fetching_is_announced_and_copying_is_not(known, one):
    url = "https://localhost:9/a.bin"
    known(toy_a={"size": len(ONE), "sources": [{"path": "/none"}, {"url": url}, {"path": str(one)}]})
    events = []
    with watching(events.append):
        weights.path("toy/a")
    fetched, told = events
    assert (fetched.kind, fetched.source, fetched.text, fetched.total) == (
        "fetch", "toy/a", f"url {url}", len(ONE)
    )  # fmt: skip
    assert (told.kind, told.text) == ("note", "toy/a is not for commercial use: unknown")


def test_threads_that_need_one_file_fetch_it_once(known):
    with serving({"/one.bin": ONE}) as (address, requests):
        known(toy_a={"sha256": SHA, "sources": [{"url": f"{address}/one.bin"}]})
        barrier, found = threading.Barrier(8, timeout=30), []

        def need():
            barrier.wait()
            found.append(weights.path("toy/a").read_bytes())

        threads = [threading.Thread(target=need) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert found == [ONE] * 8
    assert len(requests) == 1


KILLED = """
import sys
from pfy_core import catalogue, weights
from pfy_core.catalogue import Catalogue, Plugin
entry = {"file": "one.bin", "sources": [{"url": sys.argv[1]}]}
catalogue._installed = made = Catalogue()
made.plugins["p"] = Plugin("p", "p", manifest={"weights": {"toy/a": entry}})
weights.path("toy/a")
"""


def test_a_fetch_that_is_killed_leaves_no_file(known, tmp_path):
    import socketserver

    begun = threading.Event()

    class Stalls(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(4096)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 70_000)
            begun.set()
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stalls) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/one.bin"
        process = subprocess.Popen([sys.executable, "-c", KILLED, url], env=environment(TMPDIR=str(tmp_path)))
        assert begun.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        server.shutdown()
    assert kept() == []
    known(toy_a={"sources": [{"url": url}]})
    assert not weights.present("toy/a")


# Derived files ------------------------------------------------------------------------------------


def test_a_derived_file_is_made_once(known, one):
    made = []

    def reverse(source, target):
        made.append(source)
        target.write_bytes(source.read_bytes()[::-1])

    known(toy_a={"sources": [{"path": str(one)}]})
    first = weights.derived("toy/a", "reversed-1.bin", reverse)
    assert first.read_bytes() == ONE[::-1]
    assert weights.derived("toy/a", "reversed-1.bin", reverse) == first
    assert made == [weights.entry("toy/a").cached]
    assert weights.derived("toy/a", "reversed-2.bin", reverse) != first


def test_a_derived_file_follows_its_source(one):
    def copy(source, target):
        target.write_bytes(source.read_bytes())

    first = weights.derived(str(one), "copy.bin", copy)
    one.write_bytes(b"new")
    assert weights.derived(str(one), "copy.bin", copy).read_bytes() == b"new"
    assert first.read_bytes() == ONE


def test_a_derived_file_of_a_file_put_in_place_by_hand_follows_it(known):
    def copy(source, target):
        target.write_bytes(source.read_bytes())

    known(toy_a={})
    place = weights.entry("toy/a").cached
    place.parent.mkdir(parents=True)
    place.write_bytes(b"one")
    assert weights.derived("toy/a", "copy.bin", copy).read_bytes() == b"one"
    place.write_bytes(b"two")
    assert weights.derived("toy/a", "copy.bin", copy).read_bytes() == b"two"


def test_making_a_derived_file_that_fails_leaves_nothing(one):
    def fail(source, target):
        target.write_bytes(b"half")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        weights.derived(str(one), "x.bin", fail)
    assert kept() == []


def test_threads_that_derive_the_same_file_all_get_it_whole(one):
    barrier, found = threading.Barrier(6, timeout=30), []

    def slow(source, target):
        with target.open("wb") as out:
            for _ in range(200):
                out.write(b"x" * 100)
                out.flush()

    def need():
        barrier.wait()
        found.append(len(weights.derived(str(one), "x.bin", slow).read_bytes()))

    threads = [threading.Thread(target=need) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [20_000] * 6


# Graphs -------------------------------------------------------------------------------------------


class Both(Encoder, name="both"):
    def __init__(self, *, table: Weights = "toy/a", extra: OptionalWeights = "toy/b"): ...

    def __call__(self, text: toys.Text) -> toys.Text:
        return text


def test_a_graph_knows_the_weights_it_names(known):
    made = known(toy_a={"licence": "MIT"}, toy_b={}, toy_c={})
    made.add(Both)
    graph = Graph("g").input("text", "text").add("b", "encoder/both", text="$text").output(x="b")
    assert list(weights.used(resolve(graph))) == ["toy/a", "toy/b"]
    assert list(weights.used(resolve(graph.set("b.table=toy/c")))) == ["toy/c", "toy/b"]


def test_optional_weights_that_are_absent_are_no_problem(known, monkeypatch):
    made = known(
        toy_a={"sources": [{"path": "/none"}]}, toy_b={"sources": [{"url": "https://localhost:9/b"}]}
    )
    made.add(Both)
    monkeypatch.setenv("PFY_OFFLINE", "1")
    graph = Graph("g").input("text", "text").add("b", "encoder/both", text="$text").output(x="b")
    assert resolve(graph, made).problems == []
    assert not weights.present("toy/b")


def test_what_is_optional_to_a_component_is_needed_where_the_graph_names_it(known):
    made = known(toy_a={}, toy_b={}, toy_c={})
    made.add(Both)
    graph = Graph("g").input("text", "text").add("b", "encoder/both", text="$text").output(x="b")
    assert weights.optional(resolve(graph)) == {"toy/b"}
    assert weights.optional(resolve(graph.set("b.extra=toy/c"))) == set()


def test_entries_have_defaults_that_promise_nothing():
    item = Entry("a", "a.bin")
    assert (item.licence, item.commercial, item.sha256, item.present) == ("unknown", False, "", False)
    assert os.fspath(item.cached).startswith(os.environ["PFY_HOME"])


def test_entries_of_the_users_own_are_used_by_name_and_never_stand_for_those_of_others(known, one):
    known(theirs_one={"sha256": SHA, "sources": [{"path": str(one)}]})
    mine = {"file": "one.bin", "sha256": SHA, "sources": [{"path": str(one)}]}
    weights.register("mine", {"mine/one": mine, "theirs/one": mine | {"sha256": BAD}})
    assert weights.path("mine/one").read_bytes() == ONE
    assert weights.entry("theirs/one").sha256 == SHA
    weights.register("mine", {"mine/two": mine})
    assert set(weights.own()) == {"mine/two"}
    with pytest.raises(WeightsError, match="the name"):
        weights.register("../mine", {})


def test_entries_of_the_users_own_that_are_broken_are_named(known):
    known()
    file = weights.register("mine", {})
    file.write_text("a: [")
    with pytest.raises(WeightsError, match=r"mine\.yaml cannot be read") as error:
        weights.entries()
    assert error.value.fix == "remove it"
