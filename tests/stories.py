"""A narration of toys with parts of one second, in this process or, to be killed, in one of its own."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import toys
from toys import CALLS, Frames, Motion

from pfy_core import Decoder, Port, catalogue, narrate
from pfy_core.media import formats, segments

WORDS = 64
TEXT = " ".join("word"[: 1 + index % 4] for index in range(WORDS))
"""6.4 seconds: six parts and a rest."""
FRAMES = round(2.5 * WORDS)
SLOW, NOISY = "PFY_TEST_SLOW", "PFY_TEST_NOISY"
EXACT = {"x264-params": "mbtree=0"}
"""Options of x264 for tests that compare bits: on pictures of few macroblocks its macroblock tree varies
from run to run (32x32: in 6 % of runs; mbtree=0: in none of 200)."""
Clear = Annotated[np.ndarray, Port("video.frames", "t h w 4", rate="fps", dtype="uint8")]


class Paint(Decoder, name="paint", framewise=True):
    """Pictures that brighten with the motion."""

    def __init__(self, *, side: int = 32) -> None:
        self.side = side

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Frames]:
        yield from pictures(motion, self.side, 3)


class Glass(Decoder, name="glass", framewise=True):
    """As paint, half transparent."""

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Clear]:
        yield from pictures(motion, 32, 4)


class Film(Decoder, name="film"):
    """As paint, and not row by row as far as anybody knows."""

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Frames]:
        yield from pictures(motion, 32, 3)


STOP: list[int] = []
"""The row at which painting stops, as if somebody pressed Ctrl-C there."""


def pictures(motion, side, channels):
    if NOISY in os.environ:
        os.write(1, b"printed by a library\n")
    y, x = np.mgrid[:side, :side]
    for rows in motion:
        time.sleep(len(rows) * float(os.environ.get(SLOW, "0")))
        CALLS["painted"] += len(rows)
        if STOP and CALLS["painted"] > STOP[0]:
            raise KeyboardInterrupt
        ramp = (x + y)[None, :, :, None] * (1 + 5 * rows[:, :1, None, None]) % 256
        yield np.broadcast_to(ramp, (len(rows), side, side, channels)).astype(np.uint8)


def known():
    return toys.catalogue(Paint, Glass, Film)


def graph(paint="decoder/paint"):
    """Text to pictures; the words, as phones are, are read last."""
    made = toys.speech().add("paint", paint, motion="move")
    return made.output(frames="paint", phones="say.words")


def story(out, text=TEXT, paint="decoder/paint", **more):
    """Narrate ``text``: a tenth of a second a word."""
    return narrate(text, out=out, graph=graph(paint), **more)


def command_line():
    """``pfy`` with the toys, one of which prints, as libraries do."""
    from pfy_core import cli

    sys.argv = sys.argv[1:]
    os.environ[NOISY] = "1"
    cli.main()


if __name__ == "__main__":
    segments.SECONDS = 1.0
    formats.X264.options.update(EXACT)
    catalogue._installed = known()
    if sys.argv[1] == "pfy":
        command_line()
    else:
        story(sys.argv[1])
