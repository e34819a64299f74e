import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core.kinds import Phone
from pfy_plugin_portrait.visemes import SOUNDS, VISEMES, segments, spell


@pytest.mark.parametrize(
    ("symbol", "names"),
    [
        ("", ["silence"]),
        ("p", ["bilabial"]),
        ("aɪ", ["a", "ih"]),
        ("oʊ", ["o", "oo"]),
        ("ɔɪ", ["aw", "ih"]),
        ("tʃ", ["postalveolar"]),
        ("t͡ʃ", ["postalveolar"]),
        ("ʤ", ["postalveolar"]),
        ("iː", ["i"]),
        ("ˈæ", ["ae"]),
        ("ɜɹ", ["rhotic"]),
        ("õ", ["o"]),
        ("ç", ["velar"]),
        ("#", ["schwa"]),
    ],
)
def test_sounds_are_spelled_as_visemes(symbol, names):
    assert spell(symbol) == names


@given(st.text(max_size=6))
def test_any_symbol_has_a_viseme(symbol):
    names = spell(symbol)
    assert 1 <= len(names) <= 2
    assert all(name in VISEMES for name in names)


def test_every_sound_has_a_known_viseme():
    assert set(SOUNDS.values()) <= set(VISEMES)
    assert {name for name, viseme in VISEMES.items() if viseme.closes} == {"bilabial"}


def test_a_diphthong_is_two_segments_that_fill_its_time():
    first, second = segments([Phone("aɪ", 1.0, 1.2, 2)])
    assert (first.start, second.end) == (1.0, 1.2)
    assert first.end == second.start
    assert first.stress == 2
    assert first.vowel
