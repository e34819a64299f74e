"""Importing transformers where torchaudio is installed and its libraries do not load.

transformers imports torchaudio as soon as it finds it. Wheels of torchaudio for CUDA beside a torch
for CPUs (what an index gives with ``torch==2.13.0+cpu``) then fail with OSError while they load their
libraries, and transformers with them, though nothing here needs torchaudio.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NAME = "torchaudio"


@contextmanager
def torchaudio_hidden_when_broken() -> Iterator[None]:
    """Within it, a torchaudio that cannot be imported counts as not installed; a sound one stays."""
    if _works():
        yield
        return
    sys.modules[NAME] = None  # type: ignore[assignment] # how Python notes that a module is not to be had
    try:
        yield
    finally:
        sys.modules.pop(NAME, None)


def _works() -> bool:
    try:
        importlib.import_module(NAME)
    # A library that does not load raises OSError or RuntimeError, an absent package ImportError.
    except (OSError, RuntimeError, ImportError, AttributeError):
        # As a list, and without asking twice: other nodes' threads import at the same time.
        for name in [name for name in list(sys.modules) if name.partition(".")[0] == NAME]:
            sys.modules.pop(name, None)
        return False
    return True
