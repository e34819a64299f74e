"""Checkpoints of networks: read without executing anything in them, compared strictly, loaded, made.

For plugins that stand on torch; importing this module imports no torch. A checkpoint is a safetensors
file or what ``torch.save`` wrote: a state dict, or a trainer's dict that holds one (see ``INSIDE``).
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core import tensor_file, weights
from pfy_core.errors import OutputError, WeightsError
from pfy_core.options import init_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from torch import Tensor, nn

INSIDE = ("model", "state_dict", "net_state_dict")
"""Where trainers put the state dict (Coqui; Lightning; Hallo's and Playing For You's train.py)."""
SHOWN = 6
"""Names per line of an error; the rest is counted."""
WANTS = "a state dict as safetensors, or as torch.save writes it"
AGAIN = "fetch or copy it again, or name another file"
_stubbing = threading.Lock()
"""torch keeps the globals that a file may name in one place for the whole process."""


class _Inert:
    """Stands for whatever class or function a pickle names: takes anything, does nothing."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> _Inert:
        return object.__new__(cls)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        return

    def __setstate__(self, _state: Any) -> None:
        return


def read(name: str, rename: Callable[[str], str | None] = str) -> dict[str, Tensor]:
    """The tensors of a checkpoint's state dict, a weights entry's or a file's; nothing is fetched.

    ``rename`` gives the name that a key of the file goes by, None for one to leave out. Tensors stay on
    disk (memory-mapped) until they are used. Raises WeightsError as ``contents`` and ``state`` do.
    """
    held = contents(name)
    inside = (held[key] for key in INSIDE if isinstance(held.get(key), dict))
    return state(next(inside, held), name, rename)


def contents(name: str) -> dict[Any, Any]:
    """All that a checkpoint holds, for those that keep several state dicts; nothing is fetched.

    Of pickles, torch's own ``weights_only`` reader rebuilds the tensors; every other class or function
    they name is replaced by one that does nothing.
    Raises WeightsError for a file that is absent, damaged or holds no dict.
    """
    path = weights.path(name, fetch=False)
    try:
        found = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    # Damaged files raise nearly anything, from EOFError to KeyError, out of torch's unpickler.
    except Exception as error:
        raise _unreadable(path) from error
    if not isinstance(found, dict):
        raise WeightsError(f"{path} holds a {type(found).__name__}", WANTS)
    return found


def state(held: Any, name: str, rename: Callable[[str], str | None] = str) -> dict[str, Tensor]:
    """What of a checkpoint is a state dict, checked: its tensors as ``rename`` names them.

    name: the checkpoint's, for the errors. Raises WeightsError for what holds anything but tensors, or
    when two keys get the same name.
    """
    import torch

    if not isinstance(held, dict):
        raise WeightsError(f"{name} holds a {type(held).__name__}", WANTS)
    others = [str(key) for key, value in held.items() if not isinstance(value, torch.Tensor)]
    if others:
        raise WeightsError(f"{name} holds more than tensors: {listed(others)}", WANTS)
    return dict(_renamed(held, rename))


def load(module: nn.Module, name: str, state: Mapping[str, Tensor], *, fix: str = "", whole: int = 0) -> None:
    """Give a module (which may be on the meta device) the tensors of a state dict, as copies of its own.

    name: the checkpoint's, for the error; ``whole`` the number of keys of the file that ``state`` is part
    of, when that is more. Raises WeightsError naming every key that is missing, unexpected or of another
    shape than the module's, and then leaves the module as it was.
    """
    import torch

    wanted = module.state_dict()
    faults = differences(state, wanted)
    if faults:
        sends = "".join(f"\n           {fault}" for fault in faults)
        count = f"exactly {len(wanted)} keys" + (f" (of the file's {whole})" if whole else "")
        raise WeightsError(f"weights {name!r} do not fit:{sends}", f"{count}: {listed(wanted)}", fix)
    own = {key: state[key].to(value.dtype, copy=True) for key, value in wanted.items()}
    with torch.no_grad():
        module.load_state_dict(own, assign=True)


def save(file: Path, state: Mapping[str, Tensor]) -> None:
    """Write tensors as safetensors, all or nothing; OutputError when the file cannot be written."""
    import safetensors.torch

    part = file.with_name(f".{file.name}.{os.getpid()}")
    whole = {key: value.detach().cpu().contiguous() for key, value in state.items()}
    try:
        part.write_bytes(safetensors.torch.save(whole))
        part.replace(file)
    except OSError as error:
        wants = "a file in a folder that exists"
        raise OutputError(f"{file} cannot be written: {error.strerror or error}", wants) from error
    finally:
        part.unlink(missing_ok=True)


