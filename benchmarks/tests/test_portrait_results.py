"""Results kept, read and set side by side."""

import json

import pytest
from PIL import Image

from pfy_bench.portrait import page, results
from pfy_bench.portrait.metrics import GROUPS, METRICS
from pfy_core import InputError


def run(label, **values):
    """A run of as many clips as each metric has values."""
    count = len(next(iter(values.values())))
    clips = [
        {"portrait": "woman", "text": str(k), "values": {key: found[k] for key, found in values.items()}}
        for k in range(count)
    ]
    return {"label": label, "pfy": "0.1.0", "skipped": {}, "clips": clips}


BEFORE = run(
    "before", closed=[0.5, 1.0, 0.9], loudness=[-18, -19, -20], **{"background moves": [1.0, 0.2, 0.1]}
)
AFTER = run(
    "after", closed=[0.9, 1.0, 0.8], loudness=[-16, -16, -16], **{"background moves": [0.1, 0.1, 0.1]}
)


def test_every_metric_has_one_name_and_every_reference_speaks_of_one():
    assert len(METRICS) == sum(map(len, GROUPS.values()))
    for item in results.references():
        assert item["source"]
        assert set(item["values"]) <= set(METRICS)
        assert all(low <= high for low, high in item["values"].values())


def test_clips_are_compared_one_by_one():
    assert results.better(METRICS["closed"], BEFORE, AFTER) == (1, 1, 1)
    assert results.better(METRICS["background moves"], BEFORE, AFTER) == (2, 1, 0)
    assert results.better(METRICS["loudness"], BEFORE, AFTER) is None
    assert results.better(METRICS["closed"], BEFORE, run("after", loudness=[-16])) is None


def test_filmed_runs_beside_narrations_are_not_what_is_compared():
    filmed = run("filmed", closed=[0.1])
    filmed["clips"][0]["text"] = ""
    table = dict(results.rows([filmed, BEFORE, AFTER, filmed]))
    assert [told for metric, _, told, _ in table["lips"] if metric.key == "closed"] == ["1/1/1"]


def test_the_table_has_medians_ranges_and_what_others_are():
    table = results.text([BEFORE, AFTER])
    line = next(line for line in table.splitlines() if line.startswith("| closed |"))
    assert "0.90 (0.50 to 1.00)" in line
    assert "1/1/1" in line
    assert "0.22 to 1.00 [2]" in line
    assert "HDTF" in table
    assert "blinks" not in table.split("[1]")[0].replace("lips", "")


def test_a_kept_result_is_read_and_another_file_is_refused(tmp_path):
    file = tmp_path / "old.json"
    file.write_text(json.dumps({"schema": results.SCHEMA, "runs": [BEFORE]}))
    assert results.read(file) == [BEFORE]
    for wrong in ("{}", "[]", "no json", json.dumps({"schema": 99, "runs": []})):
        file.write_text(wrong)
        with pytest.raises(InputError):
            results.read(file)


def test_the_page_holds_the_table_and_the_pictures(tmp_path):
    png = tmp_path / "sheet.png"
    Image.new("RGB", (1200, 40), "red").save(png)
    page.write(
        tmp_path / "page.html",
        [BEFORE, AFTER],
        [("woman, 0", "before", png), ("woman, 0", "after", png)],
        "Before & after",
    )
    text = (tmp_path / "page.html").read_text()
    assert "Before &amp; after" in text
    assert text.count("data:image/webp;base64,") == 2
    assert text.count("<h2>") == 1
    assert "class=good>2/1/0" in text
    assert str(tmp_path) not in text
