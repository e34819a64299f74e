"""What a component returned, held against what it declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pfy_core.component import OUT, describe, place
from pfy_core.errors import NodeError, PfyError, PluginError, ResultError
from pfy_core.ports import typed, value_fault

if TYPE_CHECKING:
    from pfy_core.component import Component, ComponentSpec


class Mismatch(PfyError):
    """A component returned something else than it declares; the run adds which node and where it is."""


def failure(node: str, spec: ComponentSpec, component: Any, raised: BaseException) -> BaseException:
    """What a run raises for what a node raised: PfyErrors as they are, others with node and plugin.

    ``component`` is the instance, or None when it could not be built; it stands for one elsewhere when the
    node runs in another process.
    """
    made = type(component) if getattr(component, "id", "") == spec.id else None
    wrapped: NodeError
    if isinstance(raised, Mismatch):
        wrapped = ResultError(
            node, spec.id, spec.plugin, raised, place(made, made.__call__) if made else spec.target
        )
    elif isinstance(raised, PfyError | KeyboardInterrupt):
        return raised
    else:
        wrapped = NodeError(node, spec.id, spec.plugin, raised)
        if made and spec.plugin and isinstance(raised, TypeError) and _stale(made, spec):
            package = spec.target.partition(".")[0]
            wrapped.fix = f"{package}/pfy.json is not what the code says: pfy plugins manifest {package}"
    wrapped.__cause__ = raised
    return wrapped


def _stale(made: type[Component], spec: ComponentSpec) -> bool:
    try:
        return describe(made) != spec
    except PluginError:
        return True


def stream(spec: ComponentSpec, result: Any) -> Iterator[Any]:
    """The result of a component with streams; Mismatch when it is no iterator."""
    if not isinstance(result, Iterator):
        raise Mismatch(typed(result), _wanted(spec), "yield each chunk as it is made")
    return result


def record(spec: ComponentSpec, result: Any) -> dict[str, Any]:
    """A result, or a chunk of a stream, as ``{port: value}``.

    Raises Mismatch when a port is missing, or its value has another type, shape or dtype than is declared.
    """
    single = len(spec.outputs) == 1 and spec.outputs[0].name == OUT
    if single:
        values = {OUT: result}
    else:
        lacking = [port.name for port in spec.outputs if not hasattr(result, port.name)]
        if lacking:
            sends = f"{typed(result)} without {', '.join(lacking)}"
            raise Mismatch(sends, _wanted(spec), "return the dataclass that the annotation names")
        values = {port.name: getattr(result, port.name) for port in spec.outputs}
    for port in spec.outputs:
        fault = value_fault(port, values[port.name])
        if fault:
            label = "" if single else f"{port.name}: "
            raise Mismatch(
                f"{label}{fault}", f"{label}{port.port}", "return what the annotation says, or change it"
            )
    return values


def _wanted(spec: ComponentSpec) -> str:
    ports = ", ".join(
        str(port.port) if port.name == OUT else f"{port.name}: {port.port}" for port in spec.outputs
    )
    return f"an iterator over {ports}" if any(port.stream for port in spec.outputs) else ports
