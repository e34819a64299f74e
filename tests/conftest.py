"""Every test has its own PFY_HOME, no settings from outside, and a catalogue that nobody else sees."""

import faulthandler
import sys

import pytest
import toys
from hypothesis import HealthCheck, settings

from pfy_core import catalogue as catalogues

PATIENCE = 300.0
"""Seconds after which a test that hangs ends the whole run, with the traces of all threads: several times
what the slowest takes on a busy machine."""

settings.register_profile(
    "pfy",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("pfy")


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("PFY_HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("PFY_PLUGINS", "PFY_STRICT", "PFY_OFFLINE", "PFY_STORE_LIMIT", "HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(catalogues, "_installed", None)
    toys.CALLS.clear()


@pytest.fixture(autouse=True)
def _never_hangs():
    faulthandler.dump_traceback_later(PATIENCE, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def catalogue():
    """The toy components."""
    return toys.catalogue()


@pytest.fixture
def store(tmp_path):
    from pfy_core import Store

    return Store(tmp_path / "store")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An empty folder on sys.path to install plugins into; what is imported from it is forgotten."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]
