"""For the conformance kit: distances, which are not below 0, of clips of any length."""

from __future__ import annotations

from typing import Any

import numpy as np

LSE = ("metric/lse-c", "metric/lse-d", "metric/sync-offset")
config: dict[str, dict[str, Any]] = {component: {"fewest": 6} for component in LSE}


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """Distances of ``size`` windows."""
    if component_id not in LSE:
        return {}
    return {"distances": np.random.default_rng(seed).uniform(5, 15, (size, 31)).astype(np.float32)}
