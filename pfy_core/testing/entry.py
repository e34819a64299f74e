"""An entry of the index of plugins (``registry/plugins/NAME.toml``): what ``pfy`` knows of one not installed.

It is made from what the distribution says of itself, its manifest and its certificate, and imports none of
its code.
"""

from __future__ import annotations

import json
from importlib.metadata import metadata, requires
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement

from pfy_core.errors import PluginError
from pfy_core.testing import certificate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pfy_core.catalogue import Plugin


def entry(plugin: Plugin) -> dict[str, Any]:
    """The entry of an installed plugin.

    ``name`` is the distribution's, ``core`` the versions of pfy-core that it works with, ``conformance`` the
    digest of its certificate, empty while there is none. Raises PluginError for a plugin that is set aside,
    or that says no summary or licence.
    """
    if plugin.broken or plugin.root is None:
        raise PluginError(
            f"{plugin.name} is set aside: {plugin.broken}", "a plugin that can be used"
        ) from plugin.cause
    summary = _said(plugin, "Summary")
    licence = _said(plugin, "License-Expression") or _said(plugin, "License")
    for what, said in (("summary", summary), ("licence", licence)):
        if not said:
            raise PluginError(
                f"{plugin.name} says no {what}", "description and license in its pyproject.toml"
            )
    components = sorted(item["id"] for item in plugin.manifest["components"])
    recorded = certificate.read(plugin.root)
    return {
        "name": plugin.name,
        "summary": summary,
        "components": components,
        "roles": sorted({id.partition("/")[0] for id in components}),
        "core": core(requires(plugin.name) or ()),
        "licence": licence,
        "conformance": certificate.digest_of(recorded) if recorded else "",
    }


def _said(plugin: Plugin, key: str) -> str:
    return next(iter(metadata(plugin.name).get_all(key) or ()), "")


def core(requirements: Iterable[str]) -> str:
    """The versions of pfy-core that requirements ask for: ``==0.1.0``; empty for any."""
    found = [Requirement(item) for item in requirements]
    return ",".join(sorted(str(item.specifier) for item in found if item.name == "pfy-core"))


def toml(made: dict[str, Any]) -> str:
    """An entry as its file holds it; a JSON string or list of strings is one of TOML, too."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in made.items())
