"""What p4y needs of a GPU's memory: its parameters, and the activations that are alive at one time.

Everything runs at full size on torch's meta device, which has shapes and no data: bytes are counted as
tensors come and go. Attention counts as its output (flash attention makes no matrix of scores). What
allocators round up, workspaces of libraries and the CUDA context (about half a gigabyte) come on top.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 12e9
"""Bytes of the GPU that p4y is to fit."""
SIDE, FRAMES, CODES = 512, 16, 602
"""Pixels of a frame's side, frames of a clip, the most codes of a sentence."""
META = torch.device("meta")


class Alive(TorchDispatchMode):  # type: ignore[misc]
    """Bytes of the storages that were made inside and still live, and the most there have been."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        given = {leaf.untyped_storage()._cdata for leaf in tree_leaves((args, kwargs)) if _is_meta(leaf)}
        for leaf in tree_leaves(made):
            if _is_meta(leaf):
                storage = leaf.untyped_storage()
                if storage._cdata not in given and storage._cdata not in self._known:
                    self._known.add(storage._cdata)
                    self.now += storage.nbytes()
                    weakref.finalize(storage, self._gone, storage._cdata, storage.nbytes())
        self.peak = max(self.peak, self.now)
        return made

    def _gone(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size


class Flash(TorchFunctionMode):  # type: ignore[misc]
    """Attention that makes its output and nothing else."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.nn.functional.scaled_dot_product_attention:
            return torch.empty_like(args[0])
        return func(*args, **(kwargs or {}))


def measure() -> dict[str, Any]:
    """GB of parameters by part, of the activations of each, and what stands on the device at once."""
    parts = _parts()
    parameters = {name: _bytes(module) for name, (module, _) in parts.items()}
    activations = {name: _peak(work) for name, (_, work) in parts.items()}
    face = [name for name in parts if name.startswith("referencenet")]
    others = sum(size for name, size in parameters.items() if name not in face)
    alone = max(parameters[name] + activations[name] for name in face)
    whole = sum(parameters.values()) + max(activations.values())
    return {
        "what": f"p4y in float16, {SIDE}x{SIDE}, clips of {FRAMES} frames with guidance",
        "GB of parameters": _gigabytes(parameters),
        "GB of activations at their peak": _gigabytes(activations),
        "GB at once": {
            "all on the device": round(whole / 1e9, 2),
            "referencenet with offload": round((others + alone) / 1e9, 2),
        },
        "of GB": LIMIT / 1e9,
    }


def _parts() -> dict[str, tuple[torch.nn.Module, Callable[[], Any]]]:
    """The networks of p4y on the meta device in float16, and the most that each has to do at one time."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    from pfy_plugin_gpt2_hifi import model as speech
    from pfy_plugin_gpt2_hifi import stretch, vocoder
    from pfy_plugin_referencenet import network, widths
    from pfy_plugin_referencenet.video import Face, Settings, Video

    half = torch.float16
    net = network.outline(widths.Widths()).to(half)
    talker = speech.Speech(speech.FULL).ready(META, half)
    with META:
        codec = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
        )
    codec.to(half).requires_grad_(requires_grad=False)
    side = SIDE // 8
    face = Face(
        _empty(4, side, side),
        _empty(3, SIDE, SIDE),
        tuple(_empty(3, (side >> level) ** 2) for level in range(4)),
        _empty(512),
    )
    video: list[Video] = []

    def photo() -> None:
        video.append(Video(net, Settings(steps=1), face, 0, META))

    def clip() -> None:
        before = video[0].motion(_empty(2, 4, side, side))
        video[0].clip(_empty(FRAMES, 5, 12, 768), before)

    gpt = talker.gpt

    def speak() -> None:
        gpt(_empty(32 + 402 + CODES, 1024), *(caches := [gpt.cache(32 + 402 + CODES)]))
        frames = stretch.length(60, vocoder.SCALES)
        talker.vocoder(_empty(frames, 1024), _empty(512))
        del caches

    return {
        "referencenet: reference network": (net.reference_unet, photo),
        "referencenet: denoising network": (net.denoising_unet, clip),
        "referencenet: the rest": (
            torch.nn.ModuleList([net.face_locator, net.imageproj, net.audioproj]),
            lambda: None,
        ),
        "gpt2-hifi": (talker, speak),
        "vae": (codec, lambda: codec.decode(_empty(1, 4, side, side))),
    }


def _peak(work: Callable[[], Any]) -> int:
    with torch.no_grad(), Flash(), Alive() as alive:
        work()
        peak: int = alive.peak
    return peak


def _empty(*shape: int) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.float16, device=META)


def _is_meta(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor) and leaf.device.type == "meta"


def _bytes(module: torch.nn.Module) -> int:
    return sum(value.numel() * value.element_size() for value in module.state_dict().values())


def _gigabytes(values: dict[str, int]) -> dict[str, float]:
    return {name: round(value / 1e9, 3) for name, value in values.items()}
