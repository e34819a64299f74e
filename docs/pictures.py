"""Make the README's pictures: an animation of the main job, and the graph behind it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from PIL import Image

from pfy_core import Graph, narrate, svg
from pfy_core.check import resolve

HERE = Path(__file__).parent
TEXT = "Hello, I am glad you came."
BOX = (60, 0, 390, 330)
"""Head and shoulders, in pixels of the photo."""
SIDE, EVERY, QUALITY = 320, 2, 60


def main() -> None:
    """Write hello.webp (every second frame, small) and portrait.svg."""
    made = narrate(TEXT, overrides=["speech.voice=light"])
    frames = [
        Image.fromarray(frame).crop(BOX).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        for frame in islice(made.pictures(), 0, None, EVERY)
    ]
    frames[0].save(
        HERE / "hello.webp",
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 * EVERY / made.rate),
        loop=0,
        quality=QUALITY,
        method=6,
    )
    (HERE / "portrait.svg").write_text(svg.svg(resolve(Graph.load("portrait"))), encoding="utf-8")


if __name__ == "__main__":
    main()
