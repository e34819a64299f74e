"""Video out and in: H.264 and AAC as frames and sound come, whole files or none."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from installing import python
from recordings import film, filmed, recorded, tones

from pfy_core import InputError
from pfy_core.errors import OutputError
from pfy_core.media import audio, video

FRAME = 1 / 25
PACKET = 1024 / video.AUDIO_RATE
"""Seconds of an AAC packet, the grain of the sound's length."""


def written(path, frames, wave=None, rate=25.0, wave_rate=24_000, **more):
    seconds = len(frames) / rate
    wave = tones(seconds, wave_rate)[0] if wave is None else wave
    return video.write(path, [frames], rate, [wave], wave_rate, **more)


def noise_ratio(one, other):
    """PSNR in dB of 8 bit pictures."""
    error = np.mean((one.astype(float) - other) ** 2)
    return 10 * np.log10(255**2 / max(error, 1e-9))


# What is written ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", video.SUFFIXES)
def test_a_video_has_the_usual_codecs_and_what_was_asked_for(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    assert written(path, film(25)) == (25, 24_000)
    found = video.probe(path)
    codecs = ("vp9", "opus") if suffix == ".webm" else ("h264", "aac")
    assert (found["video"]["codec"], found["audio"]["codec"]) == codecs
    assert (found["video"]["width"], found["video"]["height"], found["video"]["rate"]) == (64, 48, 25)
    assert (found["audio"]["rate"], found["audio"]["channels"]) == (48_000, 1)
    assert abs(found["duration"] - 1) < FRAME
    with av.open(str(path)) as file:
        assert file.streams.video[0].pix_fmt == "yuv420p"


@pytest.mark.parametrize("rate", [10, 23.976, 24, 25, 29.97, 30, 50, 60])
def test_the_frame_rate_is_kept(tmp_path, rate):
    written(tmp_path / "a.mp4", film(12), rate=rate)
    found = video.probe(tmp_path / "a.mp4")["video"]
    assert found["rate"] == pytest.approx(rate, rel=1e-4)
    assert found["duration"] == pytest.approx(12 / rate, rel=1e-3)
    assert found["frames"] == 12


def test_decoded_frames_are_close_to_the_written_ones_in_order(tmp_path):
    frames = film(25)
    written(tmp_path / "a.mp4", frames)
    found = list(video.read(tmp_path / "a.mp4"))
    assert len(found) == 25
    for one, other in zip(found, frames, strict=True):
        assert one.dtype == np.uint8
        assert noise_ratio(one, other) > 35


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (224, 172, 150), (0, 0, 0)])
def test_colours_are_coded_as_the_file_says_they_are(tmp_path, colour):
    """Players go by the tags; luma is checked against the formula of BT.709, 16 to 235."""
    written(tmp_path / "a.mp4", np.full((3, 32, 32, 3), colour, np.uint8))
    with av.open(str(tmp_path / "a.mp4")) as file:
        frame = next(file.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (1, 1)
    luma = 16 + 219 * np.dot(colour, (0.2126, 0.7152, 0.0722)) / 255
    assert abs(float(frame.to_ndarray()[:32].mean()) - luma) < 2
    assert np.abs(next(video.read(tmp_path / "a.mp4")).astype(int) - colour).max() < 6


@pytest.mark.parametrize("wave_rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_sound_is_heard_when_it_was_given(tmp_path, wave_rate):
    """A second of silence, then a tone; the frames turn white with it."""
    wave = np.concatenate([np.zeros(wave_rate, np.float32), tones(1.0, wave_rate)[0]])
    frames = np.repeat(np.array([0, 255], np.uint8), 25)[:, None, None, None] * np.ones(
        (1, 32, 32, 3), np.uint8
    )
    written(tmp_path / "a.mp4", frames, wave, wave_rate=wave_rate)
    sound = np.abs(audio.read(tmp_path / "a.mp4", 48_000))
    begin = int(np.argmax(sound > 0.05)) / 48_000
    white = next(i for i, frame in enumerate(video.read(tmp_path / "a.mp4")) if frame.mean() > 128)
    assert abs(begin - 1) < 0.01
    assert white == 25


@given(
    st.integers(1, 40),
    st.integers(2, 70),
    st.integers(2, 70),
    st.sampled_from([10.0, 25.0, 29.97, 50.0]),
    st.sampled_from([16_000, 22_050, 24_000, 48_000]),
    st.integers(1, 15),
    st.integers(100, 30_000),
)
@settings(max_examples=25)
def test_sound_and_picture_of_any_size_and_chunks_are_equally_long(
    tmp_path_factory, count, height, width, rate, wave_rate, rows, grain
):
    path = tmp_path_factory.getbasetemp() / "any.mp4"
    frames, wave = film(count, height, width), tones(count / rate, wave_rate)[0]
    chunks = (frames[i : i + rows] for i in range(0, count, rows))
    sounds = (wave[i : i + grain] for i in range(0, len(wave), grain))
    assert video.write(path, chunks, rate, sounds, wave_rate) == (count, len(wave))
    found = video.probe(path)
    assert (found["video"]["width"], found["video"]["height"]) == (width // 2 * 2, height // 2 * 2)
    assert found["video"]["frames"] == count
    assert found["video"]["duration"] == pytest.approx(
        count / rate, rel=1e-3, abs=1e-3
    )  # containers count milliseconds
    assert abs(found["audio"]["duration"] - found["video"]["duration"]) <= PACKET
    assert len(list(video.read(path))) == count


def test_an_odd_side_loses_its_last_pixel(tmp_path):
    frames = film(3, 49, 65)
    written(tmp_path / "a.mp4", frames)
    found = next(video.read(tmp_path / "a.mp4"))
    assert found.shape == (48, 64, 3)
    assert noise_ratio(found, frames[0, :48, :64]) > 35


def test_a_video_may_be_silent(tmp_path):
    assert written(tmp_path / "a.mp4", film(5), np.zeros(0, np.float32)) == (5, 0)
    assert "audio" not in video.probe(tmp_path / "a.mp4")


@pytest.mark.parametrize("suffix", video.SUFFIXES)
def test_metadata_is_kept(tmp_path, suffix):
    tags = {"comment": "AI-generated: ü", "description": '{"pfy": 1}'}
    path = tmp_path / f"a{suffix}"
    written(path, film(3), metadata=tags)
    found = {key.lower(): value for key, value in video.probe(path)["metadata"].items()}
    kept = tags if suffix != ".mov" else {"comment": tags["comment"]}
    assert kept.items() <= found.items()


# Transparent backgrounds --------------------------------------------------------------------------


def cut_out(count):
    """(t h w 4): a film in a disc that moves, with a soft edge."""
    y, x = np.mgrid[:48, :64]
    alpha = [np.clip((16 - np.hypot(x - 24 - t, y - 24)) * 64 + 128, 0, 255) for t in range(count)]
    return np.concatenate([film(count), np.stack(alpha)[..., None].astype(np.uint8)], -1)


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "vp9"), (".mov", "prores")])
def test_transparency_is_read_back_as_it_was_written(tmp_path, suffix, codec):
    frames = cut_out(12)
    written(tmp_path / f"a{suffix}", frames)
    assert video.probe(tmp_path / f"a{suffix}")["video"]["codec"] == codec
    found = list(video.read(tmp_path / f"a{suffix}"))
    assert len(found) == 12
    for one, other in zip(found, frames, strict=True):
        assert one.shape == (48, 64, 4)
        assert noise_ratio(one[..., 3], other[..., 3]) > 35
        solid = other[..., 3] == 255
        assert noise_ratio(one[solid][:, :3], other[solid][:, :3]) > 30


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mkv"])
def test_a_file_that_cannot_be_transparent_is_refused_with_those_that_can(tmp_path, suffix):
    with pytest.raises(OutputError, match="transparent background") as caught:
        written(tmp_path / f"a{suffix}", cut_out(3))
    assert ".webm" in caught.value.wants
    assert ".mov" in caught.value.wants
    assert list(tmp_path.iterdir()) == []


