import re
import subprocess
import sys
from pathlib import Path

import pytest

import pfy_plugin_gpt2_hifi
from pfy_core import manifest, registry
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_gpt2_hifi.__file__).parent
README = Path(__file__).parents[1] / "README.md"


def fenced(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_gpt2_hifi"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-gpt2-hifi"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == [item["id"] for item in components]


def test_the_component_is_found_by_the_installed_catalogue():
    catalogue = Catalogue.discover()
    assert catalogue.spec("decoder/gpt2-hifi").plugin == "pfy-plugin-gpt2-hifi"
    assert not catalogue.plugins["pfy-plugin-gpt2-hifi"].broken


def test_the_package_imports_nothing_heavy():
    code = "import sys, pfy_plugin_gpt2_hifi; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    assert python(code) == "[]"


@pytest.mark.parametrize("arguments", [["plugins", "list"], ["plugins", "show", "decoder/gpt2-hifi"]])
def test_looking_at_the_component_imports_no_torch(arguments):
    code = (
        f"import sys\nfrom pfy_core.cli import main\nsys.argv[1:] = {arguments}\n"
        "try:\n main()\nexcept SystemExit as end:\n assert not end.code, end.code\n"
        "print([m for m in ('torch', 'pfy_plugin_gpt2_hifi') if m in sys.modules])"
    )
    assert python(code).endswith("[]")


def test_the_example_of_the_readme_speaks(capsys):
    exec(fenced("python")[0], {})
    assert 3 < float(capsys.readouterr().out.split()[0]) < 8
