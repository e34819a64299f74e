"""Specs read from signatures, and the errors for signatures that say too little."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import toys

from pfy_core import Component, Encoder, Fuser, OptionalWeights, PfyError, Port, Seed, Weights
from pfy_core.component import ComponentSpec, ConfigField, describe
from pfy_core.errors import PluginError
from pfy_core.ports import PortSpec

Text = Annotated[str, Port("text")]
Rows = Annotated[np.ndarray, Port("latent.a", "t 4", rate="fps", dtype="float32", range=(-1, 1))]


def ports(specs):
    return {spec.name: (spec.port.kind, spec.optional, spec.variadic, spec.stream) for spec in specs}


def test_inputs_are_the_parameters_of_the_call():
    class Plain(Encoder, name="plain"):
        def __call__(self, a: Text, b: Rows) -> Text: ...

    assert ports(describe(Plain).inputs) == {
        "a": ("text", False, False, False),
        "b": ("latent.a", False, False, False),
    }


def test_a_port_may_be_optional_by_type_or_by_default():
    class Plain(Encoder, name="plain"):
        def __call__(
            self, a: Text | None, b: Text | None, c: Text = "", *, d: Iterator[Rows] | None = None
        ) -> Text: ...

    assert ports(describe(Plain).inputs) == {
        "a": ("text", True, False, False),
        "b": ("text", True, False, False),
        "c": ("text", True, False, False),
        "d": ("latent.a", True, False, True),
    }


def test_star_arguments_are_a_variadic_port():
    class Many(Fuser, name="many"):
        def __call__(self, *tokens: Text, query: Rows) -> Text: ...

    assert ports(describe(Many).inputs) == {
        "tokens": ("text", True, True, False),
        "query": ("latent.a", False, False, False),
    }


def test_a_single_output_is_called_out():
    class Plain(Encoder, name="plain"):
        def __call__(self, a: Text) -> Rows: ...

    (out,) = describe(Plain).outputs
    assert (out.name, out.port, out.stream) == (
        "out",
        Port("latent.a", "t 4", "fps", "float32", (-1, 1)),
        False,
    )


def test_a_dataclass_gives_an_output_for_each_field():
    assert ports(describe(toys.Say).outputs) == {
        "wave": ("audio.wave", False, False, True),
        "words": ("toy.words", False, False, True),
    }


def test_an_iterator_is_a_stream():
    spec = describe(toys.Move)
    assert all(port.stream for port in (*spec.inputs, *spec.outputs))


def test_config_is_the_parameters_of_the_constructor():
    class Set(Encoder, name="set"):
        def __init__(
            self,
            size: int,
            *,
            names: list[str] | None = None,
            mode: Literal["a", "b"] = "a",
            steps: tuple[int, ...] = (1, 2),
            table: Weights = "t/a",
            extra: OptionalWeights = "t/b",
        ) -> None: ...

        def __call__(self, a: Text) -> Text: ...

    assert describe(Set).config == (
        ConfigField("size", "int", None, required=True),
        ConfigField("names", "list[str] | None"),
        ConfigField("mode", "Literal['a', 'b']", "a"),
        ConfigField("steps", "tuple[int, ...]", [1, 2]),
        ConfigField("table", "str", "t/a", weights="required"),
        ConfigField("extra", "str", "t/b", weights="optional"),
    )


def test_a_seed_parameter_makes_a_component_seeded_and_is_no_port():
    spec = describe(toys.Noise)
    assert spec.seeded
    assert [port.name for port in spec.inputs] == ["text"]
    assert not describe(toys.Embed).seeded


def test_the_doc_is_the_first_paragraph_on_one_line():
    class Plain(Encoder, name="plain"):
        """One sentence
        on two lines.

        And more.
        """

        def __call__(self, a: Text) -> Text: ...

    assert describe(Plain).doc == "One sentence on two lines."


@pytest.mark.parametrize("cls", toys.ALL, ids=lambda cls: cls.id)
def test_a_spec_survives_its_manifest(cls):
    spec = describe(cls)
    assert ComponentSpec.from_dict(spec.as_dict()) == spec


def test_an_uncached_component_passes_that_on_to_its_subclasses():
    class Clock(Encoder, name="clock", cache=False):
        def __call__(self, a: Text) -> Text: ...

    class Watch(Clock, name="watch"): ...

    class Still(Clock, name="still", cache=True): ...

    assert [describe(cls).cache for cls in (Clock, Watch, Still)] == [False, False, True]


def test_a_subclass_has_an_id_of_its_own_or_none():
    class Loud(toys.Scale, name="loud"): ...

    class Nameless(toys.Scale): ...

    assert (Loud.id, Nameless.id) == ("encoder/loud", "")


# Signatures that are not understood ---------------------------------------------------------------


class Annotationless(Encoder, name="x"):
    def __call__(self, wave) -> Text: ...


class Portless(Encoder, name="x"):
    def __call__(self, wave: np.ndarray) -> Text: ...


class TwoPorts(Encoder, name="x"):
    def __call__(self, wave: Annotated[str, Port("text"), Port("text")]) -> Text: ...


class TwoKinds(Encoder, name="x"):
    def __call__(self, wave: Text | Rows | None) -> Text: ...


class NoReturn(Encoder, name="x"):
    def __call__(self, text: Text): ...


class ReturnsNoPort(Encoder, name="x"):
    def __call__(self, text: Text) -> tuple[Text, Text]: ...


@dataclass
class Half:
    a: Text
    b: int


class HalfADataclass(Encoder, name="x"):
    def __call__(self, text: Text) -> Half: ...


class AnIterable(Encoder, name="x"):
    def __call__(self, text: Text) -> Generator[Text]: ...


class UnknownName(Encoder, name="x"):
    def __call__(self, text: "Nowhere") -> Text: ...  # noqa: F821


class UnknownAttribute(Encoder, name="x"):
    def __call__(self, text: "np.ndarry") -> Text: ...


@dataclass
class Misspelt:
    a: "Txet"  # noqa: F821


class UnknownInOutput(Encoder, name="x"):
    def __call__(self, text: Text) -> Misspelt: ...


class UnknownInConfig(Encoder, name="x"):
    def __init__(self, size: "Nowhere" = 3) -> None: ...  # noqa: F821

    def __call__(self, text: Text) -> Text: ...


class UnannotatedConfig(Encoder, name="x"):
    def __init__(self, size=3) -> None: ...

    def __call__(self, text: Text) -> Text: ...


class StarConfig(Encoder, name="x"):
    def __init__(self, **more: int) -> None: ...

    def __call__(self, text: Text) -> Text: ...


class StarStarInputs(Encoder, name="x"):
    def __call__(self, **texts: Text) -> Text: ...


class InputBeforeVariadic(Encoder, name="x"):
    def __call__(self, query: Text, *keys: Text) -> Text: ...


class OtherSeedName(Encoder, name="x"):
    def __call__(self, text: Text, *, noise: Seed) -> Text: ...


class Callless(Encoder, name="x"): ...


FAULTY = [
    *(Annotationless, Portless, TwoPorts, TwoKinds, NoReturn, ReturnsNoPort, HalfADataclass, AnIterable),
    *(UnknownName, UnknownAttribute, UnknownInOutput, UnknownInConfig, UnannotatedConfig, StarConfig),
    *(StarStarInputs, InputBeforeVariadic, OtherSeedName, Callless),
]


@pytest.mark.parametrize("cls", FAULTY, ids=lambda cls: cls.__name__)
def test_a_signature_that_is_not_understood_is_reported_with_file_and_line(cls):
    with pytest.raises(PluginError) as caught:
        describe(cls)
    message = str(caught.value)
    assert cls.__name__ in message
    found = re.match(r"(.+):(\d+): ", message)
    assert found, message
    assert found[1] == __file__
    assert Path_lines(int(found[2])), message


def Path_lines(number: int) -> str:
    """The definition that a message points at."""
    with open(__file__) as file:
        line = file.read().splitlines()[number - 1]
    return line.strip().startswith(("def ", "class ", "@"))


def test_describing_something_odd_raises_nothing_but_pfy_errors():
    class Odd(Component, name="odd"):
        def __call__(self, a: Any) -> Any: ...

    with pytest.raises(PfyError):
        describe(Odd)


def test_a_port_reads_as_people_write_it():
    assert str(Port("audio.wave", "s", rate=16_000)) == "audio.wave (s) @ 16 kHz"
    assert str(Port("motion.face", "t 58", rate="fps")) == "motion.face (t 58) @ fps"
    assert str(Port("video.frames", rate=29.97)) == "video.frames @ 29.97 Hz"
    assert str(Port("text")) == "text"


@pytest.mark.parametrize("flags", [(), ("optional",), ("variadic",), ("stream",), ("optional", "stream")])
def test_a_port_spec_survives_its_manifest(flags):
    spec = PortSpec("x", Port("a.b", "t 3", 25.0, "uint8", (0.0, 255.0)), **dict.fromkeys(flags, True))
    assert PortSpec.from_dict(spec.as_dict()) == spec
