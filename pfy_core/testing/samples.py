"""Values for the inputs of a component, made from what its ports declare.

``size`` counts rows of the component's slowest clock (25 a second at most); inputs with a clock then last
equally long, and a dimension's name stands for one length. 1 is the shortest input, 0 an empty one.
"""

from __future__ import annotations

import sys
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.kinds import ARKIT_CHANNELS, MOTION_CHANNELS, Phone, VoiceProfile, Word
from pfy_core.testing import faces, sounds
from pfy_core.testing.outcomes import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pfy_core.component import ComponentSpec
    from pfy_core.ports import PortSpec

SLOWEST = 25.0
"""Rows a second of ``size`` for components whose clocks are all faster, or that have none."""
OPEN_WAVE = 16_000.0
"""Hz, for a wave whose port leaves the rate open."""
SIDES = (8, 6)
"""Height and width of pictures for each row of ``size``."""
SMALLEST, LARGEST = 16, 40
"""Rows of ``size`` beyond which pictures do not shrink and grow: 128 by 96 to 320 by 240 pixels."""
SOURCES = (1.0, 0.5)
"""Lengths of a variadic port's sources, in parts of ``size``."""
SPATIAL = {"h": 0, "height": 0, "w": 1, "width": 1}


@dataclass
class Extent:
    """How long things are in one set of samples: ``seconds``, and lengths of dimensions by name.

    The first dimension of a port with a clock goes by its name and its rate, so that a wave may be ``s``
    long at 24 kHz on one side of a component and at 16 kHz on the other.
    """

    size: int
    seconds: float
    lengths: dict[tuple[str, float | None], int] = field(default_factory=dict)

    def side(self, dim: str) -> int:
        """Pixels along a picture's side."""
        odd = self.size > 1 and self.size % 2
        usual = SIDES[SPATIAL[dim]] * min(max(self.size, SMALLEST), LARGEST) + odd
        return self.lengths.get((dim, None), usual)


def rates(spec: ComponentSpec, config: Mapping[str, Any]) -> dict[str, float | None]:
    """The clock of each input by name, of each output by ``-> name``.

    An open rate has one value for all ports that name it; that of an output alone is None.
    """
    found: dict[str, float | None] = {}
    opened: dict[str, float] = {}
    for port in spec.inputs:
        rate = _fixed(port, config)
        if isinstance(rate, str):
            usual = OPEN_WAVE if port.port.kind.startswith("audio.wave") else SLOWEST
            rate = opened.setdefault(rate, usual)
        found[port.name] = rate
    for port in spec.outputs:
        rate = _fixed(port, config)
        found[f"-> {port.name}"] = opened.get(rate) if isinstance(rate, str) else rate
    return found


def _fixed(port: PortSpec, config: Mapping[str, Any]) -> float | str | None:
    """The rate of a port where it is a number or an option, else its name."""
    rate = port.port.rate
    given = config.get(rate) if isinstance(rate, str) else None
    return float(given) if isinstance(given, int | float) else rate


def extent(spec: ComponentSpec, config: Mapping[str, Any], size: int, given: Mapping[str, Any]) -> Extent:
    """The lengths for samples of a size, those of values that are given already among them."""
    clocks = rates(spec, config)
    slowest = min([SLOWEST, *(rate for rate in clocks.values() if rate)])
    made = Extent(size, size / slowest)
    for port in spec.inputs:
        if port.name in given:
            for value in given[port.name] if port.variadic else [given[port.name]]:
                bind(made, port, value, clocks[port.name])
            rate = clocks[port.name]
            shape = getattr(given[port.name], "shape", ())
            if rate and shape:
                made.seconds = shape[0] / rate
    return made


def bind(made: Extent, port: PortSpec, value: Any, rate: float | None) -> None:
    """Learn the lengths of named dimensions from a value."""
    shape, dims = getattr(value, "shape", None), port.port.dims.split()
    if shape is None or len(shape) != len(dims):
        return
    for index, (length, dim) in enumerate(zip(shape, dims, strict=True)):
        if not dim.isdigit() and dim not in ("_", "..."):
            made.lengths.setdefault((dim, None if index else rate), int(length))


