"""The fixture ``home`` of the plugins that stand on torch: their conftests import it."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home of its own, and one thread, so that results do not depend on the machine's cores."""
    ours, threads = tmp_path_factory.mktemp("home"), torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield ours
    torch.set_num_threads(threads)
