"""The three small networks that bring identity, face region and speech in."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_referencenet.widths import Widths


class IdentityProjection(nn.Module):
    """A face's identity, as ArcFace gives it and not normalised, to a few tokens."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.proj = nn.Linear(widths.identity, widths.identity_tokens * widths.context)
        self.norm = nn.LayerNorm(widths.context)

    def forward(self, identity: Tensor) -> Tensor:
        """(b identity) -> (b identity_tokens context)."""
        made: Tensor = self.norm(self.proj(identity).unflatten(1, (-1, self.norm.weight.shape[0])))
        return made


class FaceLocator(nn.Module):
    """An image of the face's region to a map that is added to the latents' first one."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        first, *others = widths.locator
        self.conv_in = nn.Conv2d(3, first, 3, padding=1)
        self.blocks = nn.ModuleList()
        for given, made in zip(widths.locator, others, strict=False):
            self.blocks.append(nn.Conv2d(given, given, 3, padding=1))
            self.blocks.append(nn.Conv2d(given, made, 3, padding=1, stride=2))
        self.conv_out = nn.Conv2d(others[-1], widths.channels[0], 3, padding=1)

    def forward(self, region: Tensor) -> Tensor:
        """(n 3 8h 8w), 0 to 1 -> (n channels h w)."""
        maps = functional.silu(self.conv_in(region))
        for block in self.blocks:
            maps = functional.silu(block(maps))
        made: Tensor = self.conv_out(maps)
        return made


class AudioProjection(nn.Module):
    """The speech around a frame to audio tokens."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.proj1 = nn.Linear(widths.speech, widths.speech_hidden)
        self.proj2 = nn.Linear(widths.speech_hidden, widths.speech_hidden)
        self.proj3 = nn.Linear(widths.speech_hidden, widths.audio_tokens * widths.audio)
        self.norm = nn.LayerNorm(widths.audio)

    def forward(self, speech: Tensor) -> Tensor:
        """(f window layers width) -> (f audio_tokens audio)."""
        hidden = functional.relu(self.proj1(speech.flatten(1)))
        hidden = functional.relu(self.proj2(hidden))
        made: Tensor = self.norm(self.proj3(hidden).unflatten(1, (-1, self.norm.weight.shape[0])))
        return made
