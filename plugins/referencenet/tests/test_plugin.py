import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from pfy_core import Graph, weights

README = Path(__file__).parents[1] / "README.md"


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_package_imports_nothing_heavy_and_the_components_no_diffusers():
    code = "import sys, pfy_plugin_referencenet; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    assert python(code) == "[]"
    assert python("import sys, pfy_plugin_referencenet.decoder; print('diffusers' in sys.modules)") == "False"


def test_the_weights_are_registered_with_a_licence():
    entry = weights.entry("hallo/net")
    assert "OpenRAIL-M" in entry.licence
    assert not entry.sha256  # not known: recorded when the file is first used


def test_the_graph_of_the_readme_runs():
    (text,) = re.findall(r"```yaml\n(pfy: 1.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    given = {
        "image": torch.zeros(4, 8, 8),
        "features": torch.zeros(5, 5, 12, 768),
        "masks": np.ones((3, 32, 32), np.float32),
        "region": np.ones((32, 32), np.float32),
        "identity": torch.ones(512),
    }
    with Graph.from_yaml(text).run(**given) as run:
        assert [tuple(clip.shape) for clip in run["latents"]] == [(4, 4, 8, 8), (1, 4, 8, 8)]
