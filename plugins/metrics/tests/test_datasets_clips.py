"""Folders of videos as a dataset: every video an item, and what cannot be used says why when asked for."""

from pathlib import Path

import numpy as np
import pytest
from recordings import film, recorded, tones

from pfy_core import InputError
from pfy_core.events import watching
from pfy_core.media import clip, video
from pfy_plugin_metrics.datasets.clips import Clips
from pfy_plugin_metrics.datasets.layouts import filmed


def toned(path, seconds, hertz=220.0):
    """A video whose sound is a tone, by which a part of it is known again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * 24_000)) / 24_000
    wave = 0.4 * np.sin(2 * np.pi * (hertz + 20 * time) * time).astype(np.float32)
    video.write(path, [film(round(seconds * 25))], 25.0, [wave], 24_000)
    return path


def names(folder, **config):
    clips = Clips(folder=str(folder), **config)
    return [(one.name, one.identity) for one in clips._listed]


# What is listed -----------------------------------------------------------------------------------


def test_every_video_of_the_tree_is_an_item_in_order_and_no_file_is_opened_for_it(tmp_path):
    for name in ("b/2.mp4", "a/10.MP4", "a/9.webm", "c.mkv", ".hidden/3.mp4", "a/.4.mp4", "a/note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no video")
    assert len(Clips(folder=str(tmp_path))) == 4
    assert names(tmp_path) == [("a/10", "a"), ("a/9", "a"), ("b/2", "b"), ("c", "c")]


def test_videos_that_differ_by_their_suffix_alone_keep_it_in_their_names(tmp_path):
    for name in ("a.mp4", "a.mov", "b.mp4"):
        (tmp_path / name).write_bytes(b"")
    assert [name for name, _ in names(tmp_path)] == ["a.mov", "a.mp4", "b"]


def test_a_pattern_tells_the_identity_and_clips_that_it_does_not_fit_say_so(tmp_path):
    for name in ("x/anna_1.mp4", "x/ben_1.mp4", "x/0.mp4"):
        filmed(tmp_path / name, 0.2)
    clips = Clips(folder=str(tmp_path), identity=r"([a-z]+)_\d")
    assert [one.identity for one in clips._listed] == ["", "anna", "ben"]
    with pytest.raises(InputError, match=r"finds no identity in x/0\.mp4"):
        clips(0)
    assert clips(1).identity == "anna"


@pytest.mark.parametrize("make", [lambda path: None, Path.touch, Path.mkdir])
def test_a_folder_without_videos_is_refused_with_what_is_there(tmp_path, make):
    make(tmp_path / "data")
    with pytest.raises(InputError) as caught:
        Clips(folder=str(tmp_path / "data"))
    assert "data" in caught.value.sends
    assert ".mp4" in caught.value.wants


def test_a_folder_of_other_things_names_them(tmp_path):
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match=r"found photo\.jpg, sub/"):
        Clips(folder=str(tmp_path))


@pytest.mark.parametrize("wrong", [{"seconds": 0.0}, {"seconds": float("nan")}, {"identity": "("}])
def test_options_that_make_no_sense_are_refused(tmp_path, wrong):
    filmed(tmp_path / "a.mp4", 0.2)
    with pytest.raises(InputError):
        Clips(folder=str(tmp_path), **wrong)


# What an item is ----------------------------------------------------------------------------------


def test_an_item_is_the_beginning_of_its_video_and_its_first_frame(tmp_path):
    path = filmed(tmp_path / "anna" / "1.mp4", 2.0)
    made = Clips(folder=str(tmp_path), seconds=1.5)(0)
    assert (made.name, made.identity, made.file) == ("anna/1", "anna", str(path.resolve()))
    assert (made.start, made.seconds, made.text) == (0.0, 1.5, "")
    assert np.array_equal(made.photo, clip.read(path).frames[0])


@pytest.mark.parametrize("number", [-1, 1])
def test_an_item_that_is_not_there_is_refused(tmp_path, number):
    filmed(tmp_path / "a.mp4", 0.2)
    with pytest.raises(InputError, match="0 to 0"):
        Clips(folder=str(tmp_path))(number)


def broken(folder, name):
    if name == "silent":
        video.write(folder / "a.mp4", [film(50)], 25.0, [np.zeros(48_000, np.float32)], 24_000)
    elif name == "no picture":
        recorded(folder, "m4a", tones(1.0, 16_000), 16_000).rename(folder / "a.mp4")
    elif name == "cut":
        whole = filmed(folder / "a.mp4", 1.0)
        whole.write_bytes(whole.read_bytes()[:500])
    else:
        (folder / "a.mp4").write_bytes(b"")


@pytest.mark.parametrize("name", ["silent", "no picture", "cut", "empty"])
def test_what_cannot_be_used_is_an_item_that_says_why(tmp_path, name):
    broken(tmp_path, name)
    filmed(tmp_path / "b.mp4", 0.2)
    clips = Clips(folder=str(tmp_path))
    assert len(clips) == 2
    with pytest.raises(InputError, match=r"a\.mp4"):
        clips(0)
    assert clips(1).name == "b"


# The voice ----------------------------------------------------------------------------------------


def alike(one, other):
    count = min(len(one), len(other))
    return np.corrcoef(one[:count], other[:count])[0, 1]


def test_the_voice_is_cut_from_behind_the_part(tmp_path):
    path = toned(tmp_path / "a.mp4", 6.0)
    voice = Clips(folder=str(tmp_path), seconds=2.0)(0).voice
    assert (len(voice), voice.dtype) == (96_000, np.float32)
    assert alike(voice, clip.wave(path, rate=24_000, start=2.0, seconds=4.0)) > 0.99


def test_a_clip_with_too_little_left_has_its_voice_from_another_one_of_the_same_identity(tmp_path):
    toned(tmp_path / "anna" / "1.mp4", 3.0)
    other = toned(tmp_path / "anna" / "2.mp4", 4.0, 330)
    toned(tmp_path / "ben" / "1.mp4", 4.0, 440)
    (tmp_path / "anna" / "3.mp4").write_bytes(b"no video")
    voice = Clips(folder=str(tmp_path), seconds=2.0)(0).voice
    assert alike(voice, clip.wave(other, rate=24_000, seconds=4.0)) > 0.99


def test_a_clip_of_somebody_seen_once_has_its_own_voice_and_a_note(tmp_path):
    path = toned(tmp_path / "anna" / "1.mp4", 2.0)
    toned(tmp_path / "ben" / "1.mp4", 4.0, 440)
    notes = []
    with watching(lambda event: notes.append(event.text)):
        voice = Clips(folder=str(tmp_path))(0).voice
    assert alike(voice, clip.wave(path, rate=24_000, seconds=2.0)) > 0.99
    assert notes == ["anna/1: the reference voice is of the clip itself, anna has no other"]


def test_silence_is_nobodys_voice(tmp_path):
    """The clip goes on for long enough, but in silence."""
    wave = np.concatenate([tones(2.0, 24_000)[0], np.zeros(96_000, np.float32)])
    video.write(tmp_path / "a.mp4", [film(150)], 25.0, [wave], 24_000)
    assert np.abs(Clips(folder=str(tmp_path), seconds=2.0)(0).voice).max() > 0.3
