import bench_videos
import numpy as np
import pytest
import yaml

from pfy_bench.bench import Bench
from pfy_bench.corpora import Clip, Folders
from pfy_bench.making import speech
from pfy_bench.pairs import pairs
from pfy_bench.suite import Suite
from pfy_core.errors import InputError


def bench(tmp_path, text=bench_videos.SOUND, names=("a",)):
    real, made = bench_videos.folders(tmp_path, names)
    return Bench(
        Suite.from_dict(yaml.safe_load(text)), [], Folders({"made": pairs(real, made)}), tmp_path / "run"
    )


def test_the_speech_that_a_graph_gets_is_of_the_part_that_is_meant(tmp_path):
    file = bench_videos.write(tmp_path / "a.mp4")
    wave, rate = speech(Clip("a", file, start=0.2, seconds=0.5))
    assert len(wave) == rate / 2
    assert np.abs(wave).max() > 0
    assert speech(Clip("a", file)) == str(file)
    with pytest.raises(InputError, match="no sound"):
        speech(Clip("a", bench_videos.write(tmp_path / "still.mp4", sound=False), seconds=1.0))


def test_words_of_a_clip_of_which_a_part_is_scored_are_left_out(tmp_path):
    bench_videos.write(tmp_path / "real" / "a.mp4", seconds=1.2)
    (tmp_path / "real" / "a.txt").write_text("All of\n it.")
    whole = bench(tmp_path)
    assert whole._real(whole.corpus.clip("a")).text == "All of it."
    part = bench(tmp_path, bench_videos.SOUND.replace("seconds: 4", "seconds: 0.5"))
    assert part._real(part.corpus.clip("a")).text == ""


def test_words_that_are_no_text_are_an_error_of_that_clip(tmp_path):
    found = bench(tmp_path)
    (tmp_path / "real" / "a.txt").write_bytes("für".encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.txt"):
        found.corpus.clip("a")


def test_clips_in_one_folder_are_of_one_person(tmp_path):
    found = bench(tmp_path, names=("anna/1", "anna/2", "ben"))
    assert [found.corpus.clip(name).identity for name in found.corpus.items] == ["anna", "anna", "ben"]
