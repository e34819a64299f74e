"""Options of components, checked where they are used.

A graph's options are held against their annotations before anything runs; who builds a component in Python
passes them by, and a constructor that says so itself spares him a KeyError from somewhere within.
"""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pfy_core.errors import InputError

T = TypeVar("T")


def choice(option: str, value: T, annotation: Any) -> T:
    """The value of an option annotated with this ``Literal``; InputError for one that it does not name."""
    if value not in get_args(annotation):
        raise InputError(f"{option} {value!r}", f"one of {', '.join(map(str, get_args(annotation)))}")
    return value


def within(option: str, value: float, low: float, high: float) -> None:
    """InputError for the value of an option that is not in ``low`` to ``high``, both included."""
    if not low <= value <= high:
        raise InputError(f"{option} {value:g}", f"{low:g} to {high:g}")


def init_seed(value: int, bits: int = 64) -> int:
    """The seed of initial parameters; InputError beyond the ``bits`` that the generator takes.

    torch's generators take 64 (``torch.Generator.manual_seed``), numpy's ``RandomState`` 32.
    """
    if not 0 <= value < 2**bits:
        raise InputError(f"init_seed {value}", f"0 to 2**{bits} - 1")
    return value
