"""Two processes do what one does: gloo on the CPU (Accelerate's own launcher starts several on GPUs only)."""

import json
import os
import subprocess
import sys

import pupils
import pytest
import torch
from training_runs import losses, tensors

from pfy_core.errors import PfyError
from pfy_train import train

SETS = ["every.log=1", "every.save=0", "every.validate=0", "schedule.steps=6"]


def launch(room, out, *more):
    sets = [part for item in SETS for part in ("--set", item)]
    launched = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    return subprocess.run(
        [*launched, pupils.__file__, "train", str(room), "-o", str(out), "--device", "cpu", *sets, *more],
        capture_output=True,
        text=True,
        timeout=500,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


@pytest.mark.slow
@pytest.mark.parametrize("accumulate", [1, 2])
def test_two_processes_have_the_gradients_and_the_parameters_of_one(room, tmp_path, accumulate):
    more = ["--set", f"accumulate={accumulate}"]
    done = launch(room, tmp_path / "two", *more)
    assert done.returncode == 0, done.stderr
    train(room, out=tmp_path / "one", sets=[*SETS, more[1]], device="cpu")
    assert json.loads((tmp_path / "two" / "record.json").read_text())["processes"] == 2
    ones, twos = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(ones) == len(twos) == 6
    for one, two in zip(ones, twos, strict=True):
        assert one.pop("kind") == two.pop("kind")
        assert one == pytest.approx(two, rel=1e-4)
    for node in ("speech", "motion"):
        one, two = (tensors(tmp_path / name / "weights" / f"{node}.safetensors") for name in ("one", "two"))
        for key, value in one.items():
            assert torch.allclose(value, two[key], rtol=1e-4, atol=1e-5), key


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_out_is_a_problem_told_once(room, tmp_path):
    done = launch(room, tmp_path / "out", "--set", "batch=5")
    assert done.returncode != 0
    assert done.stderr.count("a multiple of the 2 processes") == 1
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_here_is_refused(room, tmp_path):
    with pytest.raises(PfyError, match="device"):
        train(room, out=tmp_path / "out", device="cuda:9", steps=1)
