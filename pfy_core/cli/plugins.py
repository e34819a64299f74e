"""``pfy plugins``, and the commands that plugins add."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pfy_core.cli.output import Json, print_json, table

if TYPE_CHECKING:
    from pfy_core.component import ComponentSpec

app = typer.Typer(no_args_is_help=True, help="Look at plugins and their components.")


@app.command("list")
def list_plugins(json: Json = False) -> None:
    """List the installed plugins and their components; a broken one with its reason.

    [bold]pfy plugins list[/bold]
    """
    from pfy_core import catalogue, registry

    found = catalogue.installed()
    found.examine()
    known = [item for item in registry.plugins() if item["name"] not in found.plugins]
    if json:
        plugins = {
            plugin.name: {
                "version": plugin.version,
                "broken": plugin.broken,
                "hidden": plugin.hidden,
                "components": [spec.id for spec in found.components.values() if spec.plugin == plugin.name],
            }
            for plugin in found.plugins.values()
        }
        absent = [item["name"] for item in known]
        print_json({"plugins": plugins, "not_installed": absent, "unknown": found.unknown})
        return
    rows: list[tuple[Any, ...]] = []
    for plugin in found.plugins.values():
        specs = [spec for spec in found.components.values() if spec.plugin == plugin.name]
        if plugin.broken:
            rows.append((plugin.name, plugin.version, "set aside", plugin.broken))
        rows += [(plugin.name, plugin.version, spec.id, _first(spec.doc)) for spec in specs]
        rows += [
            (plugin.name, "", "hidden", f"it is installed again in {place} (uninstall one of them)")
            for place in plugin.hidden
        ]
    table(rows, ("plugin", "version", "component", "what it does"))
    for item in known:
        print(f"{item['name']} is not installed: {item['summary']} (pip install {item['name']})")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A component (encoder/face-mesh) or a plugin.")],
    json: Json = False,
) -> None:
    """Show a component, or all components of a plugin: ports, options, weights.

    [bold]pfy plugins show decoder/portrait[/bold]
    """
    from pfy_core import catalogue

    found = catalogue.installed()
    plugin = found.plugins.get(name)
    if plugin:
        found.examine([name])
    specs = (
        [spec for spec in found.components.values() if spec.plugin == name] if plugin else [found.spec(name)]
    )
    if json:
        data = [{**spec.as_dict(), "plugin": spec.plugin, "version": spec.version} for spec in specs]
        print_json({"components": data, "broken": plugin.broken if plugin else ""})
        return
    if plugin and plugin.broken:
        print(f"{plugin.name} {plugin.version} is set aside: {plugin.broken}")
    print("\n\n".join(_described(spec) for spec in specs))


@app.command()
def manifest(
    package: Annotated[str, typer.Argument(help="The plugin's package, e.g. pfy_plugin_portrait.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the file is not up to date.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a plugin's pfy.json from its code.

    [bold]pfy plugins manifest pfy_plugin_portrait[/bold]
    """
    import importlib

    from pfy_core import manifest as manifests
    from pfy_core.errors import PluginError

    wanted = manifests.text(manifests.build(package))
    file = Path(str(importlib.import_module(package).__file__)).parent / manifests.FILE
    current = file.read_text(encoding="utf-8") if file.exists() else ""
    if wanted != current:
        if check:
            raise PluginError(f"{file} is not what the code says", fix=f"pfy plugins manifest {package}")
        file.write_text(wanted, encoding="utf-8")
    if json:
        print_json({"file": str(file), "written": wanted != current})
    else:
        print(f"{file} {'is up to date' if wanted == current else 'written'}")


def add_commands(root: typer.Typer, argv: list[str]) -> None:
    """Offer the commands that plugins bring: listed from manifests, imported when one is called."""
    from pfy_core import catalogue, hooks

    own = {command.name for command in root.registered_commands} | {
        group.name for group in root.registered_groups
    }
    if argv and argv[0] in own:
        return
    found = catalogue.installed()
    for plugin in found.plugins.values():
        commands = plugin.manifest.get("commands", {})
        if plugin.broken or not commands:
            continue
        if argv and argv[0] in commands:
            manager = hooks.manager(found)
            hooks.register(manager, plugin.name, plugin.manifest["hooks"]["module"])
            manager.hook.pfy_cli(app=root)
        else:
            for name in commands.keys() - own:
                root.command(name, help=commands[name])(lambda: None)


def _first(doc: str) -> str:
    return doc.partition(". ")[0].rstrip(".")


def _described(spec: ComponentSpec) -> str:
    lines = [f"{spec.id}  {spec.plugin} {spec.version}".rstrip(), f"  {spec.doc}"]
    for title, ports in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        lines.append(f"  {title}")
        for port in ports:
            flags = [flag for flag in ("optional", "variadic", "stream") if getattr(port, flag)]
            lines.append(f"    {port.name:<10} {port.port}{'  ' + ', '.join(flags) if flags else ''}")
    if spec.config:
        lines.append("  options")
    for item in spec.config:
        default = "required" if item.required else f"{item.default!r}"
        lines.append(f"    {item.name:<10} {item.type}  {default}{'  weights' if item.weights else ''}")
    return "\n".join(lines)
