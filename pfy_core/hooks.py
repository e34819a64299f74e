"""Hooks: the events a plugin may join, one function each (pluggy).

A plugin puts its implementations, marked with ``@pfy_core.hookimpl``, into a module ``hooks`` of its
package. Apart from ``pfy_cli`` they are loaded for plugins whose components the graph uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pluggy

from pfy_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    import typer

    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec

NAME = "pfy"
hookspec = pluggy.HookspecMarker(NAME)
hookimpl = pluggy.HookimplMarker(NAME)


class Specs:
    """The hooks of pfy."""

    @hookspec
    def pfy_cli(self, app: typer.Typer) -> None:
        """Add commands to the command line; their names and help are kept in the manifest."""

    @hookspec(firstresult=True)
    def pfy_node(self, node: str, spec: ComponentSpec, call: Callable[[], Any]) -> Any:
        """Run around a node's call: implement as a wrapper (tracing, timing), yield once."""

    @hookspec(firstresult=True)
    def pfy_executor(self, component: type, config: dict[str, Any], place: dict[str, Any]) -> Any:
        """Return a callable that stands for the component where ``place`` says, or None."""

    @hookspec
    def pfy_record(self, record: dict[str, Any]) -> None:
        """Add to the record of a run before it is written."""


class _CallNode:
    """The call itself, innermost of ``pfy_node``."""

    @hookimpl(trylast=True)
    def pfy_node(self, call: Callable[[], Any]) -> Any:
        return call()


def manager(catalogue: Catalogue, specs: Iterable[ComponentSpec] = ()) -> pluggy.PluginManager:
    """A plugin manager with the hooks of the plugins that bring ``specs``.

    Raises PluginError naming the plugin whose hooks cannot be loaded or do not fit.
    """
    made = pluggy.PluginManager(NAME)
    made.add_hookspecs(Specs)
    for name in sorted({spec.plugin for spec in specs if spec.plugin}):
        hooks = catalogue.plugins[name].manifest.get("hooks")
        if hooks:
            register(made, name, hooks["module"])
    if made.hook.pfy_node.get_hookimpls():
        made.register(_CallNode())
    return made


def register(made: pluggy.PluginManager, plugin: str, module: str) -> None:
    try:
        made.register(importlib.import_module(module), name=plugin)
        made.check_pending()
    except Exception as error:
        raise PluginError(
            f"hooks of {plugin} cannot be used: {error}", fix=f"pip install -U {plugin}"
        ) from error


def implemented(module: ModuleType) -> list[str]:
    """Names of the hooks that a module implements."""
    made = pluggy.PluginManager(NAME)
    made.add_hookspecs(Specs)
    made.register(module)
    made.check_pending()
    return sorted(caller.name for caller in made.get_hookcallers(module) or [])


def commands(module: ModuleType) -> dict[str, str]:
    """Commands that a hooks module adds to the command line, with their one-line help."""
    import typer
    from typer.main import get_command

    if not hasattr(module, "pfy_cli"):
        return {}
    app = typer.Typer(add_completion=False)
    app.callback()(lambda: None)
    module.pfy_cli(app)
    group: Any = get_command(app)
    return {name: command.get_short_help_str(80) for name, command in group.commands.items()}
