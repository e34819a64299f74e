"""PIPs++: a network that follows points through frames, all frames of a clip at once, in several passes.

Zheng et al., "PointOdyssey", arXiv 2307.15055, section 4; layers and names of parameters as in
``nets/pips2.py`` of github.com/aharley/pips2, whose reference checkpoint the package fvmd measures with.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_core import checkpoint, weights

CELL = 8
"""Pixels of a side of a cell, for which there are features."""
FEATURES = 128
LEVELS, RADIUS = 4, 3
"""Halvings of the map of features, and cells around a point that are compared, at each of them."""
SAMPLES = (2 * RADIUS + 1) ** 2
BACK = (2, 4)
"""Frames back whose features at the point are compared with, beside those of the first frame."""
STAGES = (64, 96, 128, 128)
"""Channels of the four resolutions of the encoder."""
BLOCKS, BASE = 8, 128
"""Of the network along time, whose channels double in every second block from the third on."""
WAVELENGTH = 10_000
"""The longest, divided by 2π, of the sines that motion is described by."""
LATE = 0.75
"""Share of the passes after which only half of each correction is made (``beautify``)."""
LEAST = CELL * 2**LEVELS
"""Pixels of a side, below which the coarsest map is a single cell."""
INSIDE = "model_state_dict"
"""Where pips2's training program keeps the parameters."""
FIX = "take pips2_weights.pth of the package fvmd, or the reference model of github.com/aharley/pips2"


class Residual2d(nn.Module):
    """Two convolutions with instance norms, and what came in added."""

    def __init__(self, channels: int, wide: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wide, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1)
        short = nn.Sequential(nn.Conv2d(channels, wide, 1, stride), nn.InstanceNorm2d(wide))
        self.downsample = short if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(functional.instance_norm(self.conv1(x)))
        y = functional.relu(functional.instance_norm(self.conv2(y)))
        return functional.relu(self.downsample(x) + y)


