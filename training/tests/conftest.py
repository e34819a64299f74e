"""A home of its own for every test, one thread, and the pupils among what is installed."""

import pupils
import pytest
import torch
from hypothesis import settings

from pfy_core import catalogue as catalogues

settings.register_profile("pfy", deadline=None, max_examples=60)
settings.load_profile("pfy")


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    ours, threads = tmp_path_factory.mktemp("home"), torch.get_num_threads()
    monkeypatch.setenv("PFY_HOME", str(ours))
    for name in ("PFY_PLUGINS", "PFY_STRICT", "PFY_OFFLINE", "ACCELERATE_TORCH_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(catalogues, "_installed", None)
    torch.set_num_threads(1)
    pupils.install()
    yield ours
    torch.set_num_threads(threads)


@pytest.fixture
def room(tmp_path):
    """The file of a recipe beside its graph and its corpus."""
    return pupils.room(tmp_path)
