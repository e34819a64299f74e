"""The ports of this plugin's component; importing them imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from pfy_core import Port

Text = Annotated[str, Port("text")]
Ids = Annotated[list[NDArray[np.int64]], Port("tokens.text")]
# A torch tensor; naming its type would import torch for the ids too.
Tokens = Annotated[object, Port("latent.text", "t_text 512")]


@dataclass(frozen=True)
class Encoded:
    """A text as numbers.

    ids:    an int64 array for each part of the text that is spoken at once
    tokens: a torch tensor (t 512), for a fuser
    """

    ids: Ids
    tokens: Tokens
