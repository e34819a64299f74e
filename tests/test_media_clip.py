"""Clips in: one frame rate, one sample rate, aligned, whatever the file; or one clear error."""

import struct
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import film, filmed, recorded, tones

from pfy_core import InputError
from pfy_core.media import clip, video

STEPS = 8
"""Grey levels apart; frame k of a numbered film is of level STEPS * k, which a codec keeps well apart."""
TICKS = 1000


def numbered(path, times, *, sound=None, begin=0.0, length=40, rate=16_000):
    """A file whose frame k, all of one grey, is shown at ``times[k]`` ms; sound from ``begin`` s."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=25, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        heard = None if sound is None else file.add_stream("pcm_s16le", rate=rate, layout="mono")
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((16, 32, 3), STEPS * (number % 32), np.uint8), "rgb24")
            frame.pts, frame.time_base, frame.duration = time, stream.time_base, length
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if heard is not None:
            packed = (sound[None] * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout="mono")
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = round(begin * rate)
            file.mux(heard.encode(frame))
            file.mux(heard.encode(None))
    return path


def numbers(frames):
    return [round(float(frame.mean()) / STEPS) for frame in frames]


# Frames -------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    gaps=st.lists(st.integers(9, 160), min_size=2, max_size=29),
    fps=st.sampled_from([10, 23.976, 25, 29.97, 30, 50]),
    start=st.integers(0, 60),
    first=st.sampled_from([0, 700]),
)
def test_frame_k_is_the_one_shown_nearest_to_its_time_at_any_and_varying_rates(gaps, fps, start, first):
    times = [0, *np.cumsum(gaps).tolist()]
    end = times[-1] / TICKS + 0.04
    begin = start / 60 * times[-1] / TICKS
    with TemporaryDirectory() as folder:
        made = numbered(Path(folder) / "a.mkv", [first + time for time in times])
        found = list(clip.frames(made, fps=fps, start=begin))
        count = max(1, int((end - begin) * fps + 0.5))
        assert abs(len(found) - count) <= 1  # the length of the last frame is for the container to say
        moments = [(begin + k / fps) * TICKS for k in range(len(found))]
        off = [abs(times[shown] - moment) for shown, moment in zip(numbers(found), moments, strict=True)]
        least = [min(abs(time - moment) for time in times) for moment in moments]
        assert np.allclose(off, least, atol=1e-3)


@pytest.mark.parametrize(("rate", "wanted"), [(25, 25), (30, 25), (50, 25), (24, 25), (12, 25), (25, 30)])
def test_the_length_stays_and_the_rate_changes(tmp_path, rate, wanted):
    filmed(tmp_path / "a.mp4", 2.0, rate)
    found = clip.read(tmp_path / "a.mp4", fps=wanted)
    assert found.frames.shape == (2 * wanted, 48, 64, 3)
    assert found.wave.shape == (32_000,)
    assert (found.frames.dtype, found.wave.dtype, found.seconds) == (np.uint8, np.float32, 2.0)


def test_at_its_own_rate_a_file_gives_its_own_frames(tmp_path):
    filmed(tmp_path / "a.mp4", 1.0)
    found = clip.read(tmp_path / "a.mp4")
    assert np.array_equal(found.frames, np.stack(list(video.read(tmp_path / "a.mp4"))))
    assert np.array_equal(found.frames, np.stack(list(clip.frames(tmp_path / "a.mp4"))))
    assert found.frames.flags.writeable
    assert found.frames.flags.c_contiguous


def test_of_two_frames_as_near_the_earlier_one_is_shown(tmp_path):
    made = numbered(tmp_path / "a.mkv", [0, 40, 80])
    assert numbers(clip.frames(made, fps=50)) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("count", "rate", "wanted"), [(8, 30, 7), (7, 30, 6), (3, 10, 8), (1, 50, 1), (1, 100, 1)]
)
def test_a_length_between_two_frames_is_rounded_and_never_to_nothing(tmp_path, count, rate, wanted):
    video.write(tmp_path / "a.mp4", [film(count)], rate, [np.zeros(0, np.float32)], 16_000)
    assert len(list(clip.frames(tmp_path / "a.mp4"))) == wanted


@settings(max_examples=20, deadline=None)
@given(which=st.sampled_from(["mkv", "mp4", "ts"]), start=st.integers(0, 11_900), frames=st.integers(1, 75))
def test_a_part_is_that_part_of_the_whole(long, which, start, frames):
    """Wherever the file is wound to: keyframes are 12 frames apart, or 250 whose frames need later ones."""
    path, whole = long[which]
    at = round(start / 40)
    part = clip.read(path, start=at / 25, seconds=frames / 25)
    assert np.array_equal(part.frames, whole.frames[at : at + frames])
    if which == "ts":
        assert part.wave is whole.wave is None
        return
    heard = whole.wave[at * 640 :][: len(part.wave)]
    assert len(part.wave) == len(part.frames) * 640
    assert np.abs(part.wave - heard).max() < 2e-3


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """12 s whose tone rises, at 44.1 and 48 kHz, and in a stream without an index: each file and its clip."""
    folder = tmp_path_factory.mktemp("long")
    time = np.arange(12 * 44_100) / 44_100
    chirp = (np.sin(2 * np.pi * 60 * time**2) * np.linspace(0.1, 0.5, len(time))).astype(np.float32)
    mkv = numbered(folder / "long.mkv", range(0, 12_000, 40), sound=chirp, rate=44_100)
    mp4, stream = folder / "long.mp4", folder / "long.ts"
    video.write(mp4, [film(300)], 25.0, [chirp], 44_100)
    with av.open(str(mp4)) as source, av.open(str(stream), "w") as made:
        seen = made.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = seen
                made.mux(packet)
    return {path.suffix[1:]: (path, clip.read(path)) for path in (mkv, stream, mp4)}


# Sound --------------------------------------------------------------------------------------------


def click(seconds, at, rate):
    wave = np.zeros(round(seconds * rate), np.float32)
    wave[round(at * rate) : round(at * rate) + rate // 100] = 0.8
    return wave


@pytest.mark.parametrize("begin", [-0.4, 0.0, 0.013, 0.7])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_sound_is_where_the_time_stamps_put_it(tmp_path, begin, rate):
    """The picture begins at 0.5 s of the file's time, the sound ``begin`` seconds after it."""
    times = [500 + 40 * k for k in range(50)]
    sound = click(2.0, 0.6, rate)
    numbered(tmp_path / "a.mkv", times, sound=sound, begin=0.5 + begin, rate=rate)
    wave = clip.read(tmp_path / "a.mkv").wave
    assert len(wave) == 32_000
    assert np.argmax(np.abs(wave) > 0.4) / 16_000 == pytest.approx(0.6 + begin, abs=2e-3)
    if begin > 0.1:
        assert np.abs(wave[: round((begin - 0.02) * 16_000)]).max() < 1e-3


