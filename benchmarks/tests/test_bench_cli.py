import json
import subprocess
import sys
from pathlib import Path

import bench_videos
import pytest

import pfy_plugin_bench
from pfy_bench import records
from pfy_core import manifest


def pfy(*arguments, env=None):
    return subprocess.run(
        [sys.executable, "-m", "pfy_core", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=env,
    )


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Two folders of videos, and the run that scored them."""
    root = tmp_path_factory.mktemp("scored")
    real, made = bench_videos.folders(root)
    suite = bench_videos.suite(root / "sound.yaml")
    done = pfy("score", "--suite", suite, "--real", real, "--fake", made, "-o", root / "run")
    assert done.returncode == 0, done.stderr
    return root, done


def test_a_score_is_a_table_and_says_where_the_run_is(scored):
    root, done = scored
    assert "mcd [dB]" in done.stdout
    assert "real footage" in done.stdout
    assert str(root / "run") in done.stderr


def test_a_second_model_and_a_clip_that_cannot_be_scored(scored):
    root, _ = scored
    other = root / "other"
    for name in "ab":
        bench_videos.write(other / f"{name}.mp4", 9)
    call = ("score", "--suite", root / "sound.yaml", "--real", root / "real", "--fake", root / "made")
    done = pfy(*call, "--fake", other, "-o", root / "both", "--json")
    assert done.returncode == 3
    items = [line for line in json.loads(done.stdout) if line["kind"] == "item" and line["row"] == "other"]
    assert [bool(item["problem"]) for item in items] == [False, False, True]
    assert "not scored: other, c" in done.stderr


def test_two_models_in_folders_of_one_name_and_a_report_from_elsewhere(scored, tmp_path, monkeypatch):
    root, _ = scored
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        bench_videos.write(tmp_path / name / "made" / "a.mp4", level=0.5)
    bench_videos.write(tmp_path / "real" / "a.mp4")
    call = ("score", "--suite", root / "sound.yaml", "--real", "real", "--no-controls")
    done = pfy(*call, "--fake", "one/made", "--fake", "two/made")
    assert done.returncode == 0, done.stderr
    run = tmp_path / "bench" / "score-one_made-two_made"
    results = records.load(run)
    assert list(results.rows) == [("one/made", 0), ("two/made", 0)]
    assert results.real == {"a": tmp_path / "real" / "a.mp4"}
    assert results.made["one/made", "a"] == tmp_path / "one" / "made" / "a.mp4"
    assert str(tmp_path) not in (run / records.FILE).read_text()


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_tables_differences_and_reports_of_it(scored, form):
    root, _ = scored
    shown = pfy("table", root / "run", "-F", form)
    assert shown.returncode == 0, shown.stderr
    assert "made" in shown.stdout


def test_a_report_is_a_page_with_the_clips_in_it(scored):
    root, _ = scored
    done = pfy("report", root / "run", "-o", root / "report.html")
    assert done.returncode == 0, done.stderr
    page = (root / "report.html").read_text()
    assert page.count("<video") >= 2
    assert "data:video/mp4" in page
    again = pfy("report", root / "run", "-o", root / "report.html")
    assert again.returncode == 2
    assert "report.html" in again.stderr


def test_runs_of_two_protocols_are_refused_with_the_fields_that_differ(scored):
    root, _ = scored
    text = bench_videos.SOUND.replace("stoi\n", "stoi\n    with: {protocol: stoi/matlab}\n", 1)
    assert text != bench_videos.SOUND
    suite = bench_videos.suite(root / "matlab.yaml", text)
    call = (
        "score",
        "--suite",
        suite,
        "--real",
        root / "real",
        "--fake",
        root / "made",
        "-o",
        root / "matlab",
    )
    assert pfy(*call).returncode == 0
    done = pfy("table", root / "run", root / "matlab")
    assert done.returncode == 2
    for part in ("stoi", "protocol", "stoi/pystoi-0.4.1", "stoi/matlab"):
        assert part in done.stderr
    assert pfy("table", root / "run", root / "matlab", "--apart").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("score", "--real", "nowhere", "--fake", "nowhere"), "nowhere"),
        (("run", "qick", "--graph", "portrait"), "quick"),
        (("run", "quick", "--graph", "portrai"), "portrait"),
        (("run", "quick", "--graph", "portrait", "--data", "mini"), "NAME=PATH"),
        (("run", "quick", "--graph", "portrait", "--data", "x=."), "no dataset x"),
        (("run", "p4y-paper", "--graph", "portrait"), "--data hdtf=PATH"),
        (("run", "quick", "--graph", "portrait", "--ablate", "no-ec"), "no-ec"),
        (("table", "nowhere"), "nowhere"),
        (("report", "nowhere"), "nowhere"),
        (("diff", "nowhere", "nowhere"), "nowhere"),
        (("rerun", "nowhere", "-o", "there"), "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_told_with_status_2(arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = pfy(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_told(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "made").mkdir()
    done = pfy("score", "--real", tmp_path / "real", "--fake", tmp_path / "made", "-o", tmp_path / "run")
    assert done.returncode == 2
    assert "real" in done.stderr
    assert not (tmp_path / "run").exists()


def test_the_plugin_that_brings_the_command_has_a_manifest_of_its_code():
    file = Path(pfy_plugin_bench.__file__).parent / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_bench"))


def test_suites_are_listed_without_running_anything():
    done = pfy("suites")
    assert done.returncode == 0, done.stderr
    assert "quick" in done.stdout
    assert "p4y-paper" in done.stdout


@pytest.mark.slow
def test_a_suite_runs_offline_with_the_embedded_default(tmp_path):
    call = (
        *("run", "mini", "--graph", "portrait", "--ablate", "still-head"),
        *("--limit", 2, "-o", tmp_path / "run"),
    )
    done = pfy(*call)
    assert done.returncode in (0, 3), done.stderr
    results = records.load(tmp_path / "run")
    assert [row for row, _ in results.rows if "/" not in row] == ["portrait", "portrait+still-head"]
    moved, still = (results.items[row, "mini/0000", 0] for row, _ in list(results.rows)[:2])
    assert still.values["head-speed"].value < 0.5 * moved.values["head-speed"].value
    for name in ("mcd", "speaker-similarity", "lip-speed", "head-speed"):
        assert results.calibrations[name].calibrated is True, results.calibrations[name].why
    before = (tmp_path / "run" / records.FILE).read_text().count('"kind": "item"')
    assert pfy(*call).returncode == done.returncode
    assert (tmp_path / "run" / records.FILE).read_text().count('"kind": "item"') == before
    again = pfy("rerun", tmp_path / "run", "-o", tmp_path / "again")
    assert again.returncode == done.returncode, again.stderr
    theirs = records.load(tmp_path / "again")
    for address, item in results.items.items():
        assert {k: v.value for k, v in theirs.items[address].values.items()} == pytest.approx(
            {k: v.value for k, v in item.values.items()}, nan_ok=True
        )
