"""What the store keeps of a run: look a node up before it runs, keep its result after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pfy_core import digest
from pfy_core.store import Store, Stored, Writer, key_of
from pfy_core.trace import NodeTrace, key_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pfy_core.catalogue import Catalogue
    from pfy_core.check import Resolved
    from pfy_core.plan import Plan

NEVER_STORED = frozenset({"video.frames"})
"""Kinds too large to be worth keeping: 25 frames of 512x512 are 20 MB."""

UNKNOWN = "an input or the code has no digest"


class Keeper:
    """The digests of a run and its dealings with the store."""

    def __init__(
        self,
        store: Store,
        resolved: Resolved,
        plan: Plan,
        catalogue: Catalogue,
        inputs: Mapping[str, Any],
        seeds: Mapping[str, int],
    ) -> None:
        self.store = store
        self._resolved, self._plan, self._catalogue = resolved, plan, catalogue
        self._inputs, self._seeds = inputs, seeds
        self._digests: dict[str, dict[str, str]] = {}

    def look_up(self, node: str, trace: NodeTrace) -> Stored | None:
        """The stored result of a node whose inputs are known, or None; fills the trace."""
        spec = self._resolved.specs[node]
        if not spec.cache or any(port.port.kind in NEVER_STORED for port in spec.outputs):
            reason = "its component says so" if not spec.cache else "video frames are never kept"
            trace.state, trace.reason = "not stored", reason
            return None
        trace.fields = self._fields(node)
        if trace.fields is None:
            return None
        trace.key = key_of(trace.fields)
        found = self.store.get(trace.key) if self.store.reads else None
        if found is None:
            return None
        self._digests[node] = found.digests
        if self.store.mode == "verify":
            trace.expected = found.digests
            return None
        trace.state = "reused"
        return found

    def writer(self, trace: NodeTrace, *, streamed: bool = False) -> Writer | None:
        """Where to put a node's records, or None when they are not to be kept.

        A stream may start before the digests of its inputs are known; they are when it ends.
        """
        if trace.state == "not stored" or not (self.store.writes or trace.expected is not None):
            return None
        reason = UNKNOWN
        if trace.fields is not None or streamed:
            try:
                return self.store.begin()
            except OSError as error:
                reason = str(error)
        _give_up(trace, reason)
        return None

    def add(self, writer: Writer, record: dict[str, Any], trace: NodeTrace) -> bool:
        """Put a record; False, and why in the trace, when the entry has to be given up."""
        try:
            if writer.add(record):
                return True
            _give_up(trace, "larger than a store entry may be", writer)
        except (digest.Unhashable, OSError) as error:
            _give_up(trace, str(error), writer)
        return False

    def settle(self, node: str, writer: Writer, trace: NodeTrace) -> None:
        """The node has ended: commit its entry, or compare it with the stored one."""
        self._digests[node] = writer.digests
        if trace.expected is not None:
            writer.drop()
            same = writer.digests == trace.expected
            trace.state = "verified"
            trace.reason = "same as stored" if same else "DIFFERS from what is stored"
            return
        trace.fields = trace.fields or self._fields(node)
        if trace.fields is None:
            _give_up(trace, UNKNOWN, writer)
            return
        trace.key = key_of(trace.fields)
        try:
            writer.commit(trace.fields, trace.notes, trace.measured)
            trace.state = "stored"
        except OSError as error:
            _give_up(trace, str(error), writer)

    def _fields(self, node: str) -> dict[str, Any] | None:
        """The key fields of a node, or None while the digest of an input is not known."""
        inputs: dict[str, list[str]] = {}
        for port, origin, source in self._plan.takes[node]:
            known = self._digests.get(origin, {}).get(source)
            if known is None and origin.startswith("$"):
                try:
                    known = digest.digest(self._inputs[origin[1:]])
                except digest.Unhashable:
                    return None
                self._digests.setdefault(origin, {})[source] = known
            if known is None:
                return None
            inputs.setdefault(port.name, []).append(known)
        spec = self._resolved.specs[node]
        seed = self._seeds[node] if spec.seeded else None
        place = self._resolved.graph.nodes[node].place
        catalogue = self._resolved.catalogue(node, self._catalogue)
        found = key_fields(spec, self._resolved.config[node], inputs, seed, place, catalogue)
        home = self._resolved.homes.get(node)
        return found | {"environment": home.packages} if found and home else found


def _give_up(trace: NodeTrace, reason: str, writer: Writer | None = None) -> None:
    trace.state, trace.reason = "not stored", reason
    if writer is not None:
        writer.drop()
