import subprocess
import sys
from pathlib import Path

import pfy_plugin_wav2vec2
from pfy_core import manifest, registry, weights
from pfy_core.catalogue import Catalogue

FOLDER = Path(pfy_plugin_wav2vec2.__file__).parent
BROKEN = """
from pathlib import Path
raise OSError("Could not load this library: _torchaudio.abi3.so")
"""
USES = "from pfy_plugin_wav2vec2.network import make, TINY; import sys; make(TINY, 'meta'); "


def python(code, *path):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(p) for p in path]!r}\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_wav2vec2"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-wav2vec2"]
    components = manifest.read(FOLDER / manifest.FILE)["components"]
    assert sorted(listed["components"]) == [item["id"] for item in components]


def test_the_component_is_found_by_the_installed_catalogue():
    assert Catalogue.discover().spec("encoder/wav2vec2").plugin == "pfy-plugin-wav2vec2"


def test_the_weights_entry_says_source_and_licence():
    item = weights.entry("wav2vec2/base-960h")
    assert (item.licence, item.commercial) == ("Apache-2.0", True)
    assert item.sources[0]["revision"]


def test_the_package_imports_nothing_heavy():
    heavy = "('numpy', 'torch', 'transformers')"
    assert python(f"import pfy_plugin_wav2vec2; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_a_torchaudio_that_does_not_load_does_not_keep_transformers_from_loading(tmp_path):
    """Its presence alone makes transformers import it: with it broken, everything would fail."""
    package = tmp_path / "torchaudio"
    package.mkdir()
    (package / "__init__.py").write_text(BROKEN)
    info = tmp_path / "torchaudio-2.11.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torchaudio\nVersion: 2.11.0\n")
    assert python(USES + "print('torchaudio' in sys.modules)", tmp_path) == "False"


def test_a_torchaudio_that_loads_is_left_in_place(tmp_path):
    package = tmp_path / "torchaudio"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '2.11.0'")
    code = "from pfy_plugin_wav2vec2.hidden_torchaudio import torchaudio_hidden_when_broken as hidden\n"
    code += "with hidden(): import torchaudio\nprint(torchaudio.__version__)"
    assert python(code, tmp_path) == "2.11.0"
