"""``pfy plugins check``: the conformance kit from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pfy_core.cli.output import Json, print_json, table

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_core.testing import Report


def check(
    name: Annotated[str, typer.Argument(help="A plugin (pfy-plugin-x) or a component (encoder/x).")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CHECK", help="Run this check alone; repeatable.")
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Keep what was run in conformance.json, beside the plugin's pfy.json."),
    ] = False,
    names: Annotated[bool, typer.Option("--list", help="Print the checks and what they ask.")] = False,
    json: Json = False,
) -> None:
    """Check that a plugin's components keep their contracts.

    Fails when a check fails, and when fewer are run than were recorded.

    [bold]pfy plugins check pfy-plugin-portrait[/bold]
    [bold]pfy plugins check encoder/face-mesh --only stream --only seed[/bold]
    """
    from pfy_core.errors import InputError

    if names:
        _print_checks(json=json)
        return
    if not name:
        raise InputError("no plugin and no component", "its name", "see 'pfy plugins list'")
    if record and only:
        raise InputError("--record with --only", "a record of all checks", "leave --only out")
    from pfy_core.testing import certificate, run_checks

    ids, folder = _components(name)
    reports = []
    for id in ids:
        reports.append(run_checks(id, only=only))
        if not json:
            _print(reports[-1])
    recorded = certificate.read(folder) if folder else None
    lost = (
        certificate.missing(recorded, reports, only, complete=name not in ids)
        if recorded and not record
        else []
    )
    digest = ""
    if folder and not lost and all(report.ok for report in reports):
        made = certificate.certificate(reports)
        if name in ids and recorded:
            made["components"] = recorded["components"] | made["components"]
        digest = certificate.digest_of(made)
        if record:
            certificate.write(folder, made)
    _conclude(
        name,
        reports,
        lost,
        digest,
        file=str(folder / certificate.FILE) if record and folder else "",
        json=json,
    )


def _components(name: str) -> tuple[list[str], Path | None]:
    """The components behind a name, and the folder of their plugin."""
    from pfy_core import catalogue
    from pfy_core.errors import PluginError

    found = catalogue.installed()
    plugin = found.plugins.get(name)
    if plugin is None:
        spec = found.spec(name)
        owner = found.plugins.get(spec.plugin)
        return [spec.id], owner.root if owner else None
    if plugin.broken:
        raise PluginError(
            f"{name} is set aside: {plugin.broken}", "a plugin that can be used"
        ) from plugin.cause
    ids = [spec.id for spec in found.components.values() if spec.plugin == name]
    if not ids:
        raise PluginError(f"{name} brings no components", "something to check")
    return ids, plugin.root


def _print_checks(*, json: bool) -> None:
    from pfy_core.testing import CHECKS

    if json:
        print_json({item.id: {"asks": item.doc, "after": item.after} for item in CHECKS.values()})
    else:
        table(((item.id, item.doc) for item in CHECKS.values()), ("check", "what it asks"))


def _print(report: Report) -> None:
    """A component's outcomes as a table, the faults in full below it, and one line that sums up."""
    from pfy_core.testing import CHECKS

    print(f"{report.component}  {report.plugin} {report.version}".rstrip())
    rows: list[tuple[Any, ...]] = []
    for outcome in report.outcomes:
        bad = outcome.bad
        text = CHECKS[outcome.check].doc if bad or outcome.state == "passed" else outcome.text
        rows.append((outcome.check, outcome.state if not bad else outcome.state.upper(), text))
    table(rows, ("check", "outcome", "what it asks, or why it does not"))
    for outcome in report.of("failed", "unexpected"):
        print(f"\n{outcome.check} {outcome.state}\n  {outcome.text}")
    print(f"\n{report.component}: {report.summary()}\n")


def _conclude(
    name: str, reports: list[Report], lost: list[str], digest: str, *, file: str, json: bool
) -> None:
    if json:
        components = {report.component: report.as_dict() for report in reports}
        print_json({"components": components, "missing": lost, "digest": digest, "recorded": file})
    else:
        for line in lost:
            print(f"recorded, and not run now: {line}")
        if lost:
            print(f"fix: let them run, or record again: pfy plugins check {name} --record")
        if digest:
            print(f"conformance digest {digest}")
        if file:
            print(f"{file} written")
    if lost or not all(report.ok for report in reports):
        raise typer.Exit(1)
