"""What tests look at in the folder of a run."""

import torch

from pfy_core import checkpoint
from pfy_train.log import lines


def losses(out, kind="train"):
    """The lines of a log without what the clock says."""
    return [
        {k: v for k, v in line.items() if k != "steps_per_second"}
        for line in lines(out)
        if line["kind"] == kind
    ]


def tensors(file):
    return checkpoint.read(str(file))


def same(one, other):
    one, other = tensors(one), tensors(other)
    assert one.keys() == other.keys()
    return all(torch.equal(one[key], other[key]) for key in one)
