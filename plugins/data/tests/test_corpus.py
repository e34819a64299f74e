"""A corpus's folder: gone on with by the command that began it, and by no other."""

import json

import pytest
from corpora import shard

from pfy_core import InputError
from pfy_plugin_data.corpus import Corpus
from pfy_plugin_data.shards import digest_of

MADE_BY = {"command": "test", "clips": 3}


def test_it_says_what_it_is(tmp_path):
    corpus = Corpus(tmp_path / "c", "tones", MADE_BY, {"consent": "nobody"})
    assert not corpus.has("train/000000.tar")
    file = shard(tmp_path / "c" / "train")
    assert corpus.has("train/000000.tar")
    assert json.loads((tmp_path / "c" / "corpus.json").read_text())["complete"] is False
    made = corpus.finish()
    assert made == json.loads((tmp_path / "c" / "corpus.json").read_text())
    assert made["complete"] is True
    assert made["splits"] == {
        "train": {
            "clips": 3,
            "seconds": 1.2,
            "voices": ["tuning-fork"],
            "faces": ["drawing"],
            "shards": {"000000.tar": digest_of(file)},
        }
    }
    assert not (tmp_path / "c" / "test").exists()


def test_what_a_killed_run_left_half_written_is_removed(tmp_path):
    Corpus(tmp_path, "tones", MADE_BY, {})
    (tmp_path / "train" / ".000000.tar.123.part").write_bytes(b"half")
    Corpus(tmp_path, "tones", MADE_BY, {})
    assert not list((tmp_path / "train").iterdir())


def test_another_command_is_told_what_made_the_corpus(tmp_path):
    Corpus(tmp_path, "tones", MADE_BY, {})
    with pytest.raises(InputError, match="was made with clips 3"):
        Corpus(tmp_path, "tones", MADE_BY | {"clips": 4}, {})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 99, "made_by": {}}', "[" * 100_000])
def test_a_corpus_that_cannot_be_understood_is_named(tmp_path, content):
    (tmp_path / "corpus.json").write_text(content)
    with pytest.raises(InputError, match=r"corpus\.json cannot be understood"):
        Corpus(tmp_path, "tones", MADE_BY, {})


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        Corpus(tmp_path, "tones", MADE_BY, {})
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="is a file"):
        Corpus(tmp_path / "thesis.txt", "tones", MADE_BY, {})
