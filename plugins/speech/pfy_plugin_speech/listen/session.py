"""Opening the small ONNX networks that listen."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from pfy_core import weights
from pfy_core.errors import WeightsError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_network(name: str) -> InferenceSession:
    """The network of a weights name, fetched if it is not here; kept in memory.

    Raises WeightsError when it cannot be had, or is no ONNX model.
    """
    return open_file(weights.path(name))


@functools.lru_cache(maxsize=4)
def open_file(path: Path) -> InferenceSession:
    """The network in a file, kept in memory. Raises WeightsError when it is no ONNX model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # each takes milliseconds
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base but this one
        why = f"{path} cannot be opened: {error}"
        raise WeightsError(
            why, "the ONNX model it was registered as", "delete it; it is fetched again"
        ) from error
