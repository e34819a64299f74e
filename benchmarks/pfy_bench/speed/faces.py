"""Video frames a second beside Hallo's own implementation, at equal output.

Each side is a process of its own with the same random weights, photo, masks and speech, takes its turn in
every round, and does the whole job from pixels to pixels: encode the photo, make chained clips with guidance,
decode every frame. What a denoising step takes is the difference between runs with few and with more steps;
40 steps are extrapolated from it, since on a CPU nobody waits for them. The two videos are compared.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pfy_bench.speed.hallo import FRAMES

STEPS = 40
"""Of which the frames a second are given (Hallo's ``default.yaml``)."""
FEW, MORE = 1, 2
"""Denoising steps that are really made, on a CPU."""
SIZES: dict[str, dict[str, Any]] = {
    "small": {"channels": (64, 128, 256, 256), "context": 256, "audio": 256, "pixels": 256, "clips": 1},
    "tiny": {"channels": (32, 64, 96, 96), "context": 32, "audio": 32, "pixels": 192, "clips": 1},
    "full": {"pixels": 512, "clips": 1},
}
"""Widths and image sizes; those not named are Hallo's. All have 32 audio tokens and 4 for the identity."""
VAE = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 1,
    "block_out_channels": [32, 32, 32, 32],
}
"""A small autoencoder: the real one is the same code on both sides, and would only dilute the difference."""


def measure(runs: int, checkout: str, python: str, size: str, device: str, dtype: str) -> dict[str, Any]:
    """Seconds of both sides, their ratios, frames a second, peak memory, and how far apart the videos are."""
    with TemporaryDirectory() as room, ExitStack() as stack:
        folder = Path(room)
        settings = prepare(folder, size, device, dtype)
        sides = {
            "pfy": stack.enter_context(_Side([sys.executable, "-m", "pfy_bench.speed.faces", room])),
            "hallo": stack.enter_context(
                _Side([python, "-W", "ignore", str(Path(__file__).with_name("hallo.py")), checkout, room])
            ),
        }
        clock = "cpu" if device == "cpu" else "wall"
        few, more = (FEW, MORE) if device == "cpu" else (2, STEPS)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
        for _ in range(runs):
            for name, side in sides.items():
                short, long = side.run(few), side.run(more)
                step = (long[clock] - short[clock]) / (more - few)
                fixed = short[clock] - few * step
                whole = fixed + STEPS * step
                found[name].append({"step": step, "fixed": fixed, "whole": whole, "peak": long["peak"]})
        frames = settings["clips"] * FRAMES
        ratios = {
            key: round(median(b[key] / a[key] for a, b in zip(found["pfy"], found["hallo"], strict=True)), 3)
            for key in ("step", "whole")
        }
        return {
            "size": size,
            "pixels": settings["pixels"],
            "device": device,
            "dtype": dtype,
            "threads": settings["threads"],
            "clips of 16 frames": settings["clips"],
            "clock": "CPU seconds of one thread" if clock == "cpu" else "seconds",
            "seconds a step": _medians(found, "step"),
            "seconds beside the steps": _medians(found, "fixed"),
            f"frames a second at {STEPS} steps": {
                name: round(frames / median(value["whole"] for value in values), 5)
                for name, values in found.items()
            },
            "pfy is faster by": {"a step": ratios["step"], f"{STEPS} steps": ratios["whole"]},
            "peak MB": {
                name: round(max(value["peak"] for value in values) / 1e6) for name, values in found.items()
            },
            "largest difference of a pixel, of 1": _apart(folder),
        }


