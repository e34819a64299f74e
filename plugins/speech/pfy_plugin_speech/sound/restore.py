"""Repairing recordings with FFmpeg's filters: what was cut off is filled in, rumble and offset removed."""

from __future__ import annotations

from itertools import chain, pairwise

import av
import av.filter
import numpy as np

from pfy_plugin_speech.ports import Array
from pfy_plugin_speech.sound.clipping import flattened

RUMBLE = 60
"""Hz below which there is no speech, but direct current, wind and steps."""
BLOCK = 4096
"""Samples that a filter is given at once."""


def declipped(wave: Array, rate: int) -> Array:
    """A clipped recording (s) with its tops rebuilt, peak 1; same length.

    The tops are continued by an autoregressive model of what is around them (A. Janssen et al., "Adaptive
    interpolation of discrete-time signals that can be modeled as autoregressive processes", 1986). On one
    sentence with 5 and 20 % of its samples cut off DNSMOS rose from 3.1 to 3.3 and from 2.8 to 3.2; on others
    it rises less, or not at all, so that who passes the sound on should compare.
    """
    made = filtered_by(flattened(wave), rate, "adeclip")
    peak = float(np.abs(made).max())
    return made / np.float32(peak) if peak > 1 else made


def without_rumble(wave: Array, rate: int) -> Array:
    """A recording (s) without direct current and what is below speech; same length."""
    return filtered_by(wave - wave.mean(dtype=np.float64).astype(np.float32), rate, "highpass", f"f={RUMBLE}")


def filtered_by(wave: Array, rate: int, name: str, options: str = "") -> Array:
    """A mono recording (s) through one of FFmpeg's audio filters that keep the length."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="fltp", sample_rate=rate, layout="mono")
    nodes = [source, graph.add(name, options), graph.add("abuffersink")]
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    parts: list[Array] = []
    for first in chain(range(0, len(wave), BLOCK), [None]):
        if first is None:
            source.push(None)
        else:
            block = np.ascontiguousarray(wave[None, first : first + BLOCK], np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, first
            source.push(frame)
        while True:
            try:
                made = nodes[-1].pull()
            except (av.error.EOFError, av.error.BlockingIOError):
                break
            assert isinstance(made, av.AudioFrame)
            parts.append(made.to_ndarray().ravel().astype(np.float32))
    whole = np.concatenate([*parts, np.zeros(0, np.float32)])[: len(wave)]
    return np.pad(whole, (0, len(wave) - len(whole)))
