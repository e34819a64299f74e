"""Local checkpoints: recognised by their tensors, put in their place, or refused without a trace."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from pfy_core import adopt, paths, weights
from pfy_core.errors import WeightsError


@pytest.fixture(autouse=True)
def _unbound(monkeypatch):
    """The entry as it would be if nobody had published its sha256."""
    known = weights.entries()
    known["wav2vec2/base-960h"] = replace(known["wav2vec2/base-960h"], sha256="", size=0)
    monkeypatch.setattr(weights, "entries", lambda *_: known)


@pytest.fixture
def state():
    """wav2vec2-base's tensors at their real names and shapes, without numbers of their own."""
    pattern = adopt.patterns()["wav2vec2/base-960h"]
    return {f"wav2vec2.{key}": np.zeros(side, np.uint8) for key, side in pattern.shapes.items()}


def saved(tmp_path, state, name="model.safetensors"):
    save_file(state, tmp_path / name)
    return tmp_path / name


def kept():
    folder = paths.home() / "weights"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def refusal(file, name=""):
    with pytest.raises(WeightsError) as caught:
        adopt.adopt(file, name)
    assert kept() == []
    return str(caught.value)


def test_a_checkpoint_is_recognised_by_its_tensors_and_put_in_its_place(tmp_path, state):
    state |= {"lm_head.weight": np.zeros((32, 768), np.uint8), "wav2vec2.masked_spec_embed": np.zeros(768)}
    file = saved(tmp_path, state, "download (1).safetensors")
    name, place = adopt.adopt(file)
    assert name == "wav2vec2/base-960h"
    assert place == weights.entry(name).cached
    assert place.read_bytes() == file.read_bytes()
    assert weights.entry(name).recorded == hashlib.sha256(file.read_bytes()).hexdigest()
    assert kept() == [f"{name}/model.safetensors", f"{name}/model.safetensors.sha256"]


def test_old_names_of_weight_normalisation_and_no_prefix_are_recognised_too(tmp_path, state):
    stem = "encoder.pos_conv_embed.conv."
    old = {key.removeprefix("wav2vec2."): value for key, value in state.items()}
    old[stem + "weight_g"] = old.pop(stem + "parametrizations.weight.original0")
    old[stem + "weight_v"] = old.pop(stem + "parametrizations.weight.original1")
    assert adopt.adopt(saved(tmp_path, old))[0] == "wav2vec2/base-960h"


def test_a_faulty_copy_says_which_tensors_and_leaves_nothing(tmp_path, state):
    del state["wav2vec2.encoder.layer_norm.weight"]
    state["wav2vec2.encoder.layers.2.final_layer_norm.bias"] = np.zeros(3, np.uint8)
    state["wav2vec2.adapter.weight"] = np.zeros(1, np.uint8)
    text = refusal(saved(tmp_path, state))
    assert "is not wav2vec2/base-960h" in text
    assert "missing: encoder.layer_norm.weight\n" in text
    assert "unexpected: adapter.weight\n" in text
    assert "encoder.layers.2.final_layer_norm.bias is (3), not (768)" in text


def test_a_cut_file_says_how_many_bytes_are_missing(tmp_path, state):
    file = saved(tmp_path, state)
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    assert f"{len(whole)} bytes" in refusal(file)


def test_a_checkpoint_of_something_else_says_what_it_holds(tmp_path):
    text = refusal(saved(tmp_path, {"unet.conv.weight": np.zeros(2)}))
    assert "it holds unet.conv.weight" in text
    assert "hallo" not in text or "xtts" in text
    assert "--as NAME" in text


def test_a_file_that_is_no_checkpoint_has_to_be_named(tmp_path):
    file = tmp_path / "vocab.json"
    file.write_text('{"model": {}}')
    assert "--as NAME" in refusal(file)


def test_a_named_file_is_held_to_the_tensors_of_its_name(tmp_path):
    text = refusal(saved(tmp_path, {"x": np.zeros(2)}), "wav2vec2/base-960h")
    assert "missing: feature_extractor" in text
    assert "and 204 more" in text


