"""``loss/lip-gap``: lips that close when they should."""

from __future__ import annotations

from torch import Tensor

from pfy_core import InputError, Loss
from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_train.mean import comparable, per_clip
from pfy_plugin_train.ports import Face, Valid, Value

JAW, CLOSE = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]
CLOSED = 0.025 / APERTURE_SPAN
"""Gap (jawOpen - mouthClose) below which lips count as closed: an aperture of .025 interocular distances,
what the metrics of closures (``pfy_plugin_metrics.lips.CLOSED``) take for closed lips."""


class LipGap(Loss, name="lip-gap"):
    """Squared error of the gap between the lips, jawOpen - mouthClose, with more weight on closures.

    Motion is in the unit of ``motion.face`` (jawOpen 0 to 1), not standardised: a closure is a place on that
    scale.
    closure: weight of the frames in which the reference's lips are closed, where all others have 1
    closed:  gap below which they are

    Raises InputError for shapes that differ.
    """

    def __init__(self, *, closure: float = 4.0, closed: float = CLOSED) -> None:
        if not 0 <= closure < float("inf"):
            raise InputError(f"closure {closure}", "0 or more")
        self.closure, self.closed = closure, closed

    def __call__(self, made: Face, reference: Face, valid: Valid | None = None) -> Value:
        """made, reference (b t 58), valid (b t) -> the mean over clips."""
        comparable(made, reference, valid)
        wanted = _gap(reference)
        weights = 1 + (self.closure - 1) * (wanted < self.closed).float()
        return per_clip((_gap(made) - wanted).square() * weights, valid).mean()


def _gap(motion: Tensor) -> Tensor:
    return motion[..., JAW].float() - motion[..., CLOSE].float()
