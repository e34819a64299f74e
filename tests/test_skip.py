"""Going on in the middle: rows that are there already are not computed again by who works row by row."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
import toys
from hypothesis import given
from hypothesis import strategies as st
from toys import CALLS, Frames, Motion, speech

from pfy_core import Decoder, Graph, Port, Runner
from pfy_core.component import ComponentSpec, describe
from pfy_core.errors import PluginError

TEXT = "a face that speaks at length about something or other"
WORDS, FPS = 10, 25
ROWS = WORDS * FPS // 10


class Paint(Decoder, name="paint", framewise=True):
    """As decoder/film, row by row; counts the rows that it is given."""

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Frames]:
        for rows in motion:
            CALLS["painted"] += len(rows)
            bright = (255 * np.clip(rows[:, 0], 0, 1)).astype(np.uint8)
            yield np.broadcast_to(bright[:, None, None, None], (len(rows), 4, 4, 3)).copy()


class Brighter(Decoder, name="brighter", framewise=True):
    """Frames, one brighter."""

    def __call__(self, frames: Iterator[Frames]) -> Iterator[Frames]:
        for chunk in frames:
            CALLS["brightened"] += len(chunk)
            yield chunk + np.uint8(1)


def graph() -> Graph:
    made = speech().add("paint", "decoder/paint", motion="move")
    return made.add("brighter", "decoder/brighter", frames="paint").output(frames="brighter", raw="paint")


def rows(graph, skip, outputs=("frames", "wave"), store=None):
    """What a run that leaves out rows gives for each output, and its trace."""
    runner = Runner(graph, catalogue=toys.catalogue(Paint, Brighter), store=store)
    with runner({"text": TEXT}, outputs=outputs, skip=lambda run: skip) as run:
        found = {name: [row for chunk in run[name] for row in chunk] for name in outputs}
        run.wait()
    return found, run.trace.nodes


@given(st.integers(0, ROWS + 5))
def test_the_rest_of_the_rows_is_the_same_and_no_others_are_computed(skip):
    whole = rows(graph(), {})[0]
    CALLS.clear()
    rest = rows(graph(), {"frames": skip})[0]
    assert len(whole["frames"]) == ROWS
    assert np.array_equal(rest["frames"], whole["frames"][skip:])
    assert np.array_equal(rest["wave"], whole["wave"])
    assert CALLS["painted"] == CALLS["brightened"] == max(0, ROWS - skip)


def test_who_works_row_by_row_begins_where_the_first_reader_wants_it():
    found = rows(graph(), {"frames": 9, "raw": 4}, outputs=("frames", "raw"))[0]
    assert (len(found["frames"]), len(found["raw"])) == (ROWS - 9, ROWS - 4)
    assert (CALLS["brightened"], CALLS["painted"]) == (ROWS - 9, ROWS - 4)


def test_rows_that_the_user_gave_are_left_out_as_well():
    given = Graph("take").input("motion", "toy.motion").add("paint", "decoder/paint", motion="$motion")
    runner = Runner(given.output(frames="paint"), catalogue=toys.catalogue(Paint))
    motion = np.linspace(0, 1, 40, dtype=np.float32)[:, None].repeat(4, 1)
    found = {}
    for skip in (0, 25):
        with runner({"motion": motion}, skip=lambda run, skip=skip: {"frames": skip}) as run:
            found[skip] = np.concatenate(list(run["frames"]))
            run.wait()
    assert len(found[0]) == 40
    assert np.array_equal(found[25], found[0][25:])


def test_of_another_component_the_rows_are_computed_and_left_out():
    plain = speech()
    whole, rest = rows(plain, {})[0], rows(plain, {"frames": 7})[0]
    assert np.array_equal(rest["frames"], whole["frames"][7:])


def test_half_a_result_is_never_stored(store):
    latent = Annotated[np.ndarray, Port("toy.motion", "t 4", rate="fps", dtype="float32")]

    class Double(Decoder, name="double", framewise=True):
        def __call__(self, motion: Iterator[latent]) -> Iterator[latent]:
            for chunk in motion:
                yield 2 * chunk

    made = speech().add("double", "decoder/double", motion="move").output(double="double")

    def doubled(skip):
        runner = Runner(made, catalogue=toys.catalogue(Double), store=store)
        with runner({"text": TEXT}, outputs=["double"], skip=lambda run: {"double": skip}) as run:
            found = np.concatenate([*run["double"]])
            run.wait()
            return found, run.trace.nodes["double"].state

    rest, state = doubled(5)
    assert (len(rest), state) == (ROWS - 5, "not stored")
    whole, state = doubled(0)
    assert (len(whole), state) == (ROWS, "stored")
    again, state = doubled(5)
    assert state == "reused"
    assert np.array_equal(again, whole[5:])
    assert np.array_equal(again, rest)


def test_a_component_whose_streams_do_not_keep_step_is_not_framewise():
    other = Annotated[np.ndarray, Port("toy.motion", "t 4", rate=50, dtype="float32")]

    class Skewed(Decoder, name="skewed", framewise=True):
        def __call__(self, motion: Iterator[Motion]) -> Iterator[other]:
            yield from motion

    with pytest.raises(PluginError, match="do not keep step"):
        describe(Skewed)


def test_a_manifest_says_who_is_framewise():
    spec = describe(Paint)
    assert spec.framewise
    assert ComponentSpec.from_dict(spec.as_dict()) == spec
    assert "framewise" not in describe(toys.Film).as_dict()
