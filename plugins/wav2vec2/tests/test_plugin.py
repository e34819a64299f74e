import subprocess
import sys

from pfy_core import weights

BROKEN = """
from pathlib import Path
raise OSError("Could not load this library: _torchaudio.abi3.so")
"""
USES = "from pfy_plugin_wav2vec2.network import make, TINY; import sys; make(TINY, 'meta'); "


def python(code, *path):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(p) for p in path]!r}\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_weights_entry_says_source_and_licence():
    item = weights.entry("wav2vec2/base-960h")
    assert (item.licence, item.commercial) == ("Apache-2.0", True)
    assert item.sources[0]["revision"]


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
