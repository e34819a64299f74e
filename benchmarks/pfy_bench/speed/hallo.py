"""The authors' own implementation of Hallo, as a process that makes clips when it is told to.

``PYTHON hallo.py CHECKOUT FOLDER``: CHECKOUT is one of fudan-generative-vision/hallo (measured with commit
8fd7c57), PYTHON one with what it needs: diffusers 0.27.2, einops, safetensors. FOLDER holds
``settings.json``, ``weights.safetensors`` (names as in ``net.pth``), ``vae.safetensors``, ``vae.json`` and
``inputs.safetensors``. For each line on standard input, a number of denoising steps, it makes the clips anew
and prints what they took as a line of JSON.

Two things differ from ``scripts/inference.py`` there: xformers, imported and not used, is an empty module;
the features of the reference network are handed over in the network's dtype, not always in float16.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import types
from pathlib import Path
from typing import Any

FRAMES = 16
"""Of a clip; masks of other lengths do not fit the code that is measured."""
UNET = {
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 2,
    "attention_head_dim": 8,
    "norm_num_groups": 32,
    "sample_size": 64,
    "center_input_sample": False,
}
"""Stable Diffusion 1.5's, but for the widths."""
MOTION = {
    "num_attention_heads": 8,
    "num_transformer_block": 1,
    "attention_block_types": ["Temporal_Self", "Temporal_Self"],
    "temporal_position_encoding": True,
    "temporal_position_encoding_max_len": 32,
    "temporal_attention_dim_div": 1,
}
ADDED = {
    "use_inflated_groupnorm": True,
    "unet_use_cross_frame_attention": False,
    "unet_use_temporal_attention": False,
    "use_motion_module": True,
    "use_audio_module": True,
    "motion_module_resolutions": [1, 2, 4, 8],
    "motion_module_mid_block": True,
    "motion_module_decoder_only": False,
    "motion_module_type": "Vanilla",
    "motion_module_kwargs": MOTION,
    "stack_enable_blocks_name": ["up", "down", "mid"],
    "stack_enable_blocks_depth": [0, 1, 2, 3],
}
"""``unet_additional_kwargs`` of its ``default.yaml``."""
SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "linear",
    "clip_sample": False,
    "steps_offset": 1,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}
"""``noise_scheduler_kwargs`` of the same."""


def main(checkout: str, folder: Path) -> None:
    sys.path[0] = checkout
    import diffusers  # noqa: F401, which would take the empty module for xformers
    import torch
    from safetensors.torch import load_file, save_file

    for name in ("xformers", "xformers.ops"):
        sys.modules[name] = types.ModuleType(name)
    settings = json.loads((folder / "settings.json").read_text())
    torch.set_num_threads(settings["threads"])
    device, dtype = settings["device"], getattr(torch, settings["dtype"])
    pipeline, audio = networks(settings["widths"], folder, device, dtype)
    given = {
        name: value.to(device, dtype) for name, value in load_file(folder / "inputs.safetensors").items()
    }
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        began, busy = time.perf_counter(), time.process_time()
        if device != "cpu":
            torch.cuda.reset_peak_memory_stats()
        with torch.no_grad():
            video = clips(pipeline, audio, given, int(line), settings)
        if device != "cpu":
            torch.cuda.synchronize()
        spent = {"wall": time.perf_counter() - began, "cpu": time.process_time() - busy}
        peak = torch.cuda.max_memory_allocated() if device != "cpu" else _resident()
        save_file({"video": video.contiguous()}, folder / "theirs.safetensors")
        print(json.dumps({**spent, "peak": peak}), flush=True)


