"""Whether an installed plugin could be imported, told without importing it.

``fault`` reads what is already on disk: the requirements in the distribution's metadata, compared with
what is installed, and the syntax of sources that were not compiled yet. It costs some milliseconds a
plugin and runs when one is listed, examined, or used by a graph that is checked; discovery does not.
"""

from __future__ import annotations

import importlib.metadata
from importlib.util import cache_from_source
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pfy_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYC_HEADER = 16
"""Bytes before the code in a .pyc: magic number, flags, and where these are 0 time and size of the source
(PEP 552)."""


def fault(distribution: str, root: Path) -> PluginError | None:
    """Why the plugin in the folder ``root`` could not be imported, or None."""
    return _missing(distribution) or _malformed(root)


def _missing(distribution: str) -> PluginError | None:
    lacking = dict(unmet(distribution))
    if not lacking:
        return None
    sends = f"it needs {', '.join(f'{need}, {found}' for need, found in lacking.items())}"
    return PluginError(sends, fix=f"pip install {' '.join(repr(need) for need in lacking)}")


def unmet(
    distribution: str, extras: frozenset[str] = frozenset(), seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Requirements of a distribution, or of these extras of it, that are not met: ``(need, what is there)``.

    Of what it needs in turn, only the extras that it asks for are looked at.
    """
    try:
        lines = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for line in lines:
        try:
            need = Requirement(line)
        except InvalidRequirement:
            yield line, "which is no requirement"
            continue
        if not _applies(need, extras):
            continue
        try:
            found = importlib.metadata.version(need.name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{need.name}{need.specifier}", "which is not installed"
            continue
        if not need.specifier.contains(found, prereleases=True):
            yield f"{need.name}{need.specifier}", f"and {found} is installed"
        name = canonicalize_name(need.name)
        if need.extras and name not in seen:
            yield from unmet(name, frozenset(need.extras), seen | {name})


def _applies(need: Requirement, extras: frozenset[str]) -> bool:
    """Whether a requirement counts here: always, or on behalf of one of the extras."""
    always = need.marker is None or need.marker.evaluate({"extra": ""})
    if not extras:
        return always
    return not always and any(need.marker.evaluate({"extra": extra}) for extra in extras if need.marker)


def _malformed(root: Path) -> PluginError | None:
    """The first source of a package that is no Python; those with a .pyc of their own time and size are."""
    for source in sorted(root.rglob("*.py")):
        try:
            if not _compiled(source):
                compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            made = PluginError(f"{source}:{line}: {type(error).__name__}: {getattr(error, 'msg', error)}")
            made.__cause__ = error
            return made
        except OSError:
            continue
    return None


def _compiled(source: Path) -> bool:
    try:
        with open(cache_from_source(str(source)), "rb") as file:  # noqa: PTH123
            head = file.read(PYC_HEADER)
    except (OSError, NotImplementedError):
        return False
    state = source.stat()
    flags, time, size = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
    return not flags and (time, size) == (int(state.st_mtime) & 0xFFFFFFFF, state.st_size & 0xFFFFFFFF)
