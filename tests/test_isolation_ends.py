"""Isolation: however a component's process or its host ends, nobody hangs and nothing is left."""

import os
import signal
import subprocess
import sys
import threading
import time

import isolating
import numpy as np
import pytest
import toys
from installing import environment
from isolating import eventually, isolated

from pfy_core import Graph, Runner
from pfy_core.errors import Cancelled, NodeError, PluginError, ProcessError
from pfy_core.isolation import Isolated

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks at /proc")

ENDS = {
    "die": r"was killed by signal 9 \(SIGKILL\)",
    "crash": r"was killed by signal 11 \(SIGSEGV\)",
    "leave": "ended with exit status 3",
}


@pytest.mark.parametrize("how", ENDS)
def test_a_process_that_ends_in_a_call_says_who_and_how_and_the_next_call_has_a_fresh_one(how):
    with isolated(isolating.Fails, node="mouth") as fails:
        before, began = fails.pid, time.monotonic()
        with pytest.raises(ProcessError, match=ENDS[how]) as caught:
            fails(how=how)
        assert time.monotonic() - began < 5
        assert "node 'mouth' failed: the process of encoder/fails" in caught.value.sends
        assert f"about to {how}" in caught.value.words
        assert f"| about to {how}" in str(caught.value)
        assert isinstance(caught.value, NodeError)
        assert caught.value.exit_code == 1
        assert fails(how="go on") == "go on"
        assert fails.pid != before


@pytest.mark.parametrize("how", ENDS)
def test_a_process_that_ends_while_it_starts_says_so(how):
    with pytest.raises(ProcessError, match=f"{ENDS[how]} while it started"):
        isolated(isolating.Fails, start=how)


@pytest.mark.parametrize("how", ENDS)
def test_a_process_that_ends_in_a_stream_ends_the_run_with_its_name(how):
    graph = (
        Graph("g")
        .input("text", "text")
        .add("far", "decoder/naturals", {"how": how}, text="$text")
        .add("near", "decoder/through", rows="far")
        .output(rows="near")
        .set("far.place.executor=process")
    )
    catalogue = toys.catalogue(isolating.Naturals, isolating.Through)
    runner = Runner(graph, catalogue=catalogue)
    for _ in range(2):  # the second run has a fresh process
        with runner({"text": ""}) as run:
            seen = []
            with pytest.raises(ProcessError, match=ENDS[how]) as caught:
                seen += [int(chunk[0, 0]) for chunk in run["rows"]]
            assert caught.value.node == "far"
        assert not any(thread.is_alive() for thread in run._threads)


def test_a_process_that_is_killed_while_the_host_waits_for_it_is_missed_at_once():
    with isolated(isolating.Fails) as fails:
        threading.Timer(0.3, os.kill, (fails.pid, signal.SIGKILL)).start()
        began = time.monotonic()
        with pytest.raises(ProcessError, match="SIGKILL"):
            fails(how="wait")
        assert time.monotonic() - began < 3


def test_a_process_that_is_killed_while_nobody_looks_is_started_again():
    with isolated(isolating.Fails) as fails:
        os.kill(fails.pid, signal.SIGKILL)
        assert eventually(lambda: fails._worker.process.poll() is not None)
        assert fails(how="go on") == "go on"


def test_a_stream_of_a_process_that_is_gone_does_not_go_on_in_the_next_one():
    with isolated(isolating.Naturals) as naturals:
        old = naturals(text="")
        next(old)
        os.kill(naturals.pid, signal.SIGKILL)
        with pytest.raises(ProcessError, match="SIGKILL"):
            list(old)
        assert next(naturals(text=""))[0, 0] == 0
        assert list(old) == []


def test_an_interrupted_process_is_a_cancelled_run():
    with isolated(isolating.Fails) as fails:
        threading.Timer(0.3, os.kill, (fails.pid, signal.SIGINT)).start()
        with pytest.raises(Cancelled):
            fails(how="wait")


