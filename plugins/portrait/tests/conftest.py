"""Fixtures of the portrait plugin: real photos and a home of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pfy_core import paths, sources, weights
from pfy_core.media import image
from pfy_plugin_portrait.encoder import FaceMeshEncoder
from pfy_plugin_portrait.render import Portrait


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home that shares only the weights with the user's."""
    theirs = paths.home() / "weights"
    theirs.mkdir(parents=True, exist_ok=True)
    ours = tmp_path_factory.mktemp("home")
    (ours / "weights").symlink_to(theirs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield ours


@pytest.fixture(scope="session")
def astronaut():
    return image.load(weights.path("demo/astronaut"))


def _wheel_photo(folder: Path, inside: str, wheel: str, **tags: str) -> np.ndarray:
    folder.mkdir(parents=True, exist_ok=True)
    file = sources.get({"wheel": wheel, "inside": inside, **tags}, folder)
    return image.load(file)


@pytest.fixture(scope="session")
def coffee(tmp_path_factory):
    """A photo without a face."""
    tags = {"python": "3.11", "platform": "manylinux_2_28_x86_64"}
    folder = tmp_path_factory.mktemp("skimage")
    return _wheel_photo(folder, "skimage/data/coffee.png", "scikit-image==0.26.0", **tags)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    """A photo with six small faces."""
    folder = tmp_path_factory.mktemp("insightface")
    return _wheel_photo(folder, "insightface/data/images/t1.jpg", "insightface==2.1")


@pytest.fixture(scope="session")
def encoder():
    return FaceMeshEncoder()


@pytest.fixture(scope="session")
def mesh(encoder, astronaut):
    return encoder(astronaut)


@pytest.fixture(scope="session")
def portrait(astronaut, mesh):
    return Portrait(astronaut, mesh.landmarks, mesh.matte)
