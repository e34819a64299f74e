"""``pfy data synth``: what it makes is exact, the same each time, and survives kill -9."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pfy_core import Graph, InputError, Runner
from pfy_core.kinds import MOTION_INDEX
from pfy_plugin_data import write
from pfy_plugin_data.shards import Shards
from pfy_plugin_data.synth import faces, plan
from pfy_plugin_data.synth.make import _stage, synth

CLIPS = 24
"""21 of them in two training shards."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    out = tmp_path_factory.mktemp("synth") / "corpus"
    synth(out, clips=CLIPS, seed=3, bank="light", workers=2, quiet=True)
    return out


@pytest.mark.slow
def test_a_made_corpus_has_what_its_plan_says(corpus):
    about = json.loads((corpus / "corpus.json").read_text())
    assert about["complete"]
    assert {split: facts["clips"] for split, facts in about["splits"].items()} == plan.counts(CLIPS)
    planned = {line.key: line for part in plan.parts(CLIPS, 3, "light") for line in part.lines}
    for split in plan.counts(CLIPS):
        for sample in Shards([corpus / split]):
            line = planned.pop(sample.key)
            assert (sample.text, sample.voice, sample.face) == (line.text, line.voice.name, line.face.name)
            assert 1.0 < sample.frames / 25 < 9.0
            assert len(sample.wave) == 640 * sample.frames
            assert 0.03 < np.sqrt(np.mean(sample.wave**2)) < 0.4
            assert sample.motion[:, MOTION_INDEX["jawOpen"]].max() > 0.1
            assert sample.phones[-1].end == pytest.approx(sample.frames / 25, abs=0.03)
            assert sample.image.shape == (192, 192, 3)
            assert (np.abs(sample.landmarks[:, :2] - 96) < 108).all()  # a drawing's chin may be cut off
    assert not planned


@pytest.mark.slow
def test_the_motion_is_that_of_the_graph_portrait(corpus):
    planned = {line.key: line for part in plan.parts(CLIPS, 3, "light") for line in part.lines}
    sample = next(one for one in Shards([corpus / "train"]) if not planned[one.key].voice.heard)
    line = planned[sample.key]
    text = (
        f'<speak><voice name="{line.voice.speaker}"><prosody rate="{round(100 * line.pace)}%">{line.text}'
        "</prosody></voice></speak>"
    )
    graph = Graph.load("portrait").choose(head=line.head).set("speech.voice=heart", "speech.language=en")
    given = {"text": text, "face": faces.shaped(line.face)}
    with (
        Runner(graph)(given, seed=line.seed, outputs=["motion", "phones"]) as run,
        ThreadPoolExecutor(1) as pool,
    ):
        phones = pool.submit(lambda: [phone for part in run.chunks("phones") for phone in part])
        motion = np.concatenate(list(run.chunks("motion")))
    assert np.array_equal(sample.motion, motion.astype(np.float16).astype(np.float32))
    assert [phone.symbol for phone in sample.phones] == [phone.symbol for phone in phones.result()]


@pytest.mark.slow
def test_a_shard_made_again_is_the_same_bytes(corpus):
    part = next(part for part in plan.parts(CLIPS, 3, "light") if part.split == "test")
    write.shard(corpus / "again.tar", map(_stage().perform, part.lines))
    assert (corpus / "again.tar").read_bytes() == (corpus / part.name).read_bytes()


@pytest.mark.slow
def test_a_run_that_was_killed_is_gone_on_with(corpus, tmp_path):
    out = tmp_path / "corpus"
    command = [sys.executable, "-m", "pfy_core", "data", "synth", str(out), "--clips", str(CLIPS)]
    command += ["--seed", "3", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        first = out / "test" / "000000.tar"
        while not first.exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert json.loads((out / "corpus.json").read_text())["complete"] is False
    began = first.stat().st_mtime_ns
    assert not (out / "train" / "000001.tar").exists()
    made = synth(out, clips=CLIPS, seed=3, bank="light", workers=1, quiet=True)
    assert first.stat().st_mtime_ns == began
    assert made == json.loads((corpus / "corpus.json").read_text())
    assert not list(out.glob("*/.*"))


@pytest.mark.parametrize(("clips", "seed"), [(0, 0), (19, 0), (10**7, 0), (20, -1)])
def test_options_out_of_range_are_told(tmp_path, clips, seed):
    with pytest.raises(InputError):
        synth(tmp_path / "c", clips=clips, seed=seed, bank="light")
    assert not (tmp_path / "c").exists()
