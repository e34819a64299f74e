"""What an author may not declare, and what the author is told: file, line, sends, wants and fix."""

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import toys
from installing import install_toy

from pfy_core import Component, Dataset, Encoder, Graph, InputError, Item, Metric, Port, Runner
from pfy_core.component import describe
from pfy_core.errors import NodeError, PluginError, ResultError

Rows = Annotated[np.ndarray, Port("latent.a", "t 4", dtype="float32")]
Text = Annotated[str, Port("text")]
Value = Annotated[float, Port("metric.value")]


def told(cls):
    """The error for a class, after a look at whether it names this file and a line of it."""
    with pytest.raises(PluginError) as caught:
        describe(cls)
    error = caught.value
    place, _, rest = error.sends.partition(": ")
    file, _, line = place.rpartition(":")
    assert Path(file) == Path(__file__)
    assert int(line) > 1
    assert error.wants
    assert error.fix
    return rest.partition(": ")[2]


def returning(annotation):
    class Made(Encoder, name="made"):
        def __call__(self, a: Rows): ...

    Made.__call__.__annotations__["return"] = annotation
    return Made


def having(kind, default):
    class Made(Encoder, name="made"):
        def __init__(self, *, size=default) -> None: ...

        def __call__(self, a: Rows) -> Rows: ...

    Made.__init__.__annotations__["size"] = kind
    return Made


# Ports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "sends"),
    [
        (None, "it returns None"),
        (np.ndarray, "it returns numpy.ndarray"),
        (
            tuple[Rows, Rows],
            "it returns tuple[Annotated[numpy.ndarray, Port('latent.a', 't 4', dtype='float32')]",
        ),
        (Iterable[Rows], "it returns Iterable[Annotated"),
        (list[Rows], "it returns list[Annotated"),
        (Annotated[np.ndarray, "audio.wave"], "it returns Annotated[numpy.ndarray, 'audio.wave']"),
        (Annotated[np.ndarray, Port], "it returns Annotated[numpy.ndarray, <class"),
        (
            Annotated[np.ndarray, Port("a"), Port("b")],
            "it returns Annotated[numpy.ndarray, Port('a'), Port('b')]",
        ),
    ],
)
def test_an_annotation_that_is_no_port_is_told_as_it_was_written(annotation, sends):
    assert told(returning(annotation)).startswith(sends)


@pytest.mark.parametrize(
    ("port", "sends"),
    [
        (Port(""), "out: kind ''"),
        (Port("A wave"), "out: kind 'A wave'"),
        (Port(3), "out: kind 3"),
        (Port("a", ("t", 512)), "out: dims ('t', 512)"),
        (Port("a", "t, 512"), "out: dims 't, 512'"),
        (Port("a", "t", rate=-1), "out: rate -1"),
        (Port("a", "t", rate=float("nan")), "out: rate nan"),
        (Port("a", "t", rate="16 kHz"), "out: rate '16 kHz'"),
        (Port("a", "t", rate=True), "out: rate True"),
        (Port("a", "t", dtype="float"), "out: dtype 'float'"),
        (Port("a", "t", dtype=np.float32), "out: dtype <class 'numpy.float32'>"),
        (Port("a", "t", range=(1, 0)), "out: range (1, 0)"),
        (Port("a", "t", range=(1,)), "out: range (1,)"),
    ],
)
def test_a_port_whose_words_mean_nothing_is_told(port, sends):
    assert told(returning(Annotated[Any, port])) == sends


def test_a_field_that_is_no_port_is_told_where_its_dataclass_is():
    @dataclass
    class Pair:
        a: Rows
        b: int

    line = inspect.getsourcelines(Pair)[1]
    with pytest.raises(PluginError, match=rf"{__file__}:{line}: .*: b: int"):
        describe(returning(Pair))


# Calls ------------------------------------------------------------------------------------------------


def test_a_call_that_the_runtime_cannot_make_is_told():
    class Stars(Encoder, name="stars"):
        def __call__(self, **more: Rows) -> Rows: ...

    class Place(Encoder, name="place"):
        def __call__(self, a: Rows, /) -> Rows: ...

    class Later(Encoder, name="later"):
        async def __call__(self, a: Rows) -> Rows: ...

    class Before(Encoder, name="before"):
        def __call__(self, a: Rows, *more: Rows) -> Rows: ...

    class Yields(Encoder, name="yields"):
        def __call__(self, a: Rows) -> Rows:
            yield a

    class Uncallable(Encoder, name="uncallable"):
        __call__ = 3

    assert told(Stars) == "**more"
    assert told(Place) == "a, by position only"
    assert told(Later) == "async def __call__"
    assert told(Before) == "a before *more"
    assert told(Yields) == "a generator that declares a value"
    assert told(Uncallable) == "no __call__"


