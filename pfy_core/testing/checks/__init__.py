"""The checks of the conformance kit, by id, in the order in which they are run and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfy_core.testing.checks import behaviour, code, inputs, options, places, ports, streams

if TYPE_CHECKING:
    from pfy_core.testing.checks.check import Check

CHECKS: dict[str, Check] = {
    check.id: check
    for check in (
        *(code.loads, code.docs, code.manifest, code.light_import, code.registered_weights),
        *(options.config, options.bad_config),
        *(ports.runs, behaviour.deterministic, behaviour.reusable, behaviour.seed),
        *(ports.shapes, ports.dtype, ports.range_, ports.rate),
        *(ports.odd_lengths, ports.one_frame, ports.optional),
        *(inputs.extremes, inputs.bad_input, inputs.inputs_kept),
        *(streams.stream, streams.flows, streams.framewise, streams.stops),
        *(behaviour.rng, behaviour.settings, behaviour.quiet, behaviour.network),
        *(places.device, places.isolated),
    )
}
