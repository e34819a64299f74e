"""``loss/cross-entropy``: codes of speech."""

from __future__ import annotations

import torch
from torch.nn import functional

from pfy_core import InputError, Loss
from pfy_plugin_train.mean import comparable
from pfy_plugin_train.ports import Codes, Logits, There, Value


class CrossEntropy(Loss, name="cross-entropy"):
    """Cross-entropy of discrete codes, the mean over the codes of each clip and then over clips.

    ignore: the code that stands where there is none, in padding for instance
    smoothing: label smoothing, 0 to below 1 (Szegedy et al. 2016, section 7)

    Raises InputError for shapes that differ and for codes that there are no logits of.
    """

    def __init__(self, *, ignore: int = -100, smoothing: float = 0.0) -> None:
        if not 0 <= smoothing < 1:
            raise InputError(f"smoothing {smoothing}", "0 to below 1")
        self.ignore, self.smoothing = ignore, smoothing

    def __call__(self, logits: Logits, codes: Codes, valid: There | None = None) -> Value:
        """logits (b n c), codes (b n), valid (b n) -> the mean over clips; a clip without codes has 0."""
        if logits.ndim != 3 or logits.shape[:2] != codes.shape:
            sends = f"logits {tuple(logits.shape)}, codes {tuple(codes.shape)}"
            raise InputError(sends, "logits (b n c), codes (b n)")
        comparable(codes, codes, valid)
        if valid is not None:
            codes = codes.masked_fill(~valid, self.ignore)
        there = codes != self.ignore
        if not codes.is_cuda:  # on a GPU looking would wait for it, and the kernel looks itself
            beyond = codes[there & ((codes < 0) | (codes >= logits.shape[-1]))]
            if beyond.numel():
                raise InputError(f"code {int(beyond[0])}", f"0 to {logits.shape[-1] - 1}, or {self.ignore}")
        found = functional.cross_entropy(
            logits.float().flatten(0, 1),
            codes.flatten(),
            ignore_index=self.ignore,
            label_smoothing=self.smoothing,
            reduction="none",
        ).reshape(codes.shape)
        each: torch.Tensor = found.sum(1) / there.sum(1).clamp(min=1)
        return each.mean()