def test_the_beginning_of_an_mp4_tells_all_so_that_browsers_play_while_they_load(tmp_path):
    written(tmp_path / "a.mp4", film(5))
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_what_is_ahead_waits_for_the_other(tmp_path):
    """Sound is asked for only as far as the picture has come, so that memory does not grow."""
    asked = []

    def frames():
        for index in range(10):
            asked.append(("picture", index))
            yield film(25)

    def sounds():
        for index in range(10):
            asked.append(("sound", index))
            yield tones(1.0, 24_000)[0]

    video.write(tmp_path / "a.mp4", frames(), 25, sounds(), 24_000)
    assert asked == [(kind, index) for index in range(10) for kind in ("picture", "sound")]


# Whole files or none ------------------------------------------------------------------------------


def failing(error):
    yield film(5)
    raise error


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, GeneratorExit, InputError])
@pytest.mark.parametrize("before", [None, b"an older video"])
def test_when_making_it_fails_nothing_is_left_and_an_older_file_stays(tmp_path, error, before):
    path = tmp_path / "a.mp4"
    if before:
        path.write_bytes(before)
    with pytest.raises((error, OutputError)):
        video.write(path, failing(error("it broke")), 25, [tones(1.0, 24_000)[0]], 24_000)
    assert [file.name for file in tmp_path.iterdir()] == (["a.mp4"] if before else [])
    assert not before or path.read_bytes() == before


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "no frames"),
        ([film(0)], "no frames"),
        ([film(3), film(3, 32, 32)], "frame 4 is 32x32 pixels"),
        ([film(3, 1, 9)], "one pixel"),
    ],
)
def test_frames_that_make_no_video_are_refused(tmp_path, frames, message):
    with pytest.raises(OutputError, match=message):
        video.write(tmp_path / "a.mp4", frames, 25, [tones(1.0, 24_000)[0]], 24_000)
    assert list(tmp_path.iterdir()) == []


