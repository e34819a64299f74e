"""What the steps learn from: the values of clips, their windows, and batches of them.

A clip is decoded, and the frozen nodes run on it, once; what they made is kept in memory while that lasts,
beyond it in the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from torch import Tensor

from pfy_core import Runner, Store, digest
from pfy_core.errors import InputError
from pfy_core.graph import node_of
from pfy_train.fields import FPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pfy_core.events import Event
    from pfy_core.graph import Graph
    from pfy_train.order import Draw
    from pfy_train.parts import Plan

FILLER = "a"
"""Said in the place of nothing, for the shape of what is made of words; what is made of it is not kept."""
MEMORY_SHARE = 0.25
"""Of the memory that is free when a training begins, how much the clips may take."""


class Corpus(Protocol):
    """Samples by number, as ``pfy_plugin_data.shards.Shards`` has them."""

    @property
    def digest(self) -> str: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Any: ...


@dataclass
class Batch:
    """Windows of clips. ``values``: tensors (b ...), or lists where lengths differ or where they are none;
    ``seeds``: int64 (b), always on the CPU, where everything is drawn; ``names``: of the clips."""

    values: dict[str, Any]
    seeds: Tensor
    names: list[str]

    def to(self, device: torch.device) -> Batch:
        """The same on a device; copies from pinned memory do not wait."""
        return replace(self, values={k: _moved(v, device) for k, v in self.values.items()})

    def pinned(self) -> Batch:
        """The same in memory from which a GPU copies while the next batch is made."""
        return replace(self, values={k: _pinned(v) for k, v in self.values.items()})


class Clips:
    """The clips of a split as the plan needs them.

    corpus: the split's samples
    memory: bytes that may be kept; clips beyond are decoded again each time, and what frozen nodes made of
            them is taken from the store
    device: where frozen nodes run that have an option ``device``
    """

    def __init__(
        self,
        plan: Plan,
        corpus: Corpus,
        seconds: float,
        *,
        memory: float = 0.0,
        device: str = "cpu",
        store: Store | None = None,
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.plan, self.corpus, self._left = plan, corpus, memory
        self.window = round(seconds * FPS)
        self._kept: dict[int, tuple[str, int, dict[str, Any]]] = {}
        self._runner: Runner | None = None
        if plan.frozen is not None:
            graph = placed(plan.frozen, device, plan)
            self._runner = Runner(graph, catalogue=plan.catalogue, store=store, watch=watch)

    def __len__(self) -> int:
        return len(self.corpus)

    def __getitem__(self, draw: Draw) -> tuple[str, int, dict[str, Any]]:
        """A clip's window: its name, its seed and its values by reference."""
        name, frames, values = self.clip(draw.clip)
        window = min(self.window or frames, frames)
        first = int(draw.place * (frames - window + 1))
        made = {ref: self._cut(ref, value, first, window) for ref, value in values.items()}
        return name, draw.seed, made | self._emptied(draw, made)

    def clip(self, index: int) -> tuple[str, int, dict[str, Any]]:
        """A whole clip: its name, its frames and its values."""
        kept = self._kept.get(index)
        if kept is None:
            kept = self._read(index)
            size = sum(_bytes(value) for value in kept[2].values())
            if size <= self._left:
                self._left -= size
                self._kept[index] = kept
        return kept

    def _read(self, index: int) -> tuple[str, int, dict[str, Any]]:
        sample = self.corpus[index]
        values = {}
        for reference, value in self.plan.values.items():
            if value.field:
                values[reference] = tensor(_of(sample, value.field))
        if self._runner is not None:
            values |= self._frozen(sample)
        return sample.key, int(sample.frames), values

    def _frozen(self, sample: Any) -> dict[str, Any]:
        """What the frozen nodes make of a clip."""
        assert self._runner is not None
        given = {name: _of(sample, field) for name, field in self.plan.gives.items()}
        given = {name: value for name, value in given.items() if name in self._runner.graph.inputs}
        said = {name: FILLER if _wordless(value) else value for name, value in given.items()}
        with torch.no_grad(), self._runner(said) as run:
            made = {
                name: tensor(digest.concatenate(list(run.chunks(name))))
                for name in self._runner.graph.outputs
            }
        return made | {name: made[name][:0] for name in self._missing(sample.key, given)}

    def _missing(self, key: str, given: Mapping[str, Any]) -> list[str]:
        """What a clip without words has to do without; InputError where the recipe does not say that what
        is made of them may be missing."""
        assert self._runner is not None
        graph = self._runner.graph
        inputs = [f"${name}" for name, value in given.items() if _wordless(value)]
        missing = [name for name in graph.outputs if node_of(name) in _after(graph, inputs)]
        if kept := [name for name in missing if name not in self.plan.drop]:
            sends = f"clip {key} has no text, of which {', '.join(kept)} is made"
            fix = f"data.drop: {{{kept[0]}: 0.1}} learns to do without, and does in such clips"
            raise InputError(sends, "text in every clip, or that in data.drop", fix)
        return missing

    def _emptied(self, draw: Draw, values: dict[str, Any]) -> dict[str, Any]:
        """What this window has to do without."""
        random = np.random.RandomState([draw.seed % 2**32, 3])
        shares = self.plan.drop.items()
        return {ref: values[ref][:0] for ref, share in shares if random.random_sample() < share}

    def _cut(self, reference: str, value: Any, first: int, window: int) -> Any:
        rate = self.plan.values[reference].rate
        if not rate:
            return value
        begin = round(first * rate / FPS)
        return value[begin : begin + round(window * rate / FPS)]


