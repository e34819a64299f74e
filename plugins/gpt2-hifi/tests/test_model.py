import pickle
import sys
import types
from collections import OrderedDict

import pytest
import safetensors.torch
import torch
from speech_cases import published

from pfy_core.errors import InputError, OutputError, WeightsError
from pfy_plugin_gpt2_hifi import model

VOCODER = "hifigan_decoder.waveform_decoder"


def shapes(networks):
    return {key: list(value.shape) for key, value in networks.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def refusal(file):
    with pytest.raises(WeightsError) as caught:
        model.load(str(file), 0)
    return str(caught.value)


@pytest.fixture(scope="module")
def tiny():
    return dict(model.seeded(model.TINY, 3).state_dict())


@pytest.fixture
def state(tiny):
    return dict(tiny)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.pth"


@pytest.fixture
def configured():
    """A module of classes like Coqui's, which exists while a file is written and is gone afterwards."""
    module = types.ModuleType("TTS_of_another_time")
    exec(
        "class XttsArgs:\n"
        "    def __init__(self):\n        self.gpt_layers = 30\n"
        "class XttsConfig:\n"
        "    def __init__(self):\n        self.model_args, self.languages = XttsArgs(), ['en']\n"
        "    def __setstate__(self, state):\n        raise AssertionError('executed')\n",
        module.__dict__,
    )
    sys.modules[module.__name__] = module
    for cls in (module.XttsArgs, module.XttsConfig):
        cls.__module__ = module.__name__
    yield module
    sys.modules.pop(module.__name__, None)


def test_full_size_networks_have_the_names_and_shapes_of_the_published_checkpoint():
    assert len(published()) == 613
    assert shapes(model.Speech(model.FULL)) == published()


def test_the_sizes_of_a_checkpoint_follow_from_its_shapes():
    for sizes in (model.TINY, model.FULL):
        assert model.sizes(model.Speech(sizes).state_dict(), 0) == sizes


def test_safetensors_are_loaded_to_the_bit(state, tmp_path):
    safetensors.torch.save_file(state, tmp_path / "speech.safetensors")
    assert same(model.load(str(tmp_path / "speech.safetensors"), 0).state_dict(), state)


def test_a_trainers_file_with_a_pickled_config_is_loaded_and_not_executed(state, file, configured):
    saved = {"config": configured.XttsConfig(), "model": OrderedDict(state), "step": 3, "scaler": None}
    torch.save(saved, file)
    sys.modules.pop(configured.__name__)
    assert same(model.load(str(file), 0).state_dict(), state)
    assert configured.__name__ not in sys.modules


def test_a_state_dict_by_itself_is_loaded_too_and_so_is_the_old_format(state, file):
    for zipped in (True, False):
        torch.save(state, file, _use_new_zipfile_serialization=zipped)
        assert same(model.load(str(file), 0).state_dict(), state)


@pytest.mark.parametrize("target", [open, eval, print], ids=lambda function: function.__name__)
def test_functions_named_in_a_pickle_are_never_called(state, file, tmp_path, target, capsys):
    class Bomb:
        def __reduce__(self):
            given = (
                (str(tmp_path / "executed"), "w")
                if target is open
                else (f"open({str(tmp_path / 'x')!r}, 'w')",)
            )
            return target, given

    torch.save({"model": state, "config": Bomb()}, file)
    assert same(model.load(str(file), 0).state_dict(), state)
    assert [item.name for item in tmp_path.iterdir()] == ["model.pth"]
    assert capsys.readouterr().out == ""


def test_a_pickle_that_wants_the_system_is_refused(state, file, tmp_path):
    import os

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    torch.save({"model": state, "config": Bomb()}, file)
    assert "cannot be read" in refusal(file)
    file.write_bytes(pickle.dumps({"model": Bomb()}))
    assert "cannot be read" in refusal(file)
    assert not (tmp_path / "executed").exists()


def test_prefixes_aliases_and_other_parts_of_a_file_are_no_fault(state, file):
    whole = {f"xtts.{key}": value for key, value in state.items()}
    for alias in (
        "gpt.gpt_inference.transformer.h.0.ln_1.weight",
        "gpt.gpt_inference.lm_head.0.weight",
        "gpt.gpt.wte.weight",
        "gpt.gpt.h.0.attn.bias",
        "gpt.gpt.h.1.attn.masked_bias",
        "gpt.conditioning_encoder.init.weight",
        "mel_stats",
        "hifigan_decoder.speaker_encoder.fc.weight",
        "dvae.codebook.embed",
        "torch_mel_spectrogram_dvae.mel_stft.spectrogram.window",
    ):
        whole[f"xtts.{alias}"] = torch.zeros(3)
    torch.save({"model": whole}, file)
    assert same(model.load(str(file), 0).state_dict(), state)


def test_the_biases_that_are_no_masks_are_not_taken_for_aliases():
    for key in ("gpt.gpt.h.0.attn.c_attn.bias", "gpt.gpt.h.11.attn.c_proj.bias", "gpt.gpt.ln_f.bias"):
        assert model.named(key) == key


def test_weight_norm_by_its_old_names_is_loaded_too(state, file):
    old = {}
    for key, value in state.items():
        for new, name in (("original0", "weight_g"), ("original1", "weight_v")):
            key = key.replace(f"parametrizations.weight.{new}", name)
        old[key] = value
    assert f"{VOCODER}.ups.0.weight_g" in old
    torch.save(old, file)
    assert same(model.load(str(file), 0).state_dict(), state)


def test_the_magnitude_of_a_transposed_convolution_is_per_input_channel(state):
    key = f"{VOCODER}.ups.0.parametrizations.weight"
    gain, direction = state[f"{key}.original0"], state[f"{key}.original1"]
    assert gain.shape == (32, 1, 1)
    assert direction.shape == (32, 16, 16)
    networks = model.seeded(model.TINY, 3).ready(torch.device("cpu"), torch.float32)
    lengths = networks.vocoder.ups[0].weight.flatten(1).norm(dim=1)
    torch.testing.assert_close(lengths, gain.flatten())


def test_every_key_that_does_not_fit_is_named_with_the_shape_it_should_have(state, file):
    del state["gpt.final_norm.bias"], state[f"{VOCODER}.conv_post.weight"]
    state["gpt.extra.weight"] = torch.zeros(2, 3)
    state["gpt.mel_head.bias"] = torch.zeros(1025)
    state["gpt.gpt.ln_f.bias"] = torch.zeros(128, dtype=torch.int64)
    torch.save(state, file)
    text = refusal(file)
    assert f"missing: gpt.final_norm.bias (128), {VOCODER}.conv_post.weight (1 2 7)" in text
    assert "unexpected: gpt.extra.weight (2 3)" in text
    assert "shape: gpt.mel_head.bias is (1025), not (1026)" in text
    assert "dtype: gpt.gpt.ln_f.bias is int64, not a float" in text
    assert "of the file's 963" in text
    assert "model.pth of XTTS-v2" in text


def test_a_checkpoint_of_version_1_is_refused_by_its_shapes(state, file):
    state["gpt.mel_embedding.weight"] = torch.zeros(8194, 128)
    torch.save(state, file)
    assert "shape: gpt.mel_head.weight is (1026 128), not (8194 128)" in refusal(file)


def test_one_tensor_under_two_names_is_refused(state, file):
    torch.save(state | {"xtts.gpt.final_norm.bias": torch.zeros(128)}, file)
    assert "are the same parameter" in refusal(file)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_truncated_file_is_said_so(state, tmp_path, suffix):
    file = tmp_path / f"a.{suffix}"
    torch.save(state, file) if suffix == "pth" else safetensors.torch.save_file(state, file)
    whole = file.read_bytes()
    for size in (0, 7, 1000, len(whole) // 2, len(whole) - 40):
        file.write_bytes(whole[:size])
        assert "cannot be read" in refusal(file)


def test_a_file_that_holds_something_else_is_said_so(file):
    torch.save([1, 2], file)
    assert "holds a list" in refusal(file)
    torch.save({"epoch": 3, "weight": torch.zeros(1)}, file)
    assert "holds more than tensors: epoch" in refusal(file)


def test_heads_must_divide_the_width(state, file):
    torch.save(state, file)
    assert model.load(str(file), 4).gpt.heads == 4
    assert model.load(str(file), 0).gpt.heads == 2
    with pytest.raises(InputError, match="heads 3"):
        model.load(str(file), 3)


def test_loaded_weights_are_copies_that_outlive_the_file(state, file):
    torch.save(state, file)
    loaded = model.load(str(file), 0)
    file.write_bytes(b"\0" * file.stat().st_size)
    assert same(loaded.state_dict(), state)


def test_ready_networks_are_folded_placed_and_not_in_training(tiny):
    networks = model.seeded(model.TINY, 3).ready(torch.device("cpu"), torch.bfloat16)
    assert not [key for key in networks.state_dict() if "parametrizations" in key]
    assert {value.dtype for value in networks.parameters()} == {torch.bfloat16}
    assert not networks.training


def test_a_written_random_checkpoint_is_loaded_and_keeps_what_else_the_file_holds(tmp_path):
    file = tmp_path / "tiny.safetensors"
    safetensors.torch.save_file({"mel_stats": torch.ones(3), "gpt.final_norm.bias": torch.ones(1)}, file)
    model.write_seeded(file, seed=4)
    written, wanted = safetensors.torch.load_file(file), model.seeded(model.TINY, 4).state_dict()
    assert torch.equal(written.pop("mel_stats"), torch.ones(3))
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
