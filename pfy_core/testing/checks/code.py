"""Checks of what can be read: the class, its manifest, what importing it costs, its weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import manifest as manifests
from pfy_core import weights
from pfy_core.component import Component, describe
from pfy_core.testing.checks.check import LOADS, check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import place_of

if TYPE_CHECKING:
    from pfy_core.testing.subject import Subject

HEAVY = ("torch", "tensorflow", "jax", "transformers", "diffusers", "onnxruntime", "openvino", "cv2")
"""Packages that take from a quarter of a second to many seconds to import."""
PATIENCE = 300.0
"""Seconds for a process of its own to import a plugin."""
PROBE = """
import importlib, json, sys
path, packages, heavy = json.loads(sys.argv[1])
sys.path[:] = path
for package in packages:
    importlib.import_module(package)
print("\\n" + json.dumps([name for name in heavy if name in sys.modules]))
"""


@check(LOADS)
def loads(subject: Subject) -> None:
    """The component can be imported, and its signature is understood."""
    if not (isinstance(subject.cls, type) and issubclass(subject.cls, Component)):
        raise Failed(f"{subject.spec.target} is no component", "a class with a role, such as Encoder")


@check("docs")
def docs(subject: Subject) -> None:
    """The class says in one sentence what it does."""
    cls, place = subject.cls, f"{place_of(subject.cls)}: {subject.cls.__qualname__}"
    doc = (cls.__dict__.get("__doc__") or "").strip()
    wants = "a docstring that begins with a sentence: it is what 'pfy plugins list' shows"
    if not doc:
        raise Failed(f"{place} has no docstring", wants, "say what goes in and what comes out")
    first = " ".join(doc.split("\n\n")[0].split())
    if "." not in first:
        raise Failed(f"{place}: {first!r} does not end", wants, "end it with a full stop")


@check("manifest")
def manifest(subject: Subject) -> None:
    """The plugin's pfy.json says of the component what its code says."""
    if subject.plugin is None:
        raise Skipped("a class of this session has no manifest")
    written = json.loads(json.dumps(describe(subject.cls).as_dict()))
    listed = next(
        (item for item in subject.plugin.manifest["components"] if item["id"] == subject.spec.id),
        dict[str, Any](),
    )
    apart = sorted(key for key in written.keys() | listed.keys() if written.get(key) != listed.get(key))
    if apart:
        key = apart[0]
        raise Failed(
            f"{manifests.FILE} of {subject.plugin.name}: {key} is {json.dumps(listed.get(key))}",
            f"{json.dumps(written.get(key))}, as in {subject.where}",
            f"pfy plugins manifest {subject.plugin.package}",
        )


@check("light_import")
def light_import(subject: Subject) -> None:
    """Importing the plugin's package, and its hooks, loads no heavy framework."""
    if subject.plugin is None:
        raise Skipped("a class of this session has no package")
    packages = [subject.plugin.package]
    if "hooks" in subject.plugin.manifest:
        packages.append(subject.plugin.manifest["hooks"]["module"])
    argument = json.dumps([sys.path, packages, HEAVY])
    done = subprocess.run(
        [sys.executable, "-c", PROBE, argument], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        raise Failed(f"importing {' and '.join(packages)} fails: {why[0]}", "packages that can be imported")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    if found:
        raise Failed(
            f"importing {' and '.join(packages)} imports {', '.join(found)}",
            "an import that costs nothing: others pay for it even where they use another plugin",
            "keep __init__.py empty, and import heavy packages in the component's own module",
        )


@check("weights")
def registered_weights(subject: Subject) -> None:
    """The weights that it names are registered, with sha256 and licence."""
    named = {item.name: item.weights for item in subject.spec.config if item.weights}
    if not named:
        raise Skipped("it names no weights")
    known = weights.entries(subject.catalogue)
    for option, how in named.items():
        name = str(subject.config.get(option) or "")
        if os.sep in name and Path(name).is_file():  # stands in for what the component names itself
            name = next(str(item.default or "") for item in subject.spec.config if item.name == option)
        if not name:
            if how == "required":
                raise Failed(f"option {option} of {subject.spec.id} names no weights", "a registered name")
            continue
        if name not in known:
            raise Failed(
                f"option {option} of {subject.spec.id} names weights {name!r}, which nobody registered",
                "an entry with file, sha256, licence and sources",
                "add it to weights.yaml beside the plugin's __init__.py, and generate the manifest again",
            )
        entry = known[name]
        lacks = [
            key for key, there in (("sha256", entry.sha256), ("licence", _known(entry.licence))) if not there
        ]
        if lacks:
            raise Failed(
                f"weights {name!r} are registered without {' and '.join(lacks)}",
                "what proves that a file is the one that is meant, and what it may be used for",
                "add it to the entry: sha256sum FILE; the licence as SPDX has it",
            )


def _known(licence: str) -> bool:
    return bool(licence) and licence != "unknown"
