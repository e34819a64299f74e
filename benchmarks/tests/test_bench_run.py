import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import bench_videos
import pytest
import yaml

from pfy_bench import executors, records, run
from pfy_bench.bench import Bench
from pfy_bench.corpora import Folders
from pfy_bench.pairs import pairs
from pfy_bench.rows import Row
from pfy_bench.suite import Suite
from pfy_core.errors import InputError


@pytest.fixture
def sound():
    return Suite.from_dict(yaml.safe_load(bench_videos.SOUND))


def corpus(real, made):
    return Folders({"made": pairs(real, made)})


def scores(results, measure="mcd"):
    return {address: item.values[measure].value for address, item in results.items.items()}


def test_two_folders_are_scored_clip_by_clip(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path)
    results = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run")
    assert [item.item for item in results.of("made")] == ["a", "b", "c"]
    for item in results.of("made"):
        assert (
            item.values["mcd"].value
            < 1.5
            < results.items["control/noise-sound-1", "a", 0].values["mcd"].value
        )
        assert item.values["stoi"].value > 0.95
        assert item.made.seconds == item.real.seconds == 1.2
    assert results.items["control/same", "a", 0].values["mcd"].value == pytest.approx(0, abs=1e-9)
    assert ("control/same", "b", 0) not in results.items  # the suite asks for one clip's controls
    assert results.calibrations["mcd"].calibrated is True
    assert results.measures["stoi"].protocol["stoi.protocol"] == "stoi/pystoi-0.4.1"
    assert results.measures["stoi"].protocol["clip.seconds"] == 4
    assert results.real["a"] == real / "a.mp4"
    assert str(tmp_path) not in (tmp_path / "run" / records.FILE).read_text()


def test_what_is_done_is_not_done_again_and_what_changed_is(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path)
    told = []
    first = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run", tell=told.append)
    assert told[-1].done == told[-1].total == 3
    again = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run", tell=told.append)
    assert len(told) == sum(1 for _ in first.items)
    assert scores(again) == scores(first)
    bench_videos.write(made / "b.mp4", 7)
    told.clear()
    changed = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run", tell=told.append)
    assert [(step.last.row, step.last.item) for step in told] == [("made", "b")]
    assert scores(changed)["made", "b", 0] > scores(first)["made", "b", 0] + 1
    assert scores(changed)["made", "a", 0] == scores(first)["made", "a", 0]


def test_a_clip_that_cannot_be_scored_is_counted_and_the_others_go_on(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "abcdef")
    bench_videos.write(made / "a.mp4", seconds=0.12)
    (made / "b.mp4").write_bytes(b"not a video")
    (made / "c.mp4").unlink()
    bench_videos.write(made / "d.mp4", sound=False)
    (real / "f.mp4").write_bytes(b"neither")
    results = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run")
    items = {item.item: item for item in results.of("made")}
    assert "3 frames" in items["a"].problem
    assert "decoded" in items["b"].problem
    assert items["c"].problem
    assert items["d"].values["mcd"].reason == "the clip has no sound"
    assert not items["d"].problem
    assert math.isfinite(items["e"].values["mcd"].value)
    assert "decoded" in items["f"].values["mcd"].reason
    told = run.partial(results)
    assert len(told) >= 4
    assert any("no sound" in line for line in told)


