import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_wav2vec2 import projection
from pfy_plugin_wav2vec2.encoder import Wav2Vec2Encoder


@pytest.fixture(scope="module")
def encoder():
    return Wav2Vec2Encoder(size="tiny")


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return " ".join(event.text for event in heard if event.kind == "note")


@pytest.mark.parametrize("samples", [1, 399, 1_600, 16_000, 16_001, 40_000])
def test_every_frame_of_the_video_gets_a_window_and_a_token(encoder, wave, samples):
    count = -(-samples * 25 // 16_000)
    found = encoder(wave(samples))
    assert found.features.shape == (count, 5, 12, 64)
    assert found.tokens.shape == (count, 512)
    assert found.features.dtype == torch.float32
    assert torch.isfinite(found.features).all()


def test_other_frame_rates_give_as_many_frames(wave):
    assert Wav2Vec2Encoder(size="tiny", fps=30.0)(wave(16_000)).features.shape[0] == 30


def test_values_do_not_change_from_version_to_version(encoder, wave):
    """Golden: a seeded network on a seeded wave, so that a change of the mathematics is seen."""
    found = encoder(wave(8_000))
    np.testing.assert_allclose(
        found.features[7, 2, [0, 5, 11], 3].numpy(), [-0.5053, 0.8371, 0.7992], rtol=2e-3, atol=2e-3
    )
    np.testing.assert_allclose(found.tokens[7, :3].numpy(), [-0.0264, -0.3939, -0.1824], rtol=2e-3, atol=2e-3)


def test_the_middle_of_a_window_is_the_frame_and_its_neighbours_are_around_it(encoder, wave):
    features = encoder(wave(16_000)).features
    assert torch.equal(features[3:9, 2], features[2:8, 3])
    assert torch.equal(features[3:9, 2], features[4:10, 1])
    assert torch.equal(features[0, 0], features[0, 2])


def test_loudness_and_offset_of_the_recording_do_not_matter(encoder, wave):
    one, other = encoder(wave(8_000)), encoder(0.5 * wave(8_000) + 0.1)
    torch.testing.assert_close(one.features, other.features, rtol=1e-2, atol=1e-2)


def test_the_same_seed_gives_the_same_and_another_something_else(encoder, wave):
    again, other = Wav2Vec2Encoder(size="tiny"), Wav2Vec2Encoder(size="tiny", init_seed=1)
    assert torch.equal(encoder(wave(8_000)).features, again(wave(8_000)).features)
    assert not torch.allclose(encoder(wave(8_000)).features, other(wave(8_000)).features, atol=0.1)


def test_global_random_numbers_are_left_alone(wave):
    before = torch.get_rng_state()
    Wav2Vec2Encoder(size="tiny")(wave(1_000))
    assert torch.equal(torch.get_rng_state(), before)


def test_without_weights_the_user_is_told(wave):
    assert "random network" in notes(lambda: Wav2Vec2Encoder(size="tiny"))


def test_silence_is_heard_with_a_note(encoder):
    assert "silent" in notes(lambda: encoder(np.zeros(1_600, np.float32)))
    assert torch.isfinite(encoder(np.zeros(1_600, np.float32)).features).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused_and_counted(encoder, wave, value):
    bad = wave(1_000)
    bad[5:8] = value
    with pytest.raises(InputError, match="3 of 1000 samples"):
        encoder(bad)


@pytest.mark.parametrize("shape", [(0,), (100, 2), ()])
def test_what_is_no_mono_recording_is_refused(encoder, shape):
    with pytest.raises(InputError, match=r"shape|0 samples"):
        encoder(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    "option",
    [
        {"fps": 0.0},
        {"fps": float("nan")},
        {"clip": 0},
        {"whole": 0.1},
        {"token_layers": 13},
        {"token_layers": 0},
        {"init_seed": -1},
        {"device": "tpu:9"},
        {"size": "huge"},
        {"dtype": "float8"},
    ],
)
def test_an_option_out_of_range_is_refused_by_name(option):
    with pytest.raises(InputError) as caught:
        Wav2Vec2Encoder(**{"size": "tiny"} | option)
    assert next(iter(option)) in str(caught.value)


def test_half_precision_is_close(wave):
    one, half = Wav2Vec2Encoder(size="tiny"), Wav2Vec2Encoder(size="tiny", dtype="bfloat16")
    features, found = one(wave(8_000)).features, half(wave(8_000))
    assert found.features.dtype == torch.float32
    assert found.tokens.dtype == torch.bfloat16
    assert (found.features - features).norm() < 0.1 * features.norm()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_what_the_cpu_gives(encoder, wave):
    there = Wav2Vec2Encoder(size="tiny", device="cuda")(wave(8_000))
    torch.testing.assert_close(there.features.cpu(), encoder(wave(8_000)).features, rtol=1e-2, atol=1e-2)


# Tokens and weights -------------------------------------------------------------------------------


def test_tokens_are_the_mean_of_the_last_layers_projected(encoder, wave):
    found = encoder(wave(8_000))
    mean = found.features[:, 2, -4:].mean(dim=1)
    torch.testing.assert_close(found.tokens, mean @ projection.orthogonal(64, 0).T)


@pytest.mark.parametrize("width", [64, 512, 768])
def test_the_projection_is_orthonormal(width):
    made = projection.orthogonal(width, 5)
    assert made.shape == (512, width)
    short = made @ made.T if width >= 512 else made.T @ made
    torch.testing.assert_close(short, torch.eye(min(512, width)), atol=1e-5, rtol=0)


def test_a_learnt_projection_replaces_it(encoder, wave, tmp_path):
    save_file({"weight": torch.ones(512, 64)}, tmp_path / "p.safetensors")
    learnt = Wav2Vec2Encoder(size="tiny", projection=str(tmp_path / "p.safetensors"))
    tokens = learnt(wave(8_000)).tokens
    torch.testing.assert_close(tokens, tokens[:, :1].expand(-1, 512))
    save_file({"weight": torch.ones(64, 512)}, tmp_path / "p.safetensors")
    with pytest.raises(WeightsError, match=r"weight \(64 512\)"):
        Wav2Vec2Encoder(size="tiny", projection=str(tmp_path / "p.safetensors"))


def test_a_checkpoint_gives_its_own_sizes_and_features(saved, tiny, wave):
    from pfy_plugin_wav2vec2 import hearing

    found = Wav2Vec2Encoder(weights=str(saved))(wave(8_000))
    with torch.no_grad():
        rows = hearing.heard(tiny, torch.from_numpy(wave(8_000)), 25, whole=60, context=5, clip=16)
    torch.testing.assert_close(found.features[:, 2], rows[:13])


def test_neutral_features_have_as_many_frames_and_say_nothing(encoder, wave):
    told, silent = encoder(wave(9_000)), Wav2Vec2Encoder(size="tiny", neutral=True)(wave(9_000))
    assert (silent.features.shape, silent.tokens.shape) == (told.features.shape, told.tokens.shape)
    assert not silent.features.any()
    assert not silent.tokens.any()
