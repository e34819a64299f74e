"""The ports of this plugin's components: sequences of tokens, 512 wide, without a batch dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor

from pfy_core import Port

Visual = Annotated[Tensor, Port("latent.visual", "_ 512")]
Voice = Annotated[Tensor, Port("latent.audio", "t_voice 512")]
Speaker = Annotated[Tensor, Port("latent.audio", "t_speaker 512")]
# An open rate: the sender may have a clock (Wav2Vec, 50 Hz) or none; fused tokens have none.
Speech = Annotated[Tensor, Port("latent.audio", "t_speech 512", rate="speech_rate")]
Text = Annotated[Tensor, Port("latent.text", "t_text 512")]

FusedAudio = Annotated[Tensor, Port("latent.audio", "t_audio 512")]
FusedVisual = Annotated[Tensor, Port("latent.visual", "t_visual 512")]


@dataclass(frozen=True)
class Fused:
    """Fused tokens, one for each that came in.

    audio:  (t_audio 512), those of voice, speaker and speech, in this order
    visual: (t_visual 512), those of the visual sources in the order they were given
    """

    audio: FusedAudio
    visual: FusedVisual
