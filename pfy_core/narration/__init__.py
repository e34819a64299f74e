"""narrate: text, a photo and a voice to a video of that face speaking."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.narration.file import narrate
    from pfy_core.narration.live import Live, broadcast, narrate_stream
    from pfy_core.narration.result import Narration

_HOME_OF = {"narrate": "file", "Narration": "result"} | dict.fromkeys(
    ("Live", "broadcast", "narrate_stream"), "live"
)

__all__ = ["Live", "Narration", "broadcast", "narrate", "narrate_stream"]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"pfy_core.narration.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'pfy_core.narration' has no attribute {name!r}")
