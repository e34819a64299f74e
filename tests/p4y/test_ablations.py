"""The paper's ten ablations on p4y-tiny: each changes what it must and leaves untouched what it must."""

import numpy as np
import pytest
import torch
from stage import OUTPUTS, seen, short

from pfy_core import Graph, difference, registry

ENCODED = {"ids", "text", "image", "masks", "region", "identity", "landmarks", "voice", "speaker", "heard"}
FUSED = {"fused_audio", "fused_visual"}
SOUND = {"wave", "features"}
SHOWN = {"latents", "frames"}
CHANGED = {
    # with the same seed the one encoder is drawn as that of the audio tokens is
    "ste": {"fused_visual"} | SHOWN,
    "no-dc": SHOWN,
    "no-ec": FUSED | SOUND | SHOWN,
    "visual-tokens-only": {"fused_audio"} | SOUND | SHOWN,
    "audio-tokens-only": {"fused_visual"} | SHOWN,
    "no-hifigan": {"voice", "speaker"} | FUSED | SOUND | SHOWN,
    "no-wav2vec": {"heard", "features"} | FUSED | SHOWN,
    "no-visual-in-prompt": {"fused_audio"} | SOUND | SHOWN,
    "no-text-prompt": FUSED | SOUND | SHOWN,
    "no-landmarks": {"masks", "region", "identity", "landmarks"} | FUSED | SOUND | SHOWN,
}
"""What an ablation changes; all other outputs stay as they are."""


@pytest.fixture(scope="module")
def whole(photo, recording, store):
    return seen(short(Graph.load("p4y-tiny")), photo, recording, store)


def alike(one, other):
    """Whether two values agree but for the last digits: batches of other sizes add in another order."""
    if isinstance(one, list):
        return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))
    if len(one) != len(other):
        return False
    return torch.allclose(torch.as_tensor(one).float(), torch.as_tensor(other).float(), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGED)
def test_an_ablation_changes_what_it_must_and_nothing_else(name, whole, photo, recording, store):
    found = seen(short(Graph.load(f"p4y-tiny+{name}")), photo, recording, store)
    changed = {output for output in OUTPUTS if output not in found or not alike(found[output], whole[output])}
    # a zero identity is what a graph without an identity network has anyway
    assert changed | {"identity"} == CHANGED[name] | {"identity"}
    assert len(found["frames"]) == len(found["features"])


@pytest.mark.parametrize("name", CHANGED)
def test_an_ablation_says_what_is_removed_and_fits_the_graph_of_the_paper(name):
    plain, ablated = Graph.load("p4y"), Graph.load(f"p4y+{name}")
    tiny = difference.changes(Graph.load("p4y-tiny"), Graph.load(f"p4y-tiny+{name}"))
    found = difference.changes(plain, ablated)
    assert found
    assert [(change.kind, change.where) for change in found if change.kind != "flag"] == [
        (change.kind, change.where) for change in tiny if change.kind != "flag"
    ]
    text = registry.path("ablations", name).read_text(encoding="utf-8")
    assert text.startswith("doc: ")
