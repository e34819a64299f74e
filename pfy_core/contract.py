"""What a component may declare: names, ports and defaults that can be used, and what its role asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pfy_core.errors import PluginError
from pfy_core.ports import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.component import ComponentSpec
    from pfy_core.ports import Port

ROLES = "Encoder, Fuser, Decoder, Adapter, Metric, Extractor, Loss or Dataset"
NAME = re.compile("[a-z0-9]+([._-][a-z0-9]+)*")
KIND = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*")
DIM = re.compile(r"\w+|\.\.\.")
DTYPE = re.compile("u?int(8|16|32|64)|b?float(16|32|64)|bool|complex(64|128)")

Fault = tuple[str, str, str]
"""What was sent, what is wanted, how to fix it."""


def of_name(id: str) -> Fault | None:
    """What is wrong with a component's id, ``role/name``."""
    role, _, name = id.partition("/")
    if not role:
        return f"a component {name!r} without a role", ROLES, "subclass one of them instead of Component"
    if not NAME.fullmatch(name):
        return f"the name {name!r}", "small letters and digits, in words joined by '-'", 'name="face-mesh"'
    return None


def of_port(port: Port) -> Fault | None:
    """What is wrong with a port's own words; see ``Port`` for what they mean."""
    words = [dim for dim in port.dims.split() if DIM.fullmatch(dim)] if isinstance(port.dims, str) else []
    number = isinstance(port.rate, int | float) and not isinstance(port.rate, bool)
    named = isinstance(port.rate, str) and port.rate.isidentifier()
    if not isinstance(port.kind, str) or not KIND.fullmatch(port.kind):
        return f"kind {port.kind!r}", "a dotted name in small letters", "'audio.wave'; see pfy_core.kinds"
    if not isinstance(port.dims, str) or len(words) != len(port.dims.split()):
        return f"dims {port.dims!r}", "names and numbers in one text", "'t 512'"
    if port.rate is not None and not named and not (number and float(port.rate) > 0):
        return f"rate {port.rate!r}", "items per second, or a name", "rate=16_000, or rate='fps'"
    if port.dtype and not (isinstance(port.dtype, str) and DTYPE.fullmatch(port.dtype)):
        return f"dtype {port.dtype!r}", "the name of a dtype with its size", "dtype='float32'"
    if port.range is not None and not (len(port.range) == 2 and port.range[0] <= port.range[1]):
        return f"range {port.range!r}", "the lowest and the highest value", "range=(-1, 1)"
    return None


def of_config(spec: ComponentSpec) -> Fault | None:
    """What is wrong with the types and the defaults of the constructor's parameters."""
    from pfy_core import config  # OmegaConf loads slowly, and importing a component's base needs none

    try:
        config.validate(spec, {})
    except PluginError as error:
        return error.sends.removeprefix(f"{spec.id} has "), error.wants, error.fix
    return None


def of_role(spec: ComponentSpec, *, sized: bool) -> Fault | None:
    """What a metric, a loss or a dataset lacks; ``sized`` says whether the class has a length of its own."""
    return next(_of_role(spec, sized=sized), None)


def _of_role(spec: ComponentSpec, *, sized: bool) -> Iterator[Fault]:
    made = ", ".join(port.port.kind for port in spec.outputs)
    taken = ", ".join(f"{port.name}: {port.port.kind}" for port in spec.inputs)
    if spec.role == "metric" and not all(fits(port.port.kind, "metric") for port in spec.outputs):
        yield f"a metric that gives {made}", "metric.value", "Annotated[float, Port('metric.value')]"
    if spec.role == "loss" and [port.port.kind for port in spec.outputs] != ["loss.value"]:
        yield f"a loss that gives {made}", "one loss.value", "Annotated[Tensor, Port('loss.value', '')]"
    if spec.role == "dataset" and [p.name for p in spec.inputs if p.port.kind == "dataset.item"] != ["item"]:
        yield f"a dataset that takes {taken or 'nothing'}", "item: Item", "from pfy_core import Item"
    if spec.role == "dataset" and len(spec.inputs) > 1:
        yield f"a dataset that takes {taken}", "item: Item alone", "make the others options of __init__"
    if spec.role == "dataset" and not sized:
        yield "a dataset without a length", "a method __len__", "def __len__(self) -> int"
