"""The suite that renders nothing: motion beside known motion."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import bench_motion
import numpy as np
import pytest
import yaml

from pfy_bench import quick, run
from pfy_bench.bench import Bench
from pfy_bench.corpora import Datasets
from pfy_bench.making import part
from pfy_bench.rows import baselines, of_graphs
from pfy_bench.suite import Suite
from pfy_core import InputError, paths
from pfy_core.graph import Graph

CLIPS = 4
REPLAY = (
    "pfy: 1\nname: replay\ninputs: {speech: audio.wave, motion: motion.face}\noutputs: {motion: $motion}\n"
)
"""A graph that gives back the motion that it is given."""
ABSENT = ("av", "soxr", "ai_edge_litert", "pocketsphinx", "onnxruntime")
"""What machines that only train lack."""


@pytest.fixture(scope="module")
def suite():
    return replace(Suite.load("motion"), controls=2)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, suite):
    folder = bench_motion.corpus(tmp_path_factory.mktemp("corpus") / "test", CLIPS)
    return Datasets.of(suite.data, {"shards": folder})


@pytest.fixture(scope="module")
def ran(tmp_path_factory, suite, corpus):
    """A run of a graph that moves well, of one that mumbles, and of two baselines."""
    root = tmp_path_factory.mktemp("ran")
    graphs = [
        f"{name}={bench_motion.graph(root / f'{name}.yaml', mouth)}"
        for name, mouth in (("well", 1), ("mumbles", 0.4))
    ]
    rows = of_graphs(graphs, [], [], lambda graph: part(graph, suite, corpus))
    rows += baselines(["frozen", "shuffled"], rows)
    return rows, run.run(suite, rows, corpus, root / "run")


def mean(results, row, measure):
    return float(np.nanmean([item.values[measure].value for item in results.of(row)]))


def test_what_is_nearer_to_the_known_motion_is_measured_to_be(ran):
    _, results = ran
    errors = [mean(results, row, "lip-motion-error") for row in ("well", "mumbles", "shuffled")]
    assert errors[0] < 0.002 < 0.01 < errors[1] < errors[2]
    assert errors[0] < mean(results, "frozen", "lip-motion-error")
    assert mean(results, "well", "closure-f1") > mean(results, "shuffled", "closure-f1") + 0.2
    assert abs(mean(results, "well", "lip-offset")) < 40


def test_measures_see_the_controls(ran):
    _, results = ran
    for name in ("lip-motion-error", "closure-f1", "lip-offset", "lip-speed"):
        assert results.calibrations[name].calibrated is True, (name, results.calibrations[name].why)
    assert results.items["control/same", "shards/0000", 0].values["lip-motion-error"].value == 0


def test_nothing_is_rendered_and_no_decoder_of_videos_counts(ran):
    _, results = ran
    made = results.folder / "made" / "well"
    assert {file.suffix for file in made.iterdir()} == {".npy"}
    item = results.of("well")[0]
    assert np.load(results.file(item)).shape == (item.made.frames, 58)
    assert "clip.decoder" not in results.measures["lip-speed"].protocol
    assert results.real == {}
    assert results.rows["shuffled", 0].baseline == "shuffled-1"


def test_a_run_is_gone_on_with_and_made_again_from_its_records(ran, suite, corpus, tmp_path):
    rows, results = ran
    told = []
    run.run(suite, rows, corpus, results.folder, tell=told.append)
    assert told == []
    from pfy_bench.rows import of_records

    again = run.run(suite, of_records(results), corpus, tmp_path / "again")
    for address, item in results.items.items():
        assert again.items[address].values == pytest.approx(item.values, nan_ok=True)


def test_what_makes_no_motion_to_the_clips_speech_is_told_before_anything_runs(suite, corpus):
    def of(graph):
        return of_graphs([graph], [], [], lambda graph: part(graph, suite, corpus))

    with pytest.raises(InputError, match="says the text with a voice of its own"):
        of("portrait")
    with pytest.raises(InputError, match="no output 'motion'"):
        of("p4y-tiny")


def test_of_a_graph_is_run_what_its_motion_needs_and_the_clip_has_not(suite, corpus):
    graph = Graph.from_dict(
        yaml.safe_load("""
