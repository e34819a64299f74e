import math
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from test_bench_scoring import MOTION

from pfy_bench import differences, sets
from pfy_bench.bench import features_at
from pfy_bench.records import Item


@pytest.fixture
def place(tmp_path):
    """A row of two people, of whom one has no features."""
    features_at(tmp_path, "x").parent.mkdir()
    rng = np.random.default_rng(0)
    for address in ("m", "r"):
        np.save(features_at(tmp_path, address), rng.standard_normal((6, 3)).astype(np.float32))
    items = [
        Item("made", "a", "anna", "k", features={"motion": {"made": "m", "real": "r"}}),
        Item("made", "b", "ben", "k", features={"motion": {"made": None, "real": "r"}}),
    ]
    run = SimpleNamespace(suite=yaml.safe_load(MOTION))
    return SimpleNamespace(items=items, results=SimpleNamespace(run=run, folder=tmp_path), replicates=())


def test_people_without_features_have_no_distance(place):
    distance = sets.distances(place, "fd-motion")
    assert distance(frozenset({"anna", "ben"})) == distance(frozenset({"anna"})) > 0
    assert math.isnan(distance(frozenset({"ben"})))


def test_only_people_with_features_are_left_out_in_turn(place):
    measure = SimpleNamespace(measure="fd-motion")
    assert differences.pooled_people(measure, place) == ["anna"]
