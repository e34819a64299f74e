"""What the conformance kit needs to know of the core's own components."""

config = {"adapter/resample": {"source": 24_000, "rate": 16_000}}
"""Options without a default, by component."""
