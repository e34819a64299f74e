import pytest
import torch

from pfy_plugin_motion import mel
from pfy_plugin_motion.augment import augmented


@pytest.fixture
def power(wave):
    return mel.power(torch.stack([torch.from_numpy(wave(1.0, seed)) for seed in range(6)]))


def test_each_clip_is_changed_by_its_own_seed_alone(power):
    whole = augmented(power, torch.arange(6))
    alone = augmented(power[2:3], torch.tensor([2]))
    assert torch.allclose(whole[2:3], alone, rtol=1e-4)
    assert not torch.equal(augmented(power, torch.arange(6) + 6), whole)


def test_what_is_said_when_stays(power):
    """The rows' order of loudness survives: only voices, microphones and rooms change."""
    changed = augmented(power, torch.arange(6))
    for before, after in zip(power.sum(-1).log(), changed.sum(-1).log(), strict=True):
        assert torch.corrcoef(torch.stack([before, after]))[0, 1] > 0.5


def test_powers_stay_powers(power):
    changed = augmented(power, torch.arange(6))
    assert changed.shape == power.shape
    assert changed.isfinite().all()
    assert (changed >= 0).all()


def test_silence_stays_silence():
    assert augmented(torch.zeros(2, 40, 80), torch.arange(2)).max() == 0


def test_no_global_random_numbers_are_drawn(power):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    augmented(power, torch.arange(6))
    assert torch.equal(torch.get_rng_state(), before)
