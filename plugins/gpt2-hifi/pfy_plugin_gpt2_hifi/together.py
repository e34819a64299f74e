"""Sentences sampled several at a time: each step reads the weights once for all of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_plugin_gpt2_hifi.gpt import Gpt
from pfy_plugin_gpt2_hifi.sampling import Sampling

RELEASED = 1
"""The code that coqui-tts penalises from the start: its prompt for ``generate`` is a row of ones."""


@dataclass(frozen=True)
class Sentence:
    """What a sentence's codes follow from: ids of its text with those of start and stop (t), a seed, and the
    most codes that it may have."""

    text: Tensor
    seed: int
    most: int


class Together:
    """The codes of sentences, read one sentence after another, sampled up to ``batch`` sentences at a time.

    Iterated, it gives for each sentence an iterator over its codes, each with the state (width) that it was
    predicted from; one pass with cached keys and values gives both, where coqui-tts makes a second one for
    the states. A sentence ends with the stop code, or after the most codes that it may have. One whose
    iterator is left before its end is not sampled further.

    The first sentence is alone for ``alone`` steps, so that the first sound does not wait for the others to
    be read. A sentence's codes do not depend on what is sampled beside it, but for the rounding of sums.
    Scores are edited and drawn from on the CPU in float32, so that a seed means the same on every device.
    """

    def __init__(
        self,
        gpt: Gpt,
        voice: Tensor,
        sentences: Iterable[Sentence],
        sampling: Sampling,
        *,
        batch: int = 1,
        alone: int = 0,
    ) -> None:
        self._gpt, self._voice, self._sampling = gpt, voice, sampling
        self._batch, self._alone = batch, alone
        self._waiting = iter(sentences)
        self._unread: deque[_Line] = deque()
        self._active: list[_Line] = []
        self._steps = 0

    def __iter__(self) -> Iterator[Iterator[tuple[int, Tensor]]]:
        while self._unread or self._joined():
            line = self._unread.popleft()
            yield self._codes(line)
            if line in self._active:
                self._active.remove(line)

    def _codes(self, line: _Line) -> Iterator[tuple[int, Tensor]]:
        while line.drawn or line in self._active:
            if not line.drawn:
                self._step()
            yield line.drawn.popleft()

    @torch.inference_mode()
    def _joined(self) -> bool:
        """Whether there was one more sentence, which is now among those that are sampled."""
        sentence = next(self._waiting, None)
        if sentence is not None:
            line = _Line(self._gpt, self._voice, sentence, self._sampling)
            self._active.append(line)
            self._unread.append(line)
        return sentence is not None

    @torch.inference_mode()
    def _step(self) -> None:
        """One more code for each sentence that is being sampled."""
        room = self._batch if self._steps >= self._alone else 1
        while len(self._active) < room and self._joined():
            pass
        self._steps += 1
        lines, gpt = self._active, self._gpt
        counts = [len(line.rows) for line in lines]
        states = gpt(torch.cat([line.rows for line in lines]), *(line.cache for line in lines), counts=counts)
        states = states[torch.tensor(counts).cumsum(0) - 1]
        scores = gpt.mel_head(states).float().cpu()
        for line, state, logits in zip(lines, states, scores, strict=True):
            line.draw(state, logits)
        self._active = [line for line in lines if not line.ended]


class _Line:
    """A sentence while it is sampled; ``drawn`` are the codes that nobody has read yet."""

    def __init__(self, gpt: Gpt, voice: Tensor, sentence: Sentence, sampling: Sampling) -> None:
        self._gpt, self._sampling, self._most = gpt, sampling, sentence.most
        self._generator = torch.Generator().manual_seed(sentence.seed)
        self._seen = torch.zeros(gpt.stop + 1, dtype=torch.bool)
        self._seen[gpt.start] = True
        self._seen[RELEASED] = sampling.released_penalty
        prefix = gpt.prefix(voice, sentence.text)
        self.rows = torch.cat([prefix, gpt.audio(torch.tensor([gpt.start], device=prefix.device))])
        self.cache = gpt.cache(len(prefix) + sentence.most)
        self.drawn: deque[tuple[int, Tensor]] = deque()
        self._count = 0
        self.ended = False

    def draw(self, state: Tensor, logits: Tensor) -> None:
        """The next code: state (width) that it is predicted from, its scores (codes) float32 on the CPU."""
        if not bool(logits.isfinite().all()):
            raise InputError(
                "the speech network gave scores that are no numbers",
                "weights and a dtype that it can bear",
                "set the node's dtype to float32",
            )
        probabilities = self._sampling.probabilities(logits, self._seen)
        drawn = torch.multinomial(probabilities, 1, generator=self._generator)
        self._seen[drawn] = True
        self._count += 1
        code = int(drawn)
        self.drawn.append((code, state))
        self.ended = code == self._gpt.stop or self._count == self._most
        self.rows = self._gpt.audio(drawn.to(state.device), self._count)
