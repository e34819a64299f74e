"""The graphs of the paper on small models: a home with the weights of the face mesh, a photo, a recording."""

import numpy as np
import pytest
import torch
from homes import with_weights

from pfy_core import Store, weights
from pfy_core.media import image


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory):
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        made = with_weights(tmp_path_factory.mktemp("home"))
        patch.setenv("PFY_HOME", str(made))
        yield made


@pytest.fixture(autouse=True)
def _alone(home, monkeypatch):
    """Instead of a home for every test: theirs is one, so that models are made once."""
    for name in ("PFY_PLUGINS", "PFY_STRICT", "PFY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def store(home):
    return Store(home / "store")


@pytest.fixture(scope="session")
def photo(home):
    return image.load(weights.path("demo/astronaut"))


@pytest.fixture(scope="session")
def recording():
    """Three seconds of a tone whose pitch and loudness change, at 22,050 Hz."""
    time = np.arange(3 * 22_050) / 22_050
    tone = np.sin(2 * np.pi * 140 * time + 3 * np.sin(2 * np.pi * 5 * time))
    return (0.3 * tone * (1.2 + np.sin(2 * np.pi * 3 * time)) / 2.2).astype(np.float32)
