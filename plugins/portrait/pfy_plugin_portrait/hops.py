"""What is measured on a wave while it grows: one value every hop, however the wave is cut."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

HOP = 0.010
"""Seconds between values."""


class Hops(ABC):
    """Values of windows of ``length`` hops; value k stands for the time ``middles[k]``."""

    def __init__(self, rate: int, length: int) -> None:
        self.rate, self.samples = rate, 0
        self._hop, self._length = round(rate * HOP), length
        self._rest = np.zeros(0, np.float32)
        self._values: NDArray[np.float64] = np.zeros(0)
        self._first = 0

    @abstractmethod
    def _measure(self, windows: NDArray[Any]) -> NDArray[np.float64]:
        """One value for each window (n, length * hop) of the wave."""

    @property
    def seconds(self) -> float:
        """How much of the wave has been heard."""
        return self.samples / self.rate

    @property
    def middles(self) -> NDArray[np.float64]:
        """Times in seconds of the values that are kept."""
        return np.asarray((np.arange(len(self._values)) + self._first + self._length / 2) * HOP, np.float64)

    def add(self, wave: Array) -> None:
        """Hear more of the wave (s)."""
        self.samples += len(wave)
        self._rest = np.concatenate([self._rest, wave])
        count = len(self._rest) // self._hop - self._length + 1
        if count > 0:
            self._append(self._rest, count)
            self._rest = self._rest[count * self._hop :]

    def end(self) -> None:
        """No more sound: the last samples count with silence after them."""
        padded = np.concatenate([self._rest, np.zeros(self._length * self._hop, np.float32)])
        self._append(padded, len(padded) // self._hop - self._length + 1)
        self._rest = np.zeros(0, np.float32)

    def forget(self, before: float) -> None:
        """Drop what lies before a time in seconds."""
        drop = max(0, int(before / HOP) - self._first)
        self._values, self._first = self._values[drop:], self._first + drop

    def _append(self, wave: Array, count: int) -> None:
        windows = np.lib.stride_tricks.sliding_window_view(wave, self._length * self._hop)
        values = self._measure(windows[: count * self._hop : self._hop])
        self._values = np.append(self._values, values)
