import re

import numpy as np
import pytest
from utterances import assert_contiguous

from pfy_core import InputError, weights
from pfy_core.errors import WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import world
from pfy_plugin_speech.ports import RATE
from pfy_plugin_speech.sound.level import loudness
from pfy_plugin_speech.speech import Speech
from pfy_plugin_speech.text import languages
from pfy_plugin_speech.text.languages import CODES, OTHERS, detect, resolve
from pfy_plugin_speech.text.tracked import Tracked


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Good morning, and thank you for joining us today.", "en"),
        ("Hello world", "en"),
        ("Yes.", "en"),
        ("Pizza, pasta e vino", "en"),
        ("The café in San José is called La Paz de la Mar.", "en"),
        ("C'est la vie, as they say in France.", "en"),
        ("He said que sera, sera.", "en"),
        ("42", "en"),
        ("xkcd qwerty", "en"),
        ("Buenos días, y gracias por estar con nosotros.", "es"),
        ("Hola, ¿cómo está usted? Yo estoy muy bien.", "es"),
        ("El tiempo será bueno hasta el lunes.", "es"),
        ("Bonjour, et merci d'être avec nous.", "fr"),
        ("Les enfants ont acheté des livres.", "fr"),
        ("Je ne sais pas.", "fr"),
        ("Buongiorno, e grazie per essere qui con noi.", "it"),
        ("Non lo so, ma il tempo è bello.", "it"),
        ("Bom dia, e obrigado por estar com a gente. Você não está só.", "pt"),
        ("Guten Morgen, und danke, dass Sie heute bei uns sind.", "de"),
        ("Goedemorgen, en dank dat je er vandaag bij bent, het is een mooie dag.", "nl"),
    ],
)
def test_the_language_is_told_from_the_text_and_english_when_in_doubt(text, code):
    assert detect(text) == code


@pytest.mark.parametrize(
    "text",
    ["Ha ha ha!", "Come on, son!", "Come, come, come.", "La La Land is great.", "Die, die, my darling!"],
)
def test_english_with_a_few_words_that_others_have_too_stays_english(text):
    assert detect(text) == "en"


@pytest.mark.parametrize("code", ["pt", "de", "nl"])
def test_a_language_without_a_voice_is_refused_with_the_list_of_those_that_have_one(code, light):
    text = {
        "pt": "Você não está só, e eu também não.",
        "de": "Ich bin nicht allein, und du bist es auch nicht.",
        "nl": "Ik ben niet alleen, en jij bent het ook niet.",
    }[code]
    with pytest.raises(InputError, match=languages.NAMES[code]) as caught:
        resolve("auto", text)
    assert all(name in caught.value.wants for name in ("English", "Spanish", "French", "Italian"))
    with pytest.raises(InputError, match=r"heart|light"):
        list(light(text, seed=0))


def test_a_language_whose_package_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setattr(languages, "NEEDED", ("no_such_module",))
    with pytest.raises(InputError, match="Spanish") as caught:
        list(Speech()("Hola, ¿cómo está usted? Yo estoy muy bien.", seed=0))
    assert "pfy-plugin-speech[es]" in caught.value.fix


def test_a_text_can_be_read_as_english_all_the_same():
    speech = Speech(voice="light", language="en")
    assert next(iter(speech("Je ne sais pas.", seed=0))).words[-1].text == "pas."


@pytest.mark.parametrize(
    ("config", "sends"),
    [({"language": "esp"}, "'esp'"), ({"language": "pt"}, "'pt'"), ({"voice": "ef_dorra"}, "ef_dorra")],
)
def test_an_unknown_language_or_voice_is_refused_at_once(config, sends):
    with pytest.raises(InputError, match=re.escape(sends)):
        Speech(**config)


def test_a_voice_speaks_its_own_language_only():
    with pytest.raises(InputError, match="ef_dora speaks Spanish"):
        list(Speech(voice="ef_dora", language="fr")("Bonjour", seed=0))


