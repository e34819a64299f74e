"""A component under test: how it is built and called, and what its plain runs gave."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pfy_core import catalogue as catalogues
from pfy_core import config as configs
from pfy_core.component import OUT, Component, ComponentSpec, describe
from pfy_core.errors import InputError, PluginError
from pfy_core.testing import process
from pfy_core.testing import samples as sampling
from pfy_core.testing.cuts import WHOLE, Cut
from pfy_core.testing.outcomes import Failed
from pfy_core.testing.values import copied, joined

if TYPE_CHECKING:
    from pfy_core.catalogue import Catalogue, Plugin

Samples = Callable[[str, int, int], Mapping[str, Any]] | Mapping[str, Any]
"""``samples(component_id, size, seed) -> {port: value}``, or the same values at every size."""

SIZE, OTHER, ODD, ONE, LONG = 24, 40, 13, 1, 250
"""Rows of the plain run, of another, of an odd one, of the shortest and of a long one (10 s at 25 fps)."""
MODULE = "conformance"
"""Module of a plugin's package that only the kit imports: ``samples``, ``config``, ``expected_failed``."""


@dataclass(frozen=True)
class Result:
    """One call: the inputs as they were before it, and the outputs by port, streams joined."""

    inputs: dict[str, Any]
    values: dict[str, Any]


class Subject:
    """A component with everything that its checks need; raises PluginError when it cannot be loaded."""

    def __init__(
        self,
        what: str | type[Component],
        config: Mapping[str, Any] | None = None,
        samples: Samples | None = None,
        expected_failed: Mapping[str, str] | None = None,
    ) -> None:
        self.process = process.settings()
        self.catalogue: Catalogue = catalogues.installed()
        self.plugin: Plugin | None = None
        if isinstance(what, str):
            listed = self.catalogue.spec(what)
            self.plugin = self.catalogue.plugins.get(listed.plugin)
            self.cls = self.catalogue.load(what)
            self.spec = replace(describe(self.cls), plugin=listed.plugin, version=listed.version)
        else:
            self.cls, self.spec = what, describe(what)
        told = self._told()
        self.given = dict(config or getattr(told, "config", {}).get(self.spec.id, {}))
        self.expected = dict(getattr(told, "expected_failed", {}).get(self.spec.id, {}))
        self.expected |= expected_failed or {}
        self._samples: Samples = samples if samples is not None else getattr(told, "samples", {})
        self._results: dict[int, Result | Exception] = {}
        self._inputs: dict[tuple[int, int], dict[str, Any]] = {}
        self._shared: Any = None
        self.seen: Any = None

    def _told(self) -> Any:
        """What the plugin says to the kit, or None."""
        if self.plugin is None:
            return None
        name = f"{self.plugin.package}.{MODULE}"
        try:
            return importlib.import_module(name) if importlib.util.find_spec(name) else None
        except Exception as error:
            raise PluginError(
                f"{name} cannot be imported: {type(error).__name__}: {error}",
                "samples, config and expected_failed for the conformance kit",
            ) from error

    @property
    def where(self) -> str:
        """``file:line: Class`` of the component's ``__call__``, for messages."""
        return f"{place_of(self.cls.__call__)}: {self.cls.__qualname__}"

    @property
    def streams_in(self) -> list[str]:
        return [port.name for port in self.spec.inputs if port.stream]

    @property
    def streams_out(self) -> bool:
        return any(port.stream for port in self.spec.outputs)

    @property
    def config(self) -> dict[str, Any]:
        """The full config, as a graph would give it: a new one for every reader."""
        return copy.deepcopy(self._config)

    @cached_property
    def _config(self) -> dict[str, Any]:
        full, faults = configs.validate(self.spec, self.given)
        if faults:
            field, why = faults[0]
            raise Failed(
                f"{self.spec.id}: option {field}: {why}",
                "a valid config to build it with",
                f"config = {{{self.spec.id!r}: {{{field!r}: ...}}}} in the plugin's {MODULE}.py, "
                "or conforms(..., config=...)",
            )
        return full

    @property
    def rates(self) -> dict[str, float | None]:
        """The clock of each input by name, of each output by ``-> name``."""
        return sampling.rates(self.spec, self.config)

    def types(self) -> dict[str, Any]:
        """The annotated type of each input by name, of each output by ``-> name``."""
        return _types(self.cls, self.spec)

    def build(self, **changes: Any) -> Any:
        """A new instance with its config, some options changed."""
        return self.cls(**(self.config | changes))

    def instance(self) -> Any:
        """An instance to call: a new one, until it is known that calls leave no trace in one."""
        return self.build() if self._shared is None else self._shared

    def share(self, instance: Any) -> None:
        """Say that calls leave no trace in this instance: from now on it is the one to call."""
        self._shared = instance

    def inputs(self, size: int, seed: int = 0) -> dict[str, Any]:
        """Sample inputs by port, to be changed at will; a list for the variadic port."""
        if (size, seed) not in self._inputs:
            self._inputs[size, seed] = self._sampled(size, seed)
        return {name: copied(value) for name, value in self._inputs[size, seed].items()}

    def _sampled(self, size: int, seed: int) -> dict[str, Any]:
        given = self._samples
        told = dict(given if isinstance(given, Mapping) else given(self.spec.id, size, seed))
        unknown = sorted(told.keys() - {port.name for port in self.spec.inputs})
        if unknown:
            raise Failed(
                f"samples for {self.spec.id} name {', '.join(unknown)}",
                f"its inputs: {', '.join(port.name for port in self.spec.inputs)}",
            )
        types = {name: kept for name, kept in self.types().items() if not name.startswith("->")}
        return sampling.Maker(self.spec, types, self.config, seed).make(size, told)

    def call(
        self, instance: Any, inputs: Mapping[str, Any], cut: Cut = WHOLE, seed: int = 0
    ) -> dict[str, Any]:
        """The outputs by port; what is streamed is copied as it comes, then joined."""
        if not self.streams_out:
            return self.records(self.invoke(instance, self.cut(inputs, cut), seed))[0]
        records = self.records(self.invoke(instance, self.cut(inputs, cut), seed))
        if not records:
            return {}
        return {name: joined([record[name] for record in records]) for name in records[0]}

    def cut(self, inputs: Mapping[str, Any], cut: Cut) -> dict[str, Any]:
        """The inputs as a component gets them: those of its streams in pieces, as iterators."""
        streams = [port for port in self.spec.inputs if port.stream]
        pieces = cut({port.name: inputs[port.name] for port in streams if port.name in inputs}, self.rates)
        return {name: iter(pieces[name]) if name in pieces else value for name, value in inputs.items()}

    def invoke(self, instance: Any, inputs: Mapping[str, Any], seed: int = 0) -> Any:
        """Call as a graph does: inputs by name, those of the variadic port in order, and the seed."""
        named = dict(inputs)
        many: list[Any] = []
        for port in self.spec.inputs:
            if port.variadic:
                many = named.pop(port.name, [])
        if self.spec.seeded:
            named["seed"] = seed
        return instance(*many, **named)

    def records(self, result: Any) -> list[dict[str, Any]]:
        """What a call returned as records of copied values by port, one for each piece of a stream."""
        if not self.streams_out:
            return [self.record(result)]
        return [
            {name: copied(item) for name, item in self.record(each).items()} for each in self.stream(result)
        ]

    def stream(self, result: Any) -> Iterator[Any]:
        """The iterator that a call with streamed outputs must return."""
        if not isinstance(result, Iterator):
            raise Failed(
                f"{self.where} returns a {type(result).__name__}",
                "an iterator: its return annotation is Iterator[...]",
                "yield the pieces, or leave Iterator out of the annotation",
            )
        return result

    def record(self, item: Any) -> dict[str, Any]:
        """One returned or yielded item by port."""
        outputs = self.spec.outputs
        if len(outputs) == 1 and outputs[0].name == OUT:
            return {OUT: item}
        missing = [port.name for port in outputs if not hasattr(item, port.name)]
        if missing:
            raise Failed(
                f"{self.where} returns a {type(item).__name__} without {', '.join(missing)}",
                "the dataclass of its return annotation",
                "return an instance of it",
            )
        return {port.name: getattr(item, port.name) for port in outputs}

    def plain(self, size: int = SIZE) -> Result:
        """The run of a size with streams in one piece, made once; raises again what it raised."""
        if size not in self._results:
            try:
                inputs = self.inputs(size)
                self._results[size] = Result(inputs, self.call(self.instance(), self.inputs(size)))
            except Exception as error:
                self._results[size] = error
        found = self._results[size]
        if isinstance(found, Exception):
            raise found
        return found


