import pytest
import torch
from pupils import Listen, Move

from pfy_train.testing import overfits


def test_a_component_that_learns_passes():
    wave, target = torch.rand(2, 6400), torch.rand(2, 10, 8)
    found = overfits(Listen(), {"wave": wave}, lambda made: (made - target).square().mean(), factor=3)
    assert found.last * 3 <= found.first
    assert found.idle == ()


def test_one_that_cannot_fit_fails_with_how_far_it_came():
    wave, target = torch.zeros(2, 6400), torch.rand(2, 10, 8)
    with pytest.raises(AssertionError, match=r"no gradient reaches weight"):
        overfits(Listen(), {"wave": wave}, lambda made: (made - target).square().mean())
    with pytest.raises(AssertionError, match=r"the loss fell from .* not 10-fold"):
        overfits(Listen(), {"wave": wave}, lambda made: (made - target).square().mean(), idle=("weight",))


def test_parameters_without_a_gradient_are_named_unless_the_batch_has_no_use_for_them():
    given = {"audio": torch.rand(2, 5, 8), "motion": torch.rand(2, 5, 58), "seeds": torch.tensor([1, 2])}

    def loss(made):
        return (made.prediction - made.target)[:, :, 0].square().mean()

    found = overfits(Move(), given, loss, factor=5, lr=3e-2)
    assert found.last < found.first
    with pytest.raises(AssertionError, match=r"no gradient reaches given\.weight"):
        overfits(Move(gain=0.0), given, lambda made: made.prediction.square().mean() + 1)
