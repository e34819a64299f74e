"""syncnet-python 0.2.3, run from frames and sound in memory, without the packages of its other parts."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import cv2
import numpy as np
import python_speech_features
import torch
from scipy.io import wavfile

PACKAGE = Path(python_speech_features.__file__).parents[1] / "syncnet_python"
ABSENT = (
    "ffmpeg",
    "scenedetect",
    "scenedetect.video_manager",
    "detectors",
    "detectors.s3fd",
    "detectors.s3fd.nets",
)
"""What syncnet_pipeline imports beside its own modules, for what is not run here."""


def module(name: str) -> Any:
    """A module of the package, without the package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, PACKAGE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        sys.modules[name] = made
        spec.loader.exec_module(made)
    return sys.modules[name]


def network(state: dict[str, torch.Tensor]) -> Any:
    """Their network with our parameters."""
    made = module("SyncNetModel").S()
    made.load_state_dict(state, strict=True)
    return made.eval()


def evaluated(net: Any, pictures: Any, wave: Any) -> tuple[Any, tuple[int, float, float]]:
    """BGR pictures (t 224 224 3) and 16-bit sound -> distances (windows 31); offset, confidence, distance."""
    scorer, kept = module("SyncNetInstance"), []
    measured = scorer.calc_pdist

    def seen(*args: Any, **options: Any) -> Any:
        kept.append(measured(*args, **options))
        return kept[-1]

    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for number, picture in enumerate(pictures):
            lossless = cv2.imencode(".png", picture)[1]
            Path(folder, f"{number:06d}.jpg").write_bytes(lossless.tobytes())
        wavfile.write(Path(folder, "audio.wav"), 16_000, wave)
        options = SimpleNamespace(tmp_dir=folder, batch_size=5, vshift=15)
        with mock.patch.object(scorer, "calc_pdist", seen):
            scores = scorer.SyncNetInstance(net, device="cpu").evaluate(options)
    return torch.stack(kept[-1]).numpy(), scores


def crops(pictures: Any, boxes: Any) -> Any:
    """BGR pictures (t h w 3) and boxes (t 4) -> the faces that SyncNetPipeline writes (t 224 224 3)."""
    for own in ("SyncNetInstance", "SyncNetModel"):
        module(own)
    with mock.patch.dict(sys.modules, {name: mock.MagicMock() for name in ABSENT}):
        pipeline = module("syncnet_pipeline")
    writer = mock.MagicMock()
    with (
        mock.patch.object(pipeline.cv2, "VideoWriter", return_value=writer),
        mock.patch.object(pipeline.cv2, "imread", lambda name: pictures[name]),
        mock.patch.object(pipeline.subprocess, "run"),
        mock.patch.object(pipeline.os, "remove"),
        tempfile.TemporaryDirectory() as folder,
    ):
        made = pipeline.SyncNetPipeline.__new__(pipeline.SyncNetPipeline)
        made.cfg = pipeline.PipelineConfig()
        track = {"bbox": boxes, "frame": range(len(boxes))}
        made._crop(track, range(len(boxes)), "audio.wav", Path(folder, "0"))
    return np.stack([call.args[0] for call in writer.write.call_args_list])


def golden() -> None:
    """Write what the ordinary tests compare with."""
    import syncnet_cases as cases

    from pfy_plugin_networks.syncnet_comparison import samples

    sound = samples(cases.wave())
    net = network(cases.network().state_dict())
    found, scores = evaluated(net, cases.frames()[..., ::-1], sound)
    np.savez_compressed(
        cases.GOLDEN, distances=found, scores=scores, cepstra=python_speech_features.mfcc(sound, 16_000)
    )
