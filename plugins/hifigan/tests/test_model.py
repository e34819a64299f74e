import numpy as np
import pytest
import safetensors.torch
import torch
from voice_cases import apart, published, wave

from pfy_core import InputError
from pfy_core.errors import OutputError, WeightsError
from pfy_plugin_hifigan import model


def shapes(networks):
    return {key: list(value.shape) for key, value in networks.state_dict().items()}


@pytest.fixture
def saved(tmp_path):
    """A tiny checkpoint's file and its state dict, and what writes another one."""
    state = {key: value.clone() for key, value in model.seeded(model.TINY, 3).state_dict().items()}

    def save(changed=None, name="voice.safetensors"):
        file = tmp_path / name
        safetensors.torch.save_file(state if changed is None else changed, file)
        return str(file)

    return state, save


def test_full_size_networks_have_the_names_and_shapes_of_the_published_checkpoint():
    assert len(published()) == 350
    assert shapes(model.VoiceEncoder(model.FULL)) == published()


def test_the_sizes_of_a_checkpoint_follow_from_its_shapes(saved):
    _, save = saved
    for sizes in (model.TINY, model.FULL):
        assert model.sizes(model.VoiceEncoder(sizes).state_dict(), 0) == sizes
    assert shapes(model.load(save(), 0)) == shapes(model.VoiceEncoder(model.TINY))


def test_what_was_saved_is_loaded_to_the_bit(saved):
    state, save = saved
    loaded = model.load(save(), 0).state_dict()
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[key], state[key]) for key in state)


def test_a_fine_tuned_file_with_everything_else_in_it_loads_too(saved):
    state, save = saved
    whole = {f"model.xtts.{key}": value for key, value in state.items()}
    others = ("gpt.gpt.ln_f.weight", "hifigan_decoder.waveform_decoder.conv_pre.bias", "dvae.codebook.embed")
    whole |= {f"xtts.{key}": torch.zeros(2) for key in others}
    loaded = model.load(save(whole), 0).state_dict()
    assert all(torch.equal(loaded[key], state[key]) for key in state)


def test_every_key_that_does_not_fit_is_named_with_the_shape_it_should_have(saved):
    state, save = saved
    del state["gpt.conditioning_perceiver.norm.gamma"]
    state["speaker_encoder.extra"] = torch.zeros(2)
    state["mel_stats"] = torch.ones(81)
    with pytest.raises(WeightsError) as caught:
        model.load(save(state), 0)
    text = str(caught.value)
    assert "missing: gpt.conditioning_perceiver.norm.gamma (128)" in text
    assert "unexpected: speaker_encoder.extra (2)" in text
    assert "shape: mel_stats is (81), not (80)" in text
    assert "of the file's 963" in text


def test_the_file_of_something_else_is_refused_with_what_is_wanted(saved):
    _, save = saved
    with pytest.raises(WeightsError, match="missing: mel_stats") as caught:
        model.load(save({"unet.conv_in.weight": torch.zeros(2)}), 0)
    assert "unexpected: unet.conv_in.weight (2)" in str(caught.value)


def test_heads_must_divide_the_width(saved):
    _, save = saved
    assert model.load(save(), 4).gpt["conditioning_encoder"].attn[0].heads == 4
    with pytest.raises(InputError, match="heads 3"):
        model.load(save(), 3)


@torch.inference_mode()
def test_latents_are_the_mean_over_chunks_and_a_short_last_one_is_left_out(networks):
    heard = torch.from_numpy(wave(seconds=2.3))
    parts = [networks.latents(part, 22_050) for part in heard.split(22_050)[:2]]
    assert apart(networks.latents(heard, 22_050), sum(parts) / 2) < 1e-5
    longer = torch.from_numpy(wave(seconds=2.34))
    assert apart(networks.latents(longer, 22_050), sum(parts) / 2) > 1e-3


def test_half_precision_keeps_the_spectrograms_exact():
    exact, half = (
        model.seeded(model.TINY, 0).at(torch.device("cpu"), d).eval() for d in (torch.float32, torch.bfloat16)
    )
    heard = torch.from_numpy(wave())
    assert torch.equal(exact.mel(heard), half.mel(heard))
    assert half.speaker(heard).dtype == torch.bfloat16
    assert (half.speaker(heard).float() * exact.speaker(heard)).sum() > 0.99


def test_the_same_seed_is_the_same_network_and_the_global_generators_are_left_alone():
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    one, other = (model.seeded(model.TINY, 1).state_dict() for _ in range(2))
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    key = "gpt.conditioning_perceiver.latents"
    assert not torch.equal(model.seeded(model.TINY, 2).state_dict()[key], one[key])
    with pytest.raises(InputError, match="init_seed -1"):
        model.seeded(model.TINY, -1)


def test_a_written_random_checkpoint_is_loaded_and_keeps_what_else_the_file_holds(tmp_path):
    file = tmp_path / "tiny.safetensors"
    safetensors.torch.save_file({"gpt.final_norm.bias": torch.ones(3), "mel_stats": torch.ones(1)}, file)
    model.write_seeded(file, seed=4)
    written, wanted = safetensors.torch.load_file(file), model.seeded(model.TINY, 4).state_dict()
    assert torch.equal(written.pop("gpt.final_norm.bias"), torch.ones(3))
    assert written.keys() == wanted.keys()
    loaded = model.load(str(file), 0).state_dict()
    assert all(torch.equal(loaded[key], wanted[key]) for key in wanted)
    assert [item.name for item in tmp_path.iterdir()] == ["tiny.safetensors"]


def test_a_random_checkpoint_that_cannot_be_written_is_said_so(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        model.write_seeded(tmp_path / "nowhere" / "tiny.safetensors")
    (tmp_path / "text.safetensors").write_text("no tensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        model.write_seeded(tmp_path / "text.safetensors")
    assert (tmp_path / "text.safetensors").read_text() == "no tensors"
