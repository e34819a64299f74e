from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from pfy_core import Adapter, Decoder, Encoder, Fuser, OptionalWeights, Port, Seed, Weights
from pfy_core import weights as files


@dataclass
class Pair:
    upper: Annotated[str, Port("text")]
    count: Annotated[int, Port("number")]


class Upper(Encoder, name="upper"):
    """A text in capitals.

    And how many characters it has.
    """

    def __init__(
        self, *, times: int = 1, mark: Literal["!", "?"] = "!", sizes: tuple[int, ...] = (1, 2)
    ) -> None:
        self.times, self.mark = times, mark

    def __call__(self, text: Annotated[str, Port("text")]) -> Pair:
        return Pair(text.upper() * self.times + self.mark, len(text))


class Letters(Decoder, name="letters"):
    """A text letter by letter."""

    def __call__(
        self, text: Annotated[str, Port("text")], *, seed: Seed = 0
    ) -> Iterator[Annotated[list, Port("toy.letters")]]:
        for letter in text:
            yield [letter]


class Glue(Fuser, name="glue"):
    """Texts after each other."""

    def __call__(self, *texts: Annotated[str, Port("text")]) -> Annotated[str, Port("text")]:
        return "".join(texts)


class Lookup(Adapter, name="lookup"):
    """A text looked up in a file."""

    def __init__(
        self, table: Weights, *, extra: OptionalWeights = "toy/extra", scale: float | None = None
    ) -> None:
        self.table = files.path(table).read_text()

    def __call__(
        self,
        text: Annotated[str, Port("text")],
        level: Annotated[np.ndarray, Port("audio.level", "t", rate=100, dtype="float32", range=(0, 1))]
        | None = None,
    ) -> Annotated[str, Port("text")]:
        return self.table + text
