"""The report is one file that needs nothing else, shows the clips, and keeps real ones out if told to."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from bench_runs import make_run, real_file
from hypothesis import given
from hypothesis import strategies as st

from pfy_bench import comparing, records, tables
from pfy_bench.commands import report
from pfy_bench.report import Look, plots
from pfy_bench.report.clips import ranked
from pfy_core import InputError
from pfy_core.errors import OutputError
from pfy_core.media import video


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    frames = np.random.default_rng(0).integers(0, 255, (10, 32, 32, 3)).astype(np.uint8)
    video.write(file, [frames], 25, [np.zeros(6400, np.float32)], 16000)
    return file


class Parts(HTMLParser):
    """What a page is made of."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags, self.sources, self.links, self.ids = [], [], [], set()
        self.words = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.sources += [found["src"]] if "src" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.ids |= {found["id"]} if "id" in found else set()

    def handle_data(self, data):
        self.words += data


def made(tmp_path, clip, look=None, **about):
    run = make_run(tmp_path / "run", video=clip, **about)
    return Parts(report([run], tmp_path / "out.html", look=look))


def test_it_needs_nothing_else(tmp_path, clip):
    parts = made(tmp_path, clip)
    assert not {"script", "link", "img", "iframe"} & set(parts.tags)
    assert all(source.startswith("data:video/mp4;base64,") for source in parts.sources)
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert not re.search(r"(https?:)?//[a-z]", re.sub(r"base64,[^\"]*", "", text))
    assert "@import" not in text
    assert str(tmp_path) not in text


def test_links_lead_to_sections(tmp_path, clip):
    parts = made(tmp_path, clip)
    assert len(parts.links) >= 8
    assert {link.removeprefix("#") for link in parts.links} == parts.ids


def test_the_videos_are_the_clips(tmp_path, clip):
    parts = made(tmp_path, clip, Look(worst=1, best=1))
    assert len(parts.sources) == 2 * 2 * 2  # rows, worst and best, made and real
    assert base64.b64decode(parts.sources[0].partition(",")[2]) == clip.read_bytes()


def test_videos_that_are_too_large_become_links_that_work(tmp_path, clip):
    size = clip.stat().st_size * 4 // 3 + 4
    parts = made(tmp_path, clip, Look(worst=1, best=1, limit=3 * size))
    inside = [source for source in parts.sources if source.startswith("data:")]
    outside = [source for source in parts.sources if not source.startswith("data:")]
    assert (len(inside), len(outside)) == (3, 5)
    assert all((tmp_path / unquote(source)).read_bytes() == clip.read_bytes() for source in outside)
    assert "5 videos are links" in parts.words


def test_real_clips_stay_out_where_only_made_ones_may_be_given_away(tmp_path, clip):
    parts = made(tmp_path, clip, Look(embed="made"))
    assert len(parts.sources) == 2 * 4
    assert parts.words.count("not in this page") == 2 * 4


def test_a_clip_that_is_gone_leaves_the_rest(tmp_path, clip):
    run = make_run(tmp_path / "run", video=clip)
    for number in range(8):
        real_file(run, number).unlink()
    assert "not in this page" in Parts(report([run], tmp_path / "out.html")).words


def test_everything_is_told(tmp_path, clip):
    words = made(tmp_path, clip, failing="portrait/3").words
    for told in (
        "uncalibrated", "real footage", "the voice gave no sound (1)", "no face in 41 of 50 frames",
        "clips/min", "metric/stoi", "579344248a93e230", "0.813 [", "less portrait", "blur .12 < .34",
    ):  # fmt: skip
        assert told in words


def test_words_of_others_are_words(tmp_path, clip):
    parts = made(tmp_path, clip, rows={"portrait": 0.0, "portrait+<script>alert(1)</script>": 0.1})
    assert "script" not in parts.tags
    assert "<script>alert(1)</script>" in parts.words


def test_runs_that_cannot_be_compared_are_shown_apart(tmp_path, clip):
    one = make_run(tmp_path / "a", video=clip)
    other = make_run(tmp_path / "b", rows={"portrait": 0.1}, protocol={"clip.fps": 30}, video=clip)
    words = Parts(report([one, other], tmp_path / "out.html")).words
    assert "not comparable" in words
    assert "clip.fps: 25 and 30" in words


