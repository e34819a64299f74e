"""The catalogue: all installed components, read from manifests without importing any plugin."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import manifest, registry
from pfy_core.component import Component, ComponentSpec, describe
from pfy_core.errors import PluginError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "pfy.plugins"
ALLOW = "PFY_PLUGINS"


@dataclass
class Plugin:
    """An installed distribution that brings components; ``broken`` says why it was set aside."""

    name: str
    package: str
    version: str = ""
    root: Path | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    cause: BaseException | None = None


class Catalogue:
    """Components by id, plugins by distribution name."""

    def __init__(self) -> None:
        self.plugins: dict[str, Plugin] = {}
        self.components: dict[str, ComponentSpec] = {}
        self._classes: dict[str, type[Component]] = {}

    @classmethod
    def discover(cls, *, strict: bool = False) -> Catalogue:
        """Read the manifests of all installed plugins, or of those named in ``PFY_PLUGINS=a,b``.

        A plugin whose manifest cannot be used is kept with the reason in ``broken`` and brings no
        components; with ``strict`` its PluginError is raised instead.
        """
        found, allowed = cls(), os.environ.get(ALLOW)
        names = None if allowed is None else {name.strip() for name in allowed.split(",")}
        points = importlib.metadata.entry_points(group=GROUP)
        for point in sorted(points, key=lambda point: point.name):
            name = point.dist.name if point.dist else point.name
            if names is not None and not names & {name, point.name}:
                continue
            plugin = Plugin(name, point.value, point.dist.version if point.dist else "")
            try:
                found._read(plugin)
            except PluginError as error:
                if strict:
                    raise
                plugin.broken, plugin.cause = error.sends, error
                if error.fix:
                    plugin.broken += f" ({error.fix})"
            found.plugins[name] = plugin
        return found

    def _read(self, plugin: Plugin) -> None:
        plugin.root = self._locate(plugin.package)
        plugin.manifest = manifest.read(plugin.root / manifest.FILE)
        try:
            specs = [
                ComponentSpec.from_dict(item, plugin.name, plugin.version)
                for item in plugin.manifest["components"]
            ]
        except (KeyError, TypeError, IndexError) as error:
            raise PluginError(f"{manifest.FILE} is malformed: {error!r}", fix="generate it again") from error
        for spec_ in specs:
            other = self.components.get(spec_.id)
            if other is not None:
                fix = f"uninstall one of them, or set {ALLOW}"
                raise PluginError(f"{spec_.id} is already brought by {other.plugin}", fix=fix)
        self.components.update((item.id, item) for item in specs)

    def _locate(self, package: str) -> Path:
        """The folder of a package that is not imported for it; PluginError when there is none."""
        try:
            spec = importlib.util.find_spec(package)
        except Exception as error:
            raise PluginError(f"package {package} cannot be found: {error}") from error
        if spec is None or not spec.submodule_search_locations:
            raise PluginError(f"package {package} cannot be found", fix="install it again")
        return Path(next(iter(spec.submodule_search_locations)))

    def add(self, cls: type[Component]) -> ComponentSpec:
        """Register a class of this session (a notebook, a test); returns its spec."""
        spec = describe(cls)
        self.components[spec.id] = spec
        self._classes[spec.id] = cls
        return spec

    def spec(self, id: str) -> ComponentSpec:
        """The spec of a component; PluginError with a suggestion when it is not installed."""
        if id in self.components:
            return self.components[id]
        raise PluginError(f"component {id!r} is not installed", fix=self.advice(id))

    def advice(self, id: str) -> str:
        """How to get a component that is not installed."""
        broken = [p for p in self.plugins.values() if p.broken and id in _claimed(p)]
        if broken:
            return f"{broken[0].name} brings it but is set aside: {broken[0].broken}"
        for plugin in registry.plugins():
            if id in plugin["components"]:
                return f"pip install {plugin['name']}"
        close = did_you_mean(id, self.components)
        return close or "see the installed ones with 'pfy plugins list'"

    def load(self, id: str) -> type[Component]:
        """Import the class behind a component.

        Raises PluginError, with the original error as its cause, when the import fails.
        """
        if id in self._classes:
            return self._classes[id]
        spec = self.spec(id)
        module, _, name = spec.target.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except Exception as error:
            raise PluginError(
                f"{id} of {spec.plugin} cannot be imported: {type(error).__name__}: {error}",
                fix=f"pip install --force-reinstall {spec.plugin}",
            ) from error
        self._classes[id] = found
        return found  # type: ignore[no-any-return]

    def code_digest(self, id: str) -> str:
        """sha256 of the source of a component's package, or "" when the source is not on disk."""
        spec = self.spec(id)
        if not spec.plugin:
            file = getattr(sys.modules.get(spec.target.partition(":")[0]), "__file__", None)
            return _digest_files([Path(file)]) if file else ""
        root = self.plugins[spec.plugin].root
        return _package_digest(root) if root else ""

    def executors(self) -> list[str]:
        """Plugins with a ``pfy_executor`` hook: the executors that they know show when a graph runs."""
        hooks = {name: plugin.manifest.get("hooks", {}) for name, plugin in self.plugins.items()}
        return [name for name, found in hooks.items() if "pfy_executor" in found.get("names", ())]

    def broken(self) -> list[Plugin]:
        return [plugin for plugin in self.plugins.values() if plugin.broken]


def _claimed(plugin: Plugin) -> set[str]:
    components = plugin.manifest.get("components", [])
    ids = {str(item.get("id")) for item in components if isinstance(item, dict)}
    known = [item["components"] for item in registry.plugins() if item["name"] == plugin.name]
    return ids | {id for listed in known for id in listed}


@cache
def _package_digest(root: Path) -> str:
    return _digest_files(sorted(root.rglob("*.py")), root)


def _digest_files(files: Iterable[Path], root: Path | None = None) -> str:
    state = hashlib.sha256()
    for file in files:
        state.update(str(file.relative_to(root) if root else file.name).encode() + b"\0")
        state.update(hashlib.sha256(file.read_bytes()).digest())
    return state.hexdigest()


_installed: Catalogue | None = None


def installed(*, refresh: bool = False) -> Catalogue:
    """The catalogue of this process, read once."""
    global _installed
    if _installed is None or refresh:
        _installed = Catalogue.discover(strict=bool(os.environ.get("PFY_STRICT")))
    return _installed