def test_a_named_file_is_held_to_the_size_and_sha256_of_its_name(tmp_path):
    file = tmp_path / "glintr100.onnx"
    file.write_bytes(b"short")
    assert "5 bytes are not 260665334" in refusal(file, "antelopev2/identity")


def test_a_file_is_recognised_by_a_registered_sha256(tmp_path, monkeypatch):
    (tmp_path / "a.onnx").write_bytes(b"network")
    entry = weights.Entry("toy/a", "a.onnx", hashlib.sha256(b"network").hexdigest())
    monkeypatch.setattr(weights, "entries", lambda *_: {"toy/a": entry})
    assert adopt.adopt(tmp_path / "a.onnx") == ("toy/a", entry.cached)


def test_the_first_file_of_a_name_binds_the_next(tmp_path, state):
    adopt.adopt(saved(tmp_path, state))
    place = weights.entry("wav2vec2/base-960h").cached
    before = place.read_bytes()
    other = {key: value + 1 for key, value in state.items()}
    with pytest.raises(WeightsError, match="sha256"):
        adopt.adopt(saved(tmp_path, other, "other.safetensors"))
    assert place.read_bytes() == before


def test_a_format_that_the_entry_has_not_is_refused_with_the_way_out(tmp_path):
    pattern = adopt.patterns()["p4y/released"]
    file = saved(tmp_path, {key: np.zeros(side, np.uint8) for key, side in pattern.shapes.items()})
    assert "--set NODE.weights=" in refusal(file)


def test_the_right_tensors_with_other_numbers_are_not_the_registered_file(tmp_path, state, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "home"))
    assert "bytes are not 377607901" in refusal(saved(tmp_path, state))


@pytest.mark.parametrize("name", ["", "wav2vec2/base-960h"], ids=["recognised", "named"])
def test_a_file_of_the_registered_sha256_is_taken_in_whatever_format_it_is(tmp_path, monkeypatch, name):
    """Published checkpoints from before torch 1.6 are plain pickles, which are not looked into."""
    file = tmp_path / "old.pth"
    file.write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
    known = weights.entries()
    published = hashlib.sha256(file.read_bytes()).hexdigest()
    known["wav2vec2/base-960h"] = replace(known["wav2vec2/base-960h"], sha256=published, file="model.pth")
    monkeypatch.setattr(weights, "entries", lambda *_: known)
    assert adopt.adopt(file, name)[1].read_bytes() == file.read_bytes()


def test_an_unknown_name_or_file_is_said_so(tmp_path):
    assert "no weights are named" in refusal(saved(tmp_path, {"x": np.zeros(1)}), "hallo/nett")
    assert "is not a file" in refusal(tmp_path / "none.pth")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("xtts-v2", 963),
        ("hallo-net", 2656),
        ("wav2vec2-base-960h", 210),
        ("p4y-released", 20),
        ("inception-2015-12-05", 472),
        ("i3d-kinetics-400", 287),
        ("vggish-audioset", 18),
        ("efficientnet-lite0-imagenet", 247),
    ],
)
def test_the_lists_have_as_many_tensors_as_the_published_files(name, count):
    from pfy_core import registry

    file = registry.ROOT / "weights" / "shapes" / f"{name}.txt"
    assert len(adopt._pattern(file).shapes) == count


def test_xtts_checkpoints_are_recognised_with_trainers_prefix_and_aliases():
    from pfy_core import registry

    pattern = adopt._pattern(registry.ROOT / "weights" / "shapes" / "xtts-v2.txt")
    shapes = {f"model.xtts.{key}": side for key, side in pattern.shapes.items()}
    shapes |= {"model.xtts.gpt.gpt.wte.weight": (1026, 1024), "model.xtts.dvae.codebook": (1,)}
    shapes |= {
        "model.xtts.gpt.gpt_inference.lm_head.0.weight": (1024,),
        "model.xtts.gpt.gpt.h.3.attn.bias": (1,),
    }
    assert adopt._faults(shapes, pattern) == []
    assert adopt._faults(shapes | {"model.xtts.new": (1,)}, pattern) == ["unexpected: new"]
