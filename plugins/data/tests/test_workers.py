"""Work that is shared out: all of it is done, and no process outlives what went wrong."""

import multiprocessing
import signal
import time

import pytest

from pfy_core import PfyError
from pfy_core.errors import Cancelled
from pfy_plugin_data.workers import share


@pytest.mark.parametrize("processes", [1, 2])
def test_everything_is_done(processes):
    assert sorted(share(pow, [(k, 2) for k in range(5)], processes)) == [0, 1, 4, 9, 16]


def test_what_work_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(share(divmod, [(1, 1), (1, 0)], 2))


def test_a_process_that_is_killed_is_an_error_and_not_a_wait():
    with pytest.raises(PfyError, match="was ended from outside"):
        list(share(signal.raise_signal, [(signal.SIGKILL,), (signal.SIGKILL,)], 2))


def test_no_process_outlives_an_interrupt():
    work = share(time.sleep, [(0.01,), (60,), (60,)], 2)
    next(work)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        work.throw(KeyboardInterrupt)
    while multiprocessing.active_children():
        assert time.monotonic() - began < 20
        time.sleep(0.05)
