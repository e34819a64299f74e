"""Checks of the config: defaults, text files, values that make no sense."""

from __future__ import annotations

import copy
import inspect
import math
import types
import typing
from typing import TYPE_CHECKING, Any

from pfy_core import config as configs
from pfy_core.errors import InputError, PluginError, WeightsError
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import clear, place_of
from pfy_core.testing.values import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.testing.subject import Subject

HUGE = 2**62
"""More than any memory holds, so that asking for it fails at once instead of filling the machine."""
BAD: dict[type, tuple[Any, ...]] = {
    int: (-1, 0, HUGE),
    float: (-1.0, 0.0, 1e300, math.nan),
    str: ("", "no such thing"),
}


@check("config")
def config(subject: Subject) -> None:
    """Defaults have their declared types, survive YAML, and are not changed by building."""
    from omegaconf import OmegaConf

    try:
        _, faults = configs.validate(subject.spec, {})
    except PluginError as error:
        raise Failed(f"{_place(subject)}: {error.sends}", "a default of the type it declares") from error
    wrong = [(key, why) for key, why in faults if why != "a value is required"]
    if wrong:
        raise Failed(f"{_place(subject)}: default of {wrong[0][0]}: {wrong[0][1]}", "a value of its type")
    full = subject.config
    text = OmegaConf.to_yaml(OmegaConf.create(full))
    read = OmegaConf.to_container(OmegaConf.create(text))
    assert isinstance(read, dict)
    again, faults = configs.validate(subject.spec, {str(key): value for key, value in read.items()})
    changed = faults[0][1] if faults else difference(full, again)
    if changed:
        raise Failed(
            f"{_place(subject)}: the config is another one after YAML: {changed}",
            "numbers, text, lists and mappings, which a graph's file can hold",
        )
    before = _defaults(subject)
    subject.build()
    subject.cls(**subject.given)
    found = difference(before, _defaults(subject))
    if found:
        raise Failed(
            f"{_place(subject)}: building it changes its default {found}",
            "defaults that stay: the next instance would get another config",
            "copy the list or mapping before changing it",
        )


@check("bad_config", "config")
def bad_config(subject: Subject) -> None:
    """Options out of range (negative, 0, huge, NaN, unknown words) work or are refused with an InputError."""
    tried = list(_bad(subject))
    if not tried:
        raise Skipped("it has no numbers and words to choose")
    for option, value in tried:
        try:
            subject.build(**{option: value})
        except (InputError, WeightsError) as error:
            if isinstance(error, InputError) and not clear(error):
                raise Failed(
                    f"{_place(subject)}: {option}={value!r} is refused with {str(error)!r}",
                    "InputError(sends, wants): what was sent, and what is possible",
                ) from error
        except Exception as error:
            raise Failed(
                f"{_place(subject)}: {option}={value!r} gives {type(error).__name__}: {error}",
                "an InputError that says which values are possible, or an instance that works",
                f"check {option} in __init__ and raise InputError(sends, wants)",
            ) from error


def _bad(subject: Subject) -> Iterator[tuple[str, Any]]:
    for item in subject.spec.config:
        kept = configs.parse_type(item.type)
        parts = typing.get_args(kept) if isinstance(kept, types.UnionType) else (kept,)
        for part in parts:
            if not item.weights and isinstance(part, type):
                yield from ((item.name, value) for value in BAD.get(part, ()))


def _defaults(subject: Subject) -> dict[str, Any]:
    parameters = inspect.signature(subject.cls).parameters.values()
    found = {item.name: item.default for item in parameters if item.default is not inspect.Parameter.empty}
    return copy.deepcopy(found)


def _place(subject: Subject) -> str:
    return f"{place_of(subject.cls.__init__)}: {subject.cls.__qualname__}"
