"""The ports of this plugin's components, and the rates they run at."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import Port

RATE = 24_000
"""Samples per second of all speech made here: what Kokoro and its relatives were trained at."""
LISTEN_RATE = 16_000
"""Samples per second at which recordings are analysed: what the acoustic model was trained at."""

Array = NDArray[np.float32]

Text = Annotated[str, Port("text")]
Wave = Annotated[Array, Port("audio.wave", "s", rate=RATE, dtype="float32", range=(-1, 1))]
Recording = Annotated[Array, Port("audio.wave", "s", rate=LISTEN_RATE, dtype="float32", range=(-1, 1))]
Phones = Annotated[list[Any], Port("speech.phones")]
Words = Annotated[list[Any], Port("speech.words")]
Profile = Annotated[Any, Port("voice.profile")]
Speaker = Annotated[Array, Port("embedding.speaker", "256", dtype="float32", range=(-1, 1))]
Opinion = Annotated[Array, Port("speech.quality", "3", dtype="float32", range=(0, 5))]
