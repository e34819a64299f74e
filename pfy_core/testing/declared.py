"""Whether values are what the ports of a component declare."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.ports import fits, rate_text
from pfy_core.testing.samples import Extent, bind
from pfy_core.testing.values import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pfy_core.ports import Port, PortSpec
    from pfy_core.testing.subject import Result, Subject

SLACK = 1e-6
"""Of a range's span that float arithmetic may go beyond it."""


def all_faults(subject: Subject, run: Result, *, finite: bool = True) -> Iterator[str]:
    """Everything that is not as declared in the outputs of a run; with ``finite`` no NaN nor infinity."""
    yield from shape_faults(subject, run)
    yield from dtype_faults(subject, run)
    yield from range_faults(subject, run, finite=finite)
    yield from rate_faults(subject, run)


def piece_faults(subject: Subject, run: Result, *, finite: bool = True) -> Iterator[str]:
    """What is not as declared in a piece of the outputs, whatever the inputs were."""
    yield from shape_faults(subject, run)
    yield from dtype_faults(subject, run)
    yield from range_faults(subject, run, finite=finite)


def shape_faults(subject: Subject, run: Result) -> Iterator[str]:
    """Outputs without the declared dimensions."""
    known, rates = _lengths(subject, run), subject.rates
    for port in subject.spec.outputs:
        value = run.values.get(port.name)
        if value is None or not port.port.dims:
            if value is None and run.values and not port.optional:
                yield f"{port.name}: nothing, declared {port.port}"
            continue
        if not hasattr(value, "shape"):
            continue  # a matter of types
        wrong = _wrong_dim(port.port, tuple(value.shape), known, rates[f"-> {port.name}"], subject.config)
        if wrong:
            yield f"{port.name}: shape {tuple(value.shape)}, declared ({port.port.dims}){wrong}"


def dtype_faults(subject: Subject, run: Result) -> Iterator[str]:
    """Outputs of another type or dtype than declared."""
    types = subject.types()
    for port in subject.spec.outputs:
        value, kept = run.values.get(port.name), types[f"-> {port.name}"]
        if value is None:
            continue
        if isinstance(kept, type) and not _is(value, kept):
            yield f"{port.name}: a {type(value).__name__}, declared {kept.__name__}"
        elif port.port.dims and not hasattr(value, "shape"):
            yield f"{port.name}: a {type(value).__name__}, declared an array {port.port}"
        dtype = str(getattr(value, "dtype", "")).removeprefix("torch.")
        if port.port.dtype and dtype and dtype != port.port.dtype:
            yield f"{port.name}: dtype {dtype}, declared {port.port.dtype}"


def range_faults(subject: Subject, run: Result, *, finite: bool = True) -> Iterator[str]:
    """Outputs that are not finite, or outside the declared range.

    A metric's number may be NaN, and has to be, where it says in words why there is none.
    """
    reasons = [port.name for port in subject.spec.outputs if fits(port.port.kind, "metric.reason")]
    explained = any(run.values.get(name) for name in reasons)
    for port in subject.spec.outputs:
        for found in numbers_in(run.values.get(port.name)):
            if not found.size:
                continue
            if reasons and fits(port.port.kind, "metric.value"):
                if bool(np.isnan(found).all()) != explained:
                    yield f"{port.name}: {found.ravel()[0]:g} {'with' if explained else 'without'} a reason"
                continue
            if finite and not np.isfinite(found).all():
                yield f"{port.name}: {int((~np.isfinite(found)).sum())} of {found.size} values are not finite"
            elif port.port.range and hasattr(run.values[port.name], "dtype"):
                yield from _outside(port, found, port.port.range)


def rate_faults(subject: Subject, run: Result) -> Iterator[str]:
    """Outputs with a clock that last longer or shorter than the inputs, by more than a row.

    Without inputs that have a clock, the outputs are compared with the first of them.
    """
    rates = subject.rates
    given = _lasting((port.name, run.inputs.get(port.name), rates[port.name]) for port in subject.spec.inputs)
    made = _lasting(
        (port.name, run.values.get(port.name), rates[f"-> {port.name}"]) for port in subject.spec.outputs
    )
    if not given:
        given, made = made[:1], made[1:]
    for name, seconds, rate in made:
        other, wanted, theirs = max(given, key=lambda item: item[1])
        if abs(seconds - wanted) > 1 / min(rate, theirs) + 1e-9:
            yield (
                f"{name}: {round(seconds * rate)} rows at {rate_text(rate)} are {seconds:.3f} s, "
                f"{other} lasts {wanted:.3f} s"
            )


def _lasting(values: Iterable[tuple[str, Any, float | None]]) -> list[tuple[str, float, float]]:
    """Names, seconds and rates of the arrays that have a clock."""
    clocked = [(name, value, rate) for name, value, rate in values if rate and hasattr(value, "shape")]
    return [(name, len(value) / rate, rate) for name, value, rate in clocked]


def clocked(subject: Subject) -> bool:
    """Whether there is an output with a clock, and something to compare it with."""
    rates = subject.rates
    made = [port for port in subject.spec.outputs if rates[f"-> {port.name}"]]
    given = [port for port in subject.spec.inputs if rates[port.name] and not port.variadic]
    return bool(made) and len(made) + len(given) > 1


def _lengths(subject: Subject, run: Result) -> Extent:
    known, rates = Extent(0, 0.0), subject.rates
    for port in subject.spec.inputs:
        if port.name in run.inputs and not port.variadic:
            bind(known, port, run.inputs[port.name], rates[port.name])
    return known


def _wrong_dim(port: Port, shape: tuple[int, ...], known: Extent, rate: float | None, config: Any) -> str:
    dims = port.dims.split()
    if "..." in dims:
        place = dims.index("...")
        after = len(dims) - place - 1
        if len(shape) < len(dims) - 1:
            return f": {len(dims) - 1} dimensions at least"
        middle = ["_"] * (len(shape) - len(dims) + 1)
        dims = [*dims[:place], *middle, *dims[len(dims) - after :]]
    if len(dims) != len(shape):
        return f": {len(dims)} dimensions"
    for index, (length, dim) in enumerate(zip(shape, dims, strict=True)):
        wanted = int(dim) if dim.isdigit() else config.get(dim)
        if dim != "_" and not isinstance(wanted, int):
            wanted = known.lengths.setdefault((dim, None if index else rate), length)
        if isinstance(wanted, int) and wanted != length:
            return f": {length} is not {dim}" + ("" if dim.isdigit() else f", which is {wanted}")
    return ""


def _is(value: Any, kept: type) -> bool:
    if kept is float:
        return isinstance(value, numbers.Real)
    if kept is int:
        return isinstance(value, numbers.Integral)
    return isinstance(value, kept)


def _outside(port: PortSpec, found: Any, span: tuple[float, float]) -> Iterator[str]:
    low, high = span
    slack = SLACK * (high - low)
    inside = (found >= low - slack) & (found <= high + slack)
    if not inside.all():
        worst = found[~inside].ravel()[0]
        yield f"{port.name}: {worst:g}, declared {low:g} to {high:g}"
