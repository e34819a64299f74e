"""For the conformance kit: small videos in the layouts that the datasets read."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pfy_plugin_metrics.datasets.layouts import laid_out

_FOLDER = Path(mkdtemp(prefix="pfy-kit-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

config: dict[str, dict[str, Any]] = {
    **{f"dataset/{name}": {"folder": str(folder)} for name, folder in laid_out(_FOLDER).items()},
    "dataset/mini": {"clips": 1},
}
