"""Fixtures of the networks plugin."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from network_cases import GOLDEN


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """One thread, so that results do not depend on the machine's cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def golden():
    """What the reference programs give, by case."""
    with np.load(GOLDEN) as found:
        return dict(found)
