"""Metrics of voices, on numbers that are known."""

import numpy as np
import pytest

from pfy_core import InputError
from pfy_plugin_metrics.of_voices import SpeakerSimilarity, SpeechQuality, WordErrors

ONE, OTHER = np.eye(256, dtype=np.float32)[:2]


def test_similarity_is_the_cosine_whatever_the_lengths():
    between = 3 * (ONE + OTHER)
    assert SpeakerSimilarity()(ONE, ONE).value == pytest.approx(1)
    assert SpeakerSimilarity()(ONE, OTHER).value == 0
    assert SpeakerSimilarity()(between, ONE).value == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("broken", [0 * ONE, ONE * np.nan])
def test_what_is_no_embedding_is_refused(broken):
    with pytest.raises(InputError):
        SpeakerSimilarity()(ONE, broken)


def test_each_opinion_has_its_place():
    opinion = np.array([3.0, 4.0, 2.0], np.float32)
    found = {
        aspect: SpeechQuality(aspect=aspect)(opinion).value for aspect in ("overall", "signal", "background")
    }
    assert found == {"overall": 3, "signal": 4, "background": 2}
    with pytest.raises(InputError):
        SpeechQuality()(opinion * np.nan)


def test_errors_are_counted_and_a_text_without_words_is_not_scored():
    assert WordErrors()("a map of pay", "A map of the bay.").value == pytest.approx(2 / 5)
    assert WordErrors()("anything", "...").reason == "a text without words"
