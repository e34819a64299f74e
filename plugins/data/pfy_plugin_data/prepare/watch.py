"""Watching a shot: where its face is, how it moves, and what is spoken, by whatever is installed for that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pfy_core import Graph, InputError, Runner
from pfy_core.errors import GraphError, PluginError
from pfy_core.kinds import Phone
from pfy_plugin_data.layout import RATE

FIX = "pip install -U 'pfy-plugin-data[prepare]'"


@dataclass
class Watcher:
    """What is kept from film to film. ``check`` raises PluginError where something is not installed."""

    phones: bool = False

    def check(self) -> None:
        """Find out before the first film."""
        try:
            _ = self._tracker, self._mover
            if self.phones:
                _ = self._listener
        except GraphError as error:
            sends = "films cannot be prepared here: " + "; ".join(p.sends for p in error.problems)
            raise PluginError(sends, "plugins that follow faces and measure their motion", FIX) from error

    def track(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Landmarks (t 478 3) of frames (t h w 3); rows of NaN where no face is seen."""
        with self._tracker({"frames": frames}) as run:
            return np.concatenate(list(run.chunks("track")))

    def motion(self, track: NDArray[np.float32]) -> NDArray[np.float32]:
        """Motion (t 58) of landmarks (t 478 3)."""
        with self._mover({"track": track}) as run:
            return np.concatenate(list(run.chunks("motion")))

    def spoken(self, wave: NDArray[np.float32], text: str) -> list[Phone] | None:
        """The phones of a wave (s) at 16 kHz; None where nobody speaks, and where they are not asked for."""
        if not self.phones:
            return None
        try:
            with self._listener({"wave": (wave, RATE), "text": text or None}) as run:
                return list(run["phones"])
        except InputError:
            return None

    @cached_property
    def _tracker(self) -> Runner:
        graph = Graph("prepare-track").input("frames", "video.frames")
        return Runner(graph.add("track", "extractor/face-track", frames="$frames").output(track="track"))

    @cached_property
    def _mover(self) -> Runner:
        graph = Graph("prepare-motion").input("track", "face.track")
        return Runner(graph.add("motion", "extractor/face-motion", track="$track").output(motion="motion"))

    @cached_property
    def _listener(self) -> Runner:
        # The level of the films is theirs: cleaning is for what is spoken again.
        graph = Graph("prepare-phones").input("wave", "audio.wave").input("text", "text", optional=True)
        graph = graph.add("speech", "encoder/phones", {"clean": "off"}, wave="$wave", text="$text")
        return Runner(graph.output(phones="speech.phones"))
