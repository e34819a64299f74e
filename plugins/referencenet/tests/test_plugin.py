import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import pfy_plugin_referencenet
from pfy_core import Graph, manifest, registry, weights
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_referencenet.__file__).parent
README = Path(__file__).parents[1] / "README.md"


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_referencenet"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-referencenet"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == sorted(item["id"] for item in components)


@pytest.mark.parametrize("component", ["decoder/referencenet"])
def test_the_components_are_found_by_the_installed_catalogue(component):
    catalogue = Catalogue.discover()
    assert catalogue.spec(component).plugin == "pfy-plugin-referencenet"
    assert not catalogue.plugins["pfy-plugin-referencenet"].broken


def test_the_package_imports_nothing_heavy_and_the_components_no_diffusers():
    code = "import sys, pfy_plugin_referencenet; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    assert python(code) == "[]"
    assert python("import sys, pfy_plugin_referencenet.decoder; print('diffusers' in sys.modules)") == "False"


def test_the_weights_are_registered_with_a_licence():
    entry = weights.entry("hallo/net")
    assert "OpenRAIL-M" in entry.licence
    assert not entry.sha256  # not known: recorded when the file is first used


def test_the_graph_of_the_readme_runs():
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    given = {
        "image": torch.zeros(4, 8, 8),
        "features": torch.zeros(5, 5, 12, 768),
        "masks": np.ones((3, 32, 32), np.float32),
        "region": np.ones((32, 32), np.float32),
        "identity": torch.ones(512),
    }
    with Graph.from_yaml(text).run(**given) as run:
        assert [tuple(clip.shape) for clip in run["latents"]] == [(4, 4, 8, 8), (1, 4, 8, 8)]


def test_every_option_is_in_the_readmes_table():
    (described,) = manifest.read(FOLDER / manifest.FILE)["components"]
    table = re.findall(r"`(\w+)`", README.read_text(encoding="utf-8"))
    assert [item["name"] for item in described["config"] if item["name"] not in table] == []
