"""Training: recipes, and the trainer behind ``pfy train``.

from pfy_train import train

train("p4y-motion-small", data="corpus", out="trained/mine")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_train.recipe import Recipe
    from pfy_train.trainer import train

__all__ = ["Recipe", "train"]
_HOMES = {"Recipe": "pfy_train.recipe", "train": "pfy_train.trainer"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'pfy_train' has no attribute {name!r}")
