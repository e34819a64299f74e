"""Digests of values, and values written down and read back."""

import enum
import json
import math
import sys
import types
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pfy_core.digest import Unhashable, concatenate, decode, digest, encode, is_tensor, length
from pfy_core.kinds import Phone, VoiceProfile
from pfy_core.runner import memory_is_short

Point = namedtuple("Point", "x y")


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


@dataclass
class Nest:
    a: object
    b: object = None


@dataclass
class Outer:
    @dataclass
    class Inner:
        x: int = 1


@dataclass
class Counted:
    x: int
    twice: int = field(init=False)

    def __post_init__(self):
        self.twice = 2 * self.x


def again(value):
    arrays = {}
    data = json.loads(json.dumps(encode(value, arrays)))
    return decode(data, arrays)


def equal(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return equal(list(one), list(other)) and all(map(equal, one.values(), other.values()))
    if isinstance(one, Nest):
        return equal([one.a, one.b], [other.a, other.b])
    return one == other


dtypes = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="=")
    | hnp.unsigned_integer_dtypes(endianness="=")
    | hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64))
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | dtypes.flatmap(lambda d: hnp.from_dtype(d))
)
keys = st.text() | st.integers() | st.booleans() | st.none()
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.builds(Nest, inner, inner)
    ),
    max_leaves=8,
)


@given(values)
def test_a_value_reads_back_as_it_was_written(value):
    found = again(value)
    assert equal(found, value)
    assert digest(found) == digest(value)


@given(values, values)
def test_different_values_have_different_digests(one, other):
    if digest(one) == digest(other):
        assert equal(_lists(one), _lists(other))


def _lists(value):
    """Tuples as lists: whether a sequence is one or the other does not count."""
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    if isinstance(value, dict):
        return {key: _lists(value[key]) for key in sorted(value, key=repr)}
    if isinstance(value, Nest):
        return Nest(_lists(value.a), _lists(value.b))
    if isinstance(value, np.generic):
        return np.asarray(value)
    return value


def test_values_of_pfys_own_kinds_read_back():
    phone = Phone("a", 0.0, 0.1, 2)
    assert again([phone]) == [phone]
    profile = VoiceProfile(1.0, 120.0, 2.0, np.zeros(48, np.float32), -20.0, 40.0, ("short",))
    found = again(profile)
    assert np.array_equal(found.spectrum, profile.spectrum)
    assert found.notes == ("short",)


def test_memory_layout_does_not_count():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert digest(array) == digest(np.asfortranarray(array)) == digest(np.repeat(array, 2, axis=1)[:, ::2])
    assert equal(again(array.T), np.ascontiguousarray(array.T))


def test_shape_and_dtype_count():
    array = np.zeros(6, np.float32)
    found = {
        digest(array),
        digest(array.reshape(2, 3)),
        digest(array.view(np.int32)),
        digest(np.zeros(3, np.float64)),
    }
    assert len(found) == 4


def test_the_order_of_a_mapping_does_not_count_for_its_digest():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})


def test_whole_numbers_floats_and_booleans_are_different():
    assert len({digest(value) for value in (1, 1.0, True, "1", b"1", np.float32(1), np.int64(1))}) == 7


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        {1, 2},
        1j,
        iter([]),
        np.array([object()]),
        np.array([("a", 1)], dtype=[("x", object), ("y", int)]),
        [1, [object()]],
        {"a": object()},
        Nest(object()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_value_has_no_digest(value):
    with pytest.raises(Unhashable):
        digest(value)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1},
        b"bytes",
        Point(1, 2),
        Colour.RED,
        Level.LOW,
        OrderedDict(a=1),
        defaultdict(int),
        np.array(["text"]),
        np.array([1j]),
        np.array(["2001-01-01"], "datetime64[D]"),
        np.arange(3, dtype=">i4"),
        np.array([("a", 1)], dtype=[("x", "U1"), ("y", int)]),
        np.ma.masked_array([1, 2], [0, 1]),
        Outer.Inner(),
        Counted(2),
        np.str_("a"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_read_back_as_it_was_is_not_written(value):
    with pytest.raises(Unhashable):
        again([value])


def test_a_dataclass_of_a_function_is_not_written():
    @dataclass
    class Local:
        x: int

    with pytest.raises(Unhashable):
        again(Local(1))


@pytest.mark.parametrize(
    "name",
    [
        "os:environ",
        "subprocess:Popen",
        "antigravity:fly",
        "pfy_core.errors:PfyError",
        "pfy_core.kinds:Nothing",
        "pfy_core.kinds",
        ":",
        "json:dumps",
    ],
)
def test_nothing_but_known_dataclasses_is_made_when_reading(name):
    import sys

    with pytest.raises(ValueError, match=r"dataclass|installed plugin"):
        decode({"dataclass": name, "fields": {}}, {})
    assert "antigravity" not in sys.modules


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda i: (
            st.lists(i, max_size=2)
            | st.dictionaries(
                st.sampled_from(["v", "list", "tuple", "dict", "array", "dataclass", "fields", "scalar"])
                | st.text(),
                i,
                min_size=1,
                max_size=2,
            )
        ),
    )
)
def test_damaged_encodings_raise_ordinary_errors(data):
    try:
        decode(data, {})
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        pass


# Chunks -------------------------------------------------------------------------------------------


def test_chunks_of_arrays_join_along_the_first_dimension():
    assert np.array_equal(concatenate([np.ones((1, 2)), np.zeros((2, 2))]), [[1, 1], [0, 0], [0, 0]])


def test_chunks_of_lists_tuples_and_text_join():
    assert concatenate([[1], [2, 3], []]) == [1, 2, 3]
    assert concatenate([(1,), (2,)]) == (1, 2)
    assert concatenate(["a", "b"]) == "ab"


def test_joining_leaves_the_chunks_as_they_were():
    chunks = [[1], [2]]
    concatenate(chunks)
    assert chunks == [[1], [2]]


def test_a_single_chunk_is_the_value():
    value = object()
    assert concatenate([value]) is value


def test_chunks_that_cannot_be_joined_are_an_error():
    with pytest.raises(ValueError, match="without chunks"):
        concatenate([])
    with pytest.raises(TypeError, match="int cannot be joined"):
        concatenate([1, 2])


def test_length_is_along_the_first_dimension():
    assert (length(np.zeros((3, 4))), length([1, 2]), length("abc"), length(3.5)) == (3, 2, 3, 0)


# Torch --------------------------------------------------------------------------------------------


def test_tensors_are_values_too():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float32, torch.bfloat16, torch.int64, torch.bool, torch.float16):
        tensor = torch.arange(6).reshape(2, 3).to(dtype)
        assert digest(tensor) == digest(tensor.t().contiguous().t())
        found = again([tensor])[0]
        assert found.dtype == dtype
        assert torch.equal(found, tensor)
    assert torch.equal(concatenate([torch.ones(1, 2), torch.zeros(1, 2)]), torch.tensor([[1.0, 1], [0, 0]]))
    assert digest(torch.zeros(2)) != digest(np.zeros(2, np.float32))


def test_a_torch_that_another_thread_is_importing_is_not_there_yet(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    assert not is_tensor(np.zeros(3))
    assert digest(np.zeros(3)) == digest(np.zeros(3))
    assert memory_is_short() in (True, False)
