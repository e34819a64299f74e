"""Checks of where it runs: on which device, in which process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pfy_core.digest import is_tensor
from pfy_core.isolation import Isolated
from pfy_core.testing.checks.check import check
from pfy_core.testing.outcomes import Failed, Skipped
from pfy_core.testing.subject import SIZE
from pfy_core.testing.values import difference

if TYPE_CHECKING:
    from pfy_core.testing.subject import Subject

CPU = "cpu"
NEAR = 2e-2
"""Of the largest magnitude: what two devices may differ by; GPUs multiply float32 with 10 bits (TF32)."""


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


@check("isolated", "deterministic")
def isolated(subject: Subject) -> None:
    """In a process of its own it gives the same."""
    if subject.plugin is None:
        raise Skipped("a class of this session cannot be imported elsewhere")
    with Isolated(subject.spec.id, subject.config) as elsewhere:
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
