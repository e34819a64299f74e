import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_bpe.cleaning import clean
from pfy_plugin_bpe.languages import LANGUAGES, SIGNS, language


def cleaned(code, text):
    return clean(text, code, LANGUAGES[code])


@pytest.mark.parametrize(
    ("code", "text", "spoken"),
    [
        ("en", "Dr. Smith  said:\n“Hello”", "doctor smith said: hello"),
        ("en", "$1,234.50 for 2 of 50%", "one thousand, two hundred and thirty-four dollars, fifty cents "
         "for two of fifty percent"),
        ("en", "$2 or £3 or 4€", "two dollars or three pounds sterling or four euro"),
        ("en", "the 3rd and the 21st", "the third and the twenty-first"),
        ("en", "5km, an mp3", "five km, an mp three"),
        ("en", "1,000,000 is not 1.5", "one million is not one point five"),
        ("en", "you & me @ home (100%)", "you and me at home (one hundred percent)"),
        ("en", "1000000000000000", "one" + " zero" * 15),
        ("de", "Am 3. Mai, 1.234,5", "am dritte mai, eintausendzweihundertvierunddreißig komma fünf"),
        ("de", "Es waren 3.", "es waren drei."),
        ("de", "Dr. Meier bzw. Hr. Braun", "doktor meier beziehungsweise herr braun"),
        ("fr", "le 1er à 20 °C", "le premier à vingt degrés c"),
        ("es", "1.000 & 3,5", "mil y tres punto cinco"),
        ("it", "il 5%", "il cinque per cento"),
        ("pt", "2 maçãs", "dois maçãs"),
        ("pl", "5 €", "pięć euro"),
        ("tr", "Iğdır İzmir 3", "ığdır izmir üç"),
        ("tr", "$5", "beş dolar"),
        ("ru", "Дом 3-й", "дом третий"),
        ("nl", "€ 5", "vijf euro"),
        ("cs", "21 a 5%", "dvacet jedna a pět procento"),
        ("ar", "٣", "ثلاثة"),
        ("hu", "3. nap", "harmadik nap"),
    ],
)  # fmt: skip
def test_text_is_written_as_it_is_spoken(code, text, spoken):
    assert cleaned(code, text) == spoken


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_reads_numbers_and_signs_in_its_words(code):
    for text in ("7", "21", "3.5", "3,5", "$2", "2 £", "€2,50", "10%", "a & b @ c # d ° e", "0", "1 000"):
        found = cleaned(code, text)
        assert found
        assert not set(found) & set(SIGNS)
        assert not any(character.isdigit() for character in found), (text, found)


@given(st.sampled_from(sorted(LANGUAGES)), st.text(max_size=60))
def test_any_text_is_cleaned_to_single_spaced_small_letters_without_figures(code, text):
    found = cleaned(code, text)
    assert found == " ".join(found.split())
    assert not any(character in "0123456789" for character in found)
    assert '"' not in found


@given(st.sampled_from(sorted(LANGUAGES)), st.text("0123456789.,$€£%- ", max_size=25))
def test_any_mixture_of_figures_and_signs_is_read(code, text):
    assert not any(character.isdigit() for character in cleaned(code, text))


def test_a_region_is_left_out():
    assert language("pt-BR")[0] == "pt"
    assert language(" EN_us ")[0] == "en"


@pytest.mark.parametrize(
    ("name", "why"), [("zh-cn", "pinyin"), ("ja", "Latin"), ("ko", "Latin"), ("hi", "signs")]
)
def test_languages_whose_script_is_not_read_are_refused_with_the_reason(name, why):
    with pytest.raises(InputError, match=why):
        language(name)


@pytest.mark.parametrize("name", ["", "xx", "english", "-"])
def test_other_languages_are_refused_with_those_there_are(name):
    with pytest.raises(InputError) as caught:
        language(name)
    assert "en, es, fr" in caught.value.wants
