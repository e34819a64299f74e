"""Ports of the losses; all begin with the batch's dimension."""

from __future__ import annotations

from typing import Annotated

from torch import Tensor

from pfy_core import Port

Prediction = Annotated[Tensor, Port("latent.prediction", "b t ...", dtype="float32")]
Snr = Annotated[Tensor, Port("latent.snr", "b", dtype="float32", range=(0, 1e4))]
Valid = Annotated[Tensor, Port("mask.valid", "b t", dtype="bool")]
Motion = Annotated[Tensor, Port("latent.motion", "b t c", dtype="float32")]
Face = Annotated[Tensor, Port("latent.motion", "b t 58", dtype="float32")]
Logits = Annotated[Tensor, Port("latent.logits", "b n c", dtype="float32")]
Codes = Annotated[Tensor, Port("speech.codes", "b n", dtype="int64")]
There = Annotated[Tensor, Port("mask.valid", "b n", dtype="bool")]
Value = Annotated[Tensor, Port("loss.value", "", dtype="float32")]
