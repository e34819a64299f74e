"""Faults that only an installed plugin can have: each installs one into a site, and gives its id."""

import json
from pathlib import Path

import installing

from pfy_core import manifest

PACKAGE = "pfy_plugin_faulty"
PLAIN = '''"""A faulty plugin."""
'''
CODE = '''"""A component."""
from typing import Annotated
{imports}
import numpy as np
from pfy_core import Encoder, Port, OptionalWeights

Rows = Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float32")]


class Faulty(Encoder, name="faulty"):
    """Rows, with a fault that others see."""
{init}
    def __call__(self, rows: Rows) -> Rows:
{body}
        return rows.copy()
'''
ID = "encoder/faulty"
HEAVY = "tensorflow"


def install(
    site: Path, *, package="", imports="", init="", body="        pass", weights="", **files: str
) -> str:
    """Install a plugin with this code; returns its component's id."""
    code = CODE.format(imports=imports, init=init, body=body)
    sources = {"__init__.py": PLAIN + package, "code.py": code} | files
    if weights:
        sources["weights.yaml"] = weights
    root = installing.install(site, "pfy-plugin-faulty", PACKAGE, sources)
    (root / manifest.FILE).write_text(manifest.text(manifest.build(PACKAGE)))
    return ID


def behaved(site: Path) -> str:
    """Without a fault."""
    return install(site)


def drifted(site: Path) -> str:
    """Its manifest was written before its docstring was changed."""
    id = install(site)
    file = site / PACKAGE / manifest.FILE
    data = json.loads(file.read_text())
    data["components"][0]["doc"] = "Rows as they were."
    file.write_text(json.dumps(data))
    return id


def heavy(site: Path) -> str:
    """Imports tensorflow (a stand-in here) as soon as its package is imported."""
    (site / HEAVY).mkdir()
    (site / HEAVY / "__init__.py").write_text("")
    return install(site, package=f"import {HEAVY}\n")


def unproven(site: Path) -> str:
    """Names weights that have no sha256."""
    entry = "faulty/model:\n  file: model.npz\n  licence: MIT\n  sources: [{path: nowhere}]\n"
    init = (
        '    def __init__(self, *, model: OptionalWeights = "faulty/model"):\n        self._model = model\n'
    )
    return install(site, init=init, weights=entry)


def unregistered(site: Path) -> str:
    """Names weights that nobody knows."""
    init = (
        '    def __init__(self, *, model: OptionalWeights = "faulty/nothing"):\n        self._model = model\n'
    )
    return install(site, init=init)


def online(site: Path) -> str:
    """Tells somebody that it is used, and goes on when nobody answers."""
    body = (
        "        try:\n"
        '            socket.create_connection(("127.0.0.1", 9), timeout=0.1).close()\n'
        "        except OSError:\n"
        "            pass"
    )
    return install(site, imports="import socket", body=body)


def homebound(site: Path) -> str:
    """Gives something else in every process."""
    return install(site, imports="import os", body="        rows = rows + np.float32(os.getpid() % 1009)")


FAULTY = {
    "manifest": [drifted],
    "light_import": [heavy],
    "weights": [unproven, unregistered],
    "network": [online],
    "isolated": [homebound],
}
