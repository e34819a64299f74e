import subprocess
import sys
from pathlib import Path

import pfy_plugin_speech
from pfy_core import manifest


def test_the_manifest_is_what_the_code_says():
    file = Path(pfy_plugin_speech.__file__).parent / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_speech"))


def test_the_package_imports_nothing_heavy():
    heavy = ("numpy", "scipy", "onnxruntime", "openvino", "onnx", "pocketsphinx", "hibari")
    code = f"import sys, pfy_plugin_speech; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_light_voice_needs_neither_the_best_ones_packages_nor_the_aligner():
    code = (
        "import sys; from pfy_plugin_speech.speech import Speech; "
        "list(Speech(voice='light')('Yes.', seed=0)); "
        "print([m for m in ('openvino', 'onnx', 'pocketsphinx', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
