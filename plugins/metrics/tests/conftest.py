"""Fixtures of the metrics plugin: no settings from outside."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    ours = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield ours