class Encoder(nn.Module):
    """Pictures to features of their cells, from four resolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, STAGES[0], 7, 2, padding=3)
        channels = STAGES[0]
        for number, wide in enumerate(STAGES, 1):
            stride = 1 if number == 1 else 2
            stage = nn.Sequential(Residual2d(channels, wide, stride), Residual2d(wide, wide, 1))
            self.add_module(f"layer{number}", stage)
            channels = wide
        self.conv2 = nn.Conv2d(sum(STAGES), 2 * FEATURES, 3, padding=1)
        self.conv3 = nn.Conv2d(2 * FEATURES, FEATURES, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(n 3 h w) from -1 to 1 -> (n 128 h/8 w/8)."""
        size = [side // CELL for side in pictures.shape[2:]]
        x = functional.relu(functional.instance_norm(self.conv1(pictures)))
        seen = []
        for number in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
            seen.append(functional.interpolate(x, size, mode="bilinear", align_corners=True))
        x = functional.relu(functional.instance_norm(self.conv2(torch.cat(seen, dim=1))))
        made: Tensor = self.conv3(x)
        return made


class Along(nn.Module):
    """A convolution over three frames."""

    def __init__(self, channels: int, wide: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, wide, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x)
        return made


class Residual1d(nn.Module):
    """Two convolutions over frames; what came in is added to the middle channels of what goes out."""

    def __init__(self, channels: int, wide: int, first: bool) -> None:
        super().__init__()
        self.first, self.more = first, wide - channels
        self.conv1 = Along(channels, wide)
        self.conv2 = Along(wide, wide)

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.first else functional.relu(functional.instance_norm(x))
        y = functional.relu(functional.instance_norm(self.conv1(y)))
        before = self.more // 2
        return self.conv2(y) + functional.pad(x, (0, 0, before, self.more - before))


class DeltaBlock(nn.Module):
    """What is seen around points, and how they move, to corrections of where they are."""

    def __init__(self) -> None:
        super().__init__()
        seen = LEVELS * SAMPLES * (1 + len(BACK)) + FEATURES + 2
        self.first_block_conv = Along(seen, BASE)
        widths = [BASE] + [BASE * 2 ** (block // 2) for block in range(BLOCKS)]
        self.basicblock_list = nn.ModuleList(
            Residual1d(widths[block], widths[block + 1], block == 0) for block in range(BLOCKS)
        )
        self.dense = nn.Linear(widths[-1], 2)

    def forward(self, seen: Tensor, motion: Tensor) -> Tensor:
        """(points frames likenesses) and (points frames 2) -> (points frames 2), in cells."""
        x = torch.cat([seen, sines(motion), motion], dim=2).transpose(1, 2)
        x = functional.relu(self.first_block_conv(x))
        for block in self.basicblock_list:
            x = block(x)
        made: Tensor = self.dense(functional.relu(x).transpose(1, 2))
        return made


class Pips(nn.Module):
    """The whole network; evaluation mode is all that it is used in here."""

    def __init__(self) -> None:
        super().__init__()
        self.fnet = Encoder()
        self.delta_block = DeltaBlock()
        self.norm = nn.GroupNorm(1, FEATURES)  # of the checkpoint; nothing goes through it

    def encode(self, frames: Tensor) -> Tensor:
        """Frames (n 3 h w) RGB from 0 to 255 -> features of their cells (n 128 h/8 w/8)."""
        made: Tensor = self.fnet(2 * (frames / 255) - 1)
        return made

    def follow(self, maps: Tensor, points: Tensor, passes: int) -> Tensor:
        """Features of a clip's frames (t 128 y x), points of its first (n 2) in pixels -> (t n 2)."""
        start = points / CELL
        coords = start.expand(len(maps), -1, -1)
        pyramid = [maps]
        for _ in range(LEVELS - 1):
            pyramid.append(functional.avg_pool2d(pyramid[-1], 2))
        first = at(maps[:1], start[None]).expand(len(maps), -1, -1)
        still = likenesses(pyramid, first)
        moving = [still] * len(BACK)
        for number in range(passes):
            if number:
                earlier = [(torch.arange(len(maps)) - back).clamp(min=0) for back in BACK]
                moving = [likenesses(pyramid, at(maps[index], coords[index])) for index in earlier]
            seen = torch.cat([around(volumes, coords) for volumes in (still, *moving)], dim=2)
            steps = coords[1:] - coords[:-1]
            motion = torch.cat([steps, steps[-1:]])
            change = self.delta_block(seen.transpose(0, 1), motion.transpose(0, 1)).transpose(0, 1)
            coords = coords + (change / 2 if number > int(LATE * passes) else change)
            coords = torch.cat([start[None], coords[1:]])
        return coords * CELL


def at(maps: Tensor, coords: Tensor) -> Tensor:
    """Maps (t c y x) and places in cells (t n 2), x first -> values there (t n c); beyond, the edge's."""
    found = functional.grid_sample(
        maps, _scaled(coords[:, None], maps), padding_mode="border", align_corners=True
    )
    return found[:, :, 0].transpose(1, 2)


def likenesses(pyramid: list[Tensor], wanted: Tensor) -> list[Tensor]:
    """Maps (t c y x) of every level and features (t n c) -> how alike they are, in each cell (t n y x)."""
    return [
        (wanted @ maps.flatten(2)).unflatten(2, maps.shape[2:]) / wanted.shape[2] ** 0.5 for maps in pyramid
    ]


def around(volumes: list[Tensor], coords: Tensor) -> Tensor:
    """Likenesses (t n y x) of every level, places in cells (t n 2) -> those in 7 by 7 cells (t n 196)."""
    reach = torch.arange(-RADIUS, RADIUS + 1, dtype=coords.dtype, device=coords.device)
    # The rows of the square lie along x: what the network was trained with.
    square = torch.stack(torch.meshgrid(reach, reach, indexing="ij"), dim=-1)
    found = []
    for level, volume in enumerate(volumes):
        places = coords.flatten(0, 1)[:, None, None] / 2**level + square
        maps = volume.flatten(0, 1)[:, None]
        seen = functional.grid_sample(maps, _scaled(places, maps), align_corners=True)
        found.append(seen.reshape(*coords.shape[:2], SAMPLES))
    return torch.cat(found, dim=2)


def sines(motion: Tensor) -> Tensor:
    """Motion (n t 2) -> sines and cosines of x, then of y, at 32 wavelengths (n t 128)."""
    count = FEATURES // 4
    falling = torch.arange(count, dtype=motion.dtype, device=motion.device) / (count - 1)
    x, y = (motion[..., axis, None] / WAVELENGTH**falling for axis in range(2))
    return torch.cat([x.sin(), x.cos(), y.sin(), y.cos()], dim=-1)


def loaded(name: str) -> Pips:
    """The network with a checkpoint's values, by the name of its entry or its path; fetched when not here.

    Raises WeightsError when the file cannot be had or read, and naming every parameter that is missing,
    unexpected or of another shape.
    """
    weights.path(name)
    held = checkpoint.contents(name)
    made = outline()
    checkpoint.load(made, name, checkpoint.state(held.get(INSIDE, held), name), fix=FIX)
    return made


def outline() -> Pips:
    """A network without values, on the meta device."""
    with torch.device("meta"):
        return Pips().eval().requires_grad_(requires_grad=False)


def _scaled(places: Tensor, maps: Tensor) -> Tensor:
    """Places in cells as ``grid_sample`` wants them, -1 to 1 from the first cell to the last."""
    height, width = maps.shape[2:]
    return 2 * places / torch.tensor([width - 1, height - 1], dtype=places.dtype, device=places.device) - 1
