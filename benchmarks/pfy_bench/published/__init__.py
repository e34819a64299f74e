"""What others printed about their models: numbers with a source, by protocols that nobody published.

They are shown beside a table and never in it: the same model moves by a factor of three between papers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from pfy_core import InputError
from pfy_core.errors import did_you_mean, listed

UNPUBLISHED = "unpublished"


@dataclass(frozen=True)
class Published:
    """A row of a printed table: ``values`` as printed, by the names there; ``better`` tells which way."""

    method: str
    dataset: str
    values: dict[str, str]
    better: dict[str, str]
    source: str
    url: str
    note: str = ""
    protocol: str = UNPUBLISHED


@cache
def everything() -> dict[str, tuple[Published, ...]]:
    """All rows by the name of their source; numbers stay text, with the digits that were printed."""
    folder = resources.files("pfy_bench") / "published"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name)
    return {
        file.name.removesuffix(".yaml"): tuple(
            _rows(yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader))
        )
        for file in files
    }


def _rows(data: dict[str, Any]) -> tuple[Published, ...]:
    return tuple(
        Published(
            method,
            dataset,
            values,
            data["measures"],
            data["source"],
            data.get("url", ""),
            " ".join(data.get("note", "").split()),
        )
        for dataset, methods in data["rows"].items()
        for method, values in methods.items()
    )


def published(sources: list[str] | None = None, datasets: list[str] | None = None) -> list[Published]:
    """Rows of some sources and data sets, all where None; names of data sets are compared without case.

    Raises InputError for a source that is not here.
    """
    known = everything()
    for name in sources or ():
        if name not in known:
            raise InputError(f"no published results {name!r}", listed(known), did_you_mean(name, known))
    wanted = {name.lower() for name in datasets} if datasets is not None else None
    return [
        row
        for name in sources or known
        for row in known[name]
        if wanted is None or row.dataset.lower() in wanted
    ]