# Config -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "default", "sends", "wants"),
    [
        (int, "3x", "a default of another type, size: Value '3x'", "int"),
        (int, None, "a default of another type, size: Incompatible value 'None'", "int"),
        (Literal["a", "b"], "c", "a default of another type, size: Invalid value 'c'", "Literal['a', 'b']"),
        (list[int], [1, "a"], "a default of another type, size", "list[int]"),
        (float, object(), "a default of another type, size: Value '<object", "float"),
        (np.ndarray, None, "config type 'ndarray' is not understood", "int, float, str"),
    ],
)
def test_a_default_of_another_type_is_told_by_name(kind, default, sends, wants):
    with pytest.raises(PluginError) as caught:
        describe(having(kind, default))
    assert sends in caught.value.sends
    assert caught.value.sends.startswith(f"{__file__}:")
    assert caught.value.wants.startswith(wants)


def test_options_that_have_no_name_are_told():
    class Stars(Encoder, name="stars"):
        def __init__(self, **more) -> None: ...

        def __call__(self, a: Rows) -> Rows: ...

    class Bare(Encoder, name="bare"):
        def __init__(self, size=3) -> None: ...

        def __call__(self, a: Rows) -> Rows: ...

    assert told(Stars) == "**more"
    assert told(Bare) == "size has no annotation"


# Names and roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A", "a b", "a/b", "-a", "ä", "a--b"])
def test_a_name_that_cannot_stand_in_a_graph_is_told(name):
    class Made(Encoder, name=name):
        def __call__(self, a: Rows) -> Rows: ...

    assert told(Made) == f"the name {name!r}"


def test_a_component_without_a_role_is_told():
    class Made(Component, name="made"):
        def __call__(self, a: Rows) -> Rows: ...

    assert told(Made) == "a component 'made' without a role"


class Tones(Dataset, name="tones"):
    """Three rows of numbers."""

    def __len__(self) -> int:
        return 3

    def __call__(self, item: Item) -> Rows:
        return np.full((2, 4), self.checked(item), np.float32)


class Gap(Metric, name="gap"):
    """The largest difference."""

    def __call__(self, made: Rows, reference: Rows) -> Value:
        return float(np.abs(made - reference).max())


def test_a_dataset_is_a_length_and_a_clip_for_each_item():
    class Endless(Dataset, name="endless"):
        def __call__(self, item: Item) -> Rows: ...

    class Named(Tones, name="named"):
        def __call__(self, name: Text) -> Rows: ...

    class Both(Tones, name="both"):
        def __call__(self, item: Item, name: Text) -> Rows: ...

    assert told(Endless) == "a dataset without a length"
    assert told(Named) == "a dataset that takes name: text"
    assert told(Both) == "a dataset that takes item: dataset.item, name: text"
    assert not describe(Tones).cache


def test_a_metric_gives_numbers():
    class Rowly(Gap, name="rowly"):
        def __call__(self, made: Rows, reference: Rows) -> Rows: ...

    @dataclass
    class Two:
        mean: Value
        spread: Annotated[float, Port("metric.value.spread")]

    class Both(Gap, name="both"):
        def __call__(self, made: Rows, reference: Rows): ...

    Both.__call__.__annotations__["return"] = Two
    assert told(Rowly) == "a metric that gives latent.a"
    assert [port.name for port in describe(Both).outputs] == ["mean", "spread"]


def test_a_dataset_and_a_metric_are_nodes_of_a_graph():
    graph = (
        Graph("g")
        .input("one", "dataset.item")
        .input("two", "dataset.item")
        .add("a", "dataset/tones", item="$one")
        .add("b", "dataset/tones", item="$two")
        .add("gap", "metric/gap", made="a", reference="b")
        .output(gap="gap")
    )
    runner = Runner(graph, catalogue=toys.catalogue(Tones, Gap))
    assert len(runner.instance("a")) == 3
    with runner({"one": 0, "two": 2}) as run:
        assert run["gap"] == 2.0
    for wrong in (3, -1):
        with (
            runner({"one": wrong, "two": 0}) as run,
            pytest.raises(InputError, match=f"item {wrong} of dataset/tones"),
        ):
            run["gap"]


# Results ----------------------------------------------------------------------------------------------


@dataclass
class Two:
    rows: Rows
    text: Text


@dataclass
class One:
    rows: Any


class Gives(Encoder, name="gives"):
    """Gives what it is told to."""

    def __init__(self, *, what: str = "") -> None:
        self.what = what

    def __call__(self, text: Text) -> Rows:
        return RESULTS[self.what]()


