"""``loss/velocity``: motion, and how it moves."""

from __future__ import annotations

from pfy_core import InputError, Loss
from pfy_plugin_train.mean import ChannelWeights, comparable, per_clip
from pfy_plugin_train.ports import Motion, Valid, Value


class Velocity(Loss, name="velocity"):
    """Squared error of a motion's positions and of its velocities, the differences from frame to frame.

    position, velocity: the weights of the two terms; 0 leaves one out.
    channels: weights of motion channels by name, for motion (b t 58).

    A velocity counts where both its frames are valid. Raises InputError for shapes that differ.
    """

    def __init__(
        self,
        *,
        position: float = 1.0,
        velocity: float = 1.0,
        channels: dict[str, float] = {},  # noqa: B006
    ) -> None:
        if min(position, velocity) < 0 or not 0 < position + velocity < float("inf"):
            raise InputError(f"weights {position} and {velocity}", "0 or more, and one of them above 0")
        self.position, self.velocity, self._weigh = position, velocity, ChannelWeights(channels)

    def __call__(self, made: Motion, reference: Motion, valid: Valid | None = None) -> Value:
        """made, reference (b t c), valid (b t) -> the mean over clips."""
        comparable(made, reference, valid)
        gap = made.float() - reference.float()
        loss = self.position * per_clip(self._weigh(gap.square()), valid)
        if self.velocity and gap.shape[1] > 1:
            both = None if valid is None else valid[:, 1:] & valid[:, :-1]
            loss = loss + self.velocity * per_clip(self._weigh(gap.diff(dim=1).square()), both)
        return loss.mean()
