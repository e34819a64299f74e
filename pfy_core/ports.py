"""Ports: what a value on an edge is, written once, in a component's signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, repr=False)
class Port:
    """What travels on an edge.

    kind:  its meaning, dotted from general to special (``audio.wave``, ``latent.speech``); a port
           that wants ``latent`` takes any ``latent.*``.
    dims:  named dimensions, e.g. ``"t 512"``. An integer is exact, a name stands for one length
           within the component (or for the config field of that name), ``_`` for any length (each
           source of a variadic port may have its own), ``...`` for any number of dimensions.
    rate:  items per second along the first dimension: a number, the name of a config field, or a
           name shared with another port of the component; None for values without a clock.
    dtype: ``float32``, ``uint8`` ...; empty when it does not matter.
    range: lowest and highest value, as documentation and for the conformance kit.

    Example: ``Annotated[np.ndarray, Port("audio.wave", "s", rate=16_000, dtype="float32")]``.
    """

    kind: str
    dims: str = ""
    rate: float | str | None = None
    dtype: str = ""
    range: tuple[float, float] | None = None

    def __repr__(self) -> str:
        said = [
            f"{k}={v!r}" for k, v in vars(self).items() if k not in ("kind", "dims") and v not in (None, "")
        ]
        return f"Port({', '.join([repr(self.kind), *([repr(self.dims)] if self.dims else []), *said])})"

    def __str__(self) -> str:
        text = self.kind
        if self.dims:
            text += f" ({self.dims})"
        if self.rate is not None:
            text += f" @ {rate_text(self.rate)}"
        return text


@dataclass(frozen=True)
class PortSpec:
    """A port under its name in a component: optional, variadic, streaming or none of these."""

    name: str
    port: Port
    optional: bool = False
    variadic: bool = False
    stream: bool = False

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"name": self.name, "kind": self.port.kind}
        for key in ("dims", "dtype"):
            if getattr(self.port, key):
                data[key] = getattr(self.port, key)
        if self.port.rate is not None:
            data["rate"] = self.port.rate
        if self.port.range is not None:
            data["range"] = list(self.port.range)
        return data | {k: True for k in ("optional", "variadic", "stream") if getattr(self, k)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PortSpec:
        span = data.get("range")
        port = Port(
            data["kind"],
            data.get("dims", ""),
            data.get("rate"),
            data.get("dtype", ""),
            (span[0], span[1]) if span else None,
        )
        flags = (bool(data.get(key)) for key in ("optional", "variadic", "stream"))
        return cls(data["name"], port, *flags)


class Marker:
    """Marks a parameter that is not a port, e.g. a seed."""

    def __init__(self, name: str) -> None:
        self.name = name


SEED, WEIGHTS, OPTIONAL_WEIGHTS = Marker("seed"), Marker("weights"), Marker("optional-weights")

Seed = Annotated[int, SEED]
"""A ``__call__`` parameter that receives the node's seed; declares the component as seeded."""

Weights = Annotated[str, WEIGHTS]
"""A constructor parameter that names a weights entry; open it with ``pfy_core.weights.path``."""

OptionalWeights = Annotated[str, OPTIONAL_WEIGHTS]
"""Like ``Weights``, for a file that is used when it is there and never fetched unasked."""

Item = Annotated[int, Port("dataset.item")]
"""The number of a clip, from 0: what a dataset is called with."""


def rate_text(rate: float | str) -> str:
    """``24 kHz``, ``25 Hz`` or the name of an open rate."""
    if isinstance(rate, str):
        return rate
    return f"{rate / 1000:g} kHz" if rate >= 1000 else f"{rate:g} Hz"


def fits(sent: str, wanted: str) -> bool:
    """Whether a value of kind ``sent`` may enter a port of kind ``wanted``."""
    return sent == wanted or sent.startswith(wanted + ".")


def typed(value: Any) -> str:
    """``None``, or ``a value of type list``: what was sent, in words."""
    return "None" if value is None else f"a value of type {type(value).__name__}"


def value_fault(spec: PortSpec, value: Any) -> str:
    """What is wrong with a value on this port, or an empty string.

    Of an array it checks the number of dimensions, the exact ones and the dtype: the cost is a tuple
    comparison. What has no dims may be anything but None, a text that is none, or an iterator.
    """
    if value is None:
        return "" if spec.optional else typed(value)
    shape = getattr(value, "shape", None)
    if not spec.port.dims:
        text = fits(spec.port.kind, "text") and not isinstance(value, str)
        return typed(value) if text or hasattr(value, "__next__") else ""
    if shape is None:
        return f"{typed(value)}, no array"
    dims = spec.port.dims.split()
    if "..." not in dims:
        if len(shape) != len(dims):
            return f"shape {tuple(shape)} is not ({spec.port.dims})"
        for size, dim in zip(shape, dims, strict=True):
            if dim.isdigit() and int(dim) != size:
                return f"shape {tuple(shape)} is not ({spec.port.dims})"
    dtype = str(value.dtype).removeprefix("torch.")
    if spec.port.dtype and dtype != spec.port.dtype:
        return f"dtype {dtype} is not {spec.port.dtype}"
    return ""
