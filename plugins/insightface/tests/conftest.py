"""Fixtures of the insightface plugin: a mesh that is drawn, networks that are written, no settings."""

from __future__ import annotations

import networks
import numpy as np
import pytest

from pfy_plugin_insightface import topology


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.setenv("PFY_OFFLINE", "1")


@pytest.fixture(scope="session")
def mesh():
    """``mesh(centre, size)``: 478 landmarks whose outline is an ellipse, lips and eyes inside."""

    def made(centre=(320, 300), size=200.0, turn=0.0):
        points = np.zeros((478, 3), np.float32)
        around = np.linspace(0, 2 * np.pi, len(topology.OVAL), endpoint=False)
        points[list(topology.OVAL), :2] = np.stack([0.4 * np.sin(around), -0.5 * np.cos(around)], axis=1)
        lips = np.linspace(0, 2 * np.pi, len(topology.OUTER_LIPS), endpoint=False)
        points[list(topology.OUTER_LIPS), 0] = -0.15 * np.cos(lips)
        points[list(topology.OUTER_LIPS), 1] = 0.25 + 0.05 * np.sin(lips)
        points[list(topology.IRISES), :2] = [[-0.18, -0.1], [0.18, -0.1]]
        points[topology.NOSE_TIP, :2] = [0, 0.08]
        points[list(topology.CHEEKS), 2] = [-turn, turn]
        return points * size + np.array([*centre, 0], np.float32)

    return made


@pytest.fixture(scope="session")
def image():
    """``image(h, w)``: a picture whose every part differs."""

    def made(height=640, width=640):
        rows, columns = np.mgrid[:height, :width]
        return np.stack([rows % 256, columns % 256, (rows * columns // 97) % 256], axis=2).astype(np.uint8)

    return made


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Paths of networks with the shapes of antelopev2's, that see two faces."""
    folder = tmp_path_factory.mktemp("models")
    networks.detector(folder / "detector.onnx", (40, 40, 120, 140), (200, 160, 440, 460))
    networks.detector(folder / "blind.onnx")
    networks.landmarks(folder / "points.onnx")
    networks.identity(folder / "identity.onnx")
    return {file.stem: str(file) for file in folder.glob("*.onnx")}
