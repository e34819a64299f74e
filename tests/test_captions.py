"""Captions: the words stand in the picture while they are spoken, and only there."""

import itertools

import numpy as np
import pytest

from pfy_core import InputError
from pfy_core.adapters.captions import Captions
from pfy_core.kinds import Word

FPS = 10.0
WORDS = [
    Word("Good", 0.5, 0.8),
    Word("morning.", 0.8, 1.2),
    Word("Second", 2.5, 2.9),
    Word("line.", 2.9, 3.2),
]


def grey(count, height=120, width=160, channels=3):
    return np.full((count, height, width, channels), 100, np.uint8)


def drawn(frames, words=(WORDS,), cut=(40,), **options):
    edges = [0, *cut, len(frames)]
    chunks = [frames[a:b] for a, b in itertools.pairwise(edges) if b > a]
    return np.concatenate(list(Captions(fps=FPS, **options)(iter(chunks), iter(words))))


def shown(frames):
    return (frames[..., :3] != 100).any(axis=(1, 2, 3))


def test_text_is_shown_while_it_is_spoken_and_half_a_second_longer():
    found = shown(drawn(grey(45)))
    times = np.arange(45) / FPS
    wanted = ((times >= 0.5) & (times < 1.7)) | ((times >= 2.5) & (times < 3.7))
    assert (found == wanted).all()


def test_another_cue_is_another_picture():
    found = drawn(grey(45))
    assert (found[8] != found[28]).any()
    assert (found[6] == found[12]).all()


@pytest.mark.parametrize(("place", "rows"), [("bottom", np.s_[60:]), ("top", np.s_[:60])])
def test_text_stays_in_its_place_and_off_the_edges(place, rows):
    changed = (drawn(grey(10), place=place)[8] != 100).any(axis=-1)
    assert changed.any()
    assert changed[rows].sum() == changed.sum()
    assert not changed[:, :6].any()
    assert not changed[:, -6:].any()
    assert not changed[:4].any()
    assert not changed[-4:].any()


def test_letters_are_light_on_a_dark_rim():
    frame = drawn(grey(10), size=0.2)[8]
    assert (frame == 255).all(-1).sum() > 20
    assert (frame == 0).all(-1).sum() > 20


def test_a_long_line_is_set_smaller_until_it_fits():
    words = [Word("Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk.", 0.0, 1.0)]
    changed = (drawn(grey(5), [words], size=0.3)[2] != 100).any(axis=-1)
    assert changed.any()
    assert not changed[:, 0].any()
    assert not changed[:, -1].any()


def test_text_is_opaque_on_a_transparent_frame():
    frames = grey(10, channels=4)
    frames[..., 3] = 0
    found = drawn(frames)[8]
    assert found[..., 3].max() == 255
    assert found[..., 3].min() == 0


def test_the_frames_it_is_given_stay_as_they_are():
    frames = grey(10)
    drawn(frames)
    assert (frames == 100).all()


def test_words_and_frames_in_other_pieces_give_the_same():
    whole = drawn(grey(45))
    assert (drawn(grey(45), [[word] for word in WORDS], cut=(1, 7, 8, 30)) == whole).all()
    assert (drawn(grey(45), [[], WORDS[:1], [], WORDS[1:]], cut=()) == whole).all()


def test_no_more_words_are_asked_for_than_the_time_needs():
    def words():
        yield WORDS[:2]
        raise AssertionError("the second sentence was asked for")

    captions = Captions(fps=FPS)(iter([grey(10), grey(10)]), words())
    assert shown(next(captions)).any()
    with pytest.raises(AssertionError):
        next(captions)


def test_without_words_nothing_is_drawn():
    assert not shown(drawn(grey(10), [])).any()
    assert not shown(drawn(grey(10), [[]])).any()


@pytest.mark.parametrize("options", [{"size": 0.0}, {"size": 1.0}, {"font": "/nowhere/a.ttf"}])
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        Captions(fps=FPS, **options)


def test_a_file_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "a.ttf").write_text("no font")
    with pytest.raises(InputError, match="font"):
        Captions(fps=FPS, font=str(tmp_path / "a.ttf"))