def test_a_run_that_has_just_begun_has_a_report(tmp_path):
    run = make_run(tmp_path / "run", rows={}, controls=False)
    assert "no row" in Parts(report([run], tmp_path / "out.html")).words


def test_nothing_is_overwritten_without_a_word(tmp_path, clip):
    run = make_run(tmp_path / "run", video=clip)
    out = tmp_path / "out.html"
    out.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        report([run], out)
    assert out.read_text() == "mine"
    assert report([run], out, force=True).stat().st_size > 10_000
    with pytest.raises(OutputError, match=r"\.html"):
        report([run], tmp_path / "out.pdf")
    with pytest.raises(InputError, match="no run"):
        report([], tmp_path / "new.html")


def test_worst_comes_first_by_measures_that_can_tell(tmp_path):
    results = records.load(make_run(tmp_path / "run"))
    columns = tables.table([results]).columns
    place = comparing.places([results])[0]
    stoi = [column for column in columns if column.measure.measure == "stoi"]
    found = [each.item.values["stoi"].value for each in ranked(place, stoi)]
    assert found == sorted(found)
    assert ranked(place, [column for column in columns if column.calibrated is False]) == []


@given(
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.floats(1e-6, 1e6),
)
def test_ticks_are_few_round_and_inside(low, width):
    along = plots.scale([low, low + width], 100)
    found = plots.ticks(along)
    assert 2 <= len(found) <= 11
    slack = 1e-6 * (along.high - along.low)
    assert all(along.low - slack <= tick <= along.high + slack for tick in found)
    assert 0 <= along(low) <= along(low + width) <= 100 + 1e-6


def test_a_plot_of_one_value_is_drawn():
    row = plots.Dots("a row with a name that is too long for it", 0.0, None, [("clip", 0.0)])
    drawn = plots.dots([row], plots.Band("floor", 0.0, None), 2, "title")
    assert "…" in drawn
    assert "nan" not in drawn


def test_an_interval_that_leaves_the_plot_says_so():
    row = plots.Dots("row", 1.0, (-100.0, 2.0), [("a", 0.5), ("b", 1.5)])
    drawn = plots.dots([row], None, 2, "title")
    assert drawn.count("class=beyond") == 1
    ends = [float(end) for end in re.findall(r'whisker x1="([\d.]+)" x2="([\d.]+)"', drawn)[0]]
    assert plots.LABEL <= ends[0] < ends[1] < plots.LABEL + plots.PLOT
    near = plots.dots([plots.Dots("row", 1.0, (0.4, 1.6), [("a", 0.5), ("b", 1.5)])], None, 2, "title")
    assert "beyond" not in near


def test_few_clips_are_shown_once(tmp_path, clip):
    parts = made(tmp_path, clip, Look(worst=2, best=2), clips=3, rows={"portrait": 0.0})
    assert (parts.words.count("Worst: "), parts.words.count("Best: ")) == (2, 1)


def test_ladders_begin_with_the_clip_that_is_not_spoiled(tmp_path, clip):
    made(tmp_path, clip)
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    told = re.findall(r'class=ladder [^>]*aria-label="([^"]*)"', text)
    assert "blur: real 2.00, Blur-1 5.00, Blur-2 8.00, Blur-3 11.00" in told
    assert not any(each.startswith("same") for each in told)


def test_clips_outside_of_the_folder_are_found_where_local_says(tmp_path, clip):
    run = make_run(tmp_path / "run", video=clip, rows={"portrait": 0.0})
    for file in (run / "made" / "portrait").iterdir():
        file.unlink()
    places = {f"mini/{number:04}": str(clip) for number in range(8)}
    (run / records.LOCAL).write_text(json.dumps({"made": {"portrait": places}}))
    parts = Parts(report([run], tmp_path / "out.html", look=Look(worst=1, best=1)))
    assert len(parts.sources) == 2


def test_of_very_many_clips_the_ends_are_drawn():
    clips = [(str(number), float(number)) for number in range(1000)]
    drawn = plots.dots([plots.Dots("row", 500.0, None, clips)], None, 1, "title")
    assert drawn.count("class=clip") == plots.MOST
    assert "999: 999.0" in drawn
    assert "0: 0.0" in drawn
