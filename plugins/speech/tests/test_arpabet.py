import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.arpabet import FROM_KOKORO, IPA, VOWELS, from_kokoro, ipa
from pfy_plugin_speech.text.g2p import vocabulary


@pytest.mark.parametrize(
    ("phonemes", "phones"),
    [
        ("həlˈO", [("HH", 0), ("AH", 0), ("L", 0), ("OW", 2)]),
        ("wˈɜɹld", [("W", 0), ("ER", 2), ("L", 0), ("D", 0)]),
        ("mˈʌðəɹ", [("M", 0), ("AH", 2), ("DH", 0), ("ER", 0)]),
        ("ʧˌAnʤ", [("CH", 0), ("EY", 1), ("N", 0), ("JH", 0)]),
        ("ˈstɹit", [("S", 0), ("T", 0), ("R", 0), ("IY", 2), ("T", 0)]),
        ("wˈɜːld", [("W", 0), ("ER", 2), ("L", 0), ("D", 0)]),
        ("", []),
        ("?!", []),
    ],
)
def test_words_are_spelled_with_their_stress(phonemes, phones):
    assert from_kokoro(phonemes) == phones


def test_every_phone_of_the_aligner_has_ipa_whose_shares_fill_its_time():
    for phone in {*IPA, *VOWELS, *FROM_KOKORO.values()}:
        assert sum(share for _, share in ipa(phone)) == pytest.approx(1.0)


def test_every_sound_that_the_phonemizer_makes_is_known_to_the_aligner(american):
    text = "The quick brown fox, judge, vision, boy, house, thing, this, water, button, new year."
    for word in american(text).split():
        sounds = [char for char in word if char not in "ˈˌː,."]
        assert len(from_kokoro(word)) >= len(sounds) - word.count("əɹ") - word.count("ɜɹ")


@given(st.text(alphabet=sorted(vocabulary()), max_size=40))
def test_any_phonemes_can_be_spelled(phonemes):
    for phone, stress in from_kokoro(phonemes):
        assert phone in {*IPA, "ER"}
        assert stress in (0, 1, 2)
        assert not stress or phone in VOWELS
