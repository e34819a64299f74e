"""A folder's films: who is in them, who is held out, and which share a shard."""

from pathlib import Path

import pytest
from films import tone
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_data.prepare.films import TOGETHER, Film, digest, films, groups, split


def listed(people):
    return [Film(f"{name}/{n}.mp4", Path(name), name, seconds) for n, (name, seconds) in enumerate(people)]


def test_films_are_listed_with_their_people_and_what_is_wrong_with_them(tmp_path):
    tone(tmp_path / "ann" / "a.mp4", 1)
    tone(tmp_path / "b.mp4", 1)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "x.mp4").write_bytes(b"nonsense")
    (tmp_path / "bob" / "notes.txt").write_text("not a film")
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "y.mp4").write_bytes(b"hidden")
    found = films(tmp_path)
    assert [(film.name, film.identity) for film in found] == [
        ("ann/a.mp4", "ann"),
        ("b.mp4", "b"),
        ("bob/x.mp4", "bob"),
    ]
    assert [bool(film.problem) for film in found] == [False, False, True]
    assert found[0].seconds == pytest.approx(1, abs=0.1)
    assert "x.mp4" in found[2].problem
    before = digest(found)
    tone(tmp_path / "b.mp4", 2)
    assert digest(films(tmp_path)) != before


def test_a_pattern_tells_who_it_is(tmp_path):
    tone(tmp_path / "id07-a.mp4", 1)
    tone(tmp_path / "x.mp4", 1)
    found = films(tmp_path, r"(id\d+)-")
    assert (found[0].identity, found[0].problem) == ("id07", "")
    assert "finds nobody" in found[1].problem


@pytest.mark.parametrize(("where", "pattern"), [("", ""), ("absent", ""), ("", "(")])
def test_no_films_and_no_pattern_are_told(tmp_path, where, pattern):
    if pattern:
        tone(tmp_path / "a.mp4", 1)
    with pytest.raises(InputError):
        films(tmp_path / where, pattern)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(1, 900)), min_size=1), st.floats(0, 0.4))
def test_nobody_is_in_two_splits_and_every_film_is_in_one_shard(people, share):
    found = listed(people)
    of = split(found, share)
    made = groups(found, of)
    assert sorted(film.name for group in made for film in group.films) == sorted(film.name for film in found)
    assert all(of[film.identity] == group.split for group in made for film in group.films)
    assert all(
        len(group.films) == 1 or sum(film.seconds for film in group.films) <= TOGETHER for group in made
    )
    assert "train" in of.values()
    if share > 0 and len(of) >= 3:
        assert set(of.values()) == {"train", "validation", "test"}


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=120), st.text(min_size=1, max_size=120))
def test_keys_fit_a_tar_and_are_unique(one, other):
    keys = [Film(f"{name}.mp4", Path(), "").key for name in (one, other)]
    assert all(len(key) < 90 and key.isascii() and "." not in key and "/" not in key for key in keys)
    assert (keys[0] == keys[1]) == (one == other)


def test_a_share_that_leaves_nobody_is_told():
    with pytest.raises(InputError, match="hold-out"):
        split(listed([("a", 1)]), 0.5)
