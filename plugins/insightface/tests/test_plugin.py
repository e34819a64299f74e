import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pfy_plugin_insightface
from pfy_core import Graph, manifest, registry, weights
from pfy_core.catalogue import Catalogue
from pfy_core.check import check

FOLDER = Path(pfy_plugin_insightface.__file__).parent
GRAPH = """
pfy: 1
name: face
inputs: {face: image.rgb}
nodes:
  mesh: {use: encoder/face-mesh, take: {face: $face}}
  landmarks: {use: encoder/landmarks, take: {image: $face, landmarks: mesh.landmarks}}
outputs: {masks: landmarks.masks, box: landmarks.box, tokens: landmarks.tokens}
"""


def python(code):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_insightface"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-insightface"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == [item["id"] for item in components]


def test_the_component_is_found_by_the_installed_catalogue():
    assert Catalogue.discover().spec("encoder/landmarks").plugin == "pfy-plugin-insightface"


def test_insightfaces_models_are_registered_as_not_for_commercial_use():
    for name in ("detector", "identity", "points"):
        item = weights.entry(f"antelopev2/{name}")
        assert not item.commercial
        assert item.sha256
        assert item.size
    assert weights.entry("auraface/identity").commercial


def test_insightface_is_imported_only_for_its_detector_and_points(models):
    code = "import sys; from pfy_plugin_insightface.encoder import LandmarksEncoder\n"
    code += f"LandmarksEncoder(identity={models['identity']!r})\n"
    assert python(code + "print('insightface' in sys.modules)") == "False"
    heavy = "('numpy', 'torch', 'cv2', 'insightface')"
    code = f"import sys, pfy_plugin_insightface; print([m for m in {heavy} if m in sys.modules])"
    assert python(code) == "[]"


def has_mesh():
    return "encoder/face-mesh" in Catalogue.discover().components


@pytest.mark.skipif(not has_mesh(), reason="needs the portrait plugin")
def test_the_mesh_of_the_embedded_default_fits_the_port(monkeypatch):
    monkeypatch.delenv("PFY_OFFLINE", raising=False)  # its weights need not be here
    assert check(Graph.from_yaml(GRAPH)) == []


@pytest.mark.slow
@pytest.mark.skipif(not has_mesh(), reason="needs the portrait plugin")
def test_a_real_photo_gets_its_masks_without_any_non_commercial_weight(monkeypatch):
    from PIL import Image

    monkeypatch.delenv("PFY_OFFLINE", raising=False)
    photo = np.asarray(Image.open(weights.path("demo/astronaut")).convert("RGB"))
    with Graph.from_yaml(GRAPH).run(face=photo) as run:
        box, masks = np.asarray(run["box"]), np.asarray(run["masks"])
    rows, columns = np.nonzero(box)
    # Her face, measured in the photo: columns 170 to 275, rows 40 to 180.
    assert 120 < columns.min() < 175
    assert 270 < columns.max() < 320
    assert rows.min() < 60
    assert 170 < rows.max() < 230
    row, column = np.unravel_index(masks[2].argmax(), masks[2].shape)
    assert 190 < column < 260
    assert 120 < row < 175
