"""Weights and inputs of the golden tensors: drawn, not stored (see golden.md)."""

import math

import numpy as np
import torch

STEPS, FRAMES, SIDE = 3, 8, 16
"""Denoising steps, frames of a clip and side of the latents of the golden clips."""
WEIGHTS = (0.7, 1.3, 0.9)
"""Of the full, face and lip regions, all different."""


def fill(state, seed):
    """The same values for every shape in a state dict, in the order of the sorted names.

    Matrices and convolutions are normal with variance 1 / fan-in, other weights 1 + 0.1 normal, biases
    0.1 normal; tables of positions stay as they are.
    """
    random = np.random.RandomState(seed)
    made = {}
    for name in sorted(state):
        shape = tuple(state[name].shape)
        if name.endswith("pos_encoder.pe"):
            made[name] = state[name]
            continue
        drawn = random.standard_normal(shape)
        if len(shape) > 1:
            drawn /= math.sqrt(math.prod(shape[1:]))
        else:
            drawn = 0.1 * drawn + (not name.endswith("bias"))
        made[name] = torch.from_numpy(drawn.astype(np.float32))
    return made


def inputs(widths, frames=FRAMES, side=SIDE, clips=2, seed=1):
    """Everything a clip is made of, as float32 tensors by name."""
    random = np.random.RandomState(seed)

    def normal(*shape):
        return torch.from_numpy(random.standard_normal(shape).astype(np.float32))

    def uniform(*shape):
        return torch.from_numpy(random.uniform(0, 1, shape).astype(np.float32))

    region = torch.zeros(8 * side, 8 * side)
    region[3 * side : 6 * side, 2 * side : 6 * side] = 1
    return {
        "image": 2 * uniform(3, 8 * side, 8 * side) - 1,
        "identity": normal(widths.identity),
        "speech": normal(clips * frames, widths.speech),
        "region": region,
        "regions": [uniform(3, (side >> level) ** 2) for level in range(4)],
        "latents": normal(frames, 4, side, side),
        "reference": normal(3, 4, side, side),
    }


VAE = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "block_out_channels": (32, 32, 32, 32),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 1,
}
"""A small autoencoder of the kind that Stable Diffusion has."""
