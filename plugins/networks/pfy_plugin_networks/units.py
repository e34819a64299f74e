"""What the networks are built of: normalised convolutions, and padding as TensorFlow pads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class FrozenNorm(nn.Module):
    """Batch normalisation with the statistics of the training, over pictures and clips alike.

    torch's own counts batches besides, which checkpoints from before its version 0.4.1 do not.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self._eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, values: Tensor) -> Tensor:
        """(n channels ...) -> the same shape."""
        made: Tensor = functional.batch_norm(
            values, self.running_mean, self.running_var, self.weight, self.bias, eps=self._eps
        )
        return made


def same_padded(values: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
    """Zeros around the last dimensions, as many as TensorFlow's padding ``SAME`` adds there.

    ceil(size / stride) positions come out of a window of ``kernel``; of an odd number of zeros the
    odd one stands at the end (TensorFlow, ``tf.nn.convolution``).
    """
    around: list[int] = []
    for size, window, step in zip(values.shape[-len(kernel) :], kernel, stride, strict=True):
        missing = max((-(-size // step) - 1) * step + window - size, 0)
        around = [missing // 2, missing - missing // 2, *around]
    return functional.pad(values, around) if any(around) else values


def current(key: str) -> str | None:
    """The name of a checkpoint's key in these networks; None for the counters that they do not have."""
    return None if key.endswith(".num_batches_tracked") else key
