"""One sentence: latents as they come to sound as it is ready, in windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from pfy_plugin_gpt2_hifi import stretch
from pfy_plugin_gpt2_hifi.vocoder import Vocoder


def spoken(
    vocoder: Vocoder, latents: Iterable[Tensor], speaker: Tensor, scales: Sequence[float], every: int
) -> Iterator[Tensor]:
    """Latents (width), one by one -> sound in parts (s), each as soon as ``every`` further latents are there.

    Each part is computed from a window that is wider by the vocoder's reach on either side, so that the
    parts are those of the whole sentence computed at once, and the cost of a latent does not grow with
    the sentence. The sound is floor(floor(4 n) * 1.0884) * 256 samples long for n latents.
    """
    rows: list[Tensor] = []
    done = 0
    for latent in latents:
        rows.append(latent)
        if len(rows) % every == 0:
            known = stretch.settled(len(rows), scales)
            ready = known - vocoder.reach
            if ready > done:
                yield _frames(vocoder, torch.stack(rows), speaker, scales, (done, ready, known))
                done = ready
    total = stretch.length(len(rows), scales)
    if total > done:
        yield _frames(vocoder, torch.stack(rows), speaker, scales, (done, total, total))


def without_gradients(parts: Iterator[Tensor]) -> Iterator[Tensor]:
    """The same parts, each computed in inference mode, which is left while others use this thread."""
    while True:
        with torch.inference_mode():
            part = next(parts, None)
        if part is None:
            return
        yield part


def _frames(
    vocoder: Vocoder, rows: Tensor, speaker: Tensor, scales: Sequence[float], span: tuple[int, int, int]
) -> Tensor:
    """Sound of the frames from ``start`` to ``stop``, of which ``known`` can be computed."""
    start, stop, known = span
    first, last = max(start - vocoder.reach, 0), min(stop + vocoder.reach, known)
    window = stretch.stretched(rows, scales, first, last).to(rows.dtype)
    samples: Tensor = vocoder(window, speaker, (start - first, last - stop))
    return samples
