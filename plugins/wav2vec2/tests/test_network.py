import pytest
import torch
from safetensors.torch import load_file, save_file

from pfy_core.errors import WeightsError
from pfy_plugin_wav2vec2 import network

PARAMETERS = 94_371_712
"""Of Wav2Vec2Model of facebook/wav2vec2-base-960h, with masked_spec_embed (768)."""


def refusal(file):
    with pytest.raises(WeightsError) as caught:
        network.loaded(str(file))
    return str(caught.value)


def test_the_full_size_is_that_of_the_published_checkpoint():
    model = network.make(network.BASE, "meta")
    assert sum(value.numel() for value in model.state_dict().values()) == PARAMETERS - 768
    assert model.config.num_attention_heads == 12


def test_old_and_new_names_of_weight_normalisation_load_to_the_same(saved, tiny, tmp_path):
    old = network.loaded(str(saved)).state_dict()
    torch.save(tiny.state_dict(), tmp_path / "new.pt")
    new = network.loaded(str(tmp_path / "new.pt")).state_dict()
    assert old.keys() == new.keys() == tiny.state_dict().keys()
    assert all(
        torch.equal(old[key], new[key]) and torch.equal(old[key], tiny.state_dict()[key]) for key in old
    )


def test_missing_unexpected_and_misshapen_parameters_are_named_all_at_once(saved, tmp_path):
    state = load_file(saved)
    del state["wav2vec2.encoder.layer_norm.weight"]
    state["wav2vec2.adapter.weight"] = torch.zeros(2)
    state["wav2vec2.encoder.layers.3.attention.k_proj.bias"] = torch.zeros(3)
    save_file(state, tmp_path / "odd.safetensors")
    text = refusal(tmp_path / "odd.safetensors")
    assert "missing: encoder.layer_norm.weight (64)\n" in text
    assert "unexpected: adapter.weight (2)\n" in text
    assert "encoder.layers.3.attention.k_proj.bias is (3), not (64)" in text


def test_a_checkpoint_of_another_architecture_is_said_so(saved, tmp_path):
    save_file({"conv.weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    assert "unexpected: conv.weight (2)" in refusal(tmp_path / "other.safetensors")
    state = load_file(saved)
    state["wav2vec2.feature_extractor.conv_layers.1.layer_norm.weight"] = torch.zeros(32)
    save_file(state, tmp_path / "large.safetensors")
    assert "base architecture" in refusal(tmp_path / "large.safetensors")


def test_a_damaged_file_is_said_so(saved, tmp_path):
    whole = saved.read_bytes()
    for size in (0, 7, len(whole) // 2):
        (tmp_path / "cut.safetensors").write_bytes(whole[:size])
        assert "cannot be read" in refusal(tmp_path / "cut.safetensors")
    (tmp_path / "cut.pt").write_bytes(b"no checkpoint")
    assert "cannot be read" in refusal(tmp_path / "cut.pt")


def test_an_unknown_name_is_said_so():
    assert "no weights are named" in refusal("wav2vec2/base-950h")
