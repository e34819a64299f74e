"""Films for the tests, made by the graph ``portrait`` of a drawn face."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from pfy_core import Graph, Runner
from pfy_core.media import video
from pfy_core.testing import faces

SAID = "My brother moved to the village in May."


def talking(file: Path, text: str = SAID, side: int = 192, seed: int = 0) -> np.ndarray:
    """A film of a drawn face that says a text; returns the motion that it was made with."""
    graph = Graph.load("portrait").choose(size=side, head="lively").set("speech.voice=heart")
    given = {"text": text, "face": faces.photo(256, 256)}
    file.parent.mkdir(parents=True, exist_ok=True)
    with Runner(graph)(given, seed=seed, outputs=["frames", "wave", "motion"]) as run:
        with ThreadPoolExecutor(1) as pool:
            motion = pool.submit(lambda: np.concatenate(list(run.chunks("motion"))))
            video.write(file, run.chunks("frames"), 25, run.chunks("wave"), 24_000)
        return motion.result()


def tone(file: Path, seconds: float = 3.0, *, silent: bool = False) -> None:
    """A film of nobody: grey, with a tone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    wave = np.sin(np.arange(round(seconds * 16_000)) / 9).astype(np.float32) * (0 if silent else 0.2)
    frames = np.full((round(seconds * 25), 64, 64, 3), 128, np.uint8)
    video.write(file, iter([frames]), 25, iter([wave]), 16_000)
