import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.text.clean import Cleaner
from pfy_plugin_speech.text.g2p import cut, ids, phonemizer, vocabulary
from pfy_plugin_speech.text.tracked import Tracked

SOUNDS = st.text(alphabet="abdəˈˌɪŋ .,!?;:—", max_size=600)


def cut_up(phonemes, longest):
    return [phonemes[start:end] for start, end in cut(phonemes, longest)]


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("Hello world.", "həlˈO wˈɜɹld."),
        ("mother, balloon", "mˈʌðəɹ, bəlˈun"),
        ("it costs $3.50.", "ɪt kˈɔsts θɹˈi dˈɑləɹz ænd fˈɪfti sˈɛnts."),
        ("12%", "twˈɛlv pəɹsˈɛnt"),
    ],
)
def test_known_words_have_their_phonemes(american, text, phonemes):
    assert american(text) == phonemes


def test_the_british_accent_drops_its_r(american):
    assert "ɹ" in american("water car")
    assert "ɹ" not in phonemizer(british=True).phonemes(Tracked.of("water car"))


@pytest.mark.parametrize("text", ["THE WEATHER IS WARM TODAY", "IT AM US OR WHO", "DO NOT RUN"])
def test_shouting_is_spoken_as_words(american, text):
    assert american(text) == american(text.lower())


def test_shouting_keeps_acronyms_and_the_pronoun(american):
    spoken = american("I MET THE FBI AND NASA").split()
    assert spoken[0] == american("I met").split()[0]
    assert "".join(spoken[3:4]) == american("the FBI").split()[1]


@pytest.mark.parametrize("text", ["You and I.", "It was plan B.", "He left the U.S."])
def test_a_full_stop_after_a_letter_is_still_the_end_of_the_sentence(american, text):
    assert american(text).endswith(".")


@pytest.mark.parametrize("text", ["", " ", "...", "'", "—", "**"])
def test_what_has_no_sound_has_no_phonemes(american, text):
    assert american(text) == ""


def test_emphasis_is_not_read_aloud(american):
    assert american("a **big** and _red_ `ball`") == american("a big and red ball")


@pytest.mark.parametrize(
    "text",
    ["9,9,9,9,9,9", "1.2.3.4.5", "12:60:99", "$.", "1e400", "0x1F", "½¾", "€9,9,9", "1/0", "-1,000,00.0.0"],
)
def test_odd_numbers_are_spoken_somehow(american, text):
    spoken = american(f"so {text} here").split()
    assert (spoken[0].rstrip("."), spoken[-1]) == ("sˌO", "hˈɪɹ")


def test_an_unknown_word_is_sounded_out(american):
    assert len(american("flibberjab zorptangle")) > 12


def test_all_phonemes_have_ids_between_two_pads(american):
    phonemes = american("The quick brown fox jumps over the lazy dog!")
    found = ids(phonemes)
    assert (found[0], found[-1]) == (0, 0)
    assert found[1:-1] == [vocabulary()[char] for char in phonemes]


@utterances.PATIENT
@given(SOUNDS, st.integers(20, 200))
def test_cutting_loses_nothing_and_keeps_the_limit(phonemes, longest):
    parts = cut_up(phonemes, longest)
    assert all(len(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(phonemes.split())


@pytest.mark.parametrize(
    ("phonemes", "first"),
    [
        ("aaaa bbbb. cc, dddd eeee", "aaaa bbbb."),
        ("aaaa bbbb, cccc dddd eeee", "aaaa bbbb,"),
        ("aaaa bbbb cccc dddd", "aaaa bbbb cccc"),
    ],
)
def test_phonemes_are_cut_at_the_best_place(phonemes, first):
    assert cut_up(phonemes, 17)[0] == first


@utterances.PATIENT
@given(st.text(max_size=60))
def test_any_text_becomes_phonemes_with_ids(text):
    phonemes = phonemizer().phonemes(Cleaner()(Tracked.of(text)))
    assert len(ids(phonemes)) == len(phonemes) + 2


@utterances.PATIENT
@given(
    st.lists(
        st.sampled_from(["cat", "house", "running", "FBI", "42", "Peter's", "e-mail", "don't", "I"]),
        min_size=1,
        max_size=8,
    )
)
def test_no_word_is_lost_on_the_way_to_phonemes(words):
    text = " ".join(words)
    assert len(phonemizer().phonemes(Tracked.of(text)).split()) >= len(words)