class GivesText(Gives, name="gives-text"):
    def __call__(self, text: Text) -> Text:
        return RESULTS[self.what]()


class GivesTwo(Gives, name="gives-two"):
    def __call__(self, text: Text) -> Two:
        return RESULTS[self.what]()


class GivesChunks(Gives, name="gives-chunks"):
    def __call__(self, text: Text) -> Iterator[Rows]:
        return RESULTS[self.what]()


ROWS = np.zeros((2, 4), np.float32)
RESULTS = {
    "rows": lambda: ROWS,
    "none": lambda: None,
    "list": lambda: [[0.0] * 4],
    "generator": lambda: iter([ROWS]),
    "wide": lambda: np.zeros((2, 5), np.float32),
    "flat": lambda: np.zeros(4, np.float32),
    "double": lambda: np.zeros((2, 4)),
    "number": lambda: 3,
    "tuple": lambda: (ROWS, "text"),
    "half": lambda: One(ROWS),
    "two wrong": lambda: Two(ROWS, 3),
    "rows in a list": lambda: [ROWS],
    "wrong chunk": lambda: iter([ROWS, None]),
}


@pytest.mark.parametrize(
    ("cls", "what", "sends", "wants"),
    [
        (Gives, "none", "None", "latent.a (t 4)"),
        (Gives, "list", "a value of type list, no array", "latent.a (t 4)"),
        (Gives, "generator", "a value of type list_iterator, no array", "latent.a (t 4)"),
        (Gives, "wide", "shape (2, 5) is not (t 4)", "latent.a (t 4)"),
        (Gives, "flat", "shape (4,) is not (t 4)", "latent.a (t 4)"),
        (Gives, "double", "dtype float64 is not float32", "latent.a (t 4)"),
        (GivesText, "number", "a value of type int", "text"),
        (GivesText, "generator", "a value of type list_iterator", "text"),
        (GivesTwo, "tuple", "a value of type tuple without rows, text", "rows: latent.a (t 4), text: text"),
        (GivesTwo, "half", "a value of type One without text", "rows: latent.a (t 4), text: text"),
        (GivesTwo, "none", "None without rows, text", "rows: latent.a (t 4), text: text"),
        (GivesTwo, "two wrong", "text: a value of type int", "text: text"),
        (GivesChunks, "rows in a list", "a value of type list", "an iterator over latent.a (t 4)"),
        (GivesChunks, "rows", "a value of type ndarray", "an iterator over latent.a (t 4)"),
        (GivesChunks, "none", "None", "an iterator over latent.a (t 4)"),
        (GivesChunks, "wrong chunk", "None", "latent.a (t 4)"),
    ],
)
def test_a_result_that_is_not_what_was_declared_is_told_with_the_place_of_the_call(cls, what, sends, wants):
    output = "n.rows" if cls is GivesTwo else "n"
    graph = Graph("g").input("text", "text").add("n", cls.id, {"what": what}, text="$text").output(out=output)
    line = cls.__call__.__code__.co_firstlineno
    with (
        Runner(graph, catalogue=toys.catalogue(cls))({"text": ""}) as run,
        pytest.raises(ResultError) as caught,
    ):
        list(run.chunks("out"))
    error = caught.value
    assert error.sends == f"node 'n' failed: {__file__}:{line}: {cls.id} returned {sends}"
    assert error.wants == wants
    assert error.fix
    assert error.exit_code == 1


@pytest.mark.parametrize(("cls", "what"), [(Gives, "rows"), (GivesChunks, "generator")])
def test_a_result_that_is_what_was_declared_passes(cls, what):
    graph = Graph("g").input("text", "text").add("n", cls.id, {"what": what}, text="$text").output(out="n")
    with Runner(graph, catalogue=toys.catalogue(cls))({"text": ""}) as run:
        assert [chunk.shape for chunk in run.chunks("out")] == [(2, 4)]


def test_a_call_that_the_manifest_has_wrong_says_that_it_is_out_of_date(site):
    root = install_toy(site)
    code = (root / "parts.py").read_text()
    assert "(self, text: Annotated" in code
    (root / "parts.py").write_text(code.replace("(self, text: Annotated", "(self, words: Annotated", 1))
    graph = Graph("g").input("t", "text").add("n", "encoder/upper", text="$t").output(out="n.upper")
    with (
        graph.run(t="a") as run,
        pytest.raises(NodeError, match="unexpected keyword argument 'text'") as caught,
    ):
        run["out"]
    assert "pfy plugins manifest pfy_plugin_toy" in caught.value.fix
