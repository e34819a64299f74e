import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from network_cases import clip, sound

import pfy_plugin_networks
from pfy_core import Graph, manifest, registry
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_networks.__file__).parent
README = Path(__file__).parents[1] / "README.md"
PUBLISHED = {
    "extractor/inception-2015": ("features.inception-2015", "n 2048"),
    "extractor/i3d-400": ("features.i3d-400", "n 400"),
    "extractor/vggish": ("features.vggish", "n 128"),
    "extractor/efficientnet-lite0": ("features.efficientnet-lite0", "n 1280"),
    "extractor/syncnet": ("sync.distances", "windows 31"),
    "extractor/point-tracks": ("motion.tracks", "n 16 grid grid 2"),
}


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_networks"))


@pytest.mark.parametrize("component", PUBLISHED)
def test_a_published_network_names_its_kind_its_weights_and_its_protocol(component):
    spec = Catalogue.discover().spec(component)
    (out,) = spec.outputs
    assert (out.port.kind, out.port.dims) == PUBLISHED[component]
    options = {item.name: item for item in spec.config}
    assert options["weights"].default in registry.weights()
    assert options["weights"].weights == "required"
    assert f"'{options['protocol'].default}'" in options["protocol"].type


def test_the_package_imports_nothing_heavy():
    code = "import sys, pfy_plugin_networks; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_graph_of_the_readme_runs():
    (text,) = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    with Graph.from_yaml(text).run(frames=clip(11, 40, 40), wave=sound(1.6)) as run:
        assert np.asarray(run["pictures"]).shape == (3, 1280)
        assert np.asarray(run["sounds"]).shape == (2, 128)
