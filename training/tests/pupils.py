"""Small components that learn, a corpus for them, and a recipe: what the trainer's tests train."""

import io
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import torch
from PIL import Image
from torch import Tensor, nn

from pfy_core import Decoder, Encoder, Graph, OptionalWeights, Port, Seed, checkpoint
from pfy_core.catalogue import Catalogue, installed
from pfy_core.trainable import draws

Wave = Annotated[np.ndarray, Port("audio.wave", "s", rate=16_000, dtype="float32")]
Tokens = Annotated[Tensor, Port("latent.audio", "t 8", rate=25)]
Text = Annotated[str, Port("text")]
Face = Annotated[np.ndarray, Port("face.landmarks", "478 3", dtype="float32")]
Spread = Annotated[Tensor, Port("latent.visual", "n 2")]
Image_ = Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8")]
Motion = Annotated[np.ndarray, Port("motion.face", "t 58", rate=25, dtype="float32")]


class _Learns:
    """What the pupils share: a network, made from a seed or loaded."""

    def _made(self, network: nn.Module, weights: str) -> nn.Module:
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
        if weights:
            checkpoint.load(network, weights, checkpoint.read(weights))
        return network

    def network(self):
        return self.net


class Listen(_Learns, Encoder, name="pupil-listen"):
    """How loud each frame is, in eight ways."""

    def __init__(self, *, weights: OptionalWeights = "", device: str = "cpu") -> None:
        self.net = self._made(nn.Linear(4, 8), weights).to(device)

    def __call__(self, wave: Wave) -> Tokens:
        with torch.no_grad():
            return self.learn(torch.from_numpy(wave)[None].to(self.net.weight.device))[0]

    def learn(self, wave: Tensor | list[Tensor]) -> Tensor | list[Tensor]:
        if isinstance(wave, list):
            return [self.learn(item[None])[0] for item in wave]
        loud = wave.reshape(len(wave), -1, 4, 160).abs().mean(-1) * 4
        return self.net(loud)


class Spread_(Encoder, name="pupil-spread"):
    """How far the landmarks lie apart; it has nothing to learn, and counts how often it is called."""

    calls = 0

    def __call__(self, landmarks: Face, *, seed: Seed = 0) -> Spread:
        Spread_.calls += 1
        return torch.from_numpy(landmarks[:3, :2] / 100)


class Mesh(Encoder, name="pupil-mesh"):
    """Landmarks of a photo; in training they are known, so that it must never run."""

    def __call__(self, face: Image_) -> Face:
        raise AssertionError("the landmarks are given")


class Words(Encoder, name="pupil-words"):
    """A token for each word; it has nothing to learn."""

    def __call__(self, text: Text) -> Spread:
        if not text:
            raise ValueError("the text is empty")
        return torch.tensor([[float(len(word)), 1.0] for word in text.split()])


@dataclass
class Learnt:
    prediction: Tensor
    target: Tensor
    clean: Tensor
    motion: Tensor
    snr: Tensor
    valid: Tensor


class Move(_Learns, Decoder, name="pupil-move"):
    """Noisy motion and sound to the noise's velocity: a diffusion model of one layer."""

    def __init__(self, *, weights: OptionalWeights = "", device: str = "cpu", gain: float = 1.0) -> None:
        net = nn.ModuleDict({"given": nn.Linear(8 + 6 + 1, 58), "noisy": nn.Linear(58, 58)})
        self.gain, self.net = gain, self._made(net, weights).to(device)

    def __call__(self, audio: Tokens, visual: Spread | None = None) -> Motion:
        with torch.no_grad():
            audio = audio.cpu()
            made = self._given(audio[None], [visual], torch.ones(1))
            return made[0].cpu().numpy()

    def learn(self, audio, motion, seeds: Tensor, visual=None) -> Learnt:
        audio = audio if isinstance(audio, Tensor) else nn.utils.rnn.pad_sequence(audio, batch_first=True)
        lengths = [len(item) for item in motion]
        motion = nn.utils.rnn.pad_sequence(list(motion), batch_first=True)
        valid = torch.arange(motion.shape[1])[None] < torch.tensor(lengths)[:, None]
        time = draws(seeds, (1,), uniform=True).to(motion.device)
        # Each clip's noise has its own length, so that padding does not change what is drawn.
        drawn = [draws(seed[None], (n, 58), salt=1)[0] for seed, n in zip(seeds, lengths, strict=True)]
        noise = nn.utils.rnn.pad_sequence(drawn, batch_first=True).to(motion.device)
        alpha, sigma = torch.cos(time)[..., None], torch.sin(time)[..., None]
        noisy = alpha * motion + sigma * noise
        visual = [None] * len(motion) if visual is None else visual
        prediction = self._given(audio, visual, time[:, 0]) + self.net["noisy"](noisy)
        target = alpha * noise - sigma * motion
        clean = alpha * noisy - sigma * prediction
        snr = (alpha / sigma).square().reshape(-1)
        return Learnt(prediction * self.gain, target, clean, motion, snr, valid.to(motion.device))

    def _given(self, audio, visual, time):
        faces = torch.stack([torch.zeros(6) if v is None else v.flatten().cpu() for v in visual])
        more = torch.cat([faces.to(audio.device), time[:, None].to(audio.device)], dim=1)
        return self.net["given"](torch.cat([audio, more[:, None].expand(-1, audio.shape[1], -1)], dim=-1))