def add(file: Path, state: Mapping[str, Tensor]) -> None:
    """Write tensors into a safetensors file beside those that it holds already, all or nothing.

    Raises WeightsError when the file is none, OutputError when it cannot be written.
    """
    held = read(str(file.absolute())) if file.exists() else {}
    save(file, held | dict(state))


def differences(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """What is wrong with a state dict, one line for each sort of fault; shapes are given as wanted."""
    missing = [f"{key} ({_dims(value)})" for key, value in wanted.items() if key not in state]
    unexpected = [f"{key} ({_dims(value)})" for key, value in state.items() if key not in wanted]
    both = [key for key in wanted if key in state]
    shapes = [
        f"{key} is ({_dims(state[key])}), not ({_dims(wanted[key])})"
        for key in both
        if state[key].shape != wanted[key].shape
    ]
    kinds = [
        f"{key} is {str(state[key].dtype).removeprefix('torch.')}, not a float"
        for key in both
        if wanted[key].is_floating_point() and not state[key].is_floating_point()
    ]
    parts = (("missing", missing), ("unexpected", unexpected), ("shape", shapes), ("dtype", kinds))
    return [f"{title}: {listed(names)}" for title, names in parts if names]


def listed(names: Any) -> str:
    """The first of many names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def seeded(wanted: Mapping[str, Tensor], seed: int) -> dict[str, Tensor]:
    """Random float32 values for the names and shapes of a state dict, the same on every machine.

    Normal with variance 1 / fan-in for what multiplies, near 1 for vectors called weight or gamma and for
    variances (so that no two are alike), near 0 for the rest. The values of a key depend on its name,
    shape and the seed alone; numpy freezes the stream of ``RandomState`` for good (NEP 19).
    Raises InputError for a seed that is not 0 to 2**32 - 1.
    """
    import torch

    init_seed(seed, bits=32)
    made = {}
    for key, value in wanted.items():
        if not value.is_floating_point():
            made[key] = torch.zeros(value.shape, dtype=value.dtype)
            continue
        random = np.random.RandomState(zlib.crc32(key.encode()) ^ seed)
        noise = random.standard_normal(tuple(value.shape)).astype(np.float32)
        made[key] = torch.from_numpy(_scaled(key, noise))
    return made


def _scaled(key: str, noise: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    last = key.rpartition(".")[2]
    if noise.ndim >= 2 and noise.size > noise.shape[0]:
        return np.asarray(noise / np.sqrt(noise.size / noise.shape[0]), np.float32)
    if last in ("weight", "gamma", "running_var", "original0"):
        return np.asarray(1 + 0.1 * np.tanh(noise), np.float32)
    return np.asarray(0.1 * noise, np.float32)


def _unreadable(path: Path) -> WeightsError:
    """Why a file was refused, in our words: torch's advise to run what is in it."""
    try:
        tensor_file.tensors(path)
    except WeightsError as fault:
        reason = fault.sends.removeprefix(f"{path} ")
        return WeightsError(f"{path} cannot be read: it {reason}", fault.wants, fault.fix or AGAIN)
    return WeightsError(
        f"{path} cannot be read: it holds more than tensors, and what else it names is never run",
        WANTS,
        "have it saved as torch.save(model.state_dict(), FILE)",
    )


def _safetensors(path: Path) -> dict[str, Tensor]:
    import safetensors

    with safetensors.safe_open(path, framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def _pickled(path: Path) -> Any:
    import torch
    from torch import serialization

    zipped = zipfile.is_zipfile(path)
    with _stubbing, contextlib.ExitStack() as stack:
        if zipped:
            named = serialization.get_unsafe_globals_in_checkpoint(path)
            stubs = [(type("Inert", (_Inert,), {}), item) for item in named]
            stack.enter_context(serialization.safe_globals(stubs))
        # torch warns of pickles that it did not write itself, and then refuses them anyway.
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)


def _renamed(state: Mapping[str, Any], rename: Callable[[str], str | None]) -> Iterator[tuple[str, Any]]:
    seen: dict[str, str] = {}
    for key, value in state.items():
        name = rename(str(key))
        if name is None:
            continue
        if name in seen:
            raise WeightsError(f"{key} and {seen[name]} are the same parameter", "each of them once")
        seen[name] = str(key)
        yield name, value


def _dims(value: Tensor) -> str:
    return " ".join(map(str, value.shape)) or "a number"
