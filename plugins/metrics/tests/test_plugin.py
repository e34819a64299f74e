import subprocess
import sys
from pathlib import Path

import pytest

import pfy_plugin_metrics
from pfy_core import manifest, registry
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_metrics.__file__).parent
PUBLISHED = [
    *("extractor/flow-tracks", "extractor/motion-histograms", "metric/fd", "metric/lse-c", "metric/lse-d"),
    *("metric/mcd", "metric/mmd", "metric/stoi", "metric/sync-offset"),
]
"""What others calculate too, in one way or another."""


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_metrics"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-metrics"]
    built = manifest.build("pfy_plugin_metrics")["components"]
    assert sorted(listed["components"]) == sorted(item["id"] for item in built)


@pytest.mark.parametrize("component", PUBLISHED)
def test_what_is_published_names_its_protocol_in_its_config(component):
    spec = Catalogue.discover().spec(component)
    (protocol,) = [item for item in spec.config if item.name == "protocol"]
    assert protocol.type.startswith("Literal[")
    assert f"'{protocol.default}'" in protocol.type


def test_the_package_imports_nothing_heavy():
    code = "import sys, pfy_plugin_metrics; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
