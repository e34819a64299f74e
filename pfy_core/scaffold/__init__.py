"""``pfy plugins new``: a plugin distribution that works and conforms as it is written.

The files are in ``templates``: those in ``common`` for every role, and those of the role. Names ending in
``.in`` lose that and have ``$name`` and the like replaced; ``PACKAGE`` in a path stands for the package;
``use.md.in`` becomes a part of the README.
"""

from __future__ import annotations

import ast
import keyword
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path
from string import Template
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from pfy_core import registry
from pfy_core.errors import InputError, OutputError, PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.catalogue import Catalogue

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
LICENSE = HERE / "LICENSE" if (HERE / "LICENSE").is_file() else HERE.parents[1] / "LICENSE"
"""Inside the package in a wheel, the repository's own in a checkout."""
ROLES = ("encoder", "fuser", "decoder", "metric", "dataset")
PREFIX = "pfy-plugin-"


@dataclass(frozen=True)
class Plan:
    """What a new plugin is called everywhere, and the folder that will hold it."""

    name: str
    role: str
    folder: Path

    @property
    def distribution(self) -> str:
        return PREFIX + self.name

    @property
    def package(self) -> str:
        return self.distribution.replace("-", "_")

    @property
    def component(self) -> str:
        return f"{self.role}/{self.name}"

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("-"))


def plan(name: str, role: str, into: Path, catalogue: Catalogue) -> Plan:
    """The plugin ``pfy-plugin-NAME`` with the component ``ROLE/NAME``, in a new folder within ``into``.

    Raises InputError for a name that is none, or that is taken by an installed or a known plugin, and for
    a folder that is absent or holds something.
    """
    if role not in ROLES:
        raise InputError(f"role {role!r}", f"one of {', '.join(ROLES)}")
    made = Plan(name, role, into / f"{PREFIX}{name}")
    if name.startswith(PREFIX):
        fix = f"pfy plugins new {name.removeprefix(PREFIX)} --role {role}"
        raise InputError(f"name {name!r}", f"what comes after {PREFIX}", fix)
    if not re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        other = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        fix = f"pfy plugins new {other} --role {role}" if other else ""
        raise InputError(f"name {name!r}", "small letters and digits in words joined by '-'", fix)
    if made.class_name in _names_in(role) or keyword.iskeyword(made.class_name):
        wants = f"a name whose class is not called {made.class_name}, which Python or the code has already"
        raise InputError(f"name {name!r}", wants, f"pfy plugins new my-{name} --role {role}")
    if taken := _taken(made, catalogue):
        raise InputError(taken, "a name that is free", f"pfy plugins new my-{name} --role {role}")
    if not into.is_dir():
        raise InputError(f"{into} is no folder", "the folder to write the plugin's folder into")
    if made.folder.is_symlink() or made.folder.is_file():
        raise InputError(f"{made.folder} is there already", "a new folder", "give --into another folder")
    if made.folder.is_dir() and any(made.folder.iterdir()):
        raise InputError(f"{made.folder} is not empty", "a new folder", "give --into another folder")
    return made


def write(plan: Plan) -> list[str]:
    """Write the plugin: all of it, or nothing; returns its files, relative to its folder.

    Raises OutputError for what the system refuses.
    """
    try:
        part = Path(mkdtemp(prefix=f".{plan.distribution}-", dir=plan.folder.parent))
    except OSError as error:
        raise _refused(plan, error) from error
    folder = part / plan.distribution
    try:
        for path, content in _files(plan):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        _write_manifest(plan, folder)
        if plan.folder.is_dir():
            plan.folder.rmdir()
        folder.rename(plan.folder)
    except OSError as error:
        raise _refused(plan, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return sorted(str(file.relative_to(plan.folder)) for file in plan.folder.rglob("*") if file.is_file())


def _files(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file, but for the manifest, which is made from the code."""
    code = _code(plan.role, plan.name, plan.class_name)
    words = {
        "name": plan.name,
        "role": plan.role,
        "id": plan.component,
        "package": plan.package,
        "distribution": plan.distribution,
        "class_name": plan.class_name,
        "summary": _summary(code),
        "description": _summary(code).rstrip("."),
        "core": version("pfy-core"),
    }
    use = (TEMPLATES / plan.role / "use.md.in").read_text(encoding="utf-8")
    words["use"] = Template(use).substitute(words).strip()
    yield "LICENSE", LICENSE.read_bytes()
    for root in (TEMPLATES / "common", TEMPLATES / plan.role):
        for file in sorted(root.rglob("*")):
            path = file.relative_to(root).as_posix().replace("PACKAGE", plan.package)
            if path == "use.md.in" or not file.is_file():
                continue
            if file.suffix == ".in":
                text = Template(file.read_text(encoding="utf-8")).substitute(words)
                yield path.removesuffix(".in"), text.encode()
            else:
                yield path, file.read_bytes()


def _write_manifest(plan: Plan, folder: Path) -> None:
    """Let a process of its own read the code, so that none of it stays in this one."""
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "pfy_core", "plugins", "manifest", plan.package],
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PluginError(f"the manifest of {plan.distribution} cannot be made: {done.stderr.strip()}")


def _taken(plan: Plan, catalogue: Catalogue) -> str:
    """By whom a name is taken, or an empty string."""
    other = catalogue.components.get(plan.component)
    if other is not None:
        return f"{plan.component} is brought by {other.plugin}, which is installed"
    try:
        found = distribution(plan.distribution)
    except PackageNotFoundError:
        pass
    else:
        return f"{plan.distribution} {found.version} is installed"
    if find_spec(plan.package) is not None:
        return f"a package {plan.package} is on the path"
    for known in registry.plugins():
        if known["name"] == plan.distribution or plan.component in known["components"]:
            return f"{plan.component} of {known['name']}, {known['summary']}, is known already"
    return ""


def _code(role: str, name: str, class_name: str) -> str:
    template = Template((TEMPLATES / role / "PACKAGE" / f"{role}.py.in").read_text(encoding="utf-8"))
    return template.substitute(id=f"{role}/{name}", name=name, class_name=class_name)


def _names_in(role: str) -> set[str]:
    """The names that the code of a role uses, but for its class."""
    nodes = list(ast.walk(ast.parse(_code(role, "x", "_"))))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    return used | {node.name for node in nodes if isinstance(node, ast.alias | ast.ClassDef)}


def _summary(code: str) -> str:
    """The first line of what the component says of itself."""
    (component,) = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef) and node.keywords]
    return (ast.get_docstring(component) or "").partition("\n")[0]


def _refused(plan: Plan, error: OSError) -> OutputError:
    reason = error.strerror or error
    return OutputError(f"{plan.folder} cannot be written: {reason}", "a writable place with free space")
