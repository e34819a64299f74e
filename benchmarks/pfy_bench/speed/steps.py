"""What fewer denoising steps save and change: clips of 40 steps against those of 20, 10 and 5, same seed.

The network has tiny widths and random weights, whose denoising is no smooth path to a picture: how far apart
the results are says that steps matter, and little about what trained weights would show.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

STEPS = (40, 20, 10, 5)
"""The first is what the others are compared with (Hallo's ``default.yaml``)."""
SIDE, FRAMES = 8, 4
"""Of the latents, and of the clip."""


def measure(runs: int) -> dict[str, Any]:
    """Seconds relative to the first, and the root mean square of the difference by the standard deviation."""
    import torch

    from pfy_plugin_referencenet import network, widths
    from pfy_plugin_referencenet.video import Face, Settings, Video

    torch.set_num_threads(1)
    sizes = widths.tiny(speech=60)
    net = network.seeded(sizes, 0, torch.float32)
    random = torch.Generator().manual_seed(1)
    face = Face(
        torch.randn(4, SIDE, SIDE, generator=random),
        torch.ones(3, 8 * SIDE, 8 * SIDE),
        tuple(torch.rand(3, (SIDE >> level) ** 2, generator=random) for level in range(4)),
        torch.randn(sizes.identity, generator=random),
    )
    speech = torch.randn(FRAMES, sizes.speech, generator=random)

    def clip(steps: int, seed: int = 0) -> tuple[torch.Tensor, float]:
        began = time.thread_time()
        video = Video(net, Settings(steps=steps), face, seed, torch.device("cpu"))
        made = video.clip(speech, video.motion(face.image.expand(2, -1, -1, -1)))
        return made, time.thread_time() - began

    rounds = [[clip(steps) for steps in STEPS] for _ in range(runs)]
    best = rounds[0][0][0]

    def apart(made: torch.Tensor) -> float:
        return round(float((made - best).square().mean().sqrt() / best.std()), 3)

    return {
        "seconds relative to 40 steps": {
            str(steps): round(median(made[index][1] / made[0][1] for made in rounds), 3)
            for index, steps in enumerate(STEPS)
        },
        "difference to 40 steps, by the standard deviation": {
            **{str(steps): apart(rounds[0][index][0]) for index, steps in enumerate(STEPS)},
            "40 with another seed": apart(clip(STEPS[0], 1)[0]),
        },
    }