def test_a_turn_that_is_broken_off_leaves_no_wrong_answers_behind(catalogue):
    class Stopped(BaseException):
        pass

    def rows():
        yield np.zeros((1, 2), np.float32)
        raise Stopped

    with isolated(isolating.Through) as through:
        with pytest.raises(Stopped):
            list(through(rows=rows()))
        assert len(list(through(rows=iter([np.zeros((1, 2), np.float32)] * 3)))) == 3


@pytest.mark.parametrize("python", ["/nowhere/bin/python", "/dev/null"])
def test_a_python_that_cannot_be_started_is_named(catalogue, python):
    with pytest.raises(PluginError, match=python):
        Isolated(catalogue.spec("encoder/embed"), {}, python)


def test_a_python_that_says_nothing_we_know_is_an_end_and_no_riddle(catalogue, tmp_path):
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'this is no Python'; exit 7\n")
    fake.chmod(0o755)
    with pytest.raises(ProcessError, match="exit status 7 while it started") as caught:
        Isolated(catalogue.spec("encoder/embed"), {}, fake)
    assert caught.value.words == ("this is no Python",)


# Nothing is left ---------------------------------------------------------------------------------

HOST = """
import sys, threading
sys.path[:0] = {path!r}
import isolating, numpy as np
far = isolating.isolated(isolating.{cls})
print(far.pid, flush=True)
{then}
"""
BUSY = "try: far(how='wait')\nexcept BaseException as error: print(type(error).__name__, flush=True)"
IDLE = "big = np.zeros(5_000_000, np.float32)\nfar(value=big)\nprint('echoed', flush=True)\nsys.stdin.read()"


def host(cls, then, **more):
    path = [entry for entry in sys.path if entry]
    return subprocess.Popen(
        [sys.executable, "-c", HOST.format(path=path, cls=cls, then=then)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        **more,
    )


def _zombie(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def shared():
    return set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()


@pytest.mark.parametrize(("cls", "then"), [("Fails", BUSY), ("Echo", IDLE)], ids=["busy", "idle"])
def test_a_worker_leaves_when_its_host_is_killed(cls, then):
    before = shared()
    with host(cls, then) as made:
        pid = int(made.stdout.readline())
        if cls == "Echo":
            assert made.stdout.readline() == "echoed\n"
        else:
            time.sleep(0.3)
        assert not _zombie(pid)
        made.kill()
        made.wait()
        assert eventually(lambda: _zombie(pid))
    assert eventually(lambda: shared() <= before)


@pytest.mark.parametrize(("cls", "then"), [("Echo", "far.close()"), ("Echo", "del far"), ("Echo", "")])
def test_a_worker_leaves_when_it_is_closed_forgotten_or_its_host_ends(cls, then):
    last = "sys.stdin.read()" if then else ""
    with host(cls, f"{then}\nprint('done', flush=True)\n{last}") as made:
        pid = int(made.stdout.readline())
        assert made.stdout.readline() == "done\n"
        assert eventually(lambda: _zombie(pid), 5)
        made.stdin.close()
        assert made.wait(10) == 0


def test_ctrl_c_ends_both():
    with host("Fails", BUSY, start_new_session=True) as made:
        pid = int(made.stdout.readline())
        time.sleep(0.3)
        os.killpg(made.pid, signal.SIGINT)
        assert made.stdout.readline().strip() in ("KeyboardInterrupt", "Cancelled")
        assert made.wait(10) == 0
        assert eventually(lambda: _zombie(pid))


def test_many_large_calls_leave_no_descriptors_and_no_memory_behind():
    value = np.zeros((500, 1000), np.float32)
    with isolated(isolating.Echo) as echo:

        def held():
            return len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{echo.pid}/fd"))

        echo(value=value)
        before, memory = held(), shared()
        for _ in range(30):
            echo(value=value)
        # the worker lets go of an answer just after it was read
        end = time.monotonic() + 10
        while held() != before and time.monotonic() < end:
            time.sleep(0.01)
        assert held() == before
        assert shared() <= memory
