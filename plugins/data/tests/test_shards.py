"""Shards: what is written is what is read, at random; what is broken is named."""

import io
import json
import pickle
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pytest
import webdataset
from corpora import shard, tone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pfy_core import InputError
from pfy_core.kinds import Phone
from pfy_plugin_data import write
from pfy_plugin_data.shards import Shards

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PHONES = st.lists(
    st.builds(
        Phone,
        symbol=TEXT,
        start=st.floats(0, 1, width=16).map(float),
        end=st.floats(1, 2, width=16).map(float),
        stress=st.sampled_from([0, 1, 2]),
    ),
    max_size=4,
)


@settings(max_examples=15, deadline=None)
@given(
    wave=st.integers(1, 8).flatmap(
        lambda frames: arrays.arrays(np.int16, (frames * 640,), elements=st.integers(-32768, 32767))
    ),
    scale=st.floats(-2, 2, width=16),
    text=TEXT,
    language=TEXT,
    voice=TEXT,
    face=TEXT,
    phones=st.none() | PHONES,
)
def test_what_is_written_is_what_is_read(wave, scale, text, language, voice, face, phones):
    frames = len(wave) // 640
    motion = np.full((frames, 58), scale, np.float16)
    facts = {"text": text, "language": language, "voice": voice, "face": face, "phones": phones}
    clip = tone(0, frames, wave=wave.astype(np.float32) / 32768, motion=motion, **facts)
    with tempfile.TemporaryDirectory() as folder:
        write.shard(Path(folder) / "000000.tar", [clip])
        sample = Shards([folder])[0]
        assert np.array_equal(np.round(sample.wave * 32768), np.clip(wave, -32768, 32767))
        assert np.array_equal(sample.motion, motion.astype(np.float32))
        assert sample.frames == frames
        assert {name: getattr(sample, name) for name in ("text", "language", "voice", "face")} == {
            name: facts[name] for name in ("text", "language", "voice", "face")
        }
        assert (sample.phones is None) == (phones is None)
        for read, said in zip(sample.phones or [], phones or [], strict=True):
            assert (read.symbol, read.stress) == (said.symbol, said.stress)
            assert (read.start, read.end) == pytest.approx((said.start, said.end), abs=1e-4)


def test_samples_are_read_at_random_in_the_order_of_folders_shards_and_members(tmp_path):
    shard(tmp_path / "b", 2)
    shard(tmp_path / "a", 2, "000001.tar")
    write.shard(tmp_path / "a" / "000000.tar", [tone(7)])
    shards = Shards([tmp_path / "b", tmp_path / "a"])
    assert [sample.key for sample in shards] == ["tone-000", "tone-001", "tone-007", "tone-000", "tone-001"]
    assert shards[-1].text == "Tone 1."
    assert [sample.key for sample in shards[2:4]] == ["tone-007", "tone-000"]
    with pytest.raises(IndexError):
        shards[5]


def test_a_sample_is_decoded_when_it_is_asked_for_and_let_go_with_it(tmp_path):
    shard(tmp_path)
    shards = Shards([tmp_path])
    sample = shards[0]
    assert sample.wave is sample.wave
    assert shards[0] is not sample
    (tmp_path / "000000.tar").write_bytes(b"")
    with pytest.raises(InputError, match=r"000000\.tar: tone-000\.motion\.npy"):
        _ = shards[0].motion


def test_the_digest_is_of_the_contents_and_not_of_the_place(tmp_path):
    shard(tmp_path / "here")
    shard(tmp_path / "there")
    assert Shards([tmp_path / "here"]).digest == Shards([tmp_path / "there"]).digest
    shard(tmp_path / "there", 2)
    assert Shards([tmp_path / "here"]).digest != Shards([tmp_path / "there"]).digest


def test_the_webdataset_library_reads_our_shards(tmp_path):
    file = shard(tmp_path)
    theirs = list(webdataset.WebDataset(str(file), shardshuffle=False).decode())
    ours = Shards([tmp_path])
    assert [sample["__key__"] for sample in theirs] == [sample.key for sample in ours]
    for other, sample in zip(theirs, ours, strict=True):
        assert np.array_equal(other["motion.npy"].astype(np.float32), sample.motion)
        assert np.array_equal(other["landmarks.npy"], sample.landmarks)
        assert other["json"] == sample.about
        assert other["flac"] == sample.read("flac")


