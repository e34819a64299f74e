"""What a clip is made under, in the form in which the denoising network reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from torch import Tensor, nn

T = TypeVar("T")

Branch = Literal["training", "evaluation"]
"""Which of the two networks in Hallo's code is meant; its own flag ``module.training`` is not looked at.

Hallo's released inference leaves the denoising network in training mode with gradient checkpointing on, and
the code of its blocks differs there: ``training`` is what made the published videos. In ``evaluation`` the
down and up blocks ignore motion frames and the weights of the regions, and the motion modules of
``down_blocks.3`` and ``up_blocks.0`` run, which in ``training`` are skipped."""


@dataclass(frozen=True)
class Features:
    """What one transformer block of the reference network gives to its twin, as normalised tokens.

    reference: (r l c) of the source image: r versions of it, that row i of the batch of frames reads as i % r
    motion:    (b m l c) of the frames before the clip; b as in ``Conditions``
    """

    reference: Tensor
    motion: Tensor


@dataclass
class Conditions:
    """The conditions of a clip of f frames; b is 2 (unconditional, conditional) with guidance, else 1.

    frames:   f
    features: by name of the transformer, e.g. ``down_blocks.0.attentions.1``
    identity: (b n context), identity tokens
    audio:    (f n audio), audio tokens of each frame for the conditional half; the other hears zeros
    face:     (1 c h w), the face locator's map, added to the conditional half after the first convolution
    regions:  for each of the four resolutions (3 l): full, face and lip masks
    weights:  of the three regions
    branch:   see ``Branch``
    kept:     what modules have made of identity, reference and regions; clips of a video share it
    """

    frames: int
    features: Mapping[str, Features]
    identity: Tensor
    audio: Tensor
    face: Tensor
    regions: tuple[Tensor, ...]
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    branch: Branch = "training"
    kept: dict[nn.Module, Any] = field(default_factory=dict)
    _of_clip: dict[nn.Module, Any] = field(default_factory=dict)

    @property
    def batch(self) -> int:
        """2 with guidance, else 1."""
        return len(self.identity)

    def for_video(self, module: nn.Module, make: Callable[[], T]) -> T:
        """What a module makes of conditions that stay the same for all clips, made at the first step."""
        return _once(self.kept, module, make)

    def for_clip(self, module: nn.Module, make: Callable[[], T]) -> T:
        """What a module makes of conditions that stay the same for all steps, made at the first."""
        return _once(self._of_clip, module, make)


def _once(kept: dict[nn.Module, Any], module: nn.Module, make: Callable[[], T]) -> T:
    if module not in kept:
        kept[module] = make()
    found: T = kept[module]
    return found
