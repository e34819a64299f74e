import math

import numpy as np
import pytest
import yaml
from bench_videos import SOUND

from pfy_bench.scoring import Failure, Scorer, _score, pooled, rows
from pfy_bench.sides import Side
from pfy_bench.suite import Suite
from pfy_core import weights
from pfy_core.errors import GraphError, InputError
from pfy_core.media import clip
from pfy_core.store import Store
from pfy_core.testing import sounds

MOTION = """
suite: motion
features:
  tracks: {use: extractor/flow-tracks, take: {frames: frames}}
  motion: {use: extractor/motion-histograms, take: {tracks: tracks}}
measures:
  fd-motion: {use: metric/fd, over: set, take: {made: made.motion, reference: real.motion}, better: low}
  mcd: {use: metric/mcd, take: {made: made.wave, reference: real.wave}, better: low}
"""


def suite(text):
    return Suite.from_dict(yaml.safe_load(text))


def side(seed=0, frames=20, sound=True):
    still = np.random.default_rng(seed).integers(0, 255, (48, 48, 3))
    moving = np.stack([np.roll(still, k, axis=1) for k in range(frames)]).astype(np.uint8)
    return Side(moving, sounds.wave(frames * 640, 16_000, seed) if sound else None)


def test_every_number_of_a_clip():
    scores = Scorer(suite(SOUND))(side(0), side(0))
    assert scores.values["mcd"].value == pytest.approx(0, abs=1e-9)
    assert scores.values["stoi"].value == pytest.approx(1, abs=1e-9)
    assert set(scores.seconds) == {"mcd", "stoi"}


def test_only_what_is_asked_for():
    scorer = Scorer(suite(MOTION))
    scores = scorer(side(0), side(1), only=["mcd"])
    assert (list(scores.values), scores.features) == (["mcd"], {})
    assert pooled(scorer.suite) == ["motion"]


def test_what_fails_costs_only_its_own_number():
    scores = Scorer(suite(MOTION))(side(0, sound=False), side(1))
    assert math.isnan(scores.values["mcd"].value)
    assert scores.values["mcd"].reason == "the clip has no sound"
    assert rows(scores.features["motion"]["made"]).ndim == 2


def test_a_side_that_could_not_be_had_says_why_everywhere():
    scores = Scorer(suite(MOTION))(Failure("it melted"), side(1))
    assert scores.values["mcd"].reason == "it melted"
    assert scores.features["motion"]["made"] == Failure("it melted")
    assert rows(scores.features["motion"]["real"]).ndim == 2
    with pytest.raises(InputError, match="it melted"):
        rows(scores.features["motion"]["made"])


def test_a_component_that_is_not_installed_leaves_out_what_needs_it():
    text = MOTION.replace("extractor/flow-tracks", "extractor/nobody-has-this")
    scorer = Scorer(suite(text))
    scores = scorer(side(0), side(0))
    assert "nobody-has-this" in scorer.missing["made_tracks"]
    assert "nobody-has-this" in scores.features["motion"]["made"].reason
    assert scores.values["mcd"].value == pytest.approx(0, abs=1e-9)


def test_ports_that_do_not_fit_are_told_before_anything_runs():
    with pytest.raises(GraphError) as caught:
        Scorer(suite(MOTION.replace("{tracks: tracks}", "{tracks: wave}")))
    assert any("audio.wave" in problem.sends for problem in caught.value.problems)


def test_the_real_side_is_calculated_once_for_all_rows(tmp_path):
    scorer, real = Scorer(suite(MOTION), Store(tmp_path)), side(1)
    first = scorer(side(0), real)
    second = scorer(side(2), real)
    assert second.features["motion"]["real"] is first.features["motion"]["real"]
    assert second.seconds["tracks"] < first.seconds["tracks"]


def test_features_are_kept_between_runs(tmp_path):
    first = Scorer(suite(MOTION), Store(tmp_path))(side(0), side(1))
    store = Store(tmp_path)
    again = Scorer(suite(MOTION), store)(side(0), side(1))
    np.testing.assert_array_equal(
        rows(first.features["motion"]["made"]), rows(again.features["motion"]["made"])
    )
    assert any((tmp_path / "objects").rglob("meta.json"))


def test_sets_are_compared_by_their_metric():
    scorer = Scorer(suite(MOTION))
    one = np.random.default_rng(0).standard_normal((6, 4))
    assert scorer.of_sets("fd-motion", one, one).value == pytest.approx(0, abs=1e-9)
    assert scorer.of_sets("fd-motion", one, one + 1).value == pytest.approx(4)
    assert scorer.of_sets("fd-motion", one[:1], one).reason == "1 sample, 2 wanted"


def test_a_protocol_says_everything_but_how_fast():
    found = Scorer(suite(MOTION)).protocol("fd-motion")
    assert found["fd-motion.component"] == "metric/fd"
    assert found["fd-motion.protocol"] == "fd/n-1"
    assert found["motion.protocol"] == "fvmd/reference-1.0.0"
    assert found["tracks.component"] == "extractor/flow-tracks"
    assert found["clip.fps"] == 25
    assert not [name for name in found if name.endswith((".device", ".batch"))]


def test_what_is_run_has_a_digest_that_follows_it():
    assert Scorer(suite(MOTION)).code() == Scorer(suite(MOTION)).code()
    assert Scorer(suite(MOTION)).code() != Scorer(suite(SOUND)).code()


def test_what_is_not_finite_is_no_number_and_says_so():
    assert math.isnan(_score({"value": math.inf}).value)
    assert _score({"value": math.inf}).reason == "not a number"
    assert _score({"value": math.nan, "reason": "no face"}).reason == "no face"


def test_what_is_run_is_other_with_other_weights_or_another_decoder(monkeypatch):
    speaker = suite("""
suite: voice
features: {speaker: {use: extractor/speaker, take: {wave: wave}}}
measures: {similar: {use: metric/speaker-similarity, take: {made: made.speaker, reference: real.speaker}}}
""")
    plain = Scorer(speaker).code()
    monkeypatch.setattr(clip, "DECODER", "clip-2")
    decoded = Scorer(speaker).code()
    monkeypatch.setattr(weights, "digest", lambda *_: "other")
    assert len({plain, decoded, Scorer(speaker).code()}) == 3
