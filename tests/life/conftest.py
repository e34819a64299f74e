"""One world for all tests here: installing takes a minute."""

import pytest
from worlds import FENCE, TUTORIAL, WHEELS, World


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """Before anything is installed."""
    if not WHEELS:
        pytest.skip("nox -s build makes the wheels and runs these tests")
    return World(tmp_path_factory.mktemp("life"))


@pytest.fixture(scope="session")
def world(bare):
    """With pfy installed as the tutorial says: by its first commands."""
    language, _, script = FENCE.search(TUTORIAL.read_text(encoding="utf-8")).groups()
    assert language == "sh"
    bare.sh(script)
    return bare
