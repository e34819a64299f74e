import numpy as np
import pytest
import soxr
from scipy import signal
from utterances import noise, notes_of, voice_like

from pfy_core import InputError
from pfy_plugin_speech import bank
from pfy_plugin_speech.choice import LOUDNESS
from pfy_plugin_speech.listen import speaker
from pfy_plugin_speech.ports import LISTEN_RATE


@pytest.fixture(scope="module")
def profile(profiler, heard):
    return profiler(heard)


def telephone(wave):
    sos = signal.butter(8, [300, 3400], "bandpass", fs=LISTEN_RATE, output="sos")
    return signal.sosfilt(sos, wave).astype(np.float32)


def noisy(wave, snr):
    """The recording with white noise ``snr`` dB below the level of its louder half."""
    rms = float(np.sqrt(np.mean(wave[np.abs(wave) > 0.05] ** 2)))
    return np.clip(
        wave + noise(len(wave) / LISTEN_RATE, LISTEN_RATE, rms / 10 ** (snr / 20))[: len(wave)], -1, 1
    )


def test_the_profile_is_that_of_the_voice(profile, heard):
    own = bank.sounds()["heart"]
    assert profile.f0 == pytest.approx(own.f0, rel=0.06)
    assert np.sqrt(np.mean((profile.spectrum - own.spectrum) ** 2)) < 3.0
    assert 0.5 * len(heard) / LISTEN_RATE < profile.speech < len(heard) / LISTEN_RATE
    assert 1.0 < profile.f0_spread < 6.0
    assert profile.loudness == pytest.approx(LOUDNESS, abs=1.0)
    assert profile.f0_range[0] < profile.f0 < profile.f0_range[1]
    assert -12 < profile.tilt < -3
    assert profile.clipping < 1e-3
    assert profile.bandwidth > 7000


def test_the_speaker_is_known_again(profile, heard):
    assert speaker.similarity(profile.embedding, bank.sounds()["heart"].embedding) > 0.85
    assert speaker.similarity(profile.embedding, bank.sounds()["joe"].embedding) < 0.7


def test_a_clean_recording_needs_no_advice(profiler, heard):
    profile, notes = notes_of(lambda: profiler(heard))
    assert profile.notes == ()
    assert notes == []
    assert profile.snr > 35
    assert profile.verdict == "good"
    assert profile.quality == profile.cleaned_quality > 3.0
    assert profile.cleaned == ()


@pytest.mark.parametrize("ratio", [0.6, 0.85, 1.3])
def test_a_voice_moved_in_pitch_is_found_where_it_was_moved_to(profiler, heard, profile, ratio):
    moved = profiler(np.asarray(soxr.resample(heard, ratio * LISTEN_RATE, LISTEN_RATE), np.float32))
    assert moved.f0 == pytest.approx(ratio * profile.f0, rel=0.03)
    assert moved.f0_spread == pytest.approx(profile.f0_spread, abs=0.6)


def test_the_level_does_not_matter_but_is_told(profiler, heard, profile):
    quiet = profiler(heard * np.float32(0.25))
    assert quiet.f0 == pytest.approx(profile.f0, rel=0.01)
    assert np.abs(quiet.spectrum - profile.spectrum).max() < 0.5
    assert profile.loudness - quiet.loudness == pytest.approx(12.04, abs=0.1)
    assert speaker.similarity(quiet.embedding, profile.embedding) > 0.999


def test_the_signal_to_noise_ratio_falls_with_noise(profiler, heard):
    found = [profiler(noisy(heard, snr)).snr for snr in (40, 30, 20, 10)]
    assert found == sorted(found, reverse=True)
    assert found[2] == pytest.approx(20, abs=5)


def test_a_noisy_recording_is_used_with_advice(profiler, heard, profile):
    found, notes = notes_of(lambda: profiler(noisy(heard, 10)))
    assert found.f0 == pytest.approx(profile.f0, rel=0.05)
    assert list(found.notes) == notes
    assert "noisy" in notes[0]
    assert found.verdict == "poor"
    assert found.cleaned == ("took noise out",)
    assert found.cleaned_quality > found.quality + 0.5
    assert speaker.similarity(found.embedding, profile.embedding) > 0.75


def test_of_a_hopeless_recording_little_is_promised(profiler, heard):
    found, notes = notes_of(lambda: profiler(noisy(heard, -6)))
    assert found.verdict == "hopeless"
    assert any("only the pitch is used" in told for told in notes)


def test_without_the_networks_a_profile_says_less_and_says_so(profiler, heard, profile, empty_home):
    found, notes = notes_of(lambda: profiler(heard))
    assert (found.embedding, found.quality) == (None, None)
    assert found.f0 == pytest.approx(profile.f0, rel=0.01)
    assert found.speech == pytest.approx(profile.speech, rel=0.15)
    assert notes == ["the speaker could not be compared with the voices here: get 'pfy weights pull listen'"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda wave: np.clip(2.5 * wave, -1, 1), "clipped"),
        (telephone, "telephone"),
        (lambda wave: wave * np.float32(0.01), "faint"),
    ],
    ids=["clipped", "telephone", "faint"],
)
def test_a_spoiled_recording_is_used_with_advice(profiler, heard, profile, spoil, word):
    found = profiler(spoil(heard).astype(np.float32))
    assert word in found.notes[0]
    assert found.f0 == pytest.approx(profile.f0, rel=0.05)


def test_pauses_are_no_speech(profiler, heard, profile):
    padded = np.concatenate([heard, np.zeros(5 * LISTEN_RATE, np.float32)])
    assert profiler(padded).speech == pytest.approx(profile.speech, abs=0.1)


@pytest.mark.parametrize(
    ("wave", "sends"),
    [
        (np.zeros(0, np.float32), "silent"),
        (np.zeros(5 * LISTEN_RATE, np.float32), "silent"),
        (noise(5.0, LISTEN_RATE, 1e-4), "silent"),
        (voice_like(150, 0.2), r"s of speech in 0\.2 s"),
        (noise(5.0, LISTEN_RATE), r"s of speech in 5\.0 s"),
        (np.ones(5 * LISTEN_RATE, np.float32), "silent"),
    ],
    ids=["empty", "silence", "hiss", "short", "noise", "direct current"],
)
def test_what_is_no_voice_is_refused_with_a_way_out(profiler, wave, sends):
    with pytest.raises(InputError, match=sends) as caught:
        profiler(wave)
    assert caught.value.fix or caught.value.wants


def test_the_recording_is_left_as_it_was(profiler, heard):
    before = heard.copy()
    one, other = profiler(heard), profiler(heard)
    assert np.array_equal(heard, before)
    assert np.array_equal(one.spectrum, other.spectrum)
    assert one.f0 == other.f0


def test_a_long_recording_costs_no_more_than_its_first_minute(profiler, heard):
    minutes = np.tile(heard, int(150 * LISTEN_RATE / len(heard)))
    profile = profiler(minutes)
    assert profile.speech > 90
    assert profile.f0 == pytest.approx(profiler(minutes[: 100 * LISTEN_RATE]).f0, rel=1e-3)