def networks(widths: dict[str, Any], folder: Path, device: str, dtype: Any) -> tuple[Any, Any]:
    """The pipeline and the audio projection, with the weights in the folder."""
    import hallo.animate.face_animate as animate
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler
    from hallo.models.audio_proj import AudioProjModel
    from hallo.models.face_locator import FaceLocator
    from hallo.models.image_proj import ImageProjModel
    from hallo.models.mutual_self_attention import ReferenceAttentionControl
    from hallo.models.unet_2d_condition import UNet2DConditionModel
    from hallo.models.unet_3d import UNet3DConditionModel
    from safetensors.torch import load_file

    update = ReferenceAttentionControl.update
    ReferenceAttentionControl.update = lambda self, writer: update(self, writer, dtype)
    animate.tqdm = lambda items: items
    shared = {
        **UNET,
        "block_out_channels": tuple(widths["channels"]),
        "cross_attention_dim": widths["context"],
    }
    kinds = {
        "down_block_types": ("CrossAttnDownBlock{0}",) * 3 + ("DownBlock{0}",),
        "up_block_types": ("UpBlock{0}",) + ("CrossAttnUpBlock{0}",) * 3,
    }

    def named(suffix: str) -> dict[str, tuple[str, ...]]:
        return {key: tuple(name.format(suffix) for name in names) for key, names in kinds.items()}

    reference = UNet2DConditionModel.from_config({**shared, **named("2D")})
    denoising = UNet3DConditionModel.from_config(
        {**shared, **named("3D"), "mid_block_type": "UNetMidBlock3DCrossAttn"},
        **ADDED,
        audio_attention_dim=widths["audio"],
    )
    tokens, context = widths["identity_tokens"], widths["context"]
    modules = {
        "reference_unet": reference,
        "denoising_unet": denoising,
        "face_locator": FaceLocator(widths["channels"][0], block_out_channels=tuple(widths["locator"])),
        "imageproj": ImageProjModel(context, widths["identity"], tokens),
        "audioproj": AudioProjModel(
            1, 1, widths["speech"], widths["speech_hidden"], widths["audio"], widths["audio_tokens"]
        ),
    }
    net = torch.nn.ModuleDict(modules)
    reference.enable_gradient_checkpointing()
    denoising.enable_gradient_checkpointing()
    net.load_state_dict(load_file(folder / "weights.safetensors"))
    net.requires_grad_(False)
    vae = AutoencoderKL(**json.loads((folder / "vae.json").read_text())).requires_grad_(False)
    vae.load_state_dict(load_file(folder / "vae.safetensors"))
    pipeline = animate.FaceAnimatePipeline(
        vae=vae,
        reference_unet=reference,
        denoising_unet=denoising,
        face_locator=modules["face_locator"],
        image_proj=modules["imageproj"],
        scheduler=DDIMScheduler(**SCHEDULE),
    )
    pipeline.to(device, dtype)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline, modules["audioproj"].to(device, dtype)


def clips(pipeline: Any, audio: Any, given: dict[str, Any], steps: int, settings: dict[str, Any]) -> Any:
    """Chained clips as ``scripts/inference.py`` makes them: (t 3 h w), 0 to 1, on the CPU."""
    import torch

    image = given["image"]
    generator = torch.Generator().manual_seed(settings["seed"])
    made: list[Any] = []
    regions = [
        [given[f"regions.{level}"][index].repeat(FRAMES, 1) for level in range(4)] for index in range(3)
    ]
    for number in range(len(given["speech"]) // FRAMES):
        before = made[-1][-2:].to(image) * 2 - 1 if made else image.repeat(2, 1, 1, 1)
        speech = given["speech"][number * FRAMES :][:FRAMES]
        video = pipeline(
            ref_image=torch.cat([image[None], before])[None],
            audio_tensor=audio(speech[None, :, None, None]),
            face_emb=given["identity"][None],
            face_mask=given["region"][None].expand(1, 3, -1, -1),
            pixel_values_full_mask=regions[0],
            pixel_values_face_mask=regions[1],
            pixel_values_lip_mask=regions[2],
            width=image.shape[2],
            height=image.shape[1],
            video_length=FRAMES,
            num_inference_steps=steps,
            guidance_scale=settings["guidance"],
            generator=generator,
            motion_scale=settings["weights"],
        ).videos
        made.append(video[0].transpose(0, 1))
    return torch.cat(made)


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
