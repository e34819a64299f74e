"""Running a graph: ready nodes overlap, streams flow between threads, results come from the store.

A node without streams runs in the thread that made it ready; a node that reads or makes a stream has
its own. ``Run`` returns while streams still flow: read an output to wait for it.
"""

from __future__ import annotations

import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pfy_core import digest, media, results
from pfy_core.errors import Cancelled
from pfy_core.events import Event, watching
from pfy_core.keep import Keeper
from pfy_core.plan import starts
from pfy_core.runner import Runner
from pfy_core.stream import Reader, Stream, from_row, in_lane
from pfy_core.trace import NodeTrace, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pfy_core.component import ComponentSpec
    from pfy_core.graph import Graph
    from pfy_core.store import Stored


@dataclass
class _State:
    """A node within a run: how many sources it waits for, what it made, who still needs that."""

    waits: int = 0
    uses: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    stored: Stored | None = None
    stream: Stream | None = None
    readers: dict[int, Reader] = field(default_factory=dict)
    done: bool = False


class Run:
    """One run of a graph. ``run["frames"]`` is an output: a value, or an iterator over chunks.

    Use it as a context manager, or ``close`` it: that stops every node and waits for its thread.
    ``skip`` is called once the inputs are loaded, before anything runs, and says how many rows to leave
    out at the beginning of stream outputs, by name: framewise nodes then do not compute them.
    Raises GraphError or InputError before anything runs.
    """

    def __init__(
        self,
        runner: Runner | Graph,
        inputs: Mapping[str, Any],
        *,
        seed: int = 0,
        outputs: Iterable[str] | None = None,
        skip: Callable[[Run], Mapping[str, int]] | None = None,
    ) -> None:
        self.runner = runner if isinstance(runner, Runner) else Runner(runner)
        self.resolved = self.runner.resolved
        given = {name: value for name, value in inputs.items() if value is not None}
        self.plan = self.runner.plan(frozenset(given), None if outputs is None else tuple(outputs))
        self.inputs = self._load(given)
        self.trace = Trace(self.runner.graph.name, seed)
        self.error: BaseException | None = None
        self._seeds = {node: node_seed(seed, node) for node in self.plan.order}
        store = self.runner.store
        kept = store is not None and store.mode != "off"
        self._keeper = (
            Keeper(store, self.resolved, self.plan, self.runner.catalogue, self.inputs, self._seeds)
            if store is not None and kept
            else None
        )
        self._cancel, self._change = threading.Event(), threading.Condition()
        self._threads: list[threading.Thread] = []
        self._states = {node: _State() for node in self.plan.order}
        self._left = len(self._states)
        self._streams: dict[str, Reader] = {}
        self._waited: dict[str, float] = {}
        self._skip = skip(self) if skip else {}
        self._first, self._leaves = starts(self.resolved, self.plan, self._skip)
        self._start()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __contains__(self, name: str) -> bool:
        return name in self.plan.outputs

    def __getitem__(self, name: str) -> Any:
        """An output: waits for a value; a stream is returned at once, to be iterated.

        Raises KeyError for an output that the graph has not (or that is switched off), and what
        the nodes raised.
        """
        node, port = self.plan.outputs[name]
        if node.startswith("$"):
            return self.inputs[node[1:]]
        if name in self._streams:
            return self._read(self._streams[name])
        state = self._states[node]
        with self._change:
            while not state.done and self.error is None:
                self._change.wait(1.0)
        self._raise()
        return self._value(state, port)

    def chunks(self, name: str) -> Iterator[Any]:
        """An output as a stream, whatever it is: a value comes as its only chunk."""
        if name in self._streams:
            yield from self[name]
            return
        began = time.perf_counter()
        value = self[name]
        self._waited[name] = time.perf_counter() - began
        yield value

    def wait(self) -> None:
        """Wait for the end of every node; raises what a node raised.

        A stream output that nobody reads holds its node up: ``run.drop(name)`` lets it go.
        """
        with self._change:
            while self._left and self.error is None:
                self._change.wait(1.0)
        self._raise()

    def drop(self, name: str) -> None:
        """Say that a stream output will not be read (any further)."""
        if name in self._streams:
            self._streams[name].close()

    def waited(self, name: str) -> float:
        """Seconds that the reader of an output's ``chunks`` has waited so far."""
        return self._streams[name].waited if name in self._streams else self._waited.get(name, 0.0)

    def close(self) -> None:
        """Stop what still runs and wait for it."""
        self._cancel.set()
        for thread in self._threads:
            thread.join(timeout=60.0)

    def _read(self, reader: Reader) -> Iterator[Any]:
        try:
            yield from reader
        except Cancelled:
            self._raise()
            raise
        finally:
            reader.close()

    def _raise(self) -> None:
        if self.error is not None:
            self._cancel.set()
            raise self.error

    # Starting -----------------------------------------------------------------------------------

    def _load(self, given: Mapping[str, Any]) -> dict[str, Any]:
        kinds, rates = self.runner.graph.inputs, self.resolved.rates
        with watching(self.runner.watch, "input"):
            return {
                name: media.load(kinds[name].kind, value, rates.get((f"${name}", "")), name)
                for name, value in given.items()
            }

    def _start(self) -> None:
        for node in self.plan.order:
            state = self._states[node]
            if any(port.stream for port in self.resolved.specs[node].outputs):
                state.stream = Stream(self._cancel)
            state.uses = self.plan.uses[node]
            for follower in self.plan.followers[node]:
                self._states[follower].waits += 1
        for node, state in self._states.items():
            for index, (_, origin, source) in enumerate(self.plan.takes[node]):
                stream = self._states[origin].stream if origin in self._states else None
                if stream is not None:
                    lane, leaves = self.runner.lane(node), self._leaves[node, index]
                    state.readers[index] = stream.reader(source, lane, leaves)
        for name, (node, port) in self.plan.outputs.items():
            stream = self._states[node].stream if node in self._states else None
            if stream is not None:
                leaves = self._skip.get(name, 0) - self._first[node]
                self._streams[name] = stream.reader(port, skip=leaves)
        for node, reason in self.plan.skipped.items():
            self._emit("skip", node, reason)
        with self._caught():
            self._launch([node for node, state in self._states.items() if not state.waits])

    def _launch(self, ready: list[str]) -> None:
        """Start nodes: those with streams and all but one of the others in threads, that one here."""
        while ready:
            here = [n for n in ready if not self._states[n].stream and not self._states[n].readers][-1:]
            for node in ready:
                if node not in here:
                    thread = threading.Thread(target=self._thread, args=(node,), daemon=True)
                    self._threads.append(thread)
                    thread.start()
            ready = self._execute(here[0]) if here else []

    def _thread(self, node: str) -> None:
        with self._caught():
            self._launch(self._execute(node))

    @contextmanager
    def _caught(self) -> Iterator[None]:
        """What fails between nodes (a watcher, say) is an error of the run, and never a silent stop."""
        try:
            yield
        except BaseException as error:
            with self._change:
                self.error = self.error or error
                self._cancel.set()
                self._change.notify_all()

    # One node -------------------------------------------------------------------------------------

    def _execute(self, node: str) -> list[str]:
        """Run a node, or take its result from the store; returns the nodes that became ready."""
        state, spec = self._states[node], self.resolved.specs[node]
        trace = self.trace.nodes[node] = NodeTrace(node, takes=self.runner.graph.nodes[node].take)
        started, error = time.perf_counter(), None
        try:
            if self.error is not None or self._cancel.is_set():
                raise Cancelled
            self._emit("start", node, spec.id)
            with watching(trace.listening(self.runner.watch), node):
                if self._keeper is not None:
                    state.stored = self._keeper.look_up(node, trace)
                    if state.stored is not None:
                        self._emit("hit", node)
                        state.stored.tell()
                if state.stream is not None:
                    self._launch(self._released(node))
                    self._pump(node, state, trace, spec)
                elif state.stored is None:
                    self._call(node, state, trace, spec)
        except BaseException as raised:
            error = results.failure(node, spec, self.runner.built(node), raised)
        waited = trace.blocked + sum(reader.waited for reader in state.readers.values())
        trace.seconds = time.perf_counter() - started - waited
        if state.stream is not None:
            state.stream.close(error)
        for reader in state.readers.values():
            reader.close()
        return self._finish(node, state, error)

    def _finish(self, node: str, state: _State, error: BaseException | None) -> list[str]:
        with self._change:
            if error is not None and (self.error is None or isinstance(self.error, Cancelled)):
                self.error = error
            if error is not None:
                self._cancel.set()
            state.done = True
            self._left -= 1
            last = not self._left
            if last:  # in the plan's order, not in that in which threads happened to start
                self.trace.nodes = {name: self.trace.nodes[name] for name in self.plan.order}
            for _, origin, _ in self.plan.takes[node]:
                if origin in self._states:
                    self._used(self._states[origin])
        self._emit("end", node)
        self.runner.release(node)
        if last and self._keeper is not None:
            with suppress(OSError):
                self.trace.save(self._keeper.store.root)
        with self._change:
            self._change.notify_all()
        return [] if error is not None or state.stream is not None else self._released(node)

    def _released(self, node: str) -> list[str]:
        """Nodes that waited only for this one."""
        ready = []
        with self._change:
            for other in self.plan.followers[node]:
                self._states[other].waits -= 1
                if not self._states[other].waits:
                    ready.append(other)
        return ready

    def _used(self, state: _State) -> None:
        """Forget a value that nobody will take again."""
        state.uses -= 1
        if not state.uses:
            state.values = {}

    def _call(self, node: str, state: _State, trace: NodeTrace, spec: ComponentSpec) -> None:
        state.values = results.record(spec, self._invoke(node, state, spec))
        streamed = bool(state.readers)
        writer = self._keeper.writer(trace, streamed=streamed) if self._keeper else None
        if self._keeper and writer and self._keeper.add(writer, state.values, trace):
            self._keeper.settle(node, writer, trace)

    def _pump(self, node: str, state: _State, trace: NodeTrace, spec: ComponentSpec) -> None:
        """Send a node's records to its readers, and to the store as they come."""
        stream, keeper, writer = state.stream, self._keeper, None
        assert stream is not None
        first = self._first[node]
        if state.stored is not None:
            records: Iterator[dict[str, Any]] = from_row(first, state.stored.chunks())
        else:
            made = in_lane(results.stream(spec, self._invoke(node, state, spec)), self.runner.lane(node))
            records = (results.record(spec, item) for item in made)
            writer = keeper.writer(trace, streamed=True) if keeper and not first else None
            if first and trace.state != "not stored":
                trace.state, trace.reason = "not stored", f"it began with row {first}"
        seconds = self._skipped_seconds(node, spec)
        try:
            for record in records:
                if keeper and writer and not keeper.add(writer, record, trace):
                    writer = None
                before = time.perf_counter()
                wanted = stream.put(record)
                trace.blocked += time.perf_counter() - before
                self._tell_media(node, spec, record, seconds)
                if not wanted:
                    return
            if keeper and writer:
                keeper.settle(node, writer, trace)
                writer = None
        finally:
            if writer:
                writer.drop()

    def _invoke(self, node: str, state: _State, spec: ComponentSpec) -> Any:
        """Call a component with its inputs: by name, variadic ones in order, and its seed."""
        component, named, many = self.runner.instance(node), dict[str, Any](), []
        for index, (port, origin, source) in enumerate(self.plan.takes[node]):
            value: Any
            if index in state.readers:
                value = state.readers[index]
                if not port.stream:
                    value = digest.concatenate(list(value))
            else:
                given = origin.startswith("$")
                value = self.inputs[origin[1:]] if given else self._value(self._states[origin], source)
                if port.stream:
                    leaves = self._leaves[node, index]
                    value = iter([value[leaves:] if leaves else value])
            if port.variadic:
                many.append(value)
            else:
                named[port.name] = value
        if spec.seeded:
            named["seed"] = self._seeds[node]
        with self.runner.lane(node).busy():
            if self.runner.traced:
                hook = self.runner.hooks.hook
                return hook.pfy_node(node=node, spec=spec, call=lambda: component(*many, **named))
            return component(*many, **named)

    def _value(self, state: _State, port: str) -> Any:
        if state.stored is not None and not state.values:
            state.values = state.stored.value()
        return state.values[port]

    def _skipped_seconds(self, node: str, spec: ComponentSpec) -> dict[str, float]:
        """Seconds of each port that lie before the row with which the node begins."""
        rates = {port.name: self.resolved.rates.get((node, port.name)) for port in spec.outputs}
        return {name: self._first[node] / rate for name, rate in rates.items() if rate}

    def _tell_media(
        self, node: str, spec: ComponentSpec, record: dict[str, Any], seconds: dict[str, float]
    ) -> None:
        for port in spec.outputs:
            rate = self.resolved.rates.get((node, port.name))
            if rate and port.stream:
                made = seconds.get(port.name, 0.0) + digest.length(record[port.name]) / rate
                seconds[port.name] = made
                self._emit("media", node, port.name, made)

    def _emit(self, kind: str, node: str, text: str = "", done: float = 0.0) -> None:
        if self.runner.watch is not None:
            self.runner.watch(Event(kind, node, text, done))


def node_seed(seed: int, node: str) -> int:
    """The seed of a node, 0 to 2**32 - 1: another one for every node and run seed."""
    return zlib.crc32(f"{seed}:{node}".encode())
