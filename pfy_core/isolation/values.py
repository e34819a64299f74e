"""What crosses between processes, as JSON and arrays, and what stands for a class that one side has not.

Text, numbers, None, lists, tuples, mappings, arrays, tensors and dataclasses of these may cross. A dataclass
of a plugin that this process has not becomes a *stand-in*: a dataclass of the same name with the same fields,
which can be read, digested and passed on, and has no methods. A tensor where there is no torch becomes a
``ForeignTensor``, which can only be passed on.
"""

from __future__ import annotations

import dataclasses
import sys
from functools import cache
from typing import Any

from pfy_core import digest
from pfy_core.errors import InputError


class CannotCross(TypeError):
    """A value that is none of those above."""


class _OnlyFields(InputError, AttributeError):
    """What is asked of a stand-in that it has not; ``hasattr`` sees an ordinary missing attribute."""


class StandIn:
    """A dataclass whose class is not installed here: its fields, and no more."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _OnlyFields(
            f"{digest.type_name(self)} has only its fields here: there is no {name!r}",
            "a node that has the plugin it comes from",
            "install that plugin here too, or give this node the same venv",
        )


class ForeignTensor:
    """A torch tensor in a process without torch: passed on as it is, and never looked into."""

    def __init__(self, memory: Any, place: dict[str, Any]) -> None:
        self.shape, self.dtype, self.device = tuple(place["shape"]), place["dtype"], place["device"]
        self.data = memoryview(memory)[place["at"] : place["at"] + place["bytes"]]
        self.layout, self.is_quantized, self.nbytes = "torch.strided", False, place["bytes"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _OnlyFields(
            f"a torch tensor {self.shape}, and torch is not installed here (asked for its {name!r})",
            "a node that has torch",
            "pip install torch, or give this node the same venv",
        )


def encode(value: Any, arrays: dict[str, Any]) -> Any:
    """A value as JSON data, its arrays put into ``arrays``. Raises CannotCross."""
    try:
        return _encode(value, arrays)
    except digest.Unhashable as error:
        raise CannotCross(f"{error}".replace("stored", "sent to another process")) from error


def _encode(value: Any, arrays: dict[str, Any]) -> Any:
    # Containers here and leaves there, since only this side knows stand-ins and foreign tensors.
    if type(value) in (list, tuple):
        return {type(value).__name__: [_encode(item, arrays) for item in value]}
    if type(value) is dict:
        return {"dict": [[_encode(k, arrays), _encode(v, arrays)] for k, v in value.items()]}
    if type(value) is ForeignTensor:
        name = f"torch.{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if digest.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        return {
            "dataclass": digest.type_name(value),
            "fields": {name: _encode(getattr(value, name), arrays) for name in fields},
        }
    return digest.encode(value, arrays)


def decode(data: Any, arrays: dict[str, Any], *, result: bool = False) -> Any:
    """The value that ``encode`` described.

    Dataclasses are the real ones where this process has them: of pfy_core, of what is imported already,
    of installed plugins. A ``result`` (a dataclass of ports) does not have its plugin imported for it.
    """
    if result and "dataclass" in data and data["dataclass"].partition(":")[0] not in sys.modules:
        fields = {name: digest.decode(part, arrays, _make) for name, part in data["fields"].items()}
        return _stand_in(data["dataclass"], tuple(fields))(**fields)
    return digest.decode(data, arrays, _make)


def _make(name: str, fields: dict[str, Any]) -> Any:
    try:
        return digest.known_dataclass(name)(**fields)
    except Exception:
        # Not installed here, broken, or of another version: what is known of it are its fields.
        return _stand_in(name, tuple(fields))(**fields)


@cache
def _stand_in(name: str, fields: tuple[str, ...]) -> Any:
    """A dataclass called ``module:name``: its values have the digests that the real ones have."""
    module, _, qualified = name.partition(":")
    made = dataclasses.make_dataclass(qualified.rpartition(".")[2], fields, bases=(StandIn,))
    made.__module__, made.__qualname__ = module, qualified
    return made