def test_a_gap_in_the_sound_is_silence(tmp_path):
    path = tmp_path / "a.mkv"
    tone = tones(0.5, 16_000)[0]
    with av.open(str(path), "w") as file:
        stream, heard = (
            file.add_stream("mpeg4", rate=25),
            file.add_stream("pcm_s16le", rate=16_000, layout="mono"),
        )
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for pixels in film(50):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(stream.encode(None))
        for begin in (0, 24_000):
            frame = av.AudioFrame.from_ndarray((tone[None] * 32767).astype(np.int16), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 16_000, begin, Fraction(1, 16_000)
            file.mux(heard.encode(frame))
        file.mux(heard.encode(None))
    wave = clip.read(path).wave
    assert not wave[8_000:24_000].any()
    assert np.allclose(wave[24_000:], tone, atol=1e-3)
    assert np.allclose(wave[:8_000], tone, atol=1e-3)


def test_sound_shorter_than_the_picture_ends_in_silence_and_longer_is_cut(tmp_path):
    for seconds in (0.5, 3.0):
        video.write(tmp_path / "a.mp4", [film(25)], 25.0, [tones(seconds, 24_000)[0]], 24_000)
        found = clip.read(tmp_path / "a.mp4")
        assert len(found.wave) == 640 * len(found.frames)
    assert np.abs(clip.read(tmp_path / "a.mp4").wave[8_000:]).max() > 0.3


# What is not usual --------------------------------------------------------------------------------


def test_a_video_without_sound_has_no_wave(tmp_path):
    assert clip.read(numbered(tmp_path / "a.mkv", range(0, 400, 40))).wave is None


def test_three_frames_are_three_frames(tmp_path):
    found = clip.read(numbered(tmp_path / "a.mkv", [0, 40, 80], sound=tones(0.12, 16_000)[0]))
    assert (len(found.frames), len(found.wave)) == (3, 1920)


@pytest.mark.parametrize(("a", "b", "turned"), [(0, 1, -1), (0, -1, 1), (-1, 0, 2)])
def test_a_phone_held_upright_gives_upright_frames(tmp_path, a, b, turned):
    """QuickTime's matrix (a b; -b a): 0 1 turns to the right, as a phone held upright writes."""
    path = filmed(tmp_path / "a.mp4", 0.2)
    plain = clip.read(path).frames
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    assert data[at : at + 4] == struct.pack(">i", 1 << 16)
    one = 1 << 16
    data[at : at + 36] = struct.pack(">9i", a * one, b * one, 0, -b * one, a * one, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    assert np.array_equal(clip.read(path).frames, np.rot90(plain, turned, (1, 2)))


def test_a_cover_picture_is_no_video(tmp_path):
    """As the pictures of songs are kept in their files."""
    plain = recorded(tmp_path, "m4a", tones(1.0, 44_100), 44_100)
    with av.open(str(plain)) as source, av.open(str(tmp_path / "b.mp4"), "w") as made:
        heard, cover = made.add_stream_from_template(source.streams.audio[0]), made.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "rgb24"
        cover.disposition = Disposition.attached_pic
        made.mux(cover.encode(av.VideoFrame.from_ndarray(film(1)[0], "rgb24")))
        made.mux(cover.encode(None))
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = heard
                made.mux(packet)
    with pytest.raises(InputError, match="has no picture"):
        clip.read(tmp_path / "b.mp4")


def broken(folder):
    whole = filmed(folder / "whole.mp4", 1.0).read_bytes()
    return {
        "absent": None,
        "empty": b"",
        "text": b"hello there, I am no video at all\n" * 40,
        "headless": whole[len(whole) // 2 :],
        "cut": whole[: len(whole) // 2],
        "spoilt": whole[:200] + bytes(len(whole) - 400) + whole[-200:],
    }


@pytest.mark.parametrize("name", ["absent", "empty", "text", "headless", "cut", "spoilt"])
def test_what_cannot_be_decoded_is_an_input_error_with_its_reason(tmp_path, name):
    data = broken(tmp_path)[name]
    if data is not None:
        (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(InputError) as caught:
        clip.read(tmp_path / "a.mp4")
    assert "a.mp4" in caught.value.sends
    assert caught.value.wants.startswith("a video")


def test_a_recording_has_no_picture(tmp_path):
    with pytest.raises(InputError, match="has no picture"):
        clip.read(recorded(tmp_path, "wav", tones(1.0, 16_000), 16_000))


def test_a_start_behind_the_end_names_the_length(tmp_path):
    with pytest.raises(InputError, match=r"has 1\.00 s of picture, and second 7 was asked for"):
        clip.read(filmed(tmp_path / "a.mp4"), start=7)


@pytest.mark.parametrize("wrong", [{"fps": 0}, {"start": -1}, {"seconds": 0}, {"start": float("nan")}])
def test_protocols_that_make_no_sense_are_refused(tmp_path, wrong):
    with pytest.raises(InputError, match="frames a second from second"):
        clip.read(filmed(tmp_path / "a.mp4"), **wrong)


def test_more_frames_than_memory_is_meant_for_are_refused(tmp_path, monkeypatch):
    filmed(tmp_path / "a.mp4")
    monkeypatch.setattr(clip, "MOST", 20 * 48 * 64 * 3)
    with pytest.raises(InputError, match="more than 20 frames of 64x48"):
        clip.read(tmp_path / "a.mp4")
    assert len(clip.read(tmp_path / "a.mp4", seconds=0.8).frames) == 20


def test_a_side_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "LARGEST", 60)
    with pytest.raises(InputError, match="64x48 pixels"):
        clip.read(filmed(tmp_path / "a.mp4"))


def test_time_stamps_that_claim_hours_end_in_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "LONGEST", 10.0)
    with pytest.raises(InputError, match="longer than"):
        for _ in clip.frames(numbered(tmp_path / "a.mkv", [0, 40, 9_000_000])):
            pass
