"""The fields of a sample: what a recipe may give to a graph, and their clocks."""

from __future__ import annotations

from dataclasses import dataclass

FPS = 25.0
"""Frames per second of a sample: the clock on which windows begin and end."""


@dataclass(frozen=True)
class Field:
    """A field of a sample: its kind (``pfy_core.kinds``), and items per second (0: it is given whole)."""

    kind: str
    rate: float = 0.0


FIELDS = {
    "wave": Field("audio.wave", 16_000.0),
    "motion": Field("motion.face", FPS),
    "landmarks": Field("face.landmarks"),
    "image": Field("image.rgb"),
    "text": Field("text"),
    "phones": Field("speech.phones"),
}
"""What ``pfy_plugin_data.shards.Sample`` has that a network can learn from."""
