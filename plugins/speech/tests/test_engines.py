import contextlib
import itertools

import numpy as np
import onnxruntime
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st
from utterances import FILES

from pfy_core import weights
from pfy_core.errors import WeightsError
from pfy_plugin_speech import bank
from pfy_plugin_speech.engines import kokoro as kokoro_engine
from pfy_plugin_speech.engines.onnx_file import open_session, output_of, with_output
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.sound import level, pitch

SHORT = "Please remember to bring your own water."


@pytest.fixture(scope="module")
def model():
    return weights.path("hibari/heart").read_bytes()


@pytest.fixture(scope="module")
def joe():
    return bank.load("joe", FILES)


@pytest.fixture(scope="module")
def phonemes(american):
    return american(SHORT)


@pytest.fixture(params=["hibari", pytest.param("joe", marks=pytest.mark.slow)])
def engine(request):
    return request.getfixturevalue(request.param)


def f0_of(wave):
    track = pitch.track(soxr.resample(wave, RATE, LISTEN_RATE))
    return float(np.median(track[track > 0]))


def test_durations_are_one_a_phoneme_and_fill_the_wave(engine, phonemes):
    made = engine.say(phonemes, speed=1.0, seed=0)
    assert made.wave.dtype == np.float32
    assert made.seconds.shape == (len(phonemes) + 2,)
    assert (made.seconds >= 0).all()
    assert made.seconds.sum() == pytest.approx(len(made.wave) / RATE, abs=0.002)


def test_the_same_seed_gives_the_same_bytes(engine, phonemes):
    one, other = (engine.say(phonemes, speed=1.0, seed=5) for _ in range(2))
    assert np.array_equal(one.wave, other.wave)


def test_another_seed_gives_other_breath_of_the_same_length(hibari, phonemes):
    one, other = (hibari.say(phonemes, speed=1.0, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.wave, other.wave)
    assert np.array_equal(one.seconds, other.seconds)


@pytest.mark.parametrize("speed", [0.6, 0.9, 1.15, 1.7])
def test_speech_is_as_fast_as_was_asked_for_and_keeps_its_pitch(engine, american, speed):
    """A model rounds durations to its units, so 15 % more must be asked for in another way."""
    phonemes = american(bank.TEXT)[:300]
    usual, other = (engine.say(phonemes, speed=pace, seed=0) for pace in (1.0, speed))
    assert len(usual.wave) / len(other.wave) == pytest.approx(speed, rel=0.07)
    assert f0_of(other.wave) == pytest.approx(f0_of(usual.wave), rel=0.1)


def test_an_engine_says_as_much_as_it_promises(engine, american):
    phonemes = american(" ".join([SHORT] * 20))[: engine.longest]
    made = engine.say(phonemes, speed=1.0, seed=0)
    assert len(made.wave) / RATE > 15
    assert np.isfinite(made.wave).all()


@pytest.mark.slow
def test_joe_is_a_man(joe, phonemes):
    assert 70 < f0_of(joe.say(phonemes, speed=1.0, seed=0).wave) < 130


@pytest.mark.slow
def test_joe_has_a_symbol_for_every_sound_of_english(joe, american):
    """A sound without a symbol would be skipped: it would last for no time at all."""
    text = "The quick brown fox, judge, vision, boy, house, thing, this, button, water, chew, year, sing."
    spoken = american(text)
    seconds = joe.say(spoken, speed=1.0, seed=0).seconds[1:-1]
    assert [char for char, spent in zip(spoken, seconds, strict=True) if not spent and char not in "“”"] == []


def test_the_durations_of_a_model_are_found_in_its_file(model):
    name = output_of(model, "Round")
    session = onnxruntime.InferenceSession(with_output(model, name))
    assert [output.name for output in session.get_outputs()][-1] == name


def test_the_file_is_read_as_the_onnx_package_reads_it(model):
    onnx = pytest.importorskip("onnx")
    nodes = onnx.load_from_string(model).graph.node
    for op in {node.op_type for node in nodes} | {"Nothing"}:
        outputs = [name for node in nodes if node.op_type == op for name in node.output]
        assert output_of(model, op) == (outputs[0] if len(outputs) == 1 else "")


@given(st.binary(max_size=300))
def test_any_bytes_are_no_model_or_one_without_that_node(data):
    with contextlib.suppress(WeightsError):
        assert output_of(data, "Round") == ""


@pytest.mark.parametrize("content", ["empty", "garbage", "half"])
def test_a_file_that_is_no_model_is_refused(tmp_path, model, content):
    file = tmp_path / "model.onnx"
    file.write_bytes(
        {"empty": b"", "garbage": b"\xff<html>not found</html>", "half": model[: len(model) // 2]}[content]
    )
    with pytest.raises(WeightsError, match="ONNX"):
        open_session(file, "Round", 1)


def test_a_model_without_that_node_is_refused(tmp_path, model):
    file = tmp_path / "model.onnx"
    file.write_bytes(model)
    with pytest.raises(WeightsError, match="no single Ceil node"):
        open_session(file, "Ceil", 1)


def levels_of(wave, units):
    """Level in dB of every phoneme of Kokoro that lasts for some time."""
    edges = np.concatenate([[0], np.cumsum(units).astype(int)]) * kokoro_engine.HOP
    parts = [wave[a:b] for a, b in itertools.pairwise(edges)]
    return np.array([10 * np.log10(np.mean(part.astype(float) ** 2) + 1e-9) for part in parts])


@pytest.mark.slow
def test_kokoro_says_the_same_with_and_without_openvino(kokoro, phonemes):
    pytest.importorskip("openvino")
    pytest.importorskip("onnx")
    tokens = np.array([kokoro_engine.ids(phonemes)], np.int64)
    style = kokoro._style[len(phonemes) - 1][None]
    speed = np.array([1.0], np.float32)
    made = []
    for run in (kokoro_engine._int8("kokoro/model"), kokoro_engine._openvino("kokoro/model")):
        wave, units = (np.array(array).ravel() for array in run(tokens, style, speed))
        assert len(wave) == units.sum() * kokoro_engine.HOP
        made.append((wave, units))
    (int8, its), (floats, theirs) = made
    assert np.abs(its - theirs).max() <= 1
    assert len(int8) == pytest.approx(len(floats), rel=0.03)
    assert f0_of(int8) == pytest.approx(f0_of(floats), rel=0.03)
    assert level.loudness(int8, RATE) == pytest.approx(level.loudness(floats, RATE), abs=2.0)
    assert np.corrcoef(levels_of(int8, its), levels_of(floats, theirs))[0, 1] > 0.95


@pytest.mark.slow
def test_kokoro_is_deterministic_and_its_durations_fill_the_wave(kokoro, american):
    phonemes = american("Yes, of course.")
    one, other = (kokoro.say(phonemes, speed=1.0, seed=seed) for seed in (1, 2))
    assert np.array_equal(one.wave, other.wave)
    assert one.seconds.shape == (len(phonemes) + 2,)
    assert one.seconds.sum() == pytest.approx(len(one.wave) / RATE, abs=1e-6)
