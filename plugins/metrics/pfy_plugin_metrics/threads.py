"""One thread for LAPACK: on small matrices two of them wait for each other."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager
from typing import Any

from threadpoolctl import ThreadpoolController

THREADS = 1
"""On two busy cores a 400 x 400 SVD took 5.4 s with two threads and 0.05 s with one."""


def one_thread() -> AbstractContextManager[Any]:
    """While it is open, BLAS and LAPACK calculate with one thread; then as before."""
    return _controller().limit(limits=THREADS, user_api="blas")


@functools.cache
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  it brings a BLAS of its own, which has to be there to be found

    return ThreadpoolController()
