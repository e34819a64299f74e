"""Text that OmegaConf shall take as it is, even where it looks like an interpolation."""

from __future__ import annotations

import re
from typing import Any


def literal(value: Any) -> Any:
    """A value, or a container of values, with every ``${`` escaped and nothing else changed."""
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", value) if isinstance(value, str) else value
