"""Which syllable is stressed is heard: these waves carry no marks of stress."""

import numpy as np
import pytest
from portrait_scenes import voice

from pfy_plugin_portrait import accents
from pfy_plugin_portrait.heard import Heard

SCRIPT = "_ a a a a B a a a a _ _"
MIDDLE = 5.65 * 0.18
TIMES = (np.arange(50) + 0.5) / 25


def hear(wave, phones):
    heard = Heard()
    heard.hear(wave, phones)
    heard.finish()
    return heard


def strongest(heard):
    return max(accents.accents(heard, 0, 2.2), key=lambda accent: accent.strength)


@pytest.mark.parametrize("height", [(5.0, 1.0), (0.0, 2.5), (4.0, 1.6)])
def test_the_higher_or_louder_syllable_is_the_accent(height):
    accent = strongest(hear(*voice(SCRIPT, B=height)))
    assert accent.time == pytest.approx(MIDDLE, abs=0.02)
    assert accent.strength > 0.15


def test_even_speech_has_no_accents():
    assert all(accent.strength < 0.1 for accent in accents.accents(hear(*voice(SCRIPT)), 0.6, 2.2))


def test_brows_rise_with_pitch_and_not_with_loudness():
    def raised(height):
        heard = hear(*voice(SCRIPT, B=height))
        return accents.brows(TIMES, accents.accents(heard, 0, 2.2))

    high, loud = raised((6.0, 1.2)), raised((0.0, 3.0))
    assert high.max() > 0.3
    assert TIMES[np.argmax(high)] == pytest.approx(MIDDLE - accents.LEAD, abs=0.05)
    assert loud.max() < 0.05


def test_a_phrase_that_ends_rising_is_a_question():
    asked = accents.questions(TIMES, hear(*voice("_ a a a a a a Q _ _ _ _", Q=(9.0, 1.0))))
    told = accents.questions(TIMES, hear(*voice("_ a a a a a a T _ _ _ _", T=(-6.0, 1.0))))
    assert asked.max() > 0.6
    assert 7.0 * 0.18 < TIMES[np.argmax(asked)] < 10 * 0.18
    assert told.max() < 1e-9


def test_neighbours_do_not_both_nod():
    found = accents.accents(hear(*voice("_ a a a B C a a a _ _", B=(6.0, 1.5), C=(4.0, 1.3))), 0, 2.2)
    strengths = sorted(accent.strength for accent in found)
    assert len(strengths) < 2 or strengths[-2] < 0.5 * strengths[-1]
