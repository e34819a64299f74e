"""Checks of what it does with inputs: quiet and loud ones, broken ones, and those that belong to others."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.digest import is_array, is_tensor
from pfy_core.errors import InputError
from pfy_core.testing import declared
from pfy_core.testing.checks.check import check
from pfy_core.testing.checks.ports import DECLARED
from pfy_core.testing.cuts import rows
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import SIZE, Result, clear
from pfy_core.testing.values import copied, difference

if TYPE_CHECKING:
    from pfy_core.ports import PortSpec
    from pfy_core.testing.subject import Subject

MEDIA = ("audio", "image", "video", "motion")
"""Kinds whose least and greatest values mean something: silence, clipping, black, white, a face at rest."""
FULL = {"uint8": 255.0}
"""Greatest value by dtype; 1 for the others."""
NO_ITEMS = (-1, 2**62)
"""Numbers that no clip of a dataset has."""


@check("extremes", *DECLARED)
def extremes(subject: Subject) -> None:
    """Silence, black and full scale give finite outputs, or are refused with an InputError."""
    ports = [port for port in subject.spec.inputs if port.port.kind.startswith(MEDIA) and port.port.dims]
    if not ports:
        raise Skipped("it takes neither sound nor pictures nor motion")
    for port in ports:
        for level in _levels(port):
            inputs = subject.inputs(SIZE)
            inputs[port.name] = _each(inputs[port.name], lambda array, level=level: _filled(array, level))
            _valid(subject, inputs, f"{port.name}: nothing but {level:g}")


@check("bad_input", *DECLARED)
def bad_input(subject: Subject) -> None:
    """Empty and non-finite inputs are refused with an InputError, or give what is declared."""
    if not subject.spec.inputs:
        raise Skipped("it takes no input")
    _valid(subject, subject.inputs(0), "empty inputs")
    if subject.streams_in:
        _valid(subject, subject.inputs(SIZE), "streams that end at once", ended=True)
    for port in subject.spec.inputs:
        if port.port.kind == "dataset.item":
            for number in NO_ITEMS:
                _valid(subject, subject.inputs(SIZE) | {port.name: number}, f"{port.name} {number}")
        for value in (np.nan, np.inf):
            inputs = subject.inputs(SIZE)
            if _floats(inputs[port.name]):
                inputs[port.name] = _each(inputs[port.name], lambda array, value=value: _spoilt(array, value))
                _valid(subject, inputs, f"{port.name} with {value} in it", finite=False)


@check("inputs_kept", "runs")
def inputs_kept(subject: Subject) -> None:
    """It changes neither its inputs nor, later, what it has given out."""
    inputs, instance = subject.inputs(SIZE), subject.instance()
    before = {name: copied(value) for name, value in inputs.items()}
    given = _given(subject, instance, inputs)
    kept = copied(given)
    changed = difference(before, inputs)
    if changed:
        raise Failed(
            f"{subject.where} changes its input {changed}",
            "inputs left as they are: other components get the same objects",
            "copy before changing: x = x.copy(), or x * 2 instead of x *= 2",
        )
    _given(subject, instance, subject.inputs(SIZE, seed=1))
    later = difference(kept, given)
    if later:
        raise Failed(
            f"{subject.where} changes what it has given out: record{later}",
            "a new array for every result: others still hold the old one",
            "do not fill one buffer again and again; yield buffer.copy()",
        )


def _given(subject: Subject, instance: Any, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs themselves, piece by piece; Failed when a later piece changes an earlier one."""
    result = subject.invoke(instance, subject.cut(inputs, rows(3)))
    if not subject.streams_out:
        return [subject.record(result)]
    records: list[dict[str, Any]] = []
    copies: list[dict[str, Any]] = []
    for item in subject.stream(result):
        records.append(subject.record(item))
        copies.append(copied(records[-1]))
    later = difference(copies, records)
    if later:
        raise Failed(
            f"{subject.where} changes what it has yielded: piece {later}",
            "a new array for every piece: others still hold the old ones",
            "do not fill one buffer again and again; yield buffer.copy()",
        )
    return records


def _valid(
    subject: Subject, inputs: dict[str, Any], what: str, *, finite: bool = True, ended: bool = False
) -> None:
    """A call that gives what is declared, or is refused in words."""
    cut = subject.cut(inputs, rows(7))
    if ended:
        cut |= {name: iter([]) for name in subject.streams_in}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy may well complain of what is broken on purpose
            records = subject.records(subject.invoke(subject.instance(), cut))
    except InputError as error:
        if clear(error):
            return
        raise Failed(
            f"{subject.where} refuses {what} with {str(error)!r}",
            "InputError(sends, wants): what was sent, and what is wanted",
        ) from error
    except Failed:
        raise
    except Exception as error:
        raise Failed(
            f"{subject.where} raises {type(error).__name__} for {what}: {error}",
            "an InputError that says what was sent and what is wanted, or outputs as declared",
            "look at the input first, and raise InputError(sends, wants, fix)",
        ) from error
    for record in records:
        faults = declared.piece_faults(subject, Result({}, record), finite=finite)
        found = next(iter(faults), "")
        if found:
            raise Failed(f"{subject.where}: {what}: {found}", "an InputError, or outputs as declared")


def _levels(port: PortSpec) -> list[float]:
    """Nothing, the least and the greatest value of a port."""
    full = FULL.get(port.port.dtype, 1.0)
    low, high = port.port.range or (-full if port.port.kind.startswith("audio.wave") else 0.0, full)
    return sorted({min(max(0.0, low), high), low, high})


def _each(value: Any, change: Any) -> Any:
    """A value, or each of a variadic port's, changed."""
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _filled(array: Any, level: float) -> Any:
    return array * 0 + array.dtype.type(level) if is_array(array) else _tensor_filled(array, level)


def _tensor_filled(value: Any, level: float) -> Any:
    return value.new_full(value.shape, level) if is_tensor(value) else value


def _floats(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    return [
        item for item in items if (is_array(item) and item.dtype.kind == "f" and item.size) or _is_float(item)
    ]


def _is_float(value: Any) -> bool:
    return is_tensor(value) and value.is_floating_point() and value.numel() > 0


def _spoilt(array: Any, value: float) -> Any:
    """The array with one value in its middle that is no number."""
    if not hasattr(array, "reshape"):
        return array
    flat = array.reshape(-1)
    flat[len(flat) // 2] = value
    return flat.reshape(array.shape)
