"""What holds for a whole process, and what a component must not change."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENVIRONMENT = "os.environ"
FOLDER = "the working directory"
ERRORS = "numpy's error state"
OURS = ("PFY_", "PYTEST")
"""Variables that the programs around a component set."""


def settings() -> dict[str, Any]:
    """The settings of this process by name."""
    found: dict[str, Any] = {
        ENVIRONMENT: {key: value for key, value in os.environ.items() if not key.startswith(OURS)},
        FOLDER: str(Path.cwd()),
        ERRORS: np.geterr(),
        "the filters of warnings": list(warnings.filters),
        "sys.path": list(sys.path),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        found |= {
            "torch's default dtype": torch.get_default_dtype(),
            "torch's gradient mode": torch.is_grad_enabled(),
            "torch's number of threads": torch.get_num_threads(),
        }
    return found


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings that differ, of the environment the variables."""
    names = [name for name, value in before.items() if name != ENVIRONMENT and now.get(name) != value]
    old, new = before[ENVIRONMENT], now[ENVIRONMENT]
    return [f"{ENVIRONMENT}[{key!r}]" for key in sorted(old | new) if old.get(key) != new.get(key)] + names


@contextmanager
def as_it_was(earlier: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Undo for a while what has changed since, so that what changes it once and for all is seen to do so.

    Gives the settings at the beginning; at the end everything is as it was before this context.
    """
    before = settings()
    added = {key: value for key, value in before[ENVIRONMENT].items() if key not in earlier[ENVIRONMENT]}
    try:
        for key in added:
            del os.environ[key]
        np.seterr(**earlier[ERRORS])
        os.chdir(earlier[FOLDER])
        yield settings()
    finally:
        now = settings()[ENVIRONMENT]
        for key in now.keys() - before[ENVIRONMENT].keys():
            del os.environ[key]
        os.environ.update(before[ENVIRONMENT])
        np.seterr(**before[ERRORS])
        os.chdir(before[FOLDER])
