"""Audio in: mono float32 at the wanted rate from whatever FFmpeg reads, or one clear error."""

import wave
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
import soxr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from recordings import film, filmed, recorded, tones
from serving import serving
from toys import attempt

from pfy_core import InputError, media
from pfy_core.events import watching
from pfy_core.media import audio, video

RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000, 192_000]


def load(value, rate=16_000):
    return media.load("audio.wave", value, rate, "voice")


# What is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize(
    ("kind", "step"),
    [("wav8", 2**-6), ("wav", 2**-14), ("wav24", 2**-22), ("wavfloat", 1e-7), ("flac", 2**-14)],
)
def test_a_lossless_file_gives_the_mean_of_its_channels(tmp_path, kind, step, channels):
    sound = tones(0.5, 16_000, channels)
    found = load(recorded(tmp_path, kind, sound, 16_000))
    assert found.dtype == np.float32
    assert found.shape == (8_000,)
    assert np.abs(found - sound.mean(axis=0)).max() <= step


@pytest.mark.parametrize(
    ("kind", "channels"),
    [("mp3", 1), ("mp3", 2), ("m4a", 1), ("m4a", 2), ("opus", 1), ("opus", 2), ("opus", 6)],
)
def test_a_lossy_file_gives_nearly_its_samples_at_their_time(tmp_path, kind, channels):
    wanted = tones(1.0, 48_000, channels).mean(axis=0)
    found = load(recorded(tmp_path, kind, tones(1.0, 48_000, channels), 48_000), 48_000)
    assert abs(len(found) - 48_000) < 2048
    middle = slice(4_800, 43_200)
    assert np.abs(found[middle] - wanted[middle]).mean() < 0.02


@pytest.mark.parametrize("wanted", [16_000, 24_000])
@pytest.mark.parametrize("rate", RATES)
def test_a_file_of_any_rate_comes_at_the_wanted_one(tmp_path, rate, wanted):
    sound = tones(0.5, rate)
    found = load(recorded(tmp_path, "wavfloat", sound, rate), wanted)
    assert abs(len(found) - wanted // 2) <= 1
    expected = sound[0] if rate == wanted else soxr.resample(sound[0], rate, wanted)
    assert np.abs(found - expected).max() < 1e-6
    middle = slice(wanted // 8, 3 * wanted // 8)
    assert np.abs(found[middle] - tones(0.5, wanted)[0][: len(found)][middle]).max() < 1e-3


def test_the_sound_of_a_video_is_taken(tmp_path):
    found = load(filmed(tmp_path / "a.mp4"), 24_000)
    assert 24_000 <= len(found) < 24_000 + 512  # AAC fills its last packet
    middle = slice(2_400, 21_600)
    assert np.abs(found[middle] - tones(1.0, 24_000)[0][: len(found)][middle]).mean() < 0.02


def test_the_name_of_a_file_does_not_matter(tmp_path):
    file = recorded(tmp_path, "flac", tones(0.5, 16_000), 16_000).rename(tmp_path / "voice.mp3")
    assert load(str(file)).shape == (8_000,)


def test_a_long_file_is_whole(tmp_path):
    sound = np.random.default_rng(0).uniform(-1, 1, (1, 60 * 16_000)).astype(np.float32)
    found = load(recorded(tmp_path, "wavfloat", sound, 16_000))
    assert np.abs(found - sound[0]).max() < 1e-6


def test_samples_beyond_full_scale_are_clipped(tmp_path):
    found = load(recorded(tmp_path, "wavfloat", 5 * tones(0.5, 16_000), 16_000))
    assert (found.min(), found.max()) == (-1, 1)


# Arrays -------------------------------------------------------------------------------------------


def test_an_array_is_taken_at_the_wanted_rate_and_not_changed():
    sound = tones(0.5, 16_000)[0]
    before = sound.copy()
    assert np.array_equal(load(sound), before)
    assert np.array_equal(load(sound.astype(np.float64)), before)
    assert np.array_equal(sound, before)


def test_an_array_with_its_rate_is_resampled():
    sound = tones(0.5, 44_100)[0]
    assert np.array_equal(load((sound, 44_100)), soxr.resample(sound, 44_100, 16_000))
    assert np.array_equal(load((list(sound), 44_100.0)), load((sound, np.int64(44_100))))


@pytest.mark.parametrize("dtype", [np.int16, np.int32])
def test_whole_numbers_are_read_by_the_full_range_of_their_type(dtype):
    sound = tones(0.5, 16_000)[0]
    whole = (sound * np.iinfo(dtype).max).astype(dtype)
    assert np.abs(load(whole) - sound).max() < 1e-4
    assert np.abs(load((whole, 16_000)) - sound).max() < 1e-4


@given(st.integers(1, 3_000), st.sampled_from(RATES), st.sampled_from([16_000, 24_000]))
@settings(max_examples=80)
def test_resampling_keeps_the_length_in_seconds(length, rate, wanted):
    found = audio.resample(np.ones(length, np.float32), rate, wanted)
    assert found.dtype == np.float32
    assert abs(len(found) - length * wanted / rate) <= 1


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((2, 100), np.float32),
        np.zeros(0, np.float32),
        np.float32(1),
        np.zeros(9, complex),
        np.array(["a"]),
        (np.zeros((9, 2), np.float32), 16_000),
        (["a"], 16_000),
        (np.zeros(9),),
        (np.zeros(9), 0),
        (np.zeros(9), "fast"),
        (np.zeros(9), float("nan")),
        (np.zeros(9), float("inf")),
        (),
        3,
        None,
        b"bytes",
        [0.0],
    ],
    ids=lambda value: f"{type(value).__name__}{np.shape(value) if isinstance(value, np.ndarray) else ''}",
)
def test_a_value_that_is_no_sound_is_an_input_error(value):
    with pytest.raises(InputError, match="voice"):
        load(value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("how", ["array", "other rate", "file", "file at another rate"])
def test_samples_that_are_no_numbers_are_refused(tmp_path, bad, how):
    sound = tones(0.5, 16_000)
    sound[0, 100] = bad
    values = {
        "array": lambda: (sound[0], 16_000),
        "other rate": lambda: (sound[0], 44_100),
        "file": lambda: recorded(tmp_path, "wavfloat", sound, 16_000),
        "file at another rate": lambda: recorded(tmp_path, "wavfloat", sound, 44_100),
    }
    with pytest.raises(InputError, match="NaN or infinite"):
        load(values[how]())


def test_a_graph_input_without_a_rate_is_refused():
    with pytest.raises(InputError, match="no node says at which rate"):
        media.load("audio.wave", np.zeros(9, np.float32), None, "voice")


# What is refused ----------------------------------------------------------------------------------


def test_what_has_no_sound_is_refused(tmp_path):
    silent = tmp_path / "silent.mp4"
    video.write(silent, [film(3)], 25, [], 16_000)
    Image.fromarray(film(1)[0]).save(tmp_path / "photo.png")
    for name in ("silent.mp4", "photo.png"):
        with pytest.raises(InputError, match="has no sound"):
            load(tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"", b"just text\n" * 99, b"RIFF\0\0\0\0WAVE", bytes(5000), "folder", None]
)
def test_a_file_that_is_no_sound_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "voice.wav"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"voice\.wav") as caught:
        load(path)
    assert "sound file" in caught.value.wants