class Again(Encoder, name="pupil-again"):
    """Motion as tokens again; it has nothing to learn."""

    def __call__(self, motion: Motion) -> Tokens:
        return torch.from_numpy(motion[:, :8])


ALL = (Listen, Spread_, Mesh, Words, Move, Again)


def install() -> Catalogue:
    """Add the pupils to what is installed."""
    found = installed()
    for cls in ALL:
        found.add(cls)
    return found


def graph() -> Graph:
    return (
        Graph("pupils")
        .input("speech", "audio.wave")
        .input("face", "image.rgb")
        .add("mesh", "encoder/pupil-mesh", face="$face")
        .add("spread", "encoder/pupil-spread", landmarks="mesh")
        .add("speech", "encoder/pupil-listen", wave="$speech")
        .add("motion", "decoder/pupil-move", audio="speech", visual="spread")
        .output(motion="motion")
    )


RECIPE = """\
recipe: pupils
graph: graph.yaml
learn: [speech, motion]
data:
  train: [corpus/train]
  validation: [corpus/validation]
  seconds: 1.0
  give: {$speech: wave, mesh: landmarks}
  targets: {motion: {motion: motion}}
losses:
  denoising:
    use: loss/v-prediction
    take: {prediction: motion.prediction, target: motion.target, snr: motion.snr, valid: motion.valid}
  velocity:
    use: loss/velocity
    take: {made: motion.clean, reference: motion.motion, valid: motion.valid}
    weight: 0.5
optimiser: {lr: 1.0e-2}
schedule: {steps: 30, warmup: 3}
batch: 4
ema: 0.9
every: {log: 5, save: 10, validate: 10}
"""


def split(folder: Path, clips: int, seed: int = 0, frames=(20, 40), said="clip {}".format) -> Path:
    """A shard of noise whose motion follows its loudness."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    with tarfile.open(folder / "000000.tar", "w") as tar:
        for number in range(clips):
            t = int(random.integers(*frames))
            loud = random.random(t).astype(np.float32)
            wave = (random.standard_normal((t, 640)) * loud[:, None] * 0.1).astype(np.float32).ravel()
            motion = np.repeat(loud[:, None], 58, axis=1).astype(np.float16)
            parts = {"flac": _flac(wave), "motion.npy": _npy(motion), "jpg": _jpg(random)}
            parts["landmarks.npy"] = _npy(random.random((478, 3), np.float32) * 192)
            about = {"text": said(number), "language": "en", "voice": "v", "face": "f", "phones": None}
            parts["json"] = json.dumps(about | {"split": folder.name, "source": {}}).encode()
            for name, data in parts.items():
                member = tarfile.TarInfo(f"{folder.name}-{number}.{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return folder


def room(folder: Path, recipe: str = RECIPE) -> Path:
    """A folder with the recipe, the graph and a corpus; returns the recipe's file."""
    split(folder / "corpus" / "train", 10)
    split(folder / "corpus" / "validation", 3, seed=1)
    (folder / "graph.yaml").write_text(graph().to_yaml())
    (folder / "recipe.yaml").write_text(recipe)
    return folder / "recipe.yaml"


def _flac(wave):
    out = io.BytesIO()
    soundfile.write(out, wave, 16_000, format="FLAC")
    return out.getvalue()


def _npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _jpg(random):
    out = io.BytesIO()
    Image.fromarray(random.integers(0, 255, (192, 192, 3), np.uint8)).save(out, "JPEG")
    return out.getvalue()


if __name__ == "__main__":  # the command, with the pupils installed
    from pfy_core.cli import main

    install()
    sys.argv[0] = "pfy"
    main()
