"""How loud the speech is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np

from pfy_core.media.audio import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 16_000
EBU_RATE = 48_000


def loudness(wave: Wave, rate: int) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770, EBU R 128) of mono samples, by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=EBU_RATE, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(resample(wave, rate, EBU_RATE)[None]), format="flt", layout="mono"
    )
    frame.sample_rate = EBU_RATE
    graph.push(frame)
    graph.push(None)
    found = float("nan")
    while True:
        try:
            measured: Any = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return found
        found = float(measured.metadata.get("lavfi.r128.I", found))