class Maker:
    """Makes the values of a component's inputs; ``types`` are the annotated types by port."""

    def __init__(
        self, spec: ComponentSpec, types: Mapping[str, Any], config: Mapping[str, Any], seed: int
    ) -> None:
        self._spec, self._types, self._config, self._seed = spec, types, config, seed
        self._rates = rates(spec, config)

    def make(self, size: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values by port, those given among them; a list of values for a variadic port.

        Raises Failed for a kind that cannot be invented.
        """
        room = extent(self._spec, self._config, size, given)
        made = dict(given)
        for index, port in enumerate(self._spec.inputs):
            if port.name in made:
                continue
            if port.variadic:
                made[port.name] = [
                    self._value(port, room, index + 7 * n, part) for n, part in enumerate(SOURCES)
                ]
            else:
                made[port.name] = self._value(port, room, index, 1.0)
        return made

    def _value(self, port: PortSpec, room: Extent, index: int, part: float) -> Any:
        kind, kept = port.port.kind, self._types[port.name]
        if port.port.dims:
            shape = self._shape(port, room, part)
            return self._typed(port, self._array(port, shape, index, room), kept)
        if kind == "text" or kept is str:
            return sounds.text(room.seconds)
        if kind == "speech.phones" or _holds(kept, Phone):
            return sounds.phones(room.seconds)
        if kind == "speech.words" or _holds(kept, Word):
            return sounds.words(room.seconds)
        if kind == "voice.profile" or kept is VoiceProfile:
            return sounds.profile(room.seconds)
        if kept in (bool, int, float):
            low, high = port.port.range or (0, 1)
            return kept(high) if kept is bool else kept((low + high) / 2)
        raise self._unknown(port)

    def _shape(self, port: PortSpec, room: Extent, part: float) -> tuple[int, ...]:
        rate, dims = self._rates[port.name], port.port.dims.split()
        shape: list[int] = []
        for place, dim in enumerate(dims):
            if dim.isdigit():
                shape.append(int(dim))
            elif dim == "...":
                continue
            elif dim == "_":
                colours = place == len(dims) - 1 and port.port.kind.startswith(("video.", "image."))
                shape.append(3 if colours else max(min(room.size, 1), round(part * room.size)))
            else:
                name = (dim, None if place else rate)
                shape.append(room.lengths.setdefault(name, self._length(port, room, dim, place)))
        return tuple(shape)

    def _length(self, port: PortSpec, room: Extent, dim: str, place: int) -> int:
        """A length for a name that has none yet: names differ, so that mixing them up shows."""
        given = self._config.get(dim)
        if isinstance(given, int):
            return given
        rate = None if place else self._rates[port.name]
        if rate:
            return round(room.seconds * rate)
        if dim in SPATIAL and port.port.kind.startswith(("image.", "video.")):
            return room.side(dim)
        if place:
            return SMALLEST + 2 * len(room.lengths)
        return room.size + 2 * len(room.lengths) if room.size > 1 else room.size

    def _array(self, port: PortSpec, shape: tuple[int, ...], index: int, room: Extent) -> Any:
        random = np.random.default_rng([self._seed, index])
        kind, rank = port.port.kind, len(shape)
        if kind.startswith("audio.wave") and rank == 1:
            return sounds.wave(shape[0], self._rates[port.name] or OPEN_WAVE, self._seed + index)
        if kind.startswith("image.rgb") and rank == 3 and shape[2] == 3:
            return faces.photo(*shape[:2])
        if kind.startswith("image.matte") and rank == 2:
            return faces.matte(*shape)
        if kind.startswith("face.landmarks") and shape[-2:] == (faces.COUNT, 3):
            return np.broadcast_to(faces.landmarks(room.side("h"), room.side("w")), shape)
        if kind.startswith("motion.face") and rank == 2 and shape[1] == len(MOTION_CHANNELS):
            return _motion(shape[0], random)
        if kind.startswith("video.frames") and rank == 4 and shape[3] == 3:
            still = faces.photo(*shape[1:3])
            return np.stack([np.roll(still, row % 5, 1) for row in range(shape[0])] or [still])[: shape[0]]
        return _noise(port, shape, random)

    def _typed(self, port: PortSpec, array: Any, kept: Any) -> Any:
        """The array as the type and the dtype that the port wants."""
        dtype = port.port.dtype
        if wants_tensor(kept, port.port.kind):
            import torch

            kinds = {"f": "float32", "i": "int64", "u": "uint8", "b": "bool"}
            tensor = torch.from_numpy(np.ascontiguousarray(array))
            return tensor.to(getattr(torch, dtype or kinds[array.dtype.kind]))
        return np.ascontiguousarray(array, np.dtype(dtype) if dtype else None)

    def _unknown(self, port: PortSpec) -> Failed:
        kept = self._types[port.name]
        package = self._spec.target.partition(":")[0].partition(".")[0]
        return Failed(
            f"input {port.name}: {port.port} of type {getattr(kept, '__name__', kept)} cannot be invented",
            "a value to call the component with",
            f"give one: def samples(component_id, size, seed) in {package}/conformance.py, "
            "or conforms(..., samples=...)",
        )


def wants_tensor(kept: Any, kind: str) -> bool:
    """Whether a port takes a torch tensor: its annotation says so, or leaves it open for a latent."""
    if kept is Any:
        return kind.startswith("latent") and "torch" in sys.modules
    return isinstance(kept, type) and kept.__module__.partition(".")[0] == "torch"


def _holds(kept: Any, item: type) -> bool:
    return typing.get_origin(kept) is list and typing.get_args(kept) == (item,)


def _motion(rows: int, random: np.random.Generator) -> Any:
    """Slow waves: expression from 0 to 0.6, the head by a tenth of a radian."""
    time = np.arange(rows)[:, None] / SLOWEST
    speed, phase = random.uniform(0.3, 3, (2, 1, len(MOTION_CHANNELS)))
    swing = np.sin(2 * np.pi * speed * time + phase)
    swing[:, : len(ARKIT_CHANNELS)] = 0.3 * (1 + swing[:, : len(ARKIT_CHANNELS)])
    swing[:, len(ARKIT_CHANNELS) :] *= 0.1
    return swing.astype(np.float32)


def _noise(port: PortSpec, shape: tuple[int, ...], random: np.random.Generator) -> Any:
    """Values within the port's range; without one, normal floats, bytes, or small whole numbers."""
    dtype, span = port.port.dtype or "float32", port.port.range
    if dtype == "bool":
        return random.random(shape) < 0.5
    if dtype.startswith(("int", "uint")):
        low, high = span or ((0, 255) if dtype == "uint8" else (0, 9))
        return random.integers(int(low), int(high), shape, dtype, endpoint=True)
    if span:
        return random.uniform(*span, shape).astype(np.float32)
    return random.standard_normal(shape, np.float32)
