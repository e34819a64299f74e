"""Components that learn: what ``pfy train`` asks of a component whose parameters it shall teach.

For plugins that stand on torch; importing this module imports no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import Tensor, nn


@runtime_checkable
class Trainable(Protocol):
    """A component with parameters that can be learnt.

    Its option ``weights`` names a file (safetensors) with exactly the state dict of ``network()``, so that
    what was learnt is used like any other weights.
    """

    def network(self) -> nn.Module:
        """All of its parameters that learn, and the buffers that are saved with them."""
        ...

    def learn(self, *args: Any, **inputs: Any) -> Any:
        """The component on a batch, with a gradient: ``__call__`` in training.

        Inputs have the names of the ports of ``__call__``, each a tensor with the batch's dimension in front
        or, where lengths differ, a list of tensors, one for each clip; a variadic port, several of them. A
        decoder also takes its targets by name. The result has the fields of the outputs of ``__call__``
        (fusers, encoders), or what the losses compare (decoders).

        Everything that is drawn depends on ``seeds`` alone (int64 (b), a parameter of those that draw; see
        ``draws``): so a run that was killed goes on as if it had not been, and several processes calculate
        the gradients that one does.
        """
        ...


def draws(
    seeds: Sequence[int] | Tensor, shape: Sequence[int], *, salt: int = 0, uniform: bool = False
) -> Tensor:
    """Random numbers (b *shape), float32 on the CPU, each row from its own seed: normal, or uniform 0 to 1.

    ``salt`` tells several draws from the same seeds apart.
    """
    import torch

    draw = torch.rand if uniform else torch.randn
    rows = [draw(tuple(shape), generator=_generator(int(seed), salt)) for seed in seeds]
    return torch.stack(rows)


def _generator(seed: int, salt: int) -> torch.Generator:
    import torch

    # Neighbouring seeds must not give neighbouring states: torch hashes a seed only weakly.
    mixed = (seed * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 0x8CB92BA72F3D8DD7) % 2**63
    return torch.Generator().manual_seed(mixed)
