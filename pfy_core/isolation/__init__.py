"""Isolation: a component in a process of its own, under the Python of another environment if need be.

    nodes:
      pose: {use: encoder/pose, take: {face: $face}, place: {executor: process, venv: envs/mmcv}}

so that a plugin which pins another torch, or which crashes, lives in the same graph. In Python::

    with Isolated("encoder/pose", {"size": 256}, python="envs/mmcv/bin/python") as pose:
        landmarks = pose(face=picture)

``environment`` reads what is installed elsewhere without running it, ``host`` starts and calls the process,
``worker`` is what runs in it, ``channel`` carries messages between the two and ``memory`` their arrays,
``values`` says what may cross and what stands for a class that this side has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.isolation.host import Isolated

__all__ = ["Isolated"]

PROTOCOL = 1
"""Number of what host and worker say to each other: an environment whose pfy-core has another is refused.
``environment.protocol`` reads it from this line, without importing it."""


def __getattr__(name: str) -> Any:
    if name == "Isolated":  # late, so that checking a graph and the worker load no more than they need
        from pfy_core.isolation.host import Isolated

        return Isolated
    raise AttributeError(f"module 'pfy_core.isolation' has no attribute {name!r}")
