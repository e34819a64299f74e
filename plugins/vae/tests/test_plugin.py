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