def batch(items: list[tuple[str, int, dict[str, Any]]]) -> Batch:
    """Windows as one batch: what has one shape is stacked."""
    names, seeds, values = zip(*items, strict=True)
    joined = {ref: _stacked([value[ref] for value in values]) for ref in values[0]}
    return Batch(joined, torch.tensor(seeds, dtype=torch.int64), list(names))


def tensor(value: Any) -> Any:
    """Arrays as tensors; everything else (texts, phones) as it is."""
    if isinstance(value, np.ndarray):
        # What a reader hands out may be read-only or of another byte order; floats are float32 here.
        made = np.ascontiguousarray(value, np.float32 if value.dtype.kind == "f" else None)
        return torch.from_numpy(made if made.flags.writeable else made.copy())
    return value.detach() if isinstance(value, Tensor) else value


def placed(graph: Graph, device: str, plan: Plan) -> Graph:
    """A graph whose nodes run on a device, those that have an option for it and do not say where."""
    nodes = dict(graph.nodes)
    for name, node in graph.nodes.items():
        fields = {item.name for item in plan.catalogue.spec(node.use).config}
        if "device" in fields and not node.place.get("device"):
            nodes[name] = replace(node, place={**node.place, "device": device})
    return replace(graph, nodes=nodes)


def _of(sample: Any, field: str) -> Any:
    value = getattr(sample, field)
    if value is None:
        raise InputError(f"clip {sample.key} has no {field}", "it in every clip", "leave it out of 'give'")
    return value


def _wordless(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _after(graph: Graph, references: list[str]) -> set[str]:
    """The nodes that take any of these references, or anything that such a node makes."""
    found = set[str]()
    before = None
    while found != before:
        before = set(found)
        for name, node in graph.nodes.items():
            if any(ref in references or node_of(ref) in found for _, ref in node.sources()):
                found.add(name)
    return found


def _stacked(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, Tensor) and all(value.shape == first.shape for value in values):
        return torch.stack(values)
    return list(values)


def _each(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    return [_each(item, change) for item in value] if _holds_tensors(value) else value


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Tensor)


def _moved(value: Any, device: torch.device) -> Any:
    return _each(value, lambda item: item.to(device, non_blocking=True))


def _pinned(value: Any) -> Any:
    return _each(value, lambda item: item if item.is_cuda else item.pin_memory())


def _bytes(value: Any) -> int:
    if isinstance(value, Tensor):
        return int(value.numel() * value.element_size())
    if isinstance(value, Mapping):
        return sum(map(_bytes, value.values()))
    items: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    return 200 + sum(map(_bytes, items))
