"""``pfy plugins new``."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pfy_core.cli.output import Json, print_json


class Role(StrEnum):
    """What a new component does."""

    encoder = "encoder"
    fuser = "fuser"
    decoder = "decoder"
    metric = "metric"
    dataset = "dataset"


def new(
    name: Annotated[str, typer.Argument(help="Of the component: small letters, digits and '-'.")],
    role: Annotated[Role, typer.Option(help="What the component does.")],
    into: Annotated[Path, typer.Option(help="The folder to write pfy-plugin-NAME into.")] = Path(),
    json: Json = False,
) -> None:
    """Write a new plugin: code, manifest, contract test, README, licence, CI. It works as it is.

    [bold]pfy plugins new energy --role encoder[/bold]
    """
    from pfy_core import catalogue, scaffold

    plan = scaffold.plan(name, role.value, into, catalogue.installed())
    files = scaffold.write(plan)
    steps = (f"cd {shlex.quote(str(plan.folder))}", "pip install -e '.[test]'", "pytest")
    if json:
        names = {"distribution": plan.distribution, "component": plan.component}
        print_json({"folder": str(plan.folder), **names, "files": files, "next": steps})
        return
    print(f"{plan.component} is in {plan.folder}: start with {plan.package}/{plan.role}.py. Now")
    for step in steps:
        print(f"  {step}")
