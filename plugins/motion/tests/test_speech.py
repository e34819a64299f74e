import numpy as np
import pytest
import torch

from pfy_core import InputError, checkpoint
from pfy_core.errors import WeightsError
from pfy_plugin_motion import speech
from pfy_plugin_motion.ports import SAMPLES
from pfy_plugin_motion.speech import MelConvEncoder


@pytest.fixture
def encoder(stirred):
    return stirred(MelConvEncoder())


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (640, 1), (16_000, 25), (16_330, 26), (40_000, 62)])
def test_there_is_a_token_for_each_frame(encoder, wave, samples, frames):
    assert encoder(wave(3.0)[:samples]).shape == (frames, 512)


def test_a_long_recording_is_heard_in_pieces_with_the_same_result(encoder, wave, monkeypatch):
    whole = encoder(wave(6.0))
    monkeypatch.setattr(speech, "PIECE", 40)
    assert torch.allclose(encoder(wave(6.0)), whole, atol=1e-5)


def test_a_frame_hears_half_a_second_and_no_more(encoder, wave):
    """CONTEXT is what the pieces need."""
    said = wave(4.0)
    other = said.copy()
    other[60 * SAMPLES : 61 * SAMPLES] *= 0.2
    changed = (encoder(said) - encoder(other)).abs().amax(1) > 1e-4
    found = changed.nonzero().flatten()
    assert 60 - speech.CONTEXT <= found.min() <= 60 <= found.max() <= 60 + speech.CONTEXT
    assert found.max() - found.min() > 10


def test_in_training_it_is_the_same_network(encoder, wave, monkeypatch):
    monkeypatch.setattr(speech, "augmented", lambda power, _seeds: power)
    said = torch.from_numpy(np.stack([wave(2.0, seed)[: 50 * SAMPLES] for seed in range(2)]))
    learnt = encoder.learn(said, seeds=torch.arange(2)).detach()
    for row, given in zip(learnt, said, strict=True):
        assert torch.allclose(row, encoder(given.numpy()), atol=1e-5)


def test_clips_of_other_lengths_are_filled_up_with_silence(encoder, wave):
    long, short = (torch.from_numpy(wave(2.0)[: frames * SAMPLES]) for frames in (50, 30))
    learnt = encoder.learn([long, short], seeds=torch.arange(2))
    assert learnt.shape == (2, 50, 512)
    assert torch.allclose(learnt[:1], encoder.learn(long[None], seeds=torch.arange(1)), atol=1e-4)


def test_neutral_hears_nothing_and_keeps_the_clock(wave):
    encoder = MelConvEncoder(neutral=True)
    assert (encoder(wave(1.0)) == 0).all()
    assert encoder(wave(1.0)).shape == (25, 512)


def test_what_was_learnt_is_loaded_to_the_bit(encoder, wave, tmp_path):
    file = tmp_path / "speech.safetensors"
    checkpoint.save(file, encoder.network().state_dict())
    assert torch.equal(MelConvEncoder(weights=str(file))(wave(1.0)), encoder(wave(1.0)))


def test_weights_of_another_network_are_refused(tmp_path):
    file = tmp_path / "other.safetensors"
    checkpoint.save(file, {"enter.weight": torch.zeros(3, 3)})
    with pytest.raises(WeightsError, match="missing"):
        MelConvEncoder(weights=str(file))


@pytest.mark.parametrize(
    ("bad", "why"),
    [(np.zeros(0), "0 samples"), (np.zeros((2, 9)), "shape"), (np.array([1, np.nan]), "finite")],
)
def test_what_is_no_recording_is_refused(encoder, bad, why):
    with pytest.raises(InputError, match=why):
        encoder(bad.astype(np.float32))