def test_the_nearest_voice_of_a_language_is_chosen_by_pitch():
    def profile(f0):
        return VoiceProfile(10.0, f0, 2.5, np.zeros(48, np.float32), -25.0, 40.0)

    assert world.choose("it", None) == OTHERS["it"].voices[0]
    assert world.choose("it", profile(95.0)) == "im_nicola"
    assert world.choose("es", profile(210.0)) == "ef_dora"
    assert set(world.SPEAKERS) == {voice for language in OTHERS.values() for voice in language.voices}
    assert {speaker.code for speaker in world.SPEAKERS.values()} == set(CODES) - {"en"}


@pytest.fixture(params=sorted(OTHERS))
def code(request):
    for module in (OTHERS[request.param].package, *languages.NEEDED):
        pytest.importorskip(module)
    return request.param


def sounds(code, text):
    from pfy_plugin_speech.text.romance import phonemizer

    return "".join(t.phonemes + " " * t.gap for t in phonemizer(code)(Tracked.of(text))).strip()


SAID = {
    "es": [
        ("Hola, señor.", "ˈola, seɲˈoɾ."),
        ("Tengo 3 gatos.", "Tengo tres gatos."),
        ("el 15/05/2024", "el quince de mayo de dos mil veinticuatro"),
        ("a las 15:30", "a las quince y treinta"),
        ("12,50 €", "doce euros con cincuenta"),
        ("el 20 %", "el veinte por ciento"),
        ("1.234 km", "mil doscientos treinta y cuatro kilómetros"),
        ("Sr. López", "señor López"),
        ("-5 °C", "menos cinco grados"),
    ],
    "fr": [
        ("Bonjour.", "bɔ̃ʒˈuʁ."),
        ("les amis", "lez amˈi"),
        ("les livres", "le lˈivʁ"),
        ("un ami", "œ̃n amˈi"),
        ("un livre", "œ̃ lˈivʁ"),
        ("J'ai 3 chats.", "J'ai trois chats."),
        ("12,50 €", "douze euros cinquante"),
        ("à 15h30", "à quinze heures trente"),
        ("le 1/05/2024", "le premier mai deux mille vingt-quatre"),
        ("Mme Dupont", "madame Dupont"),
    ],
    "it": [
        ("Buongiorno.", "bʊonʤˈɔrno."),
        ("l'amico", "lamˈiko"),
        ("Ho 3 gatti.", "Ho tre gatti."),
        ("12,50 €", "dodici euro e cinquanta"),
        ("alle 15:30", "alle quindici e trenta"),
        ("il 20%", "il venti per cento"),
        ("Sig. Rossi", "signor Rossi"),
        ("3,5 km", "tre virgola cinque chilometri"),
    ],
}


def test_other_languages_are_pronounced_and_their_numbers_read(code):
    for written, said in SAID[code]:
        wanted = said if re.search("[ˈɔœ]", said) else sounds(code, said)
        assert sounds(code, written).replace(",", "") == wanted.replace(",", ""), written


def test_words_that_no_lexicon_has_are_sounded_out(code):
    assert len(sounds(code, "blorfaminuta")) > 6


@pytest.fixture
def fetched(code):
    try:
        weights.path("kokoro/model")
        weights.path("kokoro/world")
    except WeightsError as error:
        pytest.skip(f"Kokoro cannot be fetched here: {error.sends}")
    return code


@pytest.mark.slow
def test_kokoro_speaks_other_languages_with_times(fetched):
    text = world.SAMPLES[fetched].split(". ")[0] + "."
    records = list(Speech()(text, seed=0))
    wave = np.concatenate([record.wave for record in records])
    words = [word for record in records for word in record.words]
    assert_contiguous([phone for record in records for phone in record.phones], 0.0, len(wave) / RATE)
    assert [word.text for word in words] == text.split()
    assert loudness(wave, RATE) == pytest.approx(-16.0, abs=1.0)
    lasted = words[-1].end - words[0].start
    assert 8 < sum(map(len, text.split())) / lasted < 25