def prepare(folder: Path, size: str, device: str, dtype: str) -> dict[str, Any]:
    """Random weights, inputs and settings in a folder, for both sides."""
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from safetensors.torch import save_file

    from pfy_plugin_referencenet import network, widths

    chosen = dict(SIZES[size])
    pixels, count = chosen.pop("pixels"), chosen.pop("clips")
    made = widths.Widths(**chosen)
    net = network.seeded(made, 0, torch.float32)
    save_file(net.state_dict(), folder / "weights.safetensors")
    torch.manual_seed(0)
    codec = AutoencoderKL(**VAE)
    save_file(codec.state_dict(), folder / "vae.safetensors")
    (folder / "vae.json").write_text(json.dumps(VAE))
    region = torch.zeros(pixels, pixels)
    region[pixels // 4 : 3 * pixels // 4, pixels // 4 : 3 * pixels // 4] = 1
    inputs = {
        "image": 2 * torch.rand(3, pixels, pixels) - 1,
        "identity": torch.randn(made.identity),
        "speech": torch.randn(count * FRAMES, made.speech),
        "region": region,
        **{f"regions.{level}": torch.rand(3, (pixels // 8 >> level) ** 2) for level in range(4)},
    }
    save_file(inputs, folder / "inputs.safetensors")
    settings = {
        "widths": asdict(made),
        "pixels": pixels,
        "clips": count,
        "device": device,
        "dtype": dtype,
        "threads": 1,
        "seed": 42,
        "guidance": 3.5,
        "weights": [1.0, 1.0, 1.0],
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    return settings


def serve(folder: Path) -> None:
    """Our side: for each line on standard input, a number of steps, the clips and what they took."""
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from safetensors.torch import load_file, save_file

    from pfy_plugin_referencenet import network, widths

    settings = json.loads((folder / "settings.json").read_text())
    torch.set_num_threads(settings["threads"])
    device, dtype = torch.device(settings["device"]), getattr(torch, settings["dtype"])
    net = network.outline(widths.Widths(**settings["widths"]))
    state = load_file(folder / "weights.safetensors")
    net.load_state_dict({key: value.to(dtype) for key, value in state.items()}, assign=True)
    del state
    net.to(device, memory_format=torch.channels_last)
    codec = AutoencoderKL(**json.loads((folder / "vae.json").read_text()))
    codec.load_state_dict(load_file(folder / "vae.safetensors"))
    codec.to(device, dtype).eval().requires_grad_(requires_grad=False)
    given = load_file(folder / "inputs.safetensors")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        began, busy = time.perf_counter(), time.process_time()
        if device.type != "cpu":
            torch.cuda.reset_peak_memory_stats()
        with torch.inference_mode():
            video = _clips(net, codec, given, int(line), settings)
        if device.type != "cpu":
            torch.cuda.synchronize()
            peak = torch.cuda.max_memory_allocated()
        else:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        spent = {"wall": time.perf_counter() - began, "cpu": time.process_time() - busy}
        save_file({"video": video.contiguous()}, folder / "pfy.safetensors")
        print(json.dumps({**spent, "peak": peak}), flush=True)


def _clips(net: Any, codec: Any, given: dict[str, Any], steps: int, settings: dict[str, Any]) -> Any:
    """Chained clips (t 3 h w), 0 to 1, on the CPU; each goes on from decoded frames, as theirs do."""
    import torch

    from pfy_plugin_referencenet import pixels
    from pfy_plugin_referencenet.video import Face, Settings, Video

    image = pixels.encoded(codec, given["image"][None])[0]
    regions = tuple(given[f"regions.{level}"] for level in range(4))
    face = Face(image, given["region"].expand(3, -1, -1), regions, given["identity"])
    options = Settings(steps=steps, guidance=settings["guidance"], weights=tuple(settings["weights"]))
    video = Video(net, options, face, settings["seed"], torch.device(settings["device"]))
    before, made = image.expand(2, -1, -1, -1), []
    for speech in given["speech"].split(FRAMES):
        latents = video.clip(speech, video.motion(before))
        scaled = (latents / pixels.SCALE).to(codec.dtype)
        frames = torch.cat([codec.decode(one[None]).sample for one in scaled]).clamp(-1, 1)
        before = pixels.encoded(codec, frames[-2:])
        made.append((frames.float().cpu() + 1) / 2)
    return torch.cat(made)


class _Side:
    """A process that makes clips when it is told to."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def run(self, steps: int) -> dict[str, float]:
        """What the clips took with so many steps: seconds ``wall`` and ``cpu``, bytes at the ``peak``."""
        assert self._process.stdin is not None
        print(steps, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, float] = json.loads(line)
                return answer
        raise RuntimeError("a side of the comparison has stopped; what it says is above")

    def __enter__(self) -> _Side:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _medians(found: dict[str, list[dict[str, float]]], key: str) -> dict[str, float]:
    return {name: round(median(value[key] for value in values), 3) for name, values in found.items()}


def _apart(folder: Path) -> float:
    from safetensors.torch import load_file

    ours, theirs = (load_file(folder / f"{name}.safetensors")["video"] for name in ("pfy", "theirs"))
    return float(f"{float((ours - theirs).abs().max()):.1e}")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
