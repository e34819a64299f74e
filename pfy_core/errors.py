"""Every error that pfy raises on purpose, and the shape of a graph problem.

PfyError             something sent is not what is wanted (exit status 2)
├── InputError       a text, image, recording or option
├── GraphError       a graph that cannot run; carries all its Problems
├── PluginError      a component or plugin that cannot be found or loaded
├── WeightsError     a weights file that is absent or is not the one named
├── OutputError      an output that cannot be written
├── NodeError        a component raised; names node, component and plugin (exit status 1)
│   ├── ResultError  it returned something else than it declares
│   └── ProcessError the process of its own in which a component ran has ended
└── Cancelled        the run was interrupted (exit status 130)
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class PfyError(Exception):
    """An error whose text is for the user: what was sent, what was wanted, how to fix it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, sends: str, wants: str = "", fix: str = "") -> None:
        super().__init__(sends)
        self.sends, self.wants, self.fix = sends, wants, fix

    def __str__(self) -> str:
        lines = [self.sends]
        if self.wants:
            lines.append(f"  wants  {self.wants}")
        if self.fix:
            lines.append(f"  fix    {self.fix}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data, for ``--json``."""
        return {
            "error": type(self).__name__,
            "sends": self.sends,
            "wants": self.wants,
            "fix": self.fix,
        }


class InputError(PfyError):
    """A text, image, recording or option that cannot be used."""


class PluginError(PfyError):
    """A component or plugin that cannot be found or loaded."""


class WeightsError(PfyError):
    """A weights file that is absent, or that is not the file its name promises."""


class OutputError(PfyError):
    """An output that cannot be written."""


class NodeError(PfyError):
    """A component failed while it ran."""

    exit_code = 1

    def __init__(self, node: str, component: str, plugin: str, cause: BaseException) -> None:
        super().__init__(
            f"node {node!r} failed: {type(cause).__name__}: {cause}",
            fix=f"{component} comes from {plugin or 'this session'}; run again with --debug "
            "for the traceback and report it to that plugin",
        )
        self.node, self.component, self.plugin = node, component, plugin


class ResultError(NodeError):
    """A component returned something else than it declares; ``place`` is where its code is."""

    def __init__(self, node: str, component: str, plugin: str, fault: PfyError, place: str) -> None:
        super().__init__(node, component, plugin, fault)
        self.sends = f"node {node!r} failed: {place}: {component} returned {fault.sends}"
        self.wants, self.fix = fault.wants, fault.fix
        if plugin:
            self.fix += f"; or report it to {plugin}"
        self.args = (self.sends,)


class ProcessError(NodeError):
    """The process in which a component ran was killed, crashed or left; ``words`` are its last lines."""

    def __init__(self, node: str, component: str, plugin: str, end: str, words: Sequence[str] = ()) -> None:
        super().__init__(node, component, plugin, RuntimeError(end))
        brought = f"{component} of {plugin}" if plugin else component
        self.sends = f"node {node!r} failed: the process of {brought} {end}"
        self.fix = "run again: that starts a fresh process"
        if "SIGKILL" in end:
            self.fix += "; a system that is short of memory ends processes so"
        if words:
            self.fix += "; its last words were\n" + "\n".join(f"         | {line}" for line in words)
        self.words = tuple(words)
        self.args = (self.sends,)


class Cancelled(PfyError):
    """The run was interrupted before its end; nothing half-written is left."""

    exit_code = 130

    def __init__(self, sends: str = "cancelled; nothing was written") -> None:
        super().__init__(sends)


@dataclass(frozen=True)
class Problem:
    """One reason why a graph cannot run.

    ``code`` is stable (E1xx component, E2xx edge, E3xx shape of the graph, E4xx config, E5xx
    weights, E6xx place); ``where`` is a path such as ``nodes.video.take.motion``; ``line`` is the line of the
    graph's YAML file, or 0.
    """

    code: str
    where: str
    sends: str
    wants: str = ""
    fix: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        text = f"{self.code}  {place}\n  sends  {self.sends}"
        if self.wants:
            text += f"\n  wants  {self.wants}"
        if self.fix:
            text += f"\n  fix    {self.fix}"
        return text


class GraphError(PfyError):
    """A graph that cannot run, with every problem found."""

    def __init__(self, problems: Sequence[Problem], name: str = "") -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        super().__init__(f"graph {name or 'without a name'} has {count}")

    def __str__(self) -> str:
        return "\n".join([self.sends, *map(str, self.problems)])

    def as_dict(self) -> dict[str, Any]:
        return {
            "error": "GraphError",
            "sends": self.sends,
            "problems": [vars(problem) for problem in self.problems],
        }


def raised_at(error: BaseException, folder: str) -> str:
    """``file:line: `` where an error comes from: malformed source, or the last code of ``folder`` under way.

    Empty when none of the folder's code was.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}: "
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(folder)]
    return f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""


SHOWN = 6
"""Names that an error lists; the rest is counted."""


def listed(names: Iterable[str]) -> str:
    """``"a, b, c"``: the first names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``"did you mean 'fps'?"`` for the closest known name, or an empty string."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""
