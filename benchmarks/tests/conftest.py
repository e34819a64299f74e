"""Fixtures of the benchmark: no settings from outside, and nothing left there."""

from __future__ import annotations

import homes
import pytest


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home that shares only the weights with the user's."""
    ours = homes.with_weights(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield ours
