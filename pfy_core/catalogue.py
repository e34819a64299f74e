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

from packaging.utils import canonicalize_name

from pfy_core import health, known, manifest
from pfy_core.component import Component, ComponentSpec, describe
from pfy_core.errors import PluginError, did_you_mean, raised_at

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "pfy.plugins"
ALLOW = "PFY_PLUGINS"
STRICT = "PFY_STRICT"


@dataclass
class Plugin:
    """An installed distribution that brings components.

    ``broken`` says in one line why it was set aside, ``cause`` is the error with what led to it as its own
    cause. ``folder`` is where it is installed; ``hidden`` are those further down the path that hold the same
    distribution again.
    """

    name: str
    package: str
    version: str = ""
    root: Path | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    cause: PluginError | None = None
    folder: str = ""
    hidden: list[str] = field(default_factory=list)


class Catalogue:
    """Components by id, plugins by distribution name."""

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self.unknown: list[str] = []
        self.left_out: set[str] = set()
        self.plugins: dict[str, Plugin] = {}
        self.components: dict[str, ComponentSpec] = {}
        self._classes: dict[str, type[Component]] = {}

    @classmethod
    def discover(cls, *, strict: bool = False) -> Catalogue:
        """Read the manifests of all installed plugins, or of those named in ``PFY_PLUGINS=a,b``.

        A plugin whose manifest cannot be used is kept with the reason in ``broken`` and brings no
        components; with ``strict`` its PluginError is raised instead. ``unknown`` are the names in
        ``PFY_PLUGINS`` that no plugin has, each with a hint.
        """
        found, allowed = cls(strict=strict), os.environ.get(ALLOW)
        names = None if allowed is None else {name.strip() for name in allowed.split(",")} - {""}
        called: set[str] = set()
        for plugin, points in _brought():
            called |= {plugin.name, *points}
            if names is not None and not names & {plugin.name, *points}:
                found.left_out.add(plugin.name)
                continue
            found.plugins[plugin.name] = plugin
            try:
                if plugin.cause is not None:
                    raise plugin.cause
                found._read(plugin)
            except PluginError as error:
                found._set_aside(plugin, error)
        for name in sorted((names or set()) - called):
            hint = did_you_mean(name, called) or f"there are {', '.join(sorted(called))}"
            found.unknown.append(f"{ALLOW} names {name!r}, which is not installed: {hint}")
        if strict and found.unknown:
            raise PluginError(found.unknown[0])
        return found

    def examine(self, names: Iterable[str] | None = None) -> None:
        """Set aside those of these plugins (all by default) that cannot be imported, importing nothing.

        What is found, and what it costs: ``pfy_core.health``. With ``strict`` the PluginError is raised.
        """
        for name in list(self.plugins) if names is None else names:
            plugin = self.plugins[name]
            if plugin.root is not None and not plugin.broken and plugin.package != __package__:
                fault = health.fault(plugin.name, plugin.root)
                if fault is not None:
                    self._set_aside(plugin, fault)

    def _set_aside(self, plugin: Plugin, error: PluginError) -> None:
        if self.strict:
            raise error
        plugin.broken, plugin.cause = " ".join(error.sends.split()), error
        if error.fix:
            plugin.broken += f" ({error.fix})"
        self.components = {id: spec for id, spec in self.components.items() if spec.plugin != plugin.name}

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
        if not package.isidentifier():  # finding a package within another imports that one
            raise PluginError(f"its entry point is {package!r}", fix="it names a top-level package, alone")
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
        for plugin in self.plugins.values():
            if plugin.cause is not None and id in _claimed(plugin):
                sends = f"component {id!r}: {plugin.name} brings it but is set aside: {plugin.cause.sends}"
                raise PluginError(sends, plugin.cause.wants, plugin.cause.fix) from plugin.cause
        raise PluginError(f"component {id!r} is not installed", fix=self.advice(id))

    def advice(self, id: str) -> str:
        """How to get a component that is not installed."""
        brought = known.components().get(id)
        if brought is not None and brought.plugin in self.left_out:
            return f"{brought.plugin} brings it, and {ALLOW} leaves that out"
        versions = {plugin.name: plugin.version for plugin in self.plugins.values()}
        found = known.advice(id, self.components, versions)
        return found or "see the installed ones with 'pfy plugins list'"

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
            plugin = self.plugins.get(spec.plugin)
            where = raised_at(error, str(plugin.root)) if plugin and plugin.root else ""
            sends = f"{where}{id} of {spec.plugin} cannot be imported: {type(error).__name__}: {error}"
            raise PluginError(sends, fix=f"pip install --force-reinstall {spec.plugin}") from error
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


def _brought() -> list[tuple[Plugin, list[str]]]:
    """The installed plugins by name, each with the names of its entry points.

    Of two installations of a distribution the one further up the path wins, as it does when Python imports.
    """
    found: dict[str, tuple[Plugin, list[str]]] = {}
    for dist in importlib.metadata.distributions():
        plugin, points = _plugin(dist)
        folder = str(dist.locate_file(""))
        if plugin is None:
            continue
        first, _ = found.setdefault(plugin.name, (plugin, points))
        if first is not plugin and folder not in (first.folder, *first.hidden):
            first.hidden.append(folder)
    return [found[name] for name in sorted(found)]


def _plugin(dist: importlib.metadata.Distribution) -> tuple[Plugin | None, list[str]]:
    """A distribution as a plugin, with the names of its entry points; None when it has none of ours."""
    folder = str(dist.locate_file(""))
    try:
        if GROUP not in (dist.read_text("entry_points.txt") or ""):
            return None, []
    except ValueError:  # not even text, so nobody's entry points
        return None, []
    try:
        points = [point for point in dist.entry_points if point.group == GROUP]
        name, version = canonicalize_name(dist.metadata["Name"]), dist.metadata["Version"] or ""
    except Exception as error:  # anything may be wrong with what others wrote
        sends = f"its metadata cannot be read: {type(error).__name__}: {error}"
        plugin = Plugin(f"a plugin in {folder}", "", folder=folder)
        plugin.cause = PluginError(sends, fix="install it again")
        plugin.cause.__cause__ = error
        return plugin, []
    if not points:
        return None, []
    plugin = Plugin(name, points[0].value.strip(), version, folder=folder)
    if len(points) > 1:
        plugin.cause = PluginError(f"it has {len(points)} entry points in {GROUP}", fix="leave it one")
    return plugin, [point.name for point in points]


def _claimed(plugin: Plugin) -> set[str]:
    components = plugin.manifest.get("components", [])
    ids = {str(item.get("id")) for item in components if isinstance(item, dict)}
    return ids | {id for id, item in known.components().items() if item.plugin == plugin.name}


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
        _installed = Catalogue.discover(strict=os.environ.get(STRICT, "") not in ("", "0"))
        known.remember(_installed.components.values())
    return _installed
