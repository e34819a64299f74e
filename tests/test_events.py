"""Events: what components tell reaches whoever watches, from the node that told it."""

import threading

import toys

from pfy_core import Encoder, Graph, measured, note, progress
from pfy_core.events import Event, emit, watching


class Teller(Encoder, name="teller"):
    """Tells how it goes."""

    def __call__(self, text: toys.Text) -> toys.Text:
        note(f"heard {text}")
        progress(1, 4)
        return text


def test_without_a_watcher_nothing_happens():
    note("nobody hears this")
    progress(1, 2)
    with watching(None, "x"):
        note("nor this")


def test_events_carry_what_was_told_and_by_whom():
    heard = []
    with watching(heard.append, "speech"):
        note("two faces found")
        measured(similarity=0.72, quality=None)
        progress(3, 10)
        emit(Event("fetch", "demo", total=5.0))
    note("too late")
    assert heard == [
        Event("note", "speech", "two faces found"),
        Event("measured", "speech", values={"similarity": 0.72, "quality": None}),
        Event("progress", "speech", done=3, total=10),
        Event("fetch", "demo", total=5.0),
    ]


def test_watchers_nest_and_the_outer_one_returns_even_after_an_error():
    outer, inner = [], []
    with watching(outer.append, "a"):
        try:
            with watching(inner.append, "b"):
                note("inside")
                raise ValueError
        except ValueError:
            note("outside")
    assert [(event.source, event.text) for event in inner] == [("b", "inside")]
    assert [(event.source, event.text) for event in outer] == [("a", "outside")]


def test_threads_do_not_hear_each_other():
    heard = []
    with watching(heard.append):
        thread = threading.Thread(target=note, args=("from another thread",))
        thread.start()
        thread.join()
    assert heard == []


def test_a_component_speaks_as_its_node():
    graph = (
        Graph("g")
        .input("text", "text")
        .add("one", "encoder/teller", text="$text")
        .add("two", "encoder/teller", text="one")
        .output(x="two")
    )
    events = []
    toys.results(graph, {"text": "hello"}, toys.catalogue(Teller), watch=events.append)
    told = [(event.kind, event.source) for event in events if event.kind in ("note", "progress")]
    assert told == [("note", "one"), ("progress", "one"), ("note", "two"), ("progress", "two")]


def test_every_node_starts_and_ends_once():
    events = []
    toys.results(toys.sums(), {"text": "a b"}, toys.catalogue(), watch=events.append)
    for kind in ("start", "end"):
        assert sorted(event.source for event in events if event.kind == kind) == ["embed", "scale", "total"]


def test_streams_tell_how_many_seconds_they_have_made():
    events = []
    toys.results(toys.speech(), {"text": "one two"}, toys.catalogue(), watch=events.append)
    made = [
        event.done for event in events if (event.kind, event.source, event.text) == ("media", "say", "wave")
    ]
    assert made == [0.1, 0.2]
