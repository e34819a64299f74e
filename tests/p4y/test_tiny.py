"""The tiny graph as checkpoint files, and the released layout on them from end to end."""

import pytest
import torch
from stage import seen, short

from pfy_bench import tiny
from pfy_core import Graph


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    return tiny.write(folder)


def test_every_part_is_a_file(files):
    names = {file.name for file in files.parent.glob("*.safetensors")}
    assert names == {
        "sd-vae.safetensors",
        "wav2vec2.safetensors",
        "fusion.safetensors",
        "hallo.safetensors",
        "xtts.safetensors",
    }
    graph = Graph.load(files)
    assert {node for node, item in graph.nodes.items() if "weights" in item.config} == {
        "visual", "voice", "heard", "fusion", "audio", "speech", "motion", "video"
    }  # fmt: skip


@pytest.mark.slow
def test_the_files_give_what_the_seeds_give(files, photo, recording, store):
    loaded = seen(short(Graph.load(files)), photo, recording, store)
    drawn = seen(short(Graph.load("p4y-tiny")), photo, recording, store)
    assert loaded.keys() == drawn.keys()
    for name in loaded.keys() - {"ids"}:
        assert torch.equal(torch.as_tensor(loaded[name]), torch.as_tensor(drawn[name])), name


@pytest.mark.slow
def test_the_released_layout_runs_on_them_from_end_to_end(files, photo, recording, store):
    file = {
        name: str(files.parent / f"{name}.safetensors")
        for name in ("sd-vae", "wav2vec2", "fusion", "hallo", "xtts")
    }
    graph = Graph.load("p4y-released").set(
        "text.vocabulary=", "landmarks.identity=", "photo.size=128", "visual.image_size=128",
        *(f"{node}.weights={file['sd-vae']}" for node in ("visual", "video")),
        *(f"{node}.weights={file['xtts']}" for node in ("voice", "audio")),
        f"motion.vae={file['sd-vae']}", f"motion.weights={file['hallo']}",
        f"fusion.weights={file['fusion']}", f"speech.weights={file['wav2vec2']}",
        "motion.audio_weights=", "motion.width=64",
    )  # fmt: skip
    found = seen(short(graph), photo, recording, store)
    assert found["fused_visual"].shape == (2 * 3 * 128 * 128 // 512 + 1, 512)
    assert found["frames"].shape == (len(found["features"]), 128, 128, 3)
    assert found["frames"].std() > 1
