import subprocess
import sys
from pathlib import Path

import pfy_plugin_bpe
from pfy_core import manifest, registry
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_bpe.__file__).parent


def python(code):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_bpe"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-bpe"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == [item["id"] for item in components]


def test_the_component_is_found_by_the_installed_catalogue():
    assert Catalogue.discover().spec("encoder/bpe").plugin == "pfy-plugin-bpe"


def test_the_package_imports_nothing_heavy():
    heavy = "('numpy', 'torch', 'tokenizers', 'num2words')"
    assert python(f"import sys, pfy_plugin_bpe; print([m for m in {heavy} if m in sys.modules])") == "[]"
