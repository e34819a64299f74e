import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import pfy_plugin_vae
from pfy_core import Graph, manifest, registry, weights
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_vae.__file__).parent
README = Path(__file__).parents[1] / "README.md"


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_vae"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-vae"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == sorted(item["id"] for item in components)


@pytest.mark.parametrize("component", ["encoder/vae", "decoder/vae"])
def test_the_components_are_found_by_the_installed_catalogue(component):
    catalogue = Catalogue.discover()
    assert catalogue.spec(component).plugin == "pfy-plugin-vae"
    assert not catalogue.plugins["pfy-plugin-vae"].broken


def test_the_package_imports_nothing_heavy_and_the_components_no_diffusers():
    code = "import sys, pfy_plugin_vae; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    assert python(code) == "[]"
    assert python("import sys, pfy_plugin_vae.vae; print('diffusers' in sys.modules)") == "False"


def test_the_weights_are_registered_with_a_licence():
    entry = weights.entry("sd-vae/ft-mse")
    assert entry.licence == "MIT"
    assert entry.commercial


def test_the_graph_of_the_readme_runs():
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    photo = np.zeros((40, 30, 3), np.uint8)
    with Graph.from_yaml(text).run(photo=photo, video=torch.zeros(3, 4, 8, 8)) as run:
        assert run["latent"].shape == (4, 16, 16)
        assert run["tokens"].shape == (2, 512)
        assert [frames.shape for frames in run["frames"]] == [(3, 64, 64, 3)]


def test_every_option_is_in_the_readmes_table():
    table = re.findall(r"`(\w+)`", README.read_text(encoding="utf-8"))
    for described in manifest.read(FOLDER / manifest.FILE)["components"]:
        assert [item["name"] for item in described["config"] if item["name"] not in table] == []
