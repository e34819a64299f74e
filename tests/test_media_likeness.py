"""Comparing videos: the same, nearly, or something else."""

import math

import av
import numpy as np
import pytest

from pfy_core import InputError
from pfy_core.media import likeness, video

RATE = 24_000


def write(path, *, light=100, loud=0.1, count=10, side=64):
    frames = np.full((count, side, side, 3), light, np.uint8)
    frames[:, : side // 2] += 40
    wave = (np.sin(np.arange(count * RATE // 25) / 20) * loud).astype(np.float32)
    video.write(path, [frames], 25, [wave], RATE)
    return path


def test_the_same_frames_and_sound_give_the_same_streams(tmp_path):
    found = likeness.compare(write(tmp_path / "a.mp4"), write(tmp_path / "b.mp4"))
    assert found == likeness.Likeness(True, (10, 10), math.inf, 0.0)
    assert found.identical


def test_another_container_does_not_count(tmp_path):
    one, other = write(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    with av.open(str(one)) as source, av.open(str(other), "w") as target:
        target.metadata["comment"] = "another"
        streams = {item.index: target.add_stream_from_template(item) for item in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert one.read_bytes() != other.read_bytes()
    assert likeness.compare(one, other).identical


def test_a_little_light_is_measured_in_decibels(tmp_path):
    found = likeness.compare(write(tmp_path / "a.mp4"), write(tmp_path / "b.mp4", light=110))
    assert not found.identical
    assert found.psnr == pytest.approx(10 * math.log10(255**2 / 10**2), abs=1.5)
    assert found.sound == 0


def test_a_little_noise_is_measured_in_samples(tmp_path):
    found = likeness.compare(write(tmp_path / "a.mp4"), write(tmp_path / "b.mp4", loud=0.3))
    assert not found.identical
    assert found.psnr == math.inf
    assert found.sound == pytest.approx(0.2, abs=0.1)


def test_other_lengths_and_sizes_are_not_identical(tmp_path):
    one = write(tmp_path / "a.mp4")
    longer = likeness.compare(one, write(tmp_path / "b.mp4", count=12))
    assert (longer.frames, longer.identical) == ((10, 12), False)
    larger = likeness.compare(one, write(tmp_path / "c.mp4", side=96))
    assert math.isnan(larger.psnr)
    assert not larger.identical


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(InputError, match="cannot be read"):
        likeness.compare(tmp_path / "a.txt", write(tmp_path / "b.mp4"))
