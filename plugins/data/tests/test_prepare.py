"""``pfy data prepare``: films to a corpus, what cannot be used named, and nothing made twice."""

import json
import shutil

import numpy as np
import pytest
from films import SAID, talking, tone

from pfy_core import InputError
from pfy_core.kinds import MOTION_INDEX
from pfy_core.media import clip
from pfy_plugin_data.prepare.clips import Wish
from pfy_plugin_data.prepare.make import prepare
from pfy_plugin_data.shards import Shards

OPEN, BEHIND = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Films of Ann, who talks, and what is broken in four ways; ``known`` is Ann's motion."""
    folder = tmp_path_factory.mktemp("films")
    known = talking(folder / "ann" / "talks.mp4")
    (folder / "ann" / "talks.txt").write_text(SAID)
    whole = (folder / "ann" / "talks.mp4").read_bytes()
    (folder / "ann" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "bob").mkdir()
    (folder / "bob" / "text.mp4").write_text("nonsense")
    tone(folder / "bob" / "nobody.mp4")
    shutil.copy(folder / "ann" / "talks.mp4", folder / "bob" / "subtitled.mp4")
    (folder / "bob" / "subtitled.srt").write_text("no times")
    return folder, known


@pytest.fixture(scope="module")
def corpus(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "corpus"
    made, report = prepare(
        folder[0], out, wish=Wish(crops=True, language="en"), phones=True, workers=1, quiet=True
    )
    return out, made, report


@pytest.mark.slow
def test_a_film_becomes_a_clip_whose_motion_is_that_of_the_film(folder, corpus):
    out, _, _ = corpus
    (sample,) = Shards([out / "train"])
    known = folder[1]
    assert (sample.voice, sample.face, sample.text, sample.language) == ("ann", "ann", SAID, "en")
    assert abs(sample.frames - len(known)) <= 1
    assert sample.about["source"]["film"] == "ann/talks.mp4"
    assert ((sample.landmarks[:, :2] > 0) & (sample.landmarks[:, :2] < 192)).all()
    assert {phone.symbol for phone in sample.phones} >= {"b", "m", "v"}
    count = min(sample.frames, len(known))
    gaps = [motion[:count, OPEN] - motion[:count, BEHIND] for motion in (sample.motion, known)]
    assert np.corrcoef(gaps)[0, 1] > 0.8


@pytest.mark.slow
def test_the_film_of_a_face_is_kept_where_it_is_wanted(corpus, tmp_path):
    (sample,) = Shards([corpus[0] / "train"])
    (tmp_path / "crop.mp4").write_bytes(sample.read("mp4"))
    film = clip.read(tmp_path / "crop.mp4")
    assert film.frames.shape == (sample.frames, 256, 256, 3)
    assert len(film.wave) == len(sample.wave)


@pytest.mark.slow
def test_what_cannot_be_used_is_named_with_its_reason(corpus):
    _, made, report = corpus
    assert report.problems.keys() == {"ann/cut.mp4", "bob/text.mp4", "bob/nobody.mp4", "bob/subtitled.mp4"}
    assert "no face" in report.problems["bob/nobody.mp4"]
    assert "subtitled.srt has no line" in report.problems["bob/subtitled.mp4"]
    assert made["unusable"] == report.problems
    assert made["splits"]["train"]["clips"] == 1


@pytest.mark.slow
def test_what_is_done_is_not_done_again(folder, corpus):
    out, made, report = corpus
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*.tar")}
    again = prepare(folder[0], out, wish=Wish(crops=True, language="en"), phones=True, workers=1, quiet=True)
    assert again == (made, report)
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*.tar")} == before
    with pytest.raises(InputError, match="crops True"):
        prepare(folder[0], out, wish=Wish(language="en"), phones=True, quiet=True)


@pytest.mark.slow
def test_a_shard_that_was_removed_is_made_again(monkeypatch, folder, tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    shutil.copy(folder[0] / "ann" / "talks.mp4", films)
    out = tmp_path / "corpus"
    made = prepare(films, out, workers=1, quiet=True)
    (shard,) = out.rglob("*.tar")
    shard.unlink()
    again = prepare(films, out, workers=1, quiet=True)
    assert shard.is_file()
    assert again == made


@pytest.mark.slow
def test_a_film_that_breaks_off_is_used_as_far_as_it_goes(monkeypatch, folder, tmp_path):
    from pfy_plugin_data.prepare import clips

    talks = tmp_path / "films" / "talks.mp4"
    talks.parent.mkdir()
    shutil.copy(folder[0] / "ann" / "talks.mp4", talks)
    whole = clips.shots

    def breaking(frames, until):
        yield from whole(frames, until)
        raise InputError("a packet is damaged")

    monkeypatch.setattr(clips, "shots", breaking)
    _, report = prepare(talks.parent, tmp_path / "corpus", workers=1, quiet=True)
    assert report.clips == {"talks.mp4": 1}
    assert report.problems == {"talks.mp4": "a packet is damaged"}
    assert len(Shards([tmp_path / "corpus" / "train"])) == 1


@pytest.mark.slow
def test_nothing_usable_is_an_error_with_the_reasons(tmp_path):
    tone(tmp_path / "films" / "nobody.mp4")
    tone(tmp_path / "films" / "silent.mp4", silent=True)
    with pytest.raises(InputError) as told:
        prepare(tmp_path / "films", tmp_path / "corpus", workers=1, quiet=True)
    assert "nobody.mp4: no face" in str(told.value)
    assert "silent.mp4" in str(told.value)
    assert not list((tmp_path / "corpus").glob("*/*.tar"))
    assert json.loads((tmp_path / "corpus" / "corpus.json").read_text())["complete"] is False
