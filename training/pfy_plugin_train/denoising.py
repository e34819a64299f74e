"""``loss/v-prediction``: denoising of latents."""

from __future__ import annotations

from pfy_core import InputError, Loss
from pfy_plugin_train.mean import ChannelWeights, comparable, per_clip
from pfy_plugin_train.ports import Prediction, Snr, Valid, Value


class VPrediction(Loss, name="v-prediction"):
    """Squared error of the predicted velocity, weighted by the noise level (min-SNR-gamma).

    The velocity of a latent x with noise e is v = alpha e - sigma x (Salimans & Ho 2022, appendix D). With
    ``gamma`` above 0 the error of each clip is weighted with min(snr, gamma) / (snr + 1) (Hang et al. 2023,
    section 3.4, for networks that predict v); 0: all noise levels count the same.
    channels: weights of motion channels by name, for latents that are motion (b t 58).

    Raises InputError for shapes that differ, and for ``gamma`` without ``snr``.
    """

    def __init__(self, *, gamma: float = 5.0, channels: dict[str, float] = {}) -> None:  # noqa: B006
        if not 0 <= gamma < float("inf"):
            raise InputError(f"gamma {gamma}", "0 (no weighting) or more", "5 is the paper's")
        self.gamma, self._weigh = gamma, ChannelWeights(channels)

    def __call__(
        self, prediction: Prediction, target: Prediction, snr: Snr | None = None, valid: Valid | None = None
    ) -> Value:
        """prediction, target (b t ...), snr (b), valid (b t) -> the mean over clips."""
        comparable(prediction, target, valid)
        error = per_clip(self._weigh((prediction.float() - target.float()).square()), valid)
        if not self.gamma:
            return error.mean()
        if snr is None:
            raise InputError("no snr", "the signal-to-noise ratio of each clip (b)", "take it, or gamma: 0")
        return (error * snr.clamp(max=self.gamma) / (snr + 1)).mean()
