"""Config of a component, validated against its manifest."""

from typing import Literal

import pytest
import toys
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import Encoder
from pfy_core.component import ComponentSpec, ConfigField, describe
from pfy_core.config import parse_type, validate
from pfy_core.errors import PluginError

MOVE = describe(toys.Move)


class Everything(Encoder, name="everything"):
    def __init__(
        self,
        needed: int,
        *,
        share: float = 0.5,
        label: str = "a",
        on: bool = False,
        mode: Literal["fast", "fine"] = "fast",
        maybe: float | None = None,
        sizes: tuple[int, ...] = (1, 2),
        names: list[str] | None = None,
        table: dict[str, float] | None = None,
    ) -> None: ...

    def __call__(self, text: toys.Text) -> toys.Text: ...


EVERYTHING = describe(Everything)


def faults(spec, **given):
    return dict(validate(spec, given)[1])


def test_defaults_fill_what_is_not_given():
    assert validate(MOVE, {"gain": 2}) == ({"fps": 25.0, "style": "calm", "gain": 2.0}, [])


def test_text_becomes_a_number_where_a_number_is_wanted():
    made, found = validate(EVERYTHING, {"needed": "3", "share": "1e-3", "on": "true"})
    assert not found
    assert (made["needed"], made["share"], made["on"]) == (3, 0.001, True)


def test_containers_come_as_the_plain_python_types_that_were_declared():
    made, found = validate(EVERYTHING, {"needed": 1, "sizes": [3], "names": ["a"], "table": {"x": 1}})
    assert not found
    assert (made["sizes"], made["names"], made["table"]) == ((3,), ["a"], {"x": 1.0})
    assert (type(made["sizes"]), type(made["names"]), type(made["table"])) == (tuple, list, dict)


def test_a_default_that_is_a_sequence_is_kept():
    assert validate(EVERYTHING, {"needed": 1})[0]["sizes"] == (1, 2)


def test_a_misspelt_option_is_told_the_right_one():
    assert "fps" in faults(MOVE, fpss=3)["fpss"]
    assert "Did you mean: 'fps'" in faults(MOVE, fpss=3)["fpss"]


def test_an_unknown_option_with_no_likeness_is_still_named():
    assert "zebra" in faults(MOVE, zebra=3)["zebra"]


def test_every_fault_is_reported_and_the_good_values_are_kept():
    made, found = validate(MOVE, {"fps": "fast", "style": "wild", "gain": 0.5, "zebra": 1})
    assert {key for key, _ in found} == {"fps", "style", "zebra"}
    assert made == {"fps": 25.0, "style": "calm", "gain": 0.5}


def test_a_required_option_that_is_absent_is_a_fault():
    assert faults(EVERYTHING) == {"needed": "a value is required"}


@pytest.mark.parametrize("value", ["${nowhere}", "${oc.env:HOME}", "a ${b", "\\${a}", "$", "{}"])
def test_text_that_looks_like_an_interpolation_is_just_text(value):
    made, found = validate(EVERYTHING, {"needed": 1, "label": value})
    assert (made["label"], found) == (value, [])


def test_three_question_marks_stand_for_no_value():
    made, found = validate(EVERYTHING, {"needed": "???", "label": "???"})
    assert found == [("needed", "a value is required")]
    assert made["label"] == "a"


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j, {"a": {"b": object()}}, float("inf"), ..., int])
def test_a_value_of_no_known_type_is_reported(value):
    for key in ("needed", "sizes", "mode"):
        assert key in faults(EVERYTHING, **{"needed": 1, key: value})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from([item.name for item in EVERYTHING.config]) | st.text()


@given(st.dictionaries(keys, values, max_size=4))
def test_validation_never_raises_and_names_each_fault(given):
    made, found = validate(EVERYTHING, given)
    names = {item.name for item in EVERYTHING.config}
    assert set(made) <= names
    assert set(given) - names <= {key for key, _ in found}
    assert all(key in names | set(given) and message for key, message in found)


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "float | None",
        "list[int]",
        "dict[str, float]",
        "tuple[int, ...]",
        "tuple[int, float]",
        "Literal['a', 2]",
        "Any",
    ],
)
def test_types_of_manifests_are_read(text):
    assert parse_type(text) is not None


@pytest.mark.parametrize(
    "text", ["", "Path", "set[int]", "__import__('os')", "list[", "int()", "a.b", "1", "Literal[x]"]
)
def test_other_types_are_refused_and_nothing_is_evaluated(text):
    with pytest.raises(PluginError, match="not understood"):
        parse_type(text)


@given(st.text() | st.text(alphabet="intflos[]|,. 'LiteralNone()", max_size=30))
def test_any_type_text_is_read_or_refused(text):
    try:
        parse_type(text)
    except PluginError:
        pass


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("int", None),
        ("int", "many"),
        ("float", [1]),
        ("Literal['a']", "b"),
        ("list[int]", "x"),
        ("dict[str, int]", None),
    ],
)
def test_a_default_that_does_not_fit_its_type_is_the_plugins_fault(type_, default):
    spec = ComponentSpec("encoder/x", "m:C", config=(ConfigField("a", type_, default),))
    with pytest.raises(PluginError, match="encoder/x"):
        validate(spec, {})


def test_config_is_not_shared_between_nodes():
    spec = ComponentSpec("encoder/x", "m:C", config=(ConfigField("a", "list[int]", [1, 2]),))
    validate(spec, {})[0]["a"].append(9)
    assert validate(spec, {})[0]["a"] == [1, 2]
