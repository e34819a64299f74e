"""What is installed in another virtual environment, read from its files: nothing of it is run."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pfy_core import registry
from pfy_core.catalogue import GROUP, Catalogue, Plugin
from pfy_core.errors import PluginError, did_you_mean
from pfy_core.isolation import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

    from pfy_core.component import ComponentSpec

PROTOCOL_LINE = re.compile(r"^PROTOCOL = (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """An environment: its folder as the user wrote it, its Python, and the folders it imports from."""

    name: str
    python: Path
    path: tuple[Path, ...]

    @classmethod
    def at(cls, venv: str, folder: str = "") -> Environment:
        """The environment at ``venv``: absolute, or relative to ``folder`` or to where pfy was started.

        Raises PluginError when there is none, or when its pfy-core does not understand this one.
        """
        places = (Path(base, venv).expanduser() for base in dict.fromkeys((folder, "")))
        root = next((place for place in places if place.is_dir()), None)
        if root is None:
            raise PluginError(f"venv {venv!r} is not there", "a virtual environment", _making(venv))
        pythons = [root / room / name for room, name in (("bin", "python"), ("Scripts", "python.exe"))]
        python = next((file for file in pythons if os.access(file, os.X_OK)), None)
        if python is None:
            raise PluginError(f"venv {venv!r} has no Python", "a virtual environment", _making(venv))
        made = cls(venv, python.absolute(), tuple(_path(root)))
        found = made.protocol
        if found != PROTOCOL:
            theirs = f"pfy-core {made.core} of another protocol ({found})" if made.core else "no pfy-core"
            raise PluginError(
                f"venv {venv!r} has {theirs}",
                f"pfy-core {importlib.metadata.version('pfy-core')}, or one of protocol {PROTOCOL}",
                f"{python} -m pip install -U pfy-core",
            )
        return made

    @cached_property
    def distributions(self) -> dict[str, Distribution]:
        """By name; of two with one name the one that Python would find."""
        found: dict[str, Distribution] = {}
        for item in importlib.metadata.distributions(path=[str(folder) for folder in self.path]):
            if item.metadata["Name"]:
                found.setdefault(item.metadata["Name"], item)
        return found

    @cached_property
    def catalogue(self) -> Catalogue:
        """The components that its plugins bring."""
        return _Elsewhere(self)

    @cached_property
    def packages(self) -> str:
        """sha256 of the names and versions of all that is installed: another version of a dependency may
        give another result."""
        lines = sorted(f"{name}=={item.version}\n" for name, item in self.distributions.items())
        version = "".join(folder.parent.name for folder in self.path[:1])
        return hashlib.sha256("".join([version, *lines]).encode()).hexdigest()

    @property
    def core(self) -> str:
        """The version of its pfy-core, or "" where there is none."""
        item = self.distributions.get("pfy-core")
        return item.version if item else ""

    @property
    def protocol(self) -> int:
        """What its pfy-core speaks; 0 for one that knows no isolation, or none."""
        root = self.package("pfy_core")
        try:
            said = PROTOCOL_LINE.search((root / "isolation" / "__init__.py").read_text()) if root else None
        except (OSError, UnicodeDecodeError):
            return 0
        return int(said[1]) if said else 0

    def package(self, name: str) -> Path | None:
        """The folder of a package: on the path, or where an editable installation left it."""
        for folder in (*self.path, *self._editable()):
            if (folder / name / "__init__.py").is_file():
                return folder / name
        return self._mapped(name)

    def _editable(self) -> Iterator[Path]:
        """Source folders of editable installations, from PEP 610's ``direct_url.json``."""
        for item in self.distributions.values():
            try:
                about = json.loads(item.read_text("direct_url.json") or "{}")
                if about.get("dir_info", {}).get("editable"):
                    root = Path(unquote(urlsplit(about["url"]).path))
                    yield from (root, root / "src")
            except (ValueError, AttributeError, KeyError, TypeError):
                continue

    def _mapped(self, name: str) -> Path | None:
        """The folder that setuptools' editable finders give a package: a mapping written into their code."""
        for folder in self.path:
            for finder in folder.glob("__editable___*_finder.py"):
                said = re.search(r"^MAPPING\b.*?= (\{.*?\})", finder.read_text(), re.MULTILINE | re.DOTALL)
                try:
                    place = ast.literal_eval(said[1]).get(name) if said else None
                except (ValueError, SyntaxError):
                    continue
                if place and Path(place).is_dir():
                    return Path(place)
        return None


class _Elsewhere(Catalogue):
    """The catalogue of an environment that is not this process's; nothing can be loaded from it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment
        for name, item in sorted(environment.distributions.items()):
            for point in item.entry_points.select(group=GROUP):
                plugin = Plugin(name, point.value, item.version)
                try:
                    self._read(plugin)
                except PluginError as error:
                    plugin.broken, plugin.cause = str(error).replace("\n", " "), error
                self.plugins[name] = plugin

    def _locate(self, package: str) -> Path:
        root = self._environment.package(package)
        if root is None:
            raise PluginError(f"package {package} cannot be found", fix="install it again")
        return root

    def advice(self, id: str) -> str:
        broken = [plugin for plugin in self.plugins.values() if plugin.broken]
        for plugin in broken:
            claimed = {str(item.get("id")) for item in plugin.manifest.get("components", ())}
            if id in claimed:
                return f"{plugin.name} brings it but is set aside: {plugin.broken}"
        for known in registry.plugins():
            if id in known["components"]:
                return f"{self._environment.python} -m pip install {known['name']}"
        aside = "; ".join(f"{plugin.name} is set aside: {plugin.broken}" for plugin in broken)
        close = did_you_mean(id, self.components)
        return aside or close or f"{self._environment.python} -m pip install the plugin that brings it"

    def spec(self, id: str) -> ComponentSpec:
        if id in self.components:
            return self.components[id]
        where = self._environment.name
        raise PluginError(f"component {id!r} is not installed in venv {where!r}", fix=self.advice(id))


def _making(venv: str) -> str:
    return f"python3 -m venv {venv}; {venv}/bin/python -m pip install pfy-core PLUGIN"


def _path(root: Path) -> list[Path]:
    """The folders with packages of an environment, in the order in which its Python searches them."""
    found: list[Path] = []
    for site in _sites(root):
        _add_site(site, found)
    try:
        settings = (root / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return found
    said = dict(line.partition("=")[::2] for line in settings.splitlines() if "=" in line)
    said = {key.strip(): value.strip() for key, value in said.items()}
    if said.get("include-system-site-packages", "").lower() == "true" and said.get("home"):
        for site in _sites(Path(said["home"]).parent):
            _add_site(site, found)
    return found


def _sites(root: Path) -> list[Path]:
    rooms = [*sorted(root.glob("lib*/python3*/site-packages")), root / "Lib" / "site-packages"]
    return [room for room in rooms if room.is_dir()]


def _add_site(site: Path, found: list[Path]) -> None:
    """A site folder, and the folders that its ``.pth`` files name; lines of code in them are not run."""
    if site not in found:
        found.append(site)
    for file in sorted(site.glob("*.pth")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for line in map(str.strip, lines):
            if line and not line.startswith(("#", "import ", "import\t")):
                folder = site / line
                if folder.is_dir() and folder not in found:
                    found.append(folder)
