"""Components: classes whose signature declares their ports and config.

Subclass a role, give it a name, annotate ``__call__``::

    class Loudness(Encoder, name="loudness"):
        "RMS level of a recording, one value per 10 ms."

        def __init__(self, *, floor: float = -60.0) -> None: ...

        def __call__(self, wave: Wave16k) -> Annotated[np.ndarray, Port("audio.level", "t", rate=100)]:
            ...

The parameters of ``__call__`` are the input ports, its return annotation the output (a port, or a
dataclass whose fields are ports), the parameters of ``__init__`` the config.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pfy_core import contract
from pfy_core.errors import InputError, PluginError
from pfy_core.ports import OPTIONAL_WEIGHTS, SEED, WEIGHTS, Marker, Port, PortSpec

OUT = "out"
"""Name of the output of a component that returns a single port."""
ANNOTATE = 'Wave = Annotated[np.ndarray, Port("audio.wave", "s", rate=16_000, dtype="float32")]'
"""What an annotation looks like, for those whose is not understood."""


class Component:
    """Base of all roles; instances are built from config and called with values.

    Class keywords: ``name`` (catalogue id is ``role/name``), ``cache`` (False when the same
    inputs and seed may give another result, so that the store never keeps it; inherited) and
    ``framewise`` (True when row t of the outputs depends on no other row of the streamed inputs than
    row t, so that a run can go on in the middle: the component then gets the rows from there only).
    """

    role: ClassVar[str] = ""
    id: ClassVar[str] = ""
    cache: ClassVar[bool] = True
    framewise: ClassVar[bool] = False
    __call__: Any

    def __init_subclass__(
        cls, *, name: str = "", cache: bool | None = None, framewise: bool = False, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.id = f"{cls.role}/{name}" if name else ""
        cls.cache = cls.cache if cache is None else cache
        cls.framewise = framewise


class Encoder(Component):
    """Media or text to latents, landmarks, profiles."""

    role = "encoder"


class Fuser(Component):
    """Latents of several modalities to joint latents."""

    role = "fuser"


class Decoder(Component):
    """Latents or text to media or motion."""

    role = "decoder"


class Adapter(Component):
    """The small thing between two ports: resample, project, crop."""

    role = "adapter"


class Metric(Component):
    """What was made, and what it is compared with, to a number: each a port of its own.

    Returns ``Annotated[float, Port("metric.value")]``, a dataclass of such numbers, or a ``Score`` where
    some inputs cannot be scored. A constructor parameter ``protocol: Literal["stoi/matlab", ...]`` names
    the ways to calculate it: as config it is in the manifest, in a graph's file and in the store's key.
    """

    role = "metric"


@dataclass(frozen=True)
class Score:
    """A metric's number, or why there is none: ``value`` is NaN where ``reason`` says something.

    So a clip that cannot be scored is counted as such, with its reason, and falsifies no mean.
    """

    value: Annotated[float, Port("metric.value")]
    reason: Annotated[str, Port("metric.reason")] = ""


class Extractor(Component):
    """Media to the features that metrics compare."""

    role = "extractor"


class Loss(Component):
    """What a network made, and what it should have made, to one differentiable number.

    Returns ``Annotated[Tensor, Port("loss.value", "")]``, a scalar of a batch: its inputs, tensors that
    begin with the batch's dimension, are outputs of ``learn`` (see ``pfy_core.trainable``) and targets.
    """

    role = "loss"


class Dataset(Component):
    """Numbered clips: ``len(dataset)`` of them, ``dataset(item)`` is a dataclass of ports.

    ``__call__`` takes ``item: Item`` alone, so that a dataset is a node of a graph whose items can be
    shared out and gone on with. What it reads may change, so the store keeps no clip; nodes behind it
    are found there by the digests of the clip.
    """

    role = "dataset"
    cache = False

    def __len__(self) -> int:
        raise NotImplementedError

    def checked(self, item: int) -> int:
        """``item`` itself; InputError when the dataset has no clip of this number."""
        if not 0 <= item < len(self):
            raise InputError(f"item {item} of {self.id}", f"0 to {len(self) - 1}")
        return item


@dataclass(frozen=True)
class ConfigField:
    """One constructor parameter: its type as text, and its default (or ``required``).

    ``weights`` is ``""``, ``"required"`` or ``"optional"``: whether the value names a weights entry.
    """

    name: str
    type: str
    default: Any = field(default=None, hash=False)
    required: bool = False
    weights: str = ""


@dataclass(frozen=True)
class ComponentSpec:
    """What a manifest says of a component: everything that can be known without importing it."""

    id: str
    target: str
    doc: str = ""
    inputs: tuple[PortSpec, ...] = ()
    outputs: tuple[PortSpec, ...] = ()
    config: tuple[ConfigField, ...] = ()
    seeded: bool = False
    cache: bool = True
    framewise: bool = False
    plugin: str = field(default="", compare=False)
    version: str = field(default="", compare=False)

    @property
    def role(self) -> str:
        return self.id.partition("/")[0]

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.id, "target": self.target, "doc": self.doc}
        data["inputs"] = [port.as_dict() for port in self.inputs]
        data["outputs"] = [port.as_dict() for port in self.outputs]
        data["config"] = [
            {k: v for k, v in vars(item).items() if v or k in ("name", "type", "default")}
            for item in self.config
        ]
        data |= {"seeded": self.seeded, "cache": self.cache}
        return data | ({"framewise": True} if self.framewise else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], plugin: str = "", version: str = "") -> ComponentSpec:
        return cls(
            data["id"],
            data["target"],
            data.get("doc", ""),
            tuple(PortSpec.from_dict(port) for port in data["inputs"]),
            tuple(PortSpec.from_dict(port) for port in data["outputs"]),
            tuple(ConfigField(**item) for item in data["config"]),
            data["seeded"],
            data["cache"],
            data.get("framewise", False),
            plugin,
            version,
        )


def describe(cls: type[Component]) -> ComponentSpec:
    """The spec of a component class, read from its signature.

    Raises PluginError, naming file and line, for an annotation that is not understood.
    """
    if not inspect.isfunction(cls.__call__):
        wants = "a method __call__ whose parameters are the inputs"
        raise _fault(cls, cls, "no __call__", wants, "def __call__(self, wave: Wave) -> Latent")
    if inspect.iscoroutinefunction(cls.__call__) or inspect.isasyncgenfunction(cls.__call__):
        raise _fault(
            cls, cls.__call__, "async def __call__", "def __call__", "the runtime has its own threads"
        )
    if fault := contract.of_name(cls.id or f"{cls.role}/"):
        raise _fault(cls, cls, *fault)
    hints = _hints(cls, cls.__call__)
    inputs: list[PortSpec] = []
    seeded = False
    for name, parameter in list(inspect.signature(cls.__call__).parameters.items())[1:]:
        if name not in hints:
            raise _fault(
                cls, cls.__call__, f"{name} has no annotation", "Annotated[type, Port(...)]", ANNOTATE
            )
        if SEED in _metadata(hints[name]):
            if name != "seed":
                raise _fault(cls, cls.__call__, f"a seed called {name}", "the name seed", "seed: Seed")
            seeded = True
            continue
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            text = f"**{name}" if parameter.kind is parameter.VAR_KEYWORD else f"{name}, by position only"
            raise _fault(cls, cls.__call__, text, "inputs by name", "write each input as a parameter")
        spec = _port(cls, cls.__call__, name, hints[name])
        variadic = parameter.kind is parameter.VAR_POSITIONAL
        if variadic and inputs:
            fix = f"put {inputs[-1].name} behind *{name}"
            raise _fault(cls, cls.__call__, f"{inputs[-1].name} before *{name}", f"inputs after *{name}", fix)
        optional = spec.optional or (parameter.default is not inspect.Parameter.empty)
        inputs.append(dataclasses.replace(spec, variadic=variadic, optional=optional or variadic))
    if "return" not in hints:
        raise _fault(cls, cls.__call__, "no return annotation", "a port or a dataclass of ports", ANNOTATE)
    doc = inspect.getdoc(cls) or ""
    outputs = tuple(_outputs(cls, hints["return"]))
    clocks = {port.port.rate for port in (*inputs, *outputs) if port.stream}
    if cls.framewise and not (clocks and len(clocks) == 1 and None not in clocks):
        sends = "framewise, with streams that do not keep step"
        fix = "give them the same rate, or leave framewise out"
        raise _fault(cls, cls.__call__, sends, "streams of one rate, in and out", fix)
    if inspect.isgeneratorfunction(cls.__call__) and not all(port.stream for port in outputs):
        raise _fault(
            cls, cls.__call__, "a generator that declares a value", "Iterator[...]", "return, or declare it"
        )
    made = ComponentSpec(
        cls.id,
        f"{cls.__module__}:{cls.__qualname__}",
        doc.split("\n\n")[0].replace("\n", " "),
        tuple(inputs),
        outputs,
        tuple(_config(cls)),
        seeded,
        cls.cache,
        cls.framewise,
    )
    if fault := contract.of_config(made):
        raise _fault(cls, cls.__init__, *fault)
    if fault := contract.of_role(made, sized=getattr(cls, "__len__", None) is not Dataset.__len__):
        raise _fault(cls, cls.__call__, *fault)
    return made


def _outputs(cls: type[Component], hint: Any) -> Iterator[PortSpec]:
    inner = get_args(hint)[0] if _is_stream(hint) else hint
    if dataclasses.is_dataclass(inner):
        hints = _hints(cls, inner)
        for item in dataclasses.fields(inner):
            spec = _port(cls, inner, item.name, hints[item.name])
            yield dataclasses.replace(spec, stream=_is_stream(hint))
    else:
        yield _port(cls, cls.__call__, OUT, hint)


def _port(cls: type[Component], where: Any, name: str, hint: Any) -> PortSpec:
    """The port behind ``Annotated[T, Port]``, ``Iterator[...]`` of it, or ``... | None``."""
    optional = stream = False
    if get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
        given = [arg for arg in get_args(hint) if arg is not type(None)]
        hint, optional = (given[0] if len(given) == 1 else hint), True
    if _is_stream(hint):
        hint, stream = get_args(hint)[0], True
    ports = [item for item in _metadata(hint) if isinstance(item, Port)]
    if len(ports) != 1:
        label = "it returns" if name == OUT and where is cls.__call__ else f"{name}:"
        wants = "Annotated[type, Port(kind, dims, ...)], or an Iterator of that"
        raise _fault(cls, where, f"{label} {_shown(hint)}", wants, ANNOTATE)
    if fault := contract.of_port(ports[0]):
        raise _fault(cls, where, f"{name}: {fault[0]}", *fault[1:])
    return PortSpec(name, ports[0], optional=optional, stream=stream)


def _config(cls: type[Component]) -> Iterator[ConfigField]:
    if cls.__init__ is object.__init__:
        return
    hints = _hints(cls, cls.__init__)
    for name, parameter in list(inspect.signature(cls.__init__).parameters.items())[1:]:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            stars = "**" if parameter.kind is parameter.VAR_KEYWORD else "*"
            fix = "write each option as a parameter with its type and default"
            raise _fault(cls, cls.__init__, f"{stars}{name}", "config fields by name", fix)
        if name not in hints:
            wants = "an annotated config field"
            raise _fault(cls, cls.__init__, f"{name} has no annotation", wants, f"{name}: float = 1.0")
        marks = [mark for mark in _metadata(hints[name]) if isinstance(mark, Marker)]
        weights = {WEIGHTS: "required", OPTIONAL_WEIGHTS: "optional"}.get(marks[0], "") if marks else ""
        required = parameter.default is inspect.Parameter.empty
        default = None if required else parameter.default
        yield ConfigField(name, type_text(hints[name]), _plain(default), required, weights)


def type_text(hint: Any) -> str:
    """A config type as the manifest writes it: ``int``, ``float | None``, ``Literal['a', 'b']``."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if isinstance(hint, type) and not get_args(hint):
        return hint.__name__
    return str(hint).replace("typing.", "").replace("NoneType", "None")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _is_stream(hint: Any) -> bool:
    return get_origin(hint) is Iterator


def _hints(cls: type[Component], where: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(where, include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        fix = "import what the annotations name, not only for type checking"
        raise _fault(cls, where, f"an annotation: {error}", "names that exist at import", fix) from error


def _metadata(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(item for arg in get_args(hint) for item in _metadata(arg))
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _shown(hint: Any) -> str:
    """An annotation as its author may have written it."""
    text = (
        f"{hint.__module__}.{hint.__qualname__}"
        if isinstance(hint, type) and not get_args(hint)
        else str(hint)
    )
    return re.sub(r"\b(typing|collections\.abc|builtins)\.", "", text).replace("NoneType", "None")


def place(cls: type[Component], where: Any) -> str:
    """``file:line`` of a class or one of its methods; where the source is not on disk, its module."""
    try:
        return f"{inspect.getsourcefile(where)}:{inspect.getsourcelines(where)[1]}"
    except (OSError, TypeError):
        return cls.__module__


def _fault(cls: type[Component], where: Any, sends: str, wants: str, fix: str) -> PluginError:
    return PluginError(f"{place(cls, where)}: {cls.__qualname__}: {sends}", wants, fix)
