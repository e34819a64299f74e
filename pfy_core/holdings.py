"""How many parameters the nodes of a graph hold, layer by layer, without any weights.

A component with networks says so in a class method ``parameters(cls, **config)``: the layers and how
many numbers each has, in the order they are used; for networks whose sizes come from a checkpoint, those of
the published one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfy_core import catalogue as catalogues

if TYPE_CHECKING:
    from pfy_core.catalogue import Catalogue
    from pfy_core.check import Resolved


@dataclass(frozen=True)
class Holding:
    """A node, its component, and its layers with their numbers; None for one that does not say."""

    node: str
    component: str
    layers: dict[str, int] | None

    @property
    def total(self) -> int:
        return sum((self.layers or {}).values())


def holdings(resolved: Resolved, catalogue: Catalogue | None = None) -> list[Holding]:
    """What each node holds, in running order; the classes are imported for it.

    Raises GraphError for a graph that cannot run, PluginError for a component that cannot be imported.
    """
    known = catalogue or catalogues.installed()
    found = []
    for node in resolved.require().order:
        spec = resolved.specs[node]
        says = getattr(known.load(spec.id), "parameters", None)
        layers = dict(says(**resolved.config[node])) if callable(says) else None
        found.append(Holding(node, spec.id, layers))
    return found