def test_samples_that_are_no_numbers_are_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        written(tmp_path / "a.mp4", film(25), np.full(24_000, np.nan, np.float32))
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, signal, sys
from recordings import film, tones
from pfy_core.errors import OutputError
from pfy_core.media import video
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from pathlib import Path
try:
    video.write(Path(sys.argv[1]), [film(25, 480, 640)], 25, [tones(1.0, 24_000)[0]], 24_000)
except OutputError as error:
    print(error.sends)
"""


def test_a_file_that_may_not_grow_is_an_output_error_and_nothing_is_left(tmp_path):
    done = python("-c", FULL, str(tmp_path / "a.mp4"), site=Path(__file__).parent)
    assert "cannot be written" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


# Where it may be written --------------------------------------------------------------------------


def refusal(path, **more):
    with pytest.raises(OutputError) as caught:
        video.check_output(path, **more)
    return str(caught.value)


def test_an_existing_file_is_replaced_only_when_forced(tmp_path):
    path = tmp_path / "a.mp4"
    video.check_output(path)
    path.write_bytes(b"old")
    assert "--force" in refusal(path)
    video.check_output(path, force=True)
    written(path, film(3))
    assert video.probe(path)["video"]["frames"] == 3


@pytest.mark.parametrize("name", ["a.avi", "a", "a.mp3", "a.mp4.txt", "portrait.png"])
def test_another_suffix_is_refused_with_one_that_works(tmp_path, name):
    assert f"-o {Path(name).stem}.mp4" in refusal(tmp_path / name)
    video.check_output(tmp_path / "A.MP4")


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    assert "mkdir -p" in refusal(tmp_path / "nothing" / "a.mp4")
    (tmp_path / "b.mp4").mkdir()
    assert "is a folder" in refusal(tmp_path / "b.mp4", force=True)
    with pytest.raises(OutputError, match="cannot be written"):
        written(tmp_path / "nothing" / "a.mp4", film(3))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    assert "may not be written" in refusal(tmp_path / "a.mp4")


# Reading back -------------------------------------------------------------------------------------


def test_what_has_no_picture_is_refused(tmp_path):
    file = recorded(tmp_path, "wav", tones(0.1, 16_000), 16_000)
    with pytest.raises(InputError, match="no picture"):
        next(video.read(file))
    assert "video" not in video.probe(file)


@pytest.mark.parametrize("content", [b"", b"text", bytes(4000), None])
def test_a_file_that_is_no_video_is_refused(tmp_path, content):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    for look in (video.probe, lambda path: next(video.read(path))):
        with pytest.raises(InputError, match=r"a\.mp4"):
            look(path)


def test_a_video_cut_short_is_refused(tmp_path):
    path = filmed(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(InputError, match=r"cannot be decoded|has no picture"):
        list(video.read(path))
