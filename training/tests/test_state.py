"""Checkpoints of networks whose parameters do not lie row by row."""

import copy

import torch
from torch import nn

from pfy_train import state as states

RATE = 1e-2


class Turned(nn.Module):
    """A convolution that is laid out channels last, and a matrix that is kept as its transpose."""

    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(4, 6, 3).to(memory_format=torch.channels_last)
        self.matrix = nn.Parameter(torch.randn(5, 7, generator=torch.Generator().manual_seed(1)).T)


def learnt(network, optimiser, steps):
    for step in steps:
        generator = torch.Generator().manual_seed(step)
        for value in network.parameters():
            value.grad = torch.empty_like(value).copy_(torch.randn(value.shape, generator=generator))
        optimiser.step()


def adamw(network):
    return torch.optim.AdamW(network.parameters(), lr=RATE, fused=True)


def test_moments_come_back_as_their_parameters_lie(tmp_path):
    whole = Turned()
    stopped, other = copy.deepcopy(whole), copy.deepcopy(whole)
    assert not stopped.matrix.is_contiguous()
    learnt(whole, adamw(whole), range(10))
    optimiser, again = adamw(stopped), adamw(other)
    names, others = ({v: f"n.{k}" for k, v in net.named_parameters()} for net in (stopped, other))
    learnt(stopped, optimiser, range(5))
    kept = states.write(tmp_path, states.State(step=5), {"n": stopped}, {}, optimiser, names, 1)
    states.load(kept, states.read(kept), {"n": other}, {}, again, others)
    learnt(other, again, range(5, 10))
    for one, two in zip(whole.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
