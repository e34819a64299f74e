"""Plugins installed for real: a folder with packages and dist-info, as ``pip install --target`` leaves it."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
ROOT = HERE.parent
TOY = "pfy_plugin_toy"


def install(site: Path, name: str, package: str, files: dict[str, str], version: str = "1.0") -> Path:
    """Put a distribution into ``site``; returns the folder of its package."""
    root = site / package
    root.mkdir(parents=True)
    for file, text in ({"__init__.py": ""} | files).items():
        (root / file).write_text(text, encoding="utf-8")
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[pfy.plugins]\n{name.removeprefix('pfy-plugin-')} = {package}\n")
    return root


def install_toy(site: Path, name: str = "pfy-plugin-toy") -> Path:
    """The plugin in tests/plugins, with its manifest."""
    root = install(site, name, TOY, sources())
    (root / "pfy.json").write_text(toy_manifest())
    return root


def sources() -> dict[str, str]:
    return {file.name: file.read_text() for file in (HERE / "plugins" / TOY).iterdir() if file.is_file()}


@cache
def toy_manifest() -> str:
    """What ``pfy plugins manifest`` writes for the toy plugin."""
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        root = install(site, "pfy-plugin-toy", TOY, sources())
        done = pfy("plugins", "manifest", TOY, site=site, home=Path(folder) / "home")
        assert done.returncode == 0, done.stderr
        return (root / "pfy.json").read_text()


def manifest(*components: dict, **more) -> str:
    return json.dumps({"schema": 1, "components": list(components), **more})


def component(id: str, target: str, **more) -> dict:
    plain = {"id": id, "target": target, "doc": "", "inputs": [], "outputs": [], "config": []}
    return plain | {"seeded": False, "cache": True} | more


def environment(site: Path | None = None, home: Path | None = None, **more: str) -> dict[str, str]:
    """The environment of a subprocess: only what a user would have, and pfy of this checkout."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PFY_", "PYTEST", "COV_"))}
    kept |= {"PFY_HOME": str(home or os.environ["PFY_HOME"]), "OPENBLAS_NUM_THREADS": "1"}
    kept["PYTHONPATH"] = os.pathsep.join(str(path) for path in (site, ROOT) if path)
    return kept | more


def pfy(*argv: str, site: Path | None = None, home: Path | None = None, cwd: Path | None = None, **more: str):
    """Run the command line through its entry point."""
    return python("-m", "pfy_core", *argv, site=site, home=home, cwd=cwd, **more)


def python(
    *argv: str, site: Path | None = None, home: Path | None = None, cwd: Path | None = None, **more: str
):
    return subprocess.run(
        [sys.executable, *argv],
        env=environment(site, home, **more),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def script() -> str | None:
    """The installed ``pfy`` program of this environment."""
    return shutil.which("pfy", path=str(Path(sys.executable).parent))
