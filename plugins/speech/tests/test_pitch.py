import numpy as np
import pytest
from utterances import noise, voice_like

from pfy_plugin_speech.sound import pitch


def voiced(track):
    return track[track > 0]


@pytest.mark.parametrize("f0", [60, 75, 98, 131, 180, 233, 311, 392, 450])
def test_a_steady_voice_has_its_pitch_within_a_percent_and_no_octave_errors(f0):
    inner = pitch.track(voice_like(f0))[5:-5]
    assert (inner > 0).mean() > 0.95
    assert np.median(voiced(inner)) == pytest.approx(f0, rel=0.01)
    assert np.abs(np.log2(voiced(inner) / f0)).max() < 0.1


@pytest.mark.parametrize("f0", [90, 120, 210])
def test_a_missing_fundamental_is_heard_over_the_telephone(f0):
    inner = pitch.track(voice_like(f0, lowest=300, highest=3400))[5:-5]
    assert np.median(voiced(inner)) == pytest.approx(f0, rel=0.01)


def test_a_gliding_voice_is_followed():
    f0 = np.geomspace(110, 220, 32_000)
    track = pitch.track(voice_like(f0, seconds=2.0))
    assert track[10:-10] == pytest.approx(f0[::160][10:-10], rel=0.03)


def test_a_voice_with_a_strong_second_harmonic_is_not_an_octave_higher():
    t = np.arange(16_000) / 16_000
    wave = (
        0.05 * np.sin(2 * np.pi * 110 * t)
        + 0.3 * np.sin(2 * np.pi * 220 * t)
        + 0.1 * np.sin(2 * np.pi * 330 * t)
    )
    assert np.median(voiced(pitch.track(wave.astype(np.float32)))) == pytest.approx(110, rel=0.02)


def test_noise_has_no_pitch():
    assert (pitch.track(noise(3.0, 16_000)) > 0).mean() < 0.05


def test_silence_has_no_pitch():
    assert not pitch.track(np.zeros(16_000, np.float32)).any()


def test_voice_and_silence_are_told_apart_where_they_meet():
    wave = np.concatenate([np.zeros(8000, np.float32), voice_like(150), np.zeros(8000, np.float32)])
    track = pitch.track(wave) > 0
    assert not track[:46].any()
    assert track[55:145].all()
    assert not track[154:].any()


def test_level_and_direct_current_do_not_matter():
    wave = voice_like(140)
    same = pitch.track(wave)
    assert pitch.track(wave * np.float32(0.01)) == pytest.approx(same, rel=1e-3)
    assert np.median(voiced(pitch.track(wave + np.float32(0.2)))) == pytest.approx(140, rel=0.01)


@pytest.mark.parametrize("length", [0, 1, 160, 480, 800, 16_000])
def test_there_is_one_value_every_ten_milliseconds(length):
    assert len(pitch.track(voice_like(200)[:length])) == length // 160


def test_a_voice_in_some_noise_keeps_its_pitch():
    wave = voice_like(160, seconds=2.0)
    rms = float(np.sqrt(np.mean(wave**2)))
    track = pitch.track(wave + noise(2.0, 16_000, level=rms / 10 ** (10 / 20)))
    assert (track > 0).mean() > 0.8
    assert np.median(voiced(track)) == pytest.approx(160, rel=0.01)
