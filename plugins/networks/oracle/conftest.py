"""The committed numbers and lists of the ordinary tests, written when asked for."""

from __future__ import annotations

import network_references as theirs
import numpy as np
import pytest
import their_pips
import their_syncnet
import torch
from network_cases import FRAMES, GOLDEN, NETWORKS, clip, given, random_state, sound, thin

from pfy_core import registry

HEADS = {
    "inception/2015-12-05": "pytorch-fid 0.3.0",
    "i3d/kinetics-400": "cd-fvd 0.1.1",
    "vggish/audioset": "torchvggish 0.2",
    "efficientnet-lite0/imagenet": "efficientnet-lite-pytorch 0.1.0",
}


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the data of the ordinary tests")


@pytest.fixture(autouse=True, scope="session")
def threads():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def golden(request):
    """Numbers and lists of names, from the reference programs alone."""
    if not request.config.getoption("--golden"):
        return
    their_syncnet.golden()
    their_pips.golden()
    found = {f"{protocol} {size}": thin(theirs.resized(protocol, clip(*FRAMES[size])))
             for protocol in theirs.PROTOCOLS for size in FRAMES}  # fmt: skip
    found["fad/torch-0.96s"] = thin(theirs.examples(sound()))
    found["fad/google-1s-0.5s"] = thin(theirs.google_patches(sound()))
    for name, make in theirs.MAKERS.items():
        network = make(random_state(name), torch.float64)
        with torch.no_grad():
            found[name] = thin(network(given(name, torch.float64)))
    np.savez_compressed(GOLDEN, **found)
    for name in NETWORKS:
        file = registry.ROOT / "weights" / "shapes" / f"{name.replace('/', '-')}.txt"
        lines = [
            f"# The tensors that {HEADS[name]} asks of {name}: name and shape.",
            "ignore *.num_batches_tracked",
        ]
        lines += [" ".join(map(str, (key, *shape))) for key, shape in theirs.keys(name).items()]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
