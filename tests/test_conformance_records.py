"""Every component of this tree has a contract test, and what it passed is recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pfy_core.testing import CHECKS, certificate

ROOT = Path(__file__).parent.parent
PLUGINS = {
    "pfy_core": (ROOT / "pfy_core", [ROOT / "tests" / "test_core_conforms.py"]),
    **{
        path.parent.name: (path.parent, sorted(path.parents[1].glob("tests/test_contract*.py")))
        for path in ROOT.glob("plugins/*/*/pfy.json")
    },
}
"""The folder of each plugin's manifest, and its contract tests."""


@pytest.fixture(params=PLUGINS)
def plugin(request):
    return PLUGINS[request.param]


@pytest.fixture
def components(plugin):
    found = json.loads((plugin[0] / "pfy.json").read_text(encoding="utf-8"))["components"]
    return {item["id"] for item in found}


def test_every_component_has_a_contract_test(plugin, components):
    text = "".join(file.read_text(encoding="utf-8") for file in plugin[1])
    assert set(re.findall(r'conforms\("(.+?)"', text)) == components


def test_every_component_is_recorded_with_every_check(plugin, components):
    recorded = certificate.read(plugin[0])
    assert recorded, f"pfy plugins check ... --record has not been run for {plugin[0]}"
    asked = {
        id: {*entry["run"], *entry["skipped"], *entry["expected"]}
        for id, entry in recorded["components"].items()
    }
    assert asked == {id: set(CHECKS) for id in components}
