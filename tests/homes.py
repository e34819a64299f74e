"""A home of its own that shares the fetched weights with the user's."""

from __future__ import annotations

from pathlib import Path

from pfy_core import paths

THEIRS = paths.home()


def with_weights(folder: Path) -> Path:
    """Make ``folder`` a pfy home whose weights are the user's; returns it."""
    (THEIRS / "weights").mkdir(parents=True, exist_ok=True)
    (folder / "weights").symlink_to(THEIRS / "weights")
    return folder
