"""Where pfy keeps its files: one folder, ``$PFY_HOME`` or the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of store, weights and records; created by whoever writes first."""
    given = os.environ.get("PFY_HOME")
    return Path(given) if given else platformdirs.user_cache_path("pfy", appauthor=False)
