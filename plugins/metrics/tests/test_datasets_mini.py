"""The dataset that is made here: real clips of the embedded default, made once and whole."""

from pathlib import Path

import homes
import numpy as np
import pytest

from pfy_core import InputError
from pfy_core.catalogue import Catalogue
from pfy_core.errors import OutputError, PluginError
from pfy_core.media import clip, video
from pfy_core.record import NOTICE
from pfy_plugin_metrics.datasets import mini
from pfy_plugin_metrics.datasets.mini import HEAD, SENTENCES, SPEAKERS, Mini, face, sentence

MOST = len(SPEAKERS) * len(SENTENCES)


def test_no_speaker_says_a_sentence_twice_and_four_clips_have_four_speakers_and_sentences():
    said = [(number % len(SPEAKERS), sentence(number)) for number in range(MOST)]
    assert len(set(said)) == MOST
    assert len({words for _, words in said[:4]}) == 4


def test_faces_are_squares_and_no_two_are_the_same():
    made = [face(speaker) for speaker in SPEAKERS]
    assert all(one.shape[0] == one.shape[1] >= HEAD[0].stop - HEAD[0].start - 40 for one in made)
    assert all(one.flags.c_contiguous and one.dtype == np.uint8 for one in made)
    assert len({one.tobytes() for one in made}) == len(made)


@pytest.mark.parametrize("number", [0, MOST + 1])
def test_there_are_so_many_clips(number):
    with pytest.raises(InputError, match=f"{number} clips"):
        Mini(clips=number)


def test_without_its_plugins_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(mini, "installed", Catalogue)
    with pytest.raises(PluginError) as caught:
        Mini()
    assert "dataset/mini is made by the graph portrait" in caught.value.sends
    assert "decoder/speech" in caught.value.sends
    assert "pip install" in caught.value.fix


def test_another_recipe_is_another_folder(monkeypatch):
    before = Mini(clips=1)._folder
    monkeypatch.setitem(mini.BASE, "head", "still")
    assert Mini(clips=1)._folder != before


def test_a_clip_that_fails_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(homes.with_weights(tmp_path)))
    made = Mini(clips=2)

    def fails(speaker, item, path):
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(made, "_reference", lambda speaker: None)
    monkeypatch.setattr(made, "_narrate", fails)
    with pytest.raises(OutputError, match="No space left"):
        made(1)
    assert sorted(file.name for file in made._folder.iterdir()) == ["0001.txt"]


@pytest.mark.slow
def test_a_clip_is_filmed_speech_with_its_words_and_is_made_once(tmp_path, monkeypatch):
    made = Mini(clips=1)
    one = made(0)
    assert (one.name, one.identity, one.text) == ("0000", "astronaut", SENTENCES[0])
    assert one.photo.shape == (256, 256, 3)
    assert 2 < one.seconds < 4
    assert 4 < len(one.voice) / 24_000 < 10
    whole = clip.read(one.file)
    assert abs(whole.seconds - one.seconds) < 0.1
    assert np.abs(whole.frames[30].astype(int) - whole.frames[0]).mean() > 1, "nothing moves"
    assert np.abs(whole.wave).max() > 0.1
    assert video.probe(one.file)["metadata"]["comment"] == NOTICE
    written = Path(one.file).stat()
    again = Mini(clips=3)(0)
    assert (again.file, Path(again.file).stat().st_mtime_ns) == (one.file, written.st_mtime_ns)

    (tmp_path / "weights").symlink_to(made._folder.parents[1] / "weights")
    monkeypatch.setenv("PFY_HOME", str(tmp_path))
    elsewhere = Mini(clips=1)(0)
    assert str(tmp_path) in elsewhere.file
    other = clip.read(elsewhere.file)
    assert np.array_equal(other.frames, whole.frames)
    assert np.array_equal(other.wave, whole.wave)
    assert np.array_equal(elsewhere.voice, one.voice)
