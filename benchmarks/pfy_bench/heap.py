"""The heap of a process that makes clip after clip.

Networks that have had their turn are parts of cycles, which Python collects late, since it sees no hundreds
of megabytes in them; and glibc keeps what they have freed in a heap for each thread. Left alone, the process
would grow by 90 MB a clip.
"""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

ARENA_MAX, ARENAS = -8, 2
"""M_ARENA_MAX of mallopt(3), and how many heaps there may be: one for each processor of a small machine."""


def few_arenas() -> None:
    """From now on, threads share two heaps; where the C library is another than glibc, nothing happens."""
    library = _glibc()
    if library is not None:
        library.mallopt(ARENA_MAX, ARENAS)


def give_back() -> None:
    """Collect what nobody needs, and return it to the system where the C library is glibc."""
    gc.collect()
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> Any:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows has no such thing
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