def test_a_file_without_samples_is_refused(tmp_path):
    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
    with pytest.raises(InputError, match="no samples"):
        load(file)


def test_a_sound_too_short_for_one_sample_is_refused(tmp_path):
    file = recorded(tmp_path, "wav", np.ones((1, 1)), 192_000)
    with pytest.raises(InputError, match="less than one sample at 16000 Hz"):
        load(file)
    assert load(file, 192_000).shape == (1,)


def test_a_sound_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "MAX_SECONDS", 0.4)
    with pytest.raises(InputError, match="longer than"):
        load(recorded(tmp_path, "wav", tones(0.5, 8_000), 8_000))
    assert len(load(recorded(tmp_path, "wav", tones(0.3, 8_000), 8_000), 8_000)) == 2_400


def test_a_list_of_other_files_is_not_followed(tmp_path):
    recorded(tmp_path, "wav", tones(0.5, 16_000), 16_000)
    script = tmp_path / "voice.mp3"
    script.write_text("ffconcat version 1.0\nfile wav.wav\n")
    with pytest.raises(InputError, match="list of other files"):
        load(script)


def test_a_playlist_does_not_reach_for_the_network(tmp_path):
    with serving({"/a.ts": b"x"}) as (address, requests):
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}/a.ts\n#EXT-X-ENDLIST\n"
        for name in ("voice.m3u8", "voice.wav"):
            (tmp_path / name).write_text(playlist)
            with pytest.raises(InputError):
                load(tmp_path / name)
        assert requests == []


# Damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus"])
def test_of_a_file_cut_short_the_beginning_is_read(tmp_path, kind):
    file = recorded(tmp_path, kind, tones(2.0, 16_000), 16_000)
    whole = load(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    found = load(file)
    assert 0.1 * len(whole) < len(found) < 0.8 * len(whole)
    same = len(found) * 3 // 4
    assert np.abs(found[:same] - whole[:same]).max() < 0.01


def test_a_damaged_end_is_noted(tmp_path, monkeypatch):
    """What a decoder gives before it fails is kept; FFmpeg itself seldom fails where it can go on."""
    file = recorded(tmp_path, "wav", tones(1.0, 16_000), 16_000)
    decode = audio._decode

    def failing(*given):
        yield next(decode(*given))
        raise av.error.InvalidDataError(1094995529, "Invalid data")

    monkeypatch.setattr(audio, "_decode", failing)
    events = []
    with watching(events.append):
        assert 0 < len(load(file)) < 16_000
    assert [event.text.partition(";")[0] for event in events] == ["voice: the end of wav.wav is damaged"]


DAMAGEABLE = ("wav", "wavfloat", "flac", "mp3", "m4a", "opus")


@cache
def sample(kind):
    with TemporaryDirectory() as folder:
        return recorded(Path(folder), kind, tones(0.2, 16_000), 16_000).read_bytes()


@given(
    st.integers(0, len(DAMAGEABLE) - 1),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
    st.booleans(),
)
@example(4, [(0.86, 0)], 0.0, False)  # a codec that FFmpeg does not know
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, which, changes, end, cut):
    mutated = bytearray(sample(DAMAGEABLE[which]))
    for place, byte in changes:
        mutated[min(int(place * len(mutated)), len(mutated) - 1)] = byte
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(bytes(mutated[: int(end * len(mutated))] if cut else mutated))
    found = attempt(lambda: load(path))
    if isinstance(found, InputError):
        assert "voice" in str(found)
    else:
        assert found.dtype == np.float32
        assert found.ndim == 1
        assert np.isfinite(found).all()
        assert np.abs(found).max() <= 1
