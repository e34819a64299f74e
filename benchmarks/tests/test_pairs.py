"""Two folders of videos in pairs: whatever is in them, every file is in exactly one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_bench.pairs import pairs
from pfy_core import InputError


def folder(root, name, files):
    for file in files:
        (root / name / file).parent.mkdir(parents=True, exist_ok=True)
        (root / name / file).touch()
    return root / name


def matched(root, real, fake):
    real, fake = folder(root, "real", real), folder(root, "fake", fake)
    return [
        (
            pair.name,
            pair.real and pair.real.relative_to(real).as_posix(),
            pair.fake and pair.fake.relative_to(fake).as_posix(),
            pair.problem,
        )
        for pair in pairs(real, fake)
    ]


def test_paths_match_whatever_their_suffixes(tmp_path):
    assert matched(tmp_path, ["a/1.mp4", "b/1.mov", "b/.2.mp4", "c.txt"], ["b/1.webm", "a/1.MP4"]) == [
        ("a/1", "a/1.mp4", "a/1.MP4", ""),
        ("b/1", "b/1.mov", "b/1.webm", ""),
    ]


def test_names_match_where_paths_do_not(tmp_path):
    assert matched(tmp_path, ["anna/x.v1.mp4", "ben/y.mp4"], ["x.v1.mp4", "out/y.mp4"]) == [
        ("anna/x.v1", "anna/x.v1.mp4", "x.v1.mp4", ""),
        ("ben/y", "ben/y.mp4", "out/y.mp4", ""),
    ]


def test_a_path_goes_before_a_name(tmp_path):
    assert [row[1:3] for row in matched(tmp_path, ["x.mp4", "a/x.mp4"], ["x.mp4", "b/x.mp4"])] == [
        ("a/x.mp4", "b/x.mp4"),
        ("x.mp4", "x.mp4"),
    ]


def test_what_has_no_partner_says_so_on_either_side(tmp_path):
    one, two = matched(tmp_path, ["a.mp4"], ["b.mp4"])
    assert one[:3] == ("a", "a.mp4", None)
    assert two[:3] == ("b", None, "b.mp4")
    assert one[3] == f"nothing in {tmp_path / 'fake'} is called a"
    assert two[3] == f"nothing in {tmp_path / 'real'} is called b"


@pytest.mark.parametrize(
    ("real", "fake", "many"),
    [
        (["p/x.mp4", "q/x.mp4"], ["x.mp4"], "p/x or q/x"),
        (["x.mp4"], ["p/x.mp4", "q/x.mp4"], "p/x or q/x"),
        (["x.mp4"], ["x.mov", "x.webm"], "x.mov or x.webm"),
    ],
)
def test_nobody_guesses_between_several_partners(tmp_path, real, fake, many):
    found = matched(tmp_path, real, fake)
    assert len(found) == 3
    assert {row[3] for row in found} == {f"{many}: which belongs to x cannot be told by the names"}


FILES = st.sets(
    st.builds(
        lambda *parts: f"{parts[0]}{parts[1]}{parts[2]}",
        st.sampled_from(["", "a/", "b/", "a/b/"]),
        st.sampled_from(["1", "2", "x.y"]),
        st.sampled_from([".mp4", ".mov", ".txt"]),
    ),
    min_size=1,
)


@given(FILES, FILES)
def test_every_video_is_in_one_pair_and_a_pair_is_two_or_has_a_problem(real, fake):
    with TemporaryDirectory() as root:
        try:
            found = pairs(folder(Path(root), "real", real), folder(Path(root), "fake", fake))
        except InputError:
            assert not all(any(not name.endswith(".txt") for name in names) for names in (real, fake))
            return
        for side, names in (("real", real), ("fake", fake)):
            taken = [getattr(pair, side) for pair in found if getattr(pair, side)]
            wanted = sorted(Path(root) / side / name for name in names if not name.endswith(".txt"))
            assert sorted(taken) == wanted
        for pair in found:
            assert bool(pair.problem) == (pair.real is None or pair.fake is None)
            assert pair.problem or pair.real.stem == pair.fake.stem
        assert found == sorted(found, key=lambda pair: pair.name)


def test_folders_that_cannot_be_compared_are_refused(tmp_path):
    good = folder(tmp_path, "good", ["a.mp4"])
    empty = folder(tmp_path, "empty", ["a.txt"])
    for real, fake, told in (
        (tmp_path / "no", good, "--real .* is not there"),
        (good, good / "a.mp4", "--fake .* is a file"),
        (good, empty, "--fake .* has no video"),
        (good, good, "are both"),
    ):
        with pytest.raises(InputError, match=told):
            pairs(real, fake)
