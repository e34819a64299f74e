import dataclasses

import numpy as np
import pytest
from utterances import FILES, notes_of, voice_like

from pfy_core import InputError, weights
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.choice import LARGEST_SHIFT, LOUDNESS, Shaping, choose, shaping
from pfy_plugin_speech.sound.level import loudness
from pfy_plugin_speech.sound.spectrum import band_edges


def profile(f0, spectrum=None):
    bands = np.zeros(48, np.float32) if spectrum is None else spectrum
    return VoiceProfile(10.0, f0, 2.5, bands, -25.0, 40.0)


@pytest.fixture
def here(tmp_path):
    """Files of all voices, as somebody has them who put their own there."""
    file = tmp_path / "model.onnx"
    file.write_bytes(b"a model")
    return bank.Files("hibari/heart", *[str(file)] * 3)


def test_a_name_decides_whatever_the_profile_says(here):
    assert choose("joe", profile(250.0), here) == "joe"
    assert choose("best", None, here) == "af_heart"


def test_auto_takes_kokoro_only_where_it_is(here, empty_home):
    assert choose("auto", None, here) == "af_heart"
    assert choose("auto", None, FILES) == "heart"


def test_an_unknown_voice_is_refused():
    with pytest.raises(InputError, match="jo"):
        choose("jo", None, FILES)


@pytest.mark.parametrize("voice", bank.STYLES)
def test_a_profile_of_a_voice_chooses_that_voice(here, voice):
    sound = bank.sounds()[voice]
    assert choose("auto", profile(sound.f0, sound.spectrum), here) == voice


@pytest.mark.parametrize(("f0", "voice"), [(85.0, "joe"), (115.0, "joe"), (200.0, "heart"), (300.0, "heart")])
def test_without_kokoro_the_nearer_light_voice_speaks(here, empty_home, f0, voice):
    files = dataclasses.replace(here, kokoro=FILES.kokoro, styles=FILES.styles)
    assert choose("auto", profile(f0), files) == voice


def test_with_an_embedding_and_kokoro_a_blend_speaks_at_its_own_pitch(here):
    own = bank.sounds()["af_kore"]
    mixed = bank.sound("af_heart*0.4+am_eric*0.6")
    wanted = dataclasses.replace(profile(own.f0, own.spectrum), embedding=mixed.embedding)
    voice = choose("auto", wanted, here)
    assert "+" in voice
    assert bank.sound(voice).embedding @ mixed.embedding > 0.97
    shaped = shaping(voice, wanted)
    assert shaped.ratio == 1.0
    assert shaped.response is not None


@pytest.mark.parametrize("voice", ["am_onyx", "bf_alice"])
def test_of_a_hopeless_recording_only_the_pitch_counts(here, voice):
    sound, other = bank.sounds()[voice], bank.sounds()["af_kore"]
    wanted = dataclasses.replace(
        profile(sound.f0, other.spectrum), embedding=other.embedding, verdict="hopeless"
    )
    assert choose("auto", wanted, here) == voice
    assert shaping(voice, wanted).response is None


def test_without_pitch_the_default_voice_speaks_as_it_is(here):
    wanted = dataclasses.replace(profile(0.0), verdict="hopeless")
    assert choose("auto", wanted, here) == "af_heart"
    assert shaping("af_heart", wanted) == shaping("af_heart", None)


def test_a_telephone_recording_does_not_muffle_the_speech():
    own = bank.sounds()["heart"]
    narrow = np.where(band_edges()[1:-1] < 3500, own.spectrum, -60).astype(np.float32)
    wanted = dataclasses.replace(profile(own.f0, narrow - narrow.mean()), bandwidth=3400.0)
    spoken = voice_like(200, 1.0, rate=24_000, highest=10_000)
    before, after = (
        np.abs(np.fft.rfft(shaping("heart", p)(spoken))) ** 2 for p in (profile(own.f0, own.spectrum), wanted)
    )
    high = np.fft.rfftfreq(len(spoken), 1 / 24_000) > 4500
    assert after[high].sum() > 0.6 * before[high].sum()


def test_a_voice_that_cannot_be_fetched_is_replaced_with_a_note(empty_home):
    voice, notes = notes_of(lambda: choose("auto", profile(90.0), FILES))
    assert voice == "heart"
    assert len(notes) == 1
    assert "joe, is not here and PFY_OFFLINE is set" in notes[0]
    assert "pfy weights pull piper/joe" in notes[0]


@pytest.mark.slow
def test_the_male_voice_is_fetched_when_a_man_is_heard():
    files = dataclasses.replace(FILES, kokoro="no/model", styles="no/styles")
    voice, notes = notes_of(lambda: choose("auto", profile(90.0), files))
    assert (voice, notes) == ("joe", [])
    assert weights.present("piper/joe")


def test_without_a_profile_only_the_level_is_changed():
    wave = voice_like(200, 2.0, rate=24_000)
    shaped = shaping("heart", None)(wave)
    assert len(shaped) == len(wave)
    assert np.corrcoef(shaped, wave)[0, 1] > 0.99


@pytest.mark.parametrize(
    ("semitones", "wanted"), [(-9, -LARGEST_SHIFT), (-2, -2), (0, 0), (1.5, 1.5), (7, 3)]
)
def test_pitch_moves_toward_the_profile_within_limits(semitones, wanted):
    sound = bank.sounds()["heart"]
    shaped = shaping("heart", profile(sound.f0 * 2 ** (semitones / 12), sound.spectrum))
    assert 12 * np.log2(shaped.ratio) == pytest.approx(wanted, abs=1e-6)


def test_a_profile_far_from_every_voice_is_said_so():
    _, notes = notes_of(lambda: shaping("heart", profile(90.0)))
    assert len(notes) == 1
    assert "heart is 13 semitones away" in notes[0]
    assert notes_of(lambda: shaping("heart", profile(180.0)))[1] == []


@pytest.mark.parametrize("raw", [0.03, 0.06, 0.1])
def test_a_sentence_has_the_common_loudness_at_whatever_level_the_engine_spoke_it(raw):
    wave = voice_like(200, 2.0, rate=24_000)
    wave *= np.float32(raw / np.sqrt(np.mean(wave**2)))
    shaped = Shaping(gain=10 ** ((LOUDNESS - loudness(wave, 24_000) + 4) / 20))
    assert loudness(shaped(wave), 24_000) == pytest.approx(LOUDNESS, abs=0.3)


def test_near_silence_is_not_made_loud():
    quiet = voice_like(200, 2.0, rate=24_000) * np.float32(0.001)
    assert loudness(Shaping()(quiet), 24_000) < -50
    assert not Shaping()(np.zeros(24_000, np.float32)).any()