name: learnt
inputs: {speech: {kind: audio.wave, rate: 48000}, face: image.rgb, text: {kind: text, optional: true}}
nodes:
  heard: {use: adapter/resample, take: {wave: $speech}, with: {source: 48000, rate: 16000}}
  mesh: {use: encoder/face-mesh, take: {face: $face}}
  motion: {use: decoder/x, take: {wave: heard, visual: [mesh.landmarks], text: $text}}
  video: {use: decoder/portrait, take: {face: $face, matte: mesh.matte, motion: motion}}
outputs: {frames: video, wave: $speech, motion: motion}
options: {head: video.head}
""")
    )
    short = part(graph, suite, corpus)
    assert list(short.nodes) == ["motion"]
    assert short.nodes["motion"].take == {"wave": "$speech", "visual": ["$landmarks"], "text": "$text"}
    assert {name: item.rate for name, item in short.inputs.items()} == {
        "speech": 16000, "text": None, "landmarks": None,
    }  # fmt: skip
    assert part(short, suite, corpus) == short
    assert part(graph, Suite.load("quick"), corpus) is graph


def test_in_passing_the_same_numbers_and_nothing_is_left(ran, corpus, suite, tmp_path, monkeypatch):
    _, results = ran
    graph = bench_motion.graph(tmp_path / "graph.yaml", 0.4)
    before = sorted(paths.home().rglob("*"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    folder = Path(corpus.nodes["shards"].config["folder"])
    found = quick.measure("motion", graph, folder, clips=3)
    clips = [results.items["mumbles", f"shards/{index:04}", 0] for index in (0, 1, 2)]
    for name in ("lip-motion-error", "closure-f1", "energy-offset"):
        assert found[name].clips == 3
        assert found[name].value == pytest.approx(np.mean([item.values[name].value for item in clips]))
    assert sorted(paths.home().rglob("*")) == before
    assert list((tmp_path / "tmp").iterdir()) == []
    with pytest.raises(InputError, match="no shard"):
        quick.measure("motion", graph, tmp_path)


def test_it_runs_where_nothing_can_be_decoded_or_rendered(corpus, tmp_path):
    graph = tmp_path / "replay.yaml"
    graph.write_text(REPLAY)
    code = f"""
import json, sys
from pathlib import Path
for name in {ABSENT!r}:
    sys.modules[name] = None
from pfy_bench.cli import app
from pfy_bench import records
folder = {str(tmp_path / "run")!r}
data = "shards=" + {corpus.nodes["shards"].config["folder"]!r}
try:
    app(["run", "motion", "--data", data, "-g", {str(graph)!r}, "--baseline", "shuffled", "-o", folder])
except SystemExit as end:
    assert end.code in (0, 3), end.code
items = records.load(folder).of("replay")
print(json.dumps([item.values["lip-motion-error"].value for item in items]), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == [0.0] * CLIPS


def test_a_clip_that_cannot_be_read_is_counted(tmp_path, suite, corpus):
    short = Suite.from_dict(suite.as_dict() | {"clip": {"fewest": 1000}, "controls": 0})
    graph = tmp_path / "replay.yaml"
    graph.write_text(REPLAY)
    rows = of_graphs([str(graph)], [], [], lambda graph: part(graph, short, corpus))
    line = next(Bench(short, rows, corpus, tmp_path / "run").item("shards/0000"))
    assert "frames at 25 fps" in line.problem
    assert "frames at 25 fps" in line.real_values["lip-speed"].reason


VIDEOS = """
suite: both
data: {shards: {use: dataset/shards}}
clip: {seconds: 20}
controls: 0
features: {track: {use: extractor/motion-track, take: {motion: motion}}}
measures:
  lip-speed: {use: metric/lip-speed, take: {face: track}}
  colour: {use: metric/colour-drift, take: {frames: frames, face: track}}
"""


@pytest.mark.slow
def test_of_videos_the_motion_is_kept_beside_them(corpus, tmp_path):
    suite = Suite.from_dict(yaml.safe_load(VIDEOS))
    assert suite.renders
    rows = of_graphs(["portrait"], [], ["video.size=128"], lambda graph: part(graph, suite, corpus))
    few = Datasets(corpus.nodes, limit=1)
    results = run.run(suite, rows, few, tmp_path / "run")
    item = results.of("portrait")[0]
    assert sorted(file.suffix for file in (tmp_path / "run/made/portrait").iterdir()) == [
        ".csv",
        ".mp4",
    ]
    assert item.values["lip-speed"].value > 0.1
    assert item.real_values["colour"].reason == "it has no picture"
