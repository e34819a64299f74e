"""The learner: all parts that learn, and the losses, as one module that Accelerate prepares."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pfy_core import Runner
from pfy_core.errors import InputError, NodeError, PfyError
from pfy_train.clips import placed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_train.clips import Batch
    from pfy_train.parts import Criterion, Part, Plan


class Learner(nn.Module):
    """The parts that learn in the graph's order, and the losses over what they make.

    ``forward`` gives the losses of a batch, float32 (n) in the order of the recipe, without their weights.
    Its networks are registered as modules, so that whoever wraps it (DistributedDataParallel) sees them.
    """

    def __init__(self, plan: Plan, device: str = "cpu") -> None:
        super().__init__()
        self.plan = plan
        graph = _float32(placed(plan.graph, device, plan), plan)
        runner = Runner(graph, catalogue=plan.catalogue)
        self._components = {part.node: runner.instance(part.node) for part in plan.parts}
        self._losses = {item.name: plan.catalogue.load(item.spec.id)(**item.config) for item in plan.criteria}
        self.networks = nn.ModuleList([self._components[part.node].network() for part in plan.parts])

    @property
    def by_node(self) -> dict[str, nn.Module]:
        """The networks by the nodes that they belong to."""
        return {part.node: network for part, network in zip(self.plan.parts, self.networks, strict=True)}

    def named(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters that learn, as ``node.parameter``; each once."""
        seen: set[int] = set()
        for node, network in self.by_node.items():
            for name, parameter in network.named_parameters():
                if parameter.requires_grad and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{node}.{name}", parameter

    def forward(self, batch: Batch) -> Tensor:
        values = dict(batch.values)
        for part in self.plan.parts:
            values |= self._learn(part, values, batch.seeds)
        return torch.stack([self._loss(item, values) for item in self.plan.criteria])

    def _learn(self, part: Part, values: Mapping[str, Any], seeds: Tensor) -> dict[str, Any]:
        named = {name: values[reference] for name, reference in part.take.items()}
        many = [values[reference] for reference in part.many]
        if part.seeded:
            named["seeds"] = seeds
        try:
            made = self._components[part.node].learn(*many, **named)
        except (PfyError, torch.OutOfMemoryError):
            raise
        except Exception as error:
            raise NodeError(part.node, f"{part.spec.id}.learn", part.spec.plugin, error) from error
        if isinstance(made, Tensor | list):
            return {part.result: made}
        return {f"{part.node}.{name}": value for name, value in _items(made).items()}

    def _loss(self, item: Criterion, values: Mapping[str, Any]) -> Tensor:
        for reference in item.take.values():
            if reference not in values:
                made = ", ".join(sorted(values))
                raise InputError(f"loss {item.name!r} takes {reference}, which nothing made", made)
        given = {name: values[reference] for name, reference in item.take.items()}
        try:
            found: Tensor = self._losses[item.name](**given)
        except (PfyError, torch.OutOfMemoryError):
            raise
        except Exception as error:
            raise NodeError(f"losses.{item.name}", item.spec.id, item.spec.plugin, error) from error
        if not isinstance(found, Tensor) or found.numel() != 1:
            raise InputError(f"loss {item.name!r}: {item.spec.id} gave {found!r:.60}", "a scalar tensor")
        return found.float().reshape(())


def _items(made: Any) -> dict[str, Any]:
    if isinstance(made, Mapping):
        return dict(made)
    if dataclasses.is_dataclass(made) and not isinstance(made, type):
        return {item.name: getattr(made, item.name) for item in dataclasses.fields(made)}
    if hasattr(made, "_asdict"):
        return dict(made._asdict())
    raise InputError(f"learn returned a {type(made).__name__}", "a tensor, or a dataclass of them")


def _float32(graph: Any, plan: Plan) -> Any:
    """Parameters that learn are float32, whatever the graph says: AdamW's small steps vanish in less."""
    nodes = dict(graph.nodes)
    for part in plan.parts:
        node = nodes[part.node]
        if any(item.name == "dtype" for item in part.spec.config):
            nodes[part.node] = dataclasses.replace(node, place={**node.place, "dtype": "float32"})
    return dataclasses.replace(graph, nodes=nodes)
