"""The tracker of fvmd 1.0.0, on a CPU and without the packages that it imports to draw and to log."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch

ABSENT = (
    *(
        "prettytable",
        "tensorboardX",
        "fire",
        "loguru",
        "matplotlib",
        "matplotlib.pyplot",
        "moviepy",
        "imageio",
    ),
    *(
        "sklearn",
        "sklearn.decomposition",
        "skimage",
        "skimage.color",
        "torchvision",
        "torchvision.transforms",
    ),
)
"""What its modules import beside what is run here."""


@functools.cache
def tracking() -> Any:
    """fvmd.keypoint_tracking, without importing the package whole, which looks for a GPU."""
    whole = ModuleType("fvmd")
    spec = importlib.util.find_spec("fvmd")
    assert spec is not None
    assert spec.origin is not None
    whole.__path__ = [str(Path(spec.origin).parent)]
    with mock.patch.dict(sys.modules, {name: mock.MagicMock() for name in ABSENT} | {"fvmd": whole}):
        return importlib.import_module("fvmd.keypoint_tracking")


def network(state: dict[str, torch.Tensor]) -> Any:
    """Their network with our parameters."""
    made = tracking().Pips(stride=8)
    made.load_state_dict(state, strict=True)
    return made.eval()


def tracked(net: Any, frames: Any, points: int, passes: int) -> Any:
    """Frames (16 h w 3) -> tracks (16 points 2), by run_tracking."""
    pictures = torch.from_numpy(frames).permute(0, 3, 1, 2)[None]
    basic = tracking().fvmd.utils.basic
    theirs = basic.meshgrid2d

    def grid(*args: Any, **options: Any) -> Any:
        return theirs(*args, **options | {"device": "cpu"})

    here = mock.patch.object(torch.Tensor, "cuda", lambda self: self)
    with mock.patch.object(basic, "meshgrid2d", grid), here, torch.no_grad():
        return tracking().run_tracking(net, pictures, N=points, iters=passes)[0].numpy()


def golden() -> None:
    """Write what the ordinary tests compare with."""
    import pips_cases as cases

    net = network(cases.state())
    found = tracked(net, cases.frames(), cases.GRID**2, cases.PASSES)
    np.savez_compressed(cases.GOLDEN, tracks=found)
