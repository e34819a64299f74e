"""The command line in the process of the tests, which has its libraries already."""

from __future__ import annotations

import contextlib
import io
import signal

import pytest

from pfy_core import cli


def pfy(folder, *arguments, status=0):
    """Run ``pfy`` in a folder; what it printed (output, errors), once its exit status is the expected one."""
    out, told = io.StringIO(), io.StringIO()
    polite = signal.getsignal(signal.SIGTERM)
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(told),
    ):
        patch.setattr("sys.argv", ["pfy", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            cli.main()
    signal.signal(signal.SIGTERM, polite)
    assert done.value.code == status, told.getvalue()
    return out.getvalue(), told.getvalue()