def test_a_folder_of_another_run_is_not_mixed_up(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "a")
    run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run")
    other = Suite.from_dict(yaml.safe_load(bench_videos.SOUND.replace("seconds: 4", "seconds: 1")))
    with pytest.raises(InputError, match="another suite"):
        run.run(other, [Row("made")], corpus(real, made), tmp_path / "run")
    with pytest.raises(InputError, match="another seed"):
        run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run", seed=1)
    with pytest.raises(InputError, match="other files"):
        run.run(sound, [Row("made")], corpus(real, made), real)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_run_that_is_killed_at_any_point_goes_on_where_it_was(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "abcdef")
    suite = bench_videos.suite(tmp_path / "sound.yaml")
    folder = tmp_path / "run"
    call = [
        sys.executable,
        "-m",
        "pfy_core",
        "bench",
        "score",
        "--suite",
        suite,
        "--real",
        real,
        "--fake",
        made,
    ]
    file = folder / records.FILE
    kept = b""
    for enough in (1, 3, 8):
        process = subprocess.Popen(
            [*call, "--out", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if file.exists() and file.read_bytes().count(b'"kind": "item"') >= enough:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
        process.wait()
        now = file.read_bytes()
        assert now.startswith(kept[: kept.rfind(b"\n") + 1])  # nothing that was there is lost
        kept = now
    ended = subprocess.run([*call, "--out", folder], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    items = [(line["row"], line["item"]) for line in lines if line["kind"] == "item"]
    assert len(items) == len(set(items)) == 6 + 4  # nothing was computed twice
    whole = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "whole")
    assert scores(whole) == scores(records.load(folder))


@pytest.mark.slow
def test_two_workers_of_ray_give_what_one_process_gives(tmp_path, sound, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    real, made = bench_videos.folders(tmp_path, "abcd")
    here = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "here")
    shared = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "shared", executor="ray", workers=2)
    assert scores(here) == scores(shared)
    assert {k: v.value for k, v in here.sets.items()} == {k: v.value for k, v in shared.sets.items()}


def test_an_executor_that_is_not_is_an_error(sound, tmp_path):
    with pytest.raises(InputError, match="executor 'rya'"):
        list(executors.lines(Bench(sound, [], Folders({}), tmp_path), ["a"], "rya"))
    real, made = bench_videos.folders(tmp_path, "a")
    with pytest.raises(InputError, match="executor 'rya'"):
        run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run", executor="rya")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("left", [b"", b'{"schema": 1, "kind": "ru'])
def test_a_run_that_was_killed_before_its_first_line_is_begun_again(tmp_path, sound, left):
    real, made = bench_videos.folders(tmp_path, "a")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / records.FILE).write_bytes(left)
    results = run.run(replace(sound, controls=0), [Row("made")], corpus(real, made), folder)
    assert list(results.items) == [("made", "a", 0)]


def test_clips_may_be_added_to_a_run_and_not_taken_away(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "ab")
    suite, told = replace(sound, controls=0), []
    run.run(suite, [Row("made")], Folders({"made": pairs(real, made)}, 1), tmp_path / "run")
    results = run.run(suite, [Row("made")], corpus(real, made), tmp_path / "run", tell=told.append)
    assert [step.last.item for step in told] == ["b"]
    assert results.run.data["folders"]["items"] == 2
    for folder in (real, made):
        (folder / "b.mp4").rename(folder / "c.mp4")
    with pytest.raises(InputError, match="clips that the data has not: b"):
        run.run(suite, [Row("made")], corpus(real, made), tmp_path / "run")


def test_a_control_that_there_is_not_is_told_before_anything_is_written(tmp_path):
    real, made = bench_videos.folders(tmp_path, "a")
    suite = Suite.from_dict(yaml.safe_load(bench_videos.SOUND.replace("noise-sound", "noise-sond")))
    with pytest.raises(InputError, match="noise-sond"):
        run.run(suite, [Row("made")], corpus(real, made), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_controls_are_made_of_the_first_clip_that_can_be_used(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "abc")
    (real / "a.mp4").write_bytes(b"not a video")
    bench_videos.write(real / "b.mp4", 1, sound=False)
    results = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run")
    assert {item for row, item, _ in results.items if row.startswith("control/")} == {"c"}
    assert results.calibrations["mcd"].calibrated is True


def test_clips_that_have_moved_are_found_again_without_being_scored_again(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "ab")
    folder, told = tmp_path / "run", []
    run.run(sound, [Row("made")], corpus(real, made), folder)
    real, made = (path.rename(tmp_path / f"{path.name}-moved") for path in (real, made))
    results = run.run(sound, [Row("made")], corpus(real, made), folder, tell=told.append)
    assert told == []
    assert results.real == {name: real / f"{name}.mp4" for name in "ab"}
    assert results.made == {("made", name): made / f"{name}.mp4" for name in "ab"}


def test_controls_are_made_of_silent_clips_where_there_are_no_others(tmp_path, sound):
    real, made = bench_videos.folders(tmp_path, "a")
    bench_videos.write(real / "a.mp4", sound=False)
    results = run.run(sound, [Row("made")], corpus(real, made), tmp_path / "run")
    assert results.items["control/same", "a", 0].values["mcd"].reason == "the clip has no sound"
    assert results.calibrations["mcd"].calibrated is None
