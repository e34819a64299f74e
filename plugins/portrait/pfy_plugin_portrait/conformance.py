"""For the conformance kit: what a component here does that the kit would otherwise take for a fault."""

from __future__ import annotations

expected_failed = {
    "extractor/face-track": {"extremes": "a frame without a face, such as a black one, has a row of NaN"},
}
