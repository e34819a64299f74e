"""The five parts as one network: made with seeded parameters, or from a checkpoint."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from pfy_plugin_referencenet.conditions import Branch
from pfy_plugin_referencenet.denoising import DenoisingUNet
from pfy_plugin_referencenet.projections import AudioProjection, FaceLocator, IdentityProjection
from pfy_plugin_referencenet.reference import ReferenceUNet
from pfy_plugin_referencenet.transformers import Positions
from pfy_plugin_referencenet.widths import Widths

_LAST = "reference_unet.up_blocks.3.attentions.2."
UNREAD = (
    *(f"{_LAST}transformer_blocks.0.{name}." for name in ("attn1", "norm2", "attn2", "norm3", "ff")),
    f"{_LAST}proj_out.",
)
"""Parameters that act behind the last features that are read of the reference network."""
UNRUN = ("denoising_unet.down_blocks.3.motion_modules.", "denoising_unet.up_blocks.0.motion_modules.")
"""Parameters that no clip is made with in the branch ``training``."""


class Network(nn.Module):
    """Reference and denoising network, face locator, identity and audio projection.

    The names of its parts are those of Hallo's ``net.pth``, whose 2,656 values are its state dict at the
    default widths.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.widths = widths
        self.reference_unet = ReferenceUNet(widths)
        self.denoising_unet = DenoisingUNet(widths)
        self.face_locator = FaceLocator(widths)
        self.imageproj = IdentityProjection(widths)
        self.audioproj = AudioProjection(widths)


def outline(widths: Widths) -> Network:
    """A network without memory, on the meta device, in evaluation mode."""
    with torch.device("meta"):
        made = Network(widths)
    made.eval().requires_grad_(requires_grad=False)
    return made


def learnable(network: Network, branch: Branch) -> Network:
    """The same network, with gradients for the parameters on which its predictions depend: nearly all.

    Of the last transformer of the reference network only its first norm is read, and ``branch`` may leave
    motion modules out.
    """
    idle = UNREAD + (UNRUN if branch == "training" else ())
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(requires_grad=not name.startswith(idle))
    return network


def seeded(widths: Widths, seed: int, dtype: torch.dtype) -> Network:
    """A network with random parameters: the same for the same seed, whatever the dtype (but for rounding).

    Matrices and convolutions are normal with variance 1 / fan-in, so that signals keep their size; norms
    are the identity and biases 0. No layer is 0 as in training from scratch, for then neither speech nor
    time would act.
    """
    network = outline(widths)
    network.to(dtype).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(network.named_parameters()):
        parameter.copy_(_drawn(name, parameter.shape, generator))
    reset_positions(network)
    return network


def reset_positions(network: Network) -> None:
    """Fill the tables of positions, which are buffers."""
    for module in network.modules():
        if isinstance(module, Positions):
            module.reset()


def _drawn(name: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    if len(shape) > 1:
        fan_in = math.prod(shape[1:])
        return torch.randn(shape, generator=generator) / math.sqrt(fan_in)
    return torch.zeros(shape) if name.endswith("bias") else torch.ones(shape)
