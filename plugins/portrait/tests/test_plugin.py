import subprocess
import sys
from pathlib import Path

import pfy_plugin_portrait
from pfy_core import manifest


def test_the_manifest_is_what_the_code_says():
    file = Path(pfy_plugin_portrait.__file__).parent / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_portrait"))


def test_the_package_imports_nothing_heavy():
    heavy = ("numpy", "cv2", "ai_edge_litert")
    code = f"import sys, pfy_plugin_portrait; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
