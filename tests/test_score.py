"""Scores: what the last run of a graph did, drawn from its trace and the store."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import toys

from pfy_core import Graph, InputError, Runner, Store, score
from pfy_core.kinds import MOTION_CHANNELS, MOTION_INDEX, Phone

SVG = "{http://www.w3.org/2000/svg}"


def moving(**channels):
    motion = np.zeros((50, len(MOTION_CHANNELS)), np.float32)
    for name, size in channels.items():
        motion[:, MOTION_INDEX[name]] = size * np.sin(np.arange(50) / 8)
    return motion


def performed(motion, phones=()):
    nodes = {"motion": {"state": "stored", "reason": "", "seconds": 0.25}}
    return score.Performance(score.resolve(Graph("bare")), nodes, motion, 25.0, list(phones))


def test_channels_that_move_are_drawn_and_no_others():
    assert [name for name, _ in score.rows(moving(jawOpen=1, headYaw=0.2, headRoll=0.002))] == [
        "jawOpen",
        "headYaw",
    ]


def test_sides_that_agree_are_one_line():
    same = score.rows(moving(eyeBlinkLeft=1, eyeBlinkRight=1))
    assert [name for name, _ in same] == ["eyeBlink"]
    wink = score.rows(moving(eyeBlinkLeft=1, eyeBlinkRight=0.5))
    assert [name for name, _ in wink] == ["eyeBlinkLeft", "eyeBlinkRight"]


def test_the_text_says_what_nodes_did_and_how_far_each_channel_goes():
    told = score.text(performed(moving(jawOpen=1)))
    assert "motion      stored  0.25 s" in told
    assert "motion  2.0 s @ 25 fps" in told
    line = next(line for line in told.splitlines() if "jawOpen" in line)
    assert "█" in line
    assert "▁" in line
    assert line.endswith("-1.00 .. 1.00")


def test_the_picture_has_a_line_for_each_channel_and_the_sounds_in_their_places():
    phones = [Phone("", 0, 0.5), Phone("m", 0.5, 0.7), Phone("<", 1.5, 1.7)]
    root = ET.fromstring(score.svg(performed(moving(jawOpen=1, headYaw=0.3), phones)))
    lines = root.findall(f"{SVG}polyline")
    assert [len(line.get("points").split()) for line in lines] == [50, 50]
    places = {text.text: float(text.get("x")) for text in root.iter(f"{SVG}text")}
    assert places["m"] < places["<"]
    assert "jawOpen" in places
    width = float(root.get("width"))
    for line in lines:
        assert all(0 < float(x) < width for x in re.findall(r"([\d.]+),", line.get("points")))


def test_a_whole_run_is_read_back_as_it_ran(tmp_path):
    from pfy_core.catalogue import Catalogue

    store = Store(tmp_path)
    graph = Graph.load("portrait").set("motion.fps=30", "video.size=128")
    runner = Runner(graph, store=store, catalogue=Catalogue.discover())
    with runner({"text": "Maybe.", "face": _face()}, outputs=["motion", "frames"]) as run:
        made = np.concatenate(list(run["motion"]))
        list(run["frames"])
        run.wait()
    again = score.last(Graph.load("portrait"), store)
    assert (again.motion == made).all()
    assert again.rate == 30
    assert "m" in [phone.symbol for phone in again.phones]
    assert again.nodes["video"]["state"] == "not stored"
    assert again.resolved.graph.nodes["motion"].config["fps"] == 30


def test_what_was_not_kept_is_said(tmp_path):
    store = Store(tmp_path)
    runner = Runner(toys.speech(), store=store, catalogue=toys.catalogue())
    with runner({"text": "a b", "voice": np.zeros(1600, np.float32)}) as run:
        list(run["frames"])
        run.wait()
    found = score.last(runner.graph, store)
    assert found.motion is None
    assert found.missing in score.text(found)
    with pytest.raises(InputError):
        score.svg(found)


def test_without_a_run_there_is_nothing_to_show(tmp_path):
    with pytest.raises(InputError, match="no run of 'portrait'"):
        score.last(Graph.load("portrait"), Store(tmp_path))


def _face():
    from pfy_core import weights

    return weights.path("demo/astronaut")
