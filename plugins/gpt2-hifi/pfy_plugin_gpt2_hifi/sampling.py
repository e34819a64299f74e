"""Choosing the next code: repetition penalty, temperature, top-k and top-p, in this order."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pfy_core import InputError


@dataclass(frozen=True)
class Sampling:
    """How scores become probabilities, as ``generate`` of transformers does it.

    temperature: divides the scores; top_k: how many scores stay, 0 for all; top_p: the most probable codes
    that together reach this probability stay; repetition_penalty: scores of codes seen before are divided
    by it where positive, multiplied where negative; released_penalty: code 1 counts as seen from the start.

    Raises InputError for a value out of range.
    """

    temperature: float = 0.75
    top_k: int = 50
    top_p: float = 0.85
    repetition_penalty: float = 10.0
    released_penalty: bool = True

    def __post_init__(self) -> None:
        for name, good, wants in (
            ("temperature", self.temperature > 0, "more than 0"),
            ("top_k", self.top_k >= 0, "0 (all) or more"),
            ("top_p", 0 < self.top_p <= 1, "more than 0, at most 1"),
            ("repetition_penalty", self.repetition_penalty > 0, "more than 0"),
        ):
            if not good:
                raise InputError(f"{name} {getattr(self, name)}", wants)

    def probabilities(self, logits: Tensor, seen: Tensor) -> Tensor:
        """logits (codes) float32, seen (codes) bool -> probabilities (codes)."""
        penalty = self.repetition_penalty
        penalised = torch.where(logits < 0, logits * penalty, logits / penalty)
        scores = torch.where(seen, penalised, logits) / self.temperature
        if 0 < self.top_k < len(scores):
            scores = scores.masked_fill(scores < scores.topk(self.top_k).values[-1], -torch.inf)
        if self.top_p < 1:
            ascending, order = scores.sort()
            gone = ascending.softmax(0).cumsum(0) <= 1 - self.top_p
            gone[-1] = False
            scores = scores.masked_fill(torch.empty_like(gone).scatter_(0, order, gone), -torch.inf)
        return scores.softmax(0)
