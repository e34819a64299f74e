"""Checks of the outputs against what the ports declare, at several sizes."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pfy_core.errors import InputError
from pfy_core.testing import declared
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import MODULE, ODD, ONE, OTHER, SIZE, Result, clear
from pfy_core.testing.values import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pfy_core.testing.subject import Subject

DECLARED = ("runs", "shapes", "dtype", "range", "rate")
"""What has to hold for the usual input before any other is tried."""


@check("runs", "config")
def runs(subject: Subject) -> None:
    """Built from its config and called with sample inputs, it gives its outputs."""
    try:
        run = subject.plain()
    except InputError as error:
        raise Failed(
            f"{subject.where} refuses the sample inputs: {error.sends}",
            error.wants or "inputs that it takes",
            f"give better ones: def samples(component_id, size, seed) in the plugin's {MODULE}.py, "
            "or conforms(..., samples=...)",
        ) from error
    if not run.values and subject.spec.outputs:
        raise Failed(f"{subject.where} yields nothing", "a stream with something in it")


@check("shapes", "runs")
def shapes(subject: Subject) -> None:
    """Outputs have the declared dimensions, whatever the length of the inputs."""
    if not any(port.port.dims for port in subject.spec.outputs):
        raise Skipped("no output declares dimensions")
    both = (declared.shape_faults(subject, subject.plain(size)) for size in (SIZE, OTHER))
    _none(subject, chain.from_iterable(both), "what the return annotation declares")


@check("dtype", "runs")
def dtype(subject: Subject) -> None:
    """Outputs have the declared types and dtypes."""
    fix = "convert it, e.g. array.astype(np.float32), or declare what it is"
    _none(
        subject, declared.dtype_faults(subject, subject.plain()), "what the return annotation declares", fix
    )


@check("range", "runs")
def range_(subject: Subject) -> None:
    """Outputs are finite, and within the declared range."""
    run = subject.plain()
    if not any(True for value in run.values.values() for _ in numbers_in(value)):
        raise Skipped("no output holds numbers")
    fix = "clip it, or declare the range that it has"
    _none(subject, declared.range_faults(subject, run), "finite values within the range", fix)


@check("rate", "runs")
def rate(subject: Subject) -> None:
    """Outputs with a clock last as long as the inputs, within one row."""
    if not declared.clocked(subject):
        raise Skipped("no output has a clock to compare")
    both = (declared.rate_faults(subject, subject.plain(size)) for size in (SIZE, OTHER))
    _none(subject, chain.from_iterable(both), "rows = seconds * rate, within one row")


@check("odd_lengths", *DECLARED)
def odd_lengths(subject: Subject) -> None:
    """Odd numbers of rows and odd pictures do as well."""
    _some(subject, ODD, f"{ODD} rows")


@check("one_frame", *DECLARED)
def one_frame(subject: Subject) -> None:
    """A single row, frame or word does as well, or is refused with an InputError."""
    _some(subject, ONE, "one row")


@check("optional", *DECLARED)
def optional(subject: Subject) -> None:
    """Without its optional inputs it works, or says in an InputError which it needs."""
    names = [port.name for port in subject.spec.inputs if port.optional]
    if not names:
        raise Skipped("no input is optional")
    for left_out in [[name] for name in names] + ([names] if len(names) > 1 else []):
        inputs = {name: value for name, value in subject.inputs(SIZE).items() if name not in left_out}
        try:
            values = subject.call(subject.instance(), inputs)
        except InputError as error:
            _understood(subject, error, f"no {' and no '.join(left_out)}")
            continue
        except Exception as error:
            raise Failed(
                f"{subject.where} without {', '.join(left_out)} raises {type(error).__name__}: {error}",
                "its outputs, or an InputError",
                "an optional input is None, a variadic one empty, where nothing is connected",
            ) from error
        faults = declared.all_faults(subject, Result(inputs, values))
        _none(
            subject, (f"without {', '.join(left_out)}: {fault}" for fault in faults), "the declared outputs"
        )


def _some(subject: Subject, size: int, what: str) -> None:
    """A run of another size: as declared, or refused in words."""
    try:
        run = subject.plain(size)
    except InputError as error:
        _understood(subject, error, what)
        return
    except Failed:
        raise
    except Exception as error:
        raise Failed(
            f"{subject.where} raises {type(error).__name__} for {what}: {error}",
            "its outputs, or an InputError that says what is too short",
        ) from error
    _none(
        subject, (f"{what}: {fault}" for fault in declared.all_faults(subject, run)), "the declared outputs"
    )


def _understood(subject: Subject, error: InputError, what: str) -> None:
    if not clear(error):
        raise Failed(
            f"{subject.where} refuses {what} with {str(error)!r}",
            "InputError(sends, wants): what was sent, and what is wanted",
        ) from error


def _none(subject: Subject, faults: Iterable[str], wants: str, fix: str = "") -> None:
    found = next(iter(faults), "")
    if found:
        raise Failed(f"{subject.where}: {found}", wants, fix)
