"""Removes torchaudio's native libraries from this environment where they cannot be loaded.

The package index has them for CUDA builds of torch only; beside a CPU build, importing torchaudio fails until
they are gone, and it then works without them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

if __name__ == "__main__":
    spec = importlib.util.find_spec("torchaudio")
    assert spec is not None
    assert spec.origin is not None
    for library in Path(spec.origin).parent.rglob("*.so"):
        try:
            torch.ops.load_library(library)
        except OSError:
            library.unlink()
