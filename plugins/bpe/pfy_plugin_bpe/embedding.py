"""From the ids of a text to a fuser's tokens; this module imports torch, the others do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import InputError, note, tensor_file, weights
from pfy_core.errors import WeightsError
from pfy_core.options import init_seed

WIDTH = 512
"""Features of a token (supplement, Table 1)."""
TABLE = "gpt.text_embedding.weight"
"""Where XTTS-v2 holds the vectors of its tokens (6681 1024)."""
SPREAD = 0.02
"""Standard deviation of vectors that were not learnt, as those of GPT-2 start."""
PREFIXES = ("", "model.", "xtts.", "model.xtts.")
"""What stands before the names in a released file, and in one that a trainer wrote."""


def table(name: str, size: int, seed: int) -> Tensor:
    """The vectors of a vocabulary of ``size`` tokens: learnt ones from a checkpoint, else seeded ones.

    (n 512 k): a vector that is k times as wide as a token becomes k tokens. Raises WeightsError for a file
    without such a table, or with fewer rows than there are tokens.
    """
    if not name:
        generator = torch.Generator().manual_seed(init_seed(seed))
        note("the tokens of the text are seeded vectors: no embedding is named")
        return SPREAD * torch.randn(size, WIDTH, generator=generator)
    file = weights.path(name, fetch=False)
    held = tensor_file.tensors(file)
    key = next((prefix + TABLE for prefix in PREFIXES if prefix + TABLE in held), None)
    if key is None:
        raise WeightsError(
            f"{file} has no tensor {TABLE!r}", "a checkpoint of XTTS-v2", "take its model.pth, or xtts/v2"
        )
    shape = held[key].shape
    if len(shape) != 2 or shape[1] % WIDTH or shape[0] < size:
        raise WeightsError(
            f"{key} in {file} is {shape}",
            f"(n {WIDTH}), or a multiple as wide, n at least {size}",
            "take the vocabulary and the checkpoint of the same release",
        )
    return torch.from_numpy(tensor_file.read(file, key))


def embedded(ids: Sequence[NDArray[np.int64]], vectors: Tensor) -> Tensor:
    """The vectors of all ids in their order, cut to the width of tokens (t 512)."""
    return vectors[torch.from_numpy(np.concatenate(ids))].reshape(-1, WIDTH)


def released(ids: Sequence[NDArray[np.int64]]) -> Tensor:
    """The ids themselves as one token (1 512), zeros behind them, as the authors' code has it.

    Raises InputError for more than 512 ids.
    """
    together = np.concatenate(ids)
    if len(together) > WIDTH:
        raise InputError(
            f"{len(together)} tokens of text",
            f"{WIDTH} in the layout 'released'",
            "a shorter text, or embedded",
        )
    row = torch.zeros(WIDTH)
    row[: len(together)] = torch.from_numpy(together).float()
    return row[None]
