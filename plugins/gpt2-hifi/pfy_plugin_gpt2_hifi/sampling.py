"""Choosing the next code: repetition penalty, temperature, top-k and top-p, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_plugin_gpt2_hifi.gpt import Gpt

RELEASED = 1
"""The code that coqui-tts penalises from the start: its prompt for ``generate`` is a row of ones."""


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


def sample(
    gpt: Gpt, prefix: Tensor, sampling: Sampling, generator: torch.Generator, most: int
) -> Iterator[tuple[int, Tensor]]:
    """Codes one after another, each with the state (width) that it was predicted from.

    One pass with cached keys and values: a second one over the finished codes, as coqui-tts makes it to get
    the states, would give the same. Ends with the stop code, or after ``most`` codes. The scores are edited
    and drawn from on the CPU in float32, so that a seed means the same on every device.
    """
    cache = gpt.cache(len(prefix) + most)
    seen = torch.zeros(gpt.stop + 1, dtype=torch.bool)
    seen[gpt.start] = True
    seen[RELEASED] = sampling.released_penalty
    code = torch.tensor([gpt.start], device=prefix.device)
    rows = torch.cat([prefix, gpt.audio(code)])
    for index in range(most):
        state = gpt(rows, cache)[-1]
        probabilities = sampling.probabilities(gpt.mel_head(state).float().cpu(), seen)
        drawn = torch.multinomial(probabilities, 1, generator=generator)
        seen[drawn] = True
        yield int(drawn), state
        if int(drawn) == gpt.stop:
            return
        rows = gpt.audio(drawn.to(prefix.device), index + 1)
