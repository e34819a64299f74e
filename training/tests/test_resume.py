"""A training that was killed, or stopped, goes on as if it had not been."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pupils
import pytest
from training_runs import losses, same

from pfy_core.errors import Cancelled, InputError
from pfy_train import train
from pfy_train.log import lines
from pfy_train.state import found

COMMON = ["every.save=7", "every.log=3", "every.validate=9", "schedule.steps=40"]
STEPS = 40


def command(room, out, *more):
    """``pfy train`` as a process of its own, with the pupils installed."""
    sets = [part for item in COMMON for part in ("--set", item)]
    given = [sys.executable, pupils.__file__, "train", str(room), "-o", str(out), "--device", "cpu"]
    return subprocess.Popen(
        [*given, *sets, *more], stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )


def wait_for(process, out, step):
    """Until the log has a line of this step."""
    while process.poll() is None:
        if any(line["step"] >= step for line in lines(out)):
            return
        time.sleep(0.01)
    raise AssertionError(process.stderr.read())


@pytest.fixture
def whole(room, tmp_path):
    """The same training without a stop."""
    train(room, out=tmp_path / "whole", sets=COMMON, device="cpu")
    return tmp_path / "whole"


@pytest.mark.slow
def test_killed_at_a_random_moment_it_goes_on_bit_for_bit(room, tmp_path, whole):
    out = tmp_path / "out"
    process = command(room, out)
    wait_for(process, out, 9)
    time.sleep(random.random() * 0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = lines(out)[-1]["step"]
    assert found(out), "there is a checkpoint of step 7"
    (out / "checkpoints" / ".000099.1").mkdir()  # as a process that is killed while it writes leaves one
    made = train(room, out=out, sets=COMMON, device="cpu", resume=True)
    assert made.steps == STEPS
    assert losses(out) == losses(whole)
    assert losses(out, "validation") == losses(whole, "validation")
    for name in ("speech", "motion"):
        assert same(*(path / "weights" / f"{name}.safetensors" for path in (out, whole)))
    for name in ("parameters", "average", "moments"):
        assert same(*(found(path)[-1] / f"{name}.safetensors" for path in (out, whole)))
    assert not list((out / "checkpoints").glob(".*"))
    assert done < STEPS or found(out)


@pytest.mark.slow
def test_an_interrupt_leaves_a_checkpoint_and_says_how_to_go_on(room, tmp_path, whole):
    out = tmp_path / "out"
    process = command(room, out, "--set", "every.save=0", "--steps", "4000")
    wait_for(process, out, 3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "--resume" in told.splitlines()[-1]
    (kept,) = found(out)
    assert f"after step {int(kept.name)} of 4000" in told
    train(room, out=out, sets=COMMON, device="cpu", resume=True, steps=max(40, int(kept.name) + 1))
    assert lines(out)[-1]["step"] >= STEPS


def stopped_after(step, monkeypatch):
    """Ask for a stop in the middle of a step."""
    from pfy_train.trainer import Trainer

    once = Trainer._step

    def stepped(self, batches):
        once(self, batches)
        self.stop.asked = self.stop.asked or self.state.step == step

    monkeypatch.setattr(Trainer, "_step", stepped)


@pytest.mark.parametrize("step", [1, 8, 9, 14])
def test_stopped_between_log_lines_and_saves_it_goes_on_bit_for_bit(room, tmp_path, whole, monkeypatch, step):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        stopped_after(step, patch)
        with pytest.raises(Cancelled, match=f"after step {step} of 40"):
            train(room, out=out, sets=COMMON, device="cpu")
    train(room, out=out, sets=COMMON, device="cpu", resume=True)
    assert losses(out) == losses(whole)
    assert losses(out, "validation") == losses(whole, "validation")
    assert same(*(path / "weights" / "motion.safetensors" for path in (out, whole)))


def test_a_stop_at_the_last_step_is_the_end(room, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stopped_after(4, patch)
        made = train(room, out=tmp_path / "out", steps=4)
    assert made.steps == 4
    assert [line["step"] for line in losses(tmp_path / "out", "validation")] == [4]


def test_what_ended_before_its_first_checkpoint_is_begun_again(room, tmp_path, monkeypatch):
    from pfy_train.trainer import Trainer

    def killed(self, batches):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", killed)
        with pytest.raises(MemoryError):
            train(room, out=tmp_path / "out", steps=2)
    assert (tmp_path / "out" / "recipe.yaml").exists()
    assert train(room, out=tmp_path / "out", steps=2, sets=["batch=2"]).steps == 2


def test_a_finished_training_is_taken_further_with_more_steps(room, tmp_path):
    train(room, out=tmp_path / "out", steps=4)
    made = train(room, out=tmp_path / "out", steps=9, resume=True)
    assert made.steps == 9
    assert [line["step"] for line in losses(tmp_path / "out")] == [4, 5, 9]
    told = []
    record = (tmp_path / "out" / "record.json").read_text()
    again = train(room, out=tmp_path / "out", steps=9, resume=True, watch=told.append)
    assert again.losses == made.losses != {}
    assert (tmp_path / "out" / "record.json").read_text() == record
    assert any("has its 9 steps already" in event.text for event in told)


def test_without_a_checkpoint_there_is_nothing_to_resume(room, tmp_path):
    with pytest.raises(InputError, match="has no checkpoint") as error:
        train(room, out=tmp_path / "out", resume=True)
    assert "leave --resume out" in error.value.fix
    assert not (tmp_path / "out").exists()


def test_another_recipe_is_refused_with_the_fields_that_differ(room, tmp_path):
    train(room, out=tmp_path / "out", steps=2)
    with pytest.raises(InputError) as error:
        train(
            room,
            out=tmp_path / "out",
            resume=True,
            sets=["optimiser.lr=0.5", "batch=8", "keep=5", "every.log=1", "doc=other"],
        )
    assert "optimiser.lr: 0.01, now 0.5" in error.value.sends
    assert "batch: 4, now 8" in error.value.sends
    assert not any(word in error.value.sends for word in ("keep", "every", "doc", "steps"))


def test_other_data_and_another_graph_are_refused(room, tmp_path):
    train(room, out=tmp_path / "out", steps=2)
    other = pupils.split(tmp_path / "other" / "train", 5, seed=9).parent
    with pytest.raises(InputError, match="data: digest"):
        train(room, out=tmp_path / "out", resume=True, sets=[f"data.train=[{other}/train]"])
    graph = Path(room.parent / "graph.yaml")
    graph.write_text(pupils.graph().set("motion.gain=2.0").to_yaml())
    with pytest.raises(InputError, match="graph: digest"):
        train(room, out=tmp_path / "out", resume=True)


def test_a_corpus_that_was_moved_is_the_same_corpus(room, tmp_path):
    train(room, out=tmp_path / "out", steps=2)
    (room.parent / "corpus").rename(tmp_path / "moved")
    text = room.read_text().replace("corpus/", "")
    room.write_text(text)
    assert train(room, data=tmp_path / "moved", out=tmp_path / "out", resume=True, steps=3).steps == 3