def place_of(item: Any) -> str:
    """``file:line`` of a class or function; its module where there is no source."""
    try:
        return f"{inspect.getsourcefile(item)}:{inspect.getsourcelines(item)[1]}"
    except (OSError, TypeError):
        return str(getattr(item, "__module__", item))


def clear(error: InputError) -> bool:
    """Whether an error says what was sent and what is wanted."""
    return bool(error.sends and error.wants)


def _types(cls: type[Component], spec: ComponentSpec) -> dict[str, Any]:
    hints = typing.get_type_hints(cls.__call__, include_extras=True)
    found = {port.name: _kept(hints[port.name]) for port in spec.inputs}
    returned = _plain(hints["return"])
    outputs = spec.outputs
    if len(outputs) == 1 and outputs[0].name == OUT:
        return found | {f"-> {OUT}": _kept(hints["return"])}
    fields = typing.get_type_hints(returned, include_extras=True)
    return found | {f"-> {port.name}": _kept(fields[port.name]) for port in outputs}


def _plain(hint: Any) -> Any:
    """A hint without optional, stream and Annotated around it."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated or origin is Iterator:
        return _plain(arguments[0])
    given = [argument for argument in arguments if argument is not type(None)]
    if type(None) in arguments and len(given) == 1:
        return _plain(given[0])
    return hint


def _kept(hint: Any) -> Any:
    """The type that a port's values have: a class, ``list[...]``, or Any."""
    plain = _plain(hint)
    origin = typing.get_origin(plain)
    return origin if isinstance(origin, type) and origin not in (list, dict, tuple) else plain
