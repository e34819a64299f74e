"""Checks of where it runs: the device, without a network, in a process of its own."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pfy_core.digest import is_tensor
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import SIZE
from pfy_core.testing.values import difference
from pfy_core.weights import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.testing.subject import Subject

CPU = "cpu"
NEAR = 2e-2
"""Of the largest magnitude: what two devices may differ by; GPUs multiply float32 with 10 bits (TF32)."""
CALLS = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.sendto",
)
"""Events of Python's audit that reach for the network (docs.python.org, table of audit events)."""
ISOLATION = "pfy_core.isolation"


@check("device", "runs", "deterministic")
def device(subject: Subject) -> None:
    """Outputs are on the device that it was given, and a GPU gives what the CPU gives."""
    values = subject.plain().values
    tensors = {name: value for name, value in values.items() if is_tensor(value)}
    if not tensors:
        raise Skipped("it makes no tensors")
    takes = any(item.name == "device" for item in subject.spec.config)
    _on(subject, tensors, str(subject.config["device"]) if takes else CPU)
    torch = sys.modules["torch"]
    if not takes or not torch.cuda.is_available():
        return
    there = subject.call(subject.build(device="cuda"), subject.inputs(SIZE))
    _on(subject, {name: there[name] for name in tensors}, "cuda")
    here = {name: value.cpu() if is_tensor(value) else value for name, value in there.items()}
    found = difference(values, here, within=NEAR, steps=1)
    if found:
        raise Failed(f"{subject.where}: a GPU gives something else: {found}", "the same on every device")


@check("network", "runs")
def network(subject: Subject) -> None:
    """It asks nothing of the network once its weights are here."""
    inputs = subject.inputs(SIZE)
    with _no_network() as tried:
        try:
            subject.call(subject.build(), inputs)
        except Exception:
            if not tried:
                raise
    if tried:
        raise Failed(
            f"{subject.where} reaches for the network: {', '.join(sorted(set(tried)))}",
            "a component that works offline; files come as weights",
            "register the file in weights.yaml, and open it with pfy_core.weights.path(name)",
        )


@check("isolated", "deterministic")
def isolated(subject: Subject) -> None:
    """In a process of its own it gives the same."""
    if subject.plugin is None:
        raise Skipped("a class of this session cannot be imported elsewhere")
    if importlib.util.find_spec(ISOLATION) is None:
        raise Skipped("this pfy-core has no isolation")
    with importlib.import_module(ISOLATION).Isolated(subject.spec.id, subject.config) as elsewhere:
        found = difference(subject.plain().values, subject.call(elsewhere, subject.inputs(SIZE)), within=1e-6)
    if found:
        raise Failed(
            f"{subject.where}: another process gives something else: {found}",
            "outputs that depend on inputs, config and seed alone",
            "look for what a process has of its own: its id, its hash seed, globals that others set",
        )


def _on(subject: Subject, tensors: dict[str, Any], place: str) -> None:
    for name, tensor in tensors.items():
        if tensor.device.type != place.partition(":")[0]:
            raise Failed(
                f"{subject.where}: {name} is on {tensor.device}, built for {place}",
                "outputs where the component was told to compute",
                "make tensors with device=..., as the inputs or the parameters are",
            )


_guarded = threading.Lock()
_tried: list[str] | None = None
"""What reached for the network while it is forbidden; None while it is not."""
_hooked = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _tried is None or event not in CALLS:
        return
    to = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
    if isinstance(to, str | bytes) and event in ("socket.connect", "socket.sendto"):
        return  # a path: a socket between processes of this machine
    _tried.append(f"{event} {to}")
    raise PermissionError(f"the conformance kit forbids {event}")


@contextmanager
def _no_network() -> Iterator[list[str]]:
    """Refuse every connection and name look-up of this process; gives the list of those that were tried."""
    global _tried, _hooked
    with _guarded:
        if not _hooked:
            sys.addaudithook(_audit)  # stays for good, and does nothing outside of this context
            _hooked = True
        before = os.environ.get(OFFLINE)
        os.environ[OFFLINE] = "1"
        tried: list[str] = []
        _tried = tried
        try:
            yield tried
        finally:
            _tried = None
            if before is None:
                del os.environ[OFFLINE]
            else:
                os.environ[OFFLINE] = before
