"""Small decoders with seeded weights, and inputs for them; the oracle starts here too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pfy_plugin_gpt2_hifi import model
from pfy_plugin_gpt2_hifi.sampling import Sampling
from pfy_plugin_gpt2_hifi.together import Sentence, Together

GOLDEN = Path(__file__).with_name("coqui-0.28.0.npz")
"""What coqui-tts 0.28.0 makes of ``TEXT`` in the small case: the codes, of their states every fourth, and the
sound of the first ``HEARD`` states. Written by ``nox -s oracle -- --golden``."""
TEXT = np.array([9, 2, 31, 5, 44, 2, 7, 7, 12, 3])
"""Ids of a text."""
HEARD = 10
SAMPLING = {"temperature": 0.75, "top_k": 50, "top_p": 0.85, "repetition_penalty": 10.0}


@dataclass(frozen=True)
class Case:
    """Sizes, a seed for weights and sampling, and how much likelier than at random the stop code is."""

    width: int = 128
    heads: int = 2
    layers: int = 2
    channels: int = 64
    seed: int = 0
    stop_bias: float = 0.0
    ends: tuple[int, int] = (60, 0)
    code_positions: int = 128

    @property
    def sizes(self) -> model.Sizes:
        return replace(
            model.FULL,
            width=self.width,
            heads=self.heads,
            hidden=4 * self.width,
            layers=self.layers,
            texts=64,
            channels=self.channels,
            code_positions=self.code_positions,
        )

    def state(self) -> dict[str, Tensor]:
        """The weights, with the stop code made likelier."""
        state = model.seeded(self.sizes, self.seed).state_dict()
        state["gpt.mel_head.bias"][-1] += self.stop_bias
        return dict(state)

    def networks(self) -> model.Speech:
        """The networks, ready for use."""
        made = model.Speech(self.sizes)
        made.load_state_dict(self.state(), assign=True)
        return made.ready(torch.device("cpu"), torch.float32)

    def latents(self) -> Tensor:
        """Conditioning latents (32 width) of a voice that is not there."""
        return normal(32, self.width, seed=self.seed + 1)

    def speaker(self) -> Tensor:
        """The embedding (512) of that voice."""
        return functional.normalize(normal(512, seed=self.seed + 2), dim=0)

    def text(self) -> Tensor:
        """The ids of ``TEXT`` between those of start and stop."""
        return torch.tensor([self.ends[0], *TEXT, self.ends[1]])

    @torch.inference_mode()
    def sampled(
        self, networks: model.Speech, seed: int | None = None, **options: object
    ) -> tuple[list[int], Tensor]:
        """Codes and states of ``TEXT``."""
        (found,) = self.together(networks, [self.seed if seed is None else seed], **options)
        return found

    def together(
        self, networks: model.Speech, seeds: list[int], batch: int = 1, **options: object
    ) -> list[tuple[list[int], Tensor]]:
        """Codes and states of ``TEXT`` once for each seed, ``batch`` of them sampled at a time."""
        most = self.code_positions - model.SPARE
        sentences = [Sentence(self.text(), seed, most) for seed in seeds]
        settings = Sampling(**(SAMPLING | options))
        sampled = [
            list(codes) for codes in Together(networks.gpt, self.latents(), sentences, settings, batch=batch)
        ]
        return [
            ([code for code, _ in steps], torch.stack([state for _, state in steps])) for steps in sampled
        ]


SMALL = Case()


def normal(*shape: int, seed: int) -> Tensor:
    """Normal numbers, the same on every machine."""
    return torch.from_numpy(np.random.RandomState(seed).standard_normal(shape).astype(np.float32))


def apart(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, relative to the largest value."""
    assert ours.shape == theirs.shape
    return float((ours - theirs).abs().max() / theirs.abs().max())


def published() -> dict[str, list[int]]:
    """Names and shapes of XTTS-v2's checkpoint, this plugin's part; ``*30`` stands for 0 to 29."""
    return dict(_expanded(json.loads(Path(__file__).with_name("shapes.json").read_text())))


def _expanded(compact: dict[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    for key, shape in compact.items():
        before, star, after = key.partition("*")
        if not star:
            yield key, shape
            continue
        count, _, rest = after.partition(".")
        for index in range(int(count)):
            yield f"{before}{index}.{rest}", shape
