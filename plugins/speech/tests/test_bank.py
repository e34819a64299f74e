import numpy as np
import pytest
from utterances import FILES

from pfy_core import InputError, weights
from pfy_core.errors import WeightsError
from pfy_plugin_speech import bank


def test_every_voice_has_been_measured():
    assert list(bank.sounds()) == list(bank.FAMILIES)
    for sound in bank.sounds().values():
        assert 70 < sound.f0 < 260
        assert sound.spectrum.shape == (48,)
        assert abs(sound.spectrum.mean()) < 0.1
        assert -35 < sound.loudness < -15


def test_men_have_lower_voices_than_women():
    f0 = {voice: sound.f0 for voice, sound in bank.sounds().items()}
    men = [f0[voice] for voice in bank.STYLES if voice[1] == "m"] + [f0["joe"]]
    women = [f0[voice] for voice in bank.STYLES if voice[1] == "f"] + [f0["heart"]]
    assert np.median(men) < 0.75 * np.median(women)


@pytest.mark.parametrize("voice", ["heart", pytest.param("joe", marks=pytest.mark.slow)])
def test_a_voice_measured_again_is_as_it_was(voice):
    sound, stored = bank.measure(bank.load(voice, FILES), british=False), bank.sounds()[voice]
    assert sound.f0 == pytest.approx(stored.f0, rel=0.01)
    assert sound.loudness == pytest.approx(stored.loudness, abs=0.2)
    assert np.abs(sound.spectrum - stored.spectrum).max() < 0.5
    assert sound.embedding @ stored.embedding > 0.99


def test_the_speakers_are_in_the_order_of_their_file():
    for source in weights.entries()["kokoro/styles"].sources:
        names = [part.get("file", part.get("inside", "")) for part in source["join"]]
        assert [name.rpartition("/")[2] for name in names] == [f"{voice}.bin" for voice in bank.STYLES]


@pytest.mark.parametrize(
    ("name", "voice"),
    [("light", "heart"), ("best", "af_heart"), ("kokoro", "af_heart"), ("bm_fable", "bm_fable")],
)
def test_a_voice_has_other_names(name, voice):
    assert bank.resolve(name) == voice


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("af_heart+af_bella", "af_bella*0.5+af_heart*0.5"),
        (" af_heart * 3 + bm_fable ", "af_heart*0.75+bm_fable*0.25"),
        ("af_heart*1+af_heart*2", "af_heart"),
        ("af_heart*1+af_bella*0.001", "af_heart"),
    ],
)
def test_a_blend_is_named_by_its_recipe(name, voice):
    assert bank.resolve(name) == voice
    assert bank.resolve(voice) == voice
    assert sum(bank.recipe(voice).values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "name", ["heart+joe", "af_heart*-1+af_bella", "af_heart*x", "+", "af_haert+af_bella"]
)
def test_what_cannot_be_blended_is_refused(name):
    with pytest.raises(InputError, match="in the blend") as caught:
        bank.resolve(name)
    assert "af_heart*0.7+af_bella*0.3" in caught.value.wants


def test_a_blend_sounds_between_its_parts():
    one, other = bank.sounds()["af_heart"], bank.sounds()["am_adam"]
    mixed = bank.sound("af_heart*0.5+am_adam*0.5")
    assert mixed.f0 == pytest.approx(np.sqrt(one.f0 * other.f0))
    assert np.linalg.norm(mixed.embedding) == pytest.approx(1.0, abs=1e-5)
    assert (
        min(mixed.embedding @ one.embedding, mixed.embedding @ other.embedding)
        > one.embedding @ other.embedding
    )
    assert bank.british("af_heart*0.4+bm_fable*0.6")
    assert not bank.british("af_heart*0.6+bm_fable*0.4")


def test_an_unknown_voice_is_refused_with_a_suggestion():
    with pytest.raises(InputError) as caught:
        bank.resolve("am_micheal")
    assert "am_michael" in caught.value.fix
    assert all(voice in caught.value.wants for voice in bank.FAMILIES)


def test_british_speakers_are_the_ones_whose_name_says_so():
    assert [voice for voice in bank.FAMILIES if bank.british(voice)] == [
        v for v in bank.STYLES if v[0] == "b"
    ]


def test_the_light_voice_comes_with_the_package_and_the_others_do_not(empty_home, monkeypatch):
    monkeypatch.setenv(weights.OFFLINE, "1")
    assert bank.load("heart", FILES).say("hˈaɪ.", speed=1.0, seed=0).wave.size
    for voice in ("joe", "af_heart"):
        assert not FILES.present(voice)
        with pytest.raises(WeightsError, match=weights.OFFLINE):
            bank.load(voice, FILES)