def test_shards_of_the_webdataset_library_are_read(tmp_path):
    with webdataset.TarWriter(str(tmp_path / "000000.tar")) as sink:
        for number in range(2):
            clip = tone(number)
            sink.write({"__key__": clip.key, **write.parts(clip)})
    sample = Shards([tmp_path])[1]
    assert sample.text == "Tone 1."
    assert np.array_equal(sample.motion, tone(1).motion.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: None, "has no shard"),
        (lambda folder: folder.rmdir(), "is no folder"),
        (lambda folder: (folder / "000000.tar").write_bytes(b""), "000000.tar"),
        (lambda folder: (folder / "000000.tar").write_bytes(b"nonsense" * 999), "cannot be read as a tar"),
        (lambda folder: _cut(shard(folder)), "000000.tar"),
        (lambda folder: _lacking(folder, "flac"), "lacks tone-000.flac"),
        (lambda folder: _twice(folder), "tone-000.json is there twice"),
    ],
)
def test_shards_that_cannot_be_read_are_named(tmp_path, make, told):
    folder = tmp_path / "train"
    folder.mkdir()
    make(folder)
    with pytest.raises(InputError, match=told.replace(".", r"\.")):
        Shards([folder])


def test_a_corpus_given_as_a_split_is_told_its_splits(tmp_path):
    shard(tmp_path / "train")
    with pytest.raises(InputError) as told:
        Shards([tmp_path])
    assert str(tmp_path / "train") in told.value.fix


HUGE = b"\x93NUMPY\x01\x00F\x00{'descr': '<f2', 'fortran_order': False, 'shape': (9999999999, 58), }\n"


@pytest.mark.parametrize(
    ("part", "data", "asked"),
    [
        ("flac", b"no sound", "wave"),
        ("flac", write.parts(tone())["flac"][:-300], "wave"),
        ("flac", write.parts(tone(frames=9))["flac"], "wave"),
        ("motion.npy", b"\x93NUMPY", "motion"),
        ("motion.npy", HUGE, "motion"),
        ("motion.npy", write.parts(tone())["landmarks.npy"], "motion"),
        ("motion.npy", write._npy(np.full((10, 58), np.nan, np.float16)), "motion"),
        ("landmarks.npy", write._npy(np.zeros((468, 3), np.float32)), "landmarks"),
        ("jpg", b"\xff\xd8\xff", "image"),
        ("json", b"{", "text"),
        ("json", b"[" * 100_000, "text"),
        ("json", b'{"text": 1}', "text"),
        (
            "json",
            json.dumps(dict.fromkeys(("text", "language", "voice", "face", "split"), "")).encode(),
            "phones",
        ),
    ],
)
def test_a_broken_part_is_named_when_it_is_asked_for(tmp_path, part, data, asked):
    write.shard(tmp_path / "000000.tar", [tone(more={part: data})])
    sample = Shards([tmp_path])[0]
    with pytest.raises(InputError, match=rf"000000\.tar: tone-000\.{part}".replace(".npy", r"\.npy")):
        getattr(sample, asked)


def test_no_python_object_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    file = io.BytesIO()
    np.save(file, np.array([Trap()], object), allow_pickle=True)
    write.shard(tmp_path / "000000.tar", [tone(more={"motion.npy": file.getvalue()})])
    with pytest.raises(InputError, match="Python objects"):
        _ = Shards([tmp_path])[0].motion
    assert not (tmp_path / "sprung").exists()
    assert pickle.dumps(Trap())  # the trap is one


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:4000])


def _lacking(folder: Path, part: str) -> None:
    _tar(folder, {name: data for name, data in write.parts(tone()).items() if name != part}.items())


def _twice(folder: Path) -> None:
    _tar(folder, [*write.parts(tone()).items(), ("json", b"{}")])


def _tar(folder: Path, members) -> None:
    with tarfile.open(folder / "000000.tar", "w") as tar:
        for name, data in members:
            member = tarfile.TarInfo(f"tone-000.{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
