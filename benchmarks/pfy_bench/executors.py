"""Where items are worked on: here, one after the other, or shared out to the workers of a Ray cluster.

Lines come back as they are finished; what is calculated over all clips takes them in the data's order,
so that the way they were shared out changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pfy_core import InputError
from pfy_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pfy_bench.bench import Bench
    from pfy_bench.records import Item

EXECUTORS = ("local", "ray")


def lines(bench: Bench, items: Sequence[str], executor: str = "local", workers: int = 0) -> Iterator[Item]:
    """The lines of items, as they are finished.

    ``workers`` is how many Ray starts on this machine when no cluster is running; 0 for one a processor.
    Raises InputError for another executor, PluginError without Ray.
    """
    check(executor)
    if executor == "ray":
        yield from _shared(bench, items, workers)
        return
    for item in items:
        yield from bench.item(item)


def check(executor: str) -> None:
    """Raise InputError for an executor that is not."""
    if executor not in EXECUTORS:
        raise InputError(f"executor {executor!r}", f"one of {', '.join(EXECUTORS)}")


def _shared(bench: Bench, items: Sequence[str], workers: int) -> Iterator[Item]:
    try:
        import ray
        from ray.util import ActorPool
    except ImportError as error:
        raise PluginError("Ray is not installed", fix='pip install "pfy-bench[ray]"') from error
    cluster: Any = ray
    begun = not ray.is_initialized()
    if begun:
        ray.init(num_cpus=workers or None, include_dashboard=False, log_to_driver=False)
    try:
        count = workers or int(cluster.available_resources().get("CPU", 1))
        worker = cluster.remote(_Worker)
        pool = ActorPool([worker.remote(bench) for _ in range(min(count, len(items)) or 1)])
        for found in pool.map_unordered(lambda actor, item: actor.item.remote(item), list(items)):
            yield from found
    finally:
        if begun:
            ray.shutdown()


class _Worker:
    """Keeps its networks from item to item."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def item(self, name: str) -> list[Item]:
        return list(self._bench.item(name))
