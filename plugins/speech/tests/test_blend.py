import numpy as np
import pytest
from scipy.optimize import nnls

from pfy_plugin_speech import bank
from pfy_plugin_speech.blend import blended, non_negative
from pfy_plugin_speech.listen import speaker


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_the_best_without_negative_weights(seed):
    rng = np.random.default_rng(seed)
    columns, target = rng.random((60, 12)), rng.standard_normal(60)
    best, distance = nnls(columns, target)
    found = non_negative(columns, target)
    assert (found >= 0).all()
    assert np.linalg.norm(columns @ found - target) == pytest.approx(distance, rel=1e-6)
    assert found == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("voice", bank.STYLES)
def test_a_voice_of_the_bank_is_found_again(voice):
    sound = bank.sounds()[voice]
    shares = blended(sound.embedding, sound.f0, bank.STYLES)
    assert shares[voice] > 0.95
    assert sum(shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("voice", bank.STYLES)
def test_a_voice_that_is_not_in_the_bank_is_nearer_to_its_blend_than_to_any_voice(voice):
    """Each voice in turn is left out and come near to by the others."""
    others = [name for name in bank.STYLES if name != voice]
    wanted = bank.sounds()[voice]
    mixed = bank.sound(bank.recipe_name(blended(wanted.embedding, wanted.f0, others)))
    gated = [n for n in others if abs(np.log(bank.sounds()[n].f0 / wanted.f0)) < 0.3] or others
    nearest = max(speaker.similarity(bank.sounds()[name].embedding, wanted.embedding) for name in gated)
    assert speaker.similarity(mixed.embedding, wanted.embedding) > nearest - 0.02


def test_on_average_blending_brings_voices_nearer():
    gains = []
    for voice in bank.STYLES:
        others = [name for name in bank.STYLES if name != voice]
        wanted = bank.sounds()[voice]
        mixed = bank.sound(bank.recipe_name(blended(wanted.embedding, wanted.f0, others)))
        nearest = max(others, key=lambda name: bank.sounds()[name].embedding @ wanted.embedding)
        gains.append((mixed.embedding - bank.sounds()[nearest].embedding) @ wanted.embedding)
    assert np.mean(gains) > 0.03


@pytest.mark.parametrize("f0", [50.0, 90.0, 150.0, 220.0, 400.0])
def test_only_voices_of_about_that_pitch_are_mixed(f0):
    embedding = speaker.unit(np.abs(np.random.default_rng(1).standard_normal(256)).astype(np.float32))
    shares = blended(embedding, f0, bank.STYLES)
    away = {voice: abs(np.log(bank.sounds()[voice].f0 / f0)) for voice in bank.STYLES}
    nearest = sorted(away.values())[5]
    assert all(away[voice] <= max(0.3, nearest) for voice in shares)
