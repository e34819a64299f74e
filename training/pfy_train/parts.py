"""The parts of a plan: what learns, what is compared, what is known of a clip before a step."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec
    from pfy_core.graph import Graph


@dataclass(frozen=True)
class Value:
    """Something that is known of a clip before a step: a field of its sample, or what a frozen node made.

    rate: items per second, by which it is cut to the window; 0: it is given whole.
    """

    field: str = ""
    output: str = ""
    rate: float = 0.0


@dataclass(frozen=True)
class Part:
    """A node that learns: what its ``learn`` takes, by parameter, as references into ``Plan.values`` or to
    outputs of parts before it. ``many``: those of its variadic port. ``result``: the name that a result
    which is a single tensor goes by."""

    node: str
    spec: ComponentSpec
    take: dict[str, str]
    many: tuple[str, ...]
    seeded: bool
    result: str


@dataclass(frozen=True)
class Criterion:
    """A loss of the recipe: its component, its options, its inputs as references."""

    name: str
    spec: ComponentSpec
    config: dict[str, Any]
    take: dict[str, str]
    weight: float


@dataclass
class Plan:
    """What a step does: ``parts`` in the graph's order, then ``criteria``. ``frozen`` is the graph that is
    run once per clip, its inputs are fields of a sample by ``gives``, its outputs are named as
    ``Value.output``. ``drop``: how often which of these outputs are emptied."""

    graph: Graph
    catalogue: Catalogue
    parts: list[Part] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    frozen: Graph | None = None
    gives: dict[str, str] = field(default_factory=dict)
    drop: dict[str, float] = field(default_factory=dict)


def made_by(learn: Any, spec: ComponentSpec) -> set[str] | None:
    """The outputs that ``learn`` declares: the fields of a dataclass, NamedTuple or TypedDict, or the output
    of the component for one tensor; None where they show only when it runs."""
    try:
        made: Any = typing.get_type_hints(learn).get("return")
    except (NameError, TypeError):
        return None
    if dataclasses.is_dataclass(made):
        return {item.name for item in dataclasses.fields(made)}
    if typing.is_typeddict(made):
        return set(made.__annotations__)
    if hasattr(made, "_fields"):
        return set(made._fields)
    return {spec.outputs[0].name} if getattr(made, "__name__", "") == "Tensor" else None
