"""``decoder/referencenet``: a face, its identity and speech to video latents, as Hallo does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from pfy_core import Decoder, InputError, OptionalWeights, Seed, checkpoint, note
from pfy_core.errors import WeightsError
from pfy_core.options import choice, init_seed, within
from pfy_core.place import Dtype, Place
from pfy_plugin_referencenet import drift, widths
from pfy_plugin_referencenet.clips import MOTION, clips
from pfy_plugin_referencenet.conditions import Branch
from pfy_plugin_referencenet.masks import as_float, levels, region_image, resized
from pfy_plugin_referencenet.ports import Fused, Identity, ImageLatent, Masks, Region, Speech, VideoLatents
from pfy_plugin_referencenet.tokens import Layout, unfused

if TYPE_CHECKING:
    from pfy_plugin_referencenet.learning import Denoised
    from pfy_plugin_referencenet.network import Network
    from pfy_plugin_referencenet.video import Face, Video

Size = Literal["full", "tiny"]
FIT = "take Hallo's net.pth, or a file that was saved from such a network"
STEPS = (1, 1000)
"""Denoising steps that the schedule of 1,000 training steps allows."""
SPEECH = 2**20
"""The most numbers that describe the speech of one frame; wav2vec 2.0's are 46,080."""


class ReferenceNet(Decoder, name="referencenet"):
    """Speech features, a photo's latents, its face masks and identity to video latents, clip by clip.

    Hallo's network (Xu et al. 2024, arXiv 2406.08801) for its checkpoint ``net.pth``: a reference network
    reads the photo, a denoising network makes clips of 16 frames, each of which goes on from the last 2
    frames of the one before.

    weights: registered name or path of ``net.pth``, or of a training checkpoint that holds it as
        ``net_state_dict``; the widths are read from its shapes. Without: random parameters from
        ``init_seed``, of the ``size``, for speech of ``window`` * ``layers`` * ``width`` numbers a frame.
    audio_weights: a file from which the audio projection is taken, where ``weights`` has none.
    vae: weights of the autoencoder; with them the frames that a clip goes on from are decoded and encoded
        again first, as in Hallo; without, the latents themselves are taken, which saves the time.
    clip: frames of a clip; with 16 the network was trained, fewer take less memory.
    steps, guidance: of denoising; scale of classifier-free guidance, 1 and less: none, twice as fast.
    pose_weight, face_weight, lip_weight: how much speech moves the full, the face and the lip region.
    diffusion_cross_attention: False keeps speech from the denoising network, as weights of 0 do: the
        ablation ``no-dc``.
    drift_guard: bounds for colour and identity of the frames that a clip goes on from (see ``drift``).
    branch: "training" is the network of Hallo's published videos, "evaluation" what its code does once
        switched to evaluation.
    tiling: pairs rows of batches as Hallo's code does, wherever it tiles instead of repeating.
    layout: what the rows of ``fused`` are (see ``tokens``).
    offload: parts of the network wait in main memory and are on the device only while they work.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16. Sampling itself is in float32.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        audio_weights: OptionalWeights = "",
        vae: OptionalWeights = "",
        init_seed: int = 0,
        size: Size = "full",
        window: int = 5,
        layers: int = 12,
        width: int = 768,
        clip: int = 16,
        steps: int = 40,
        guidance: float = 3.5,
        pose_weight: float = 1.0,
        face_weight: float = 1.0,
        lip_weight: float = 1.0,
        diffusion_cross_attention: bool = True,
        drift_guard: bool = True,
        branch: Branch = "training",
        tiling: bool = True,
        layout: Layout = "latent",
        offload: bool = False,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        from pfy_plugin_referencenet.video import Settings  # diffusers takes seconds to import

        choice("size", size, Size)
        choice("branch", branch, Branch)
        choice("layout", layout, Layout)
        factors = {"guidance": guidance, "pose_weight": pose_weight}
        for option, factor in (factors | {"face_weight": face_weight, "lip_weight": lip_weight}).items():
            if not math.isfinite(factor):
                raise InputError(f"{option} {factor}", "a finite number")
        within("steps", steps, *STEPS)
        if not MOTION <= clip <= widths.POSITIONS - MOTION:
            raise InputError(f"clip {clip}", f"{MOTION} to {widths.POSITIONS - MOTION} frames")
        speech = window * layers * width
        if min(window, layers, width) < 1 or speech > SPEECH:
            raise InputError(
                f"window {window}, layers {layers}, width {width}", f"1 and more each, {SPEECH} together"
            )
        self._layout, self._guarded, self._clip = layout, drift_guard, clip
        self._place = Place.named(device, dtype)
        regional = (pose_weight, face_weight, lip_weight) if diffusion_cross_attention else (0.0, 0.0, 0.0)
        self._settings = Settings(steps, guidance, regional, branch, tiling, offload)
        if weights:
            self.model = _loaded(weights, audio_weights, speech, self._place.dtype)
            """The network, a ``torch.nn.Module`` whose state dict is that of ``net.pth``."""
        else:
            self.model = _seeded(size, speech, init_seed, self._place.dtype)
        # Channels side by side in memory: convolutions are faster so, and a map's tokens need no copy.
        self.model.to(memory_format=torch.channels_last)
        if not offload:
            self.model.to(self._place.device)
        self._codec: Any = None
        if vae:
            from pfy_plugin_referencenet import pixels

            self._codec = pixels.autoencoder(vae, self._place.dtype).to(self._place.device)
        elif layout == "released":
            raise InputError("layout 'released' without vae", "weights of the autoencoder for its pixels")

    def __call__(
        self,
        image: ImageLatent,
        features: Iterator[Speech],
        masks: Masks,
        region: Region,
        identity: Identity,
        *,
        seed: Seed,
        fused: Fused | None = None,
    ) -> Iterator[VideoLatents]:
        """Latents (4 h w) of a photo and speech (t window layers width) -> (t 4 h w), a clip at a time.

        image is scaled by 0.18215, h and w multiples of 8; masks (3 h w) full, face and lip and region (h w)
        are 0 to 1, of the photo at any size; identity (512) is not normalised. fused (t 512) replaces image,
        region and identity. One frame is made for each frame of speech, the same ones however it is cut.
        Raises InputError for what is not of these shapes, not finite, or when there is no speech.
        """
        with torch.no_grad():
            video = self._video(self._face(image, masks, region, identity, fused), seed)
        before = video.face.image.float().expand(MOTION, -1, -1, -1)
        made = 0
        for speech, count in clips(self._checked(features), self._clip):
            with torch.no_grad():
                latents = video.clip(speech, self._motion(video, before, made))
            yield latents[:count]
            made += count
            with torch.no_grad():
                before = self._last(video, latents)
        if not made:
            raise InputError("features: no frames", "speech features of at least one frame")

    def network(self) -> Network:
        """The whole network, by the names of ``net.pth``; from then on its parameters take gradients.

        All but those that no prediction depends on (see ``network.learnable``).
        Raises InputError where parts of it wait in main memory (``offload``).
        """
        from pfy_plugin_referencenet import network

        if self._settings.offload:
            raise InputError("offload true", "false where the network learns", "take it out of the graph")
        return network.learnable(self.model, self._settings.branch)

    def learn(
        self,
        image: Tensor,
        features: Tensor | Sequence[Tensor],
        masks: Tensor | Sequence[Any],
        region: Tensor | Sequence[Any],
        identity: Tensor | Sequence[Tensor],
        *,
        latents: Tensor | Sequence[Tensor],
        seeds: Tensor | Sequence[int],
        fused: Tensor | Sequence[Tensor] | None = None,
    ) -> Denoised:
        """A batch of what ``__call__`` takes, and of films -> what the losses compare, of a clip of each.

        image (b 4 h w), features (b t window layers width), masks (b 3 h w), region (b h w), identity
        (b 512), fused (b t 512); latents (b t 4 h w) of the frames that were filmed, scaled. Where lengths
        differ, lists. The clips, the steps and the noise are drawn (see ``learning``).
        Raises InputError for what does not fit together, or as ``__call__``.
        """
        from pfy_plugin_referencenet import learning

        given = {"image": image, "features": features, "masks": masks, "region": region, "identity": identity}
        given |= {"latents": latents, "seeds": seeds} | ({} if fused is None else {"fused": fused})
        sizes = {name: len(value) for name, value in given.items()}
        if len(set(sizes.values())) != 1 or not len(image):
            raise InputError(f"clips of a batch: {sizes}", "as many of each, one at least")
        rows = [None] * len(image) if fused is None else fused
        films = []
        for index, face in enumerate(zip(image, masks, region, identity, rows, strict=True)):
            (speech,) = self._checked([features[index]])
            films.append(learning.film(self._face(*face), speech, _shaped("latents", latents[index], 4)))
        return learning.denoised(self.model, self._settings, films, seeds, self._clip)

    def _motion(self, video: Video, before: Tensor, made: int) -> dict[str, Tensor]:
        """Features of the frames that a clip goes on from, after ``made`` frames of the video."""
        motion = video.motion(before)
        if not self._guarded or not made or not self._gone(motion, video):
            return motion
        note(f"after frame {made} the face was no longer that of the photo; the video goes on from the photo")
        return video.motion(video.face.image.float().expand(MOTION, -1, -1, -1))

    def _last(self, video: Video, latents: Tensor) -> Tensor:
        """The last frames of a clip, as the next one goes on from them."""
        before = latents[-MOTION:]
        if self._codec is not None:
            before = self._through_pixels(before)
        return drift.recoloured(before, video.face.image.float()) if self._guarded else before

    def _gone(self, motion: dict[str, Tensor], video: Video) -> bool:
        return drift.strangeness(motion, video.source(MOTION), video.face.regions) > drift.STRANGE

    def _video(self, face: Face, seed: int) -> Video:
        from pfy_plugin_referencenet.video import Video

        return Video(self.model, self._settings, face, seed, self._place.device)

    def _face(
        self, image: Tensor, masks: object, region: object, identity: Tensor, fused: Tensor | None
    ) -> Face:
        from pfy_plugin_referencenet.video import Face

        latents = _latents(image)
        height, width = latents.shape[1:]
        tall, wide = 8 * height, 8 * width
        shown, box = _map("masks", masks, 3, tall, wide), _map("region", region, 2, tall, wide)
        face = region_image(box, tall, wide)
        known = _shaped("identity", identity, 1)
        if fused is not None:
            parts = unfused(_shaped("fused", fused, 2), height, width, self._layout)
            latents, face, known = parts.image, parts.region, parts.identity
            if self._layout == "released":
                from pfy_plugin_referencenet import pixels

                latents = pixels.encoded(self._codec, parts.image[None])[0]
        if len(shown) != 3:
            raise InputError(f"masks: {len(shown)} of them", "3: full, face and lip")
        if len(known) != self.model.widths.identity:
            raise InputError(f"identity: {len(known)} numbers", f"{self.model.widths.identity}")
        regions = levels(resized(shown, tall, wide), height, width)
        return Face(latents, face, regions, known)

    def _checked(self, features: Iterable[Tensor]) -> Iterator[Tensor]:
        """Chunks of features as they come, on the CPU; InputError for those that do not fit."""
        wanted = self.model.widths.speech
        for chunk in features:
            speech = _shaped("features", chunk, 4)
            numbers = speech[0].numel() if len(speech) else wanted
            if numbers != wanted:
                raise InputError(
                    f"features: shape ({' '.join(map(str, speech.shape))}), {numbers} numbers a frame",
                    f"{wanted}, as the audio projection was made for",
                    "set window, layers and width to those of the encoder, or take other weights",
                )
            yield speech

    def _through_pixels(self, latents: Tensor) -> Tensor:
        from pfy_plugin_referencenet import pixels

        return pixels.through_pixels(self._codec, latents)


def _seeded(size: Size, speech: int, seed: int, dtype: torch.dtype) -> Network:
    from pfy_plugin_referencenet import network

    init_seed(seed)
    note("decoder/referencenet has no weights: its parameters are random, and so is what it shows")
    made = widths.Widths(speech=speech) if size == "full" else widths.tiny(speech)
    return network.seeded(made, seed, dtype)


def _plain(key: str) -> str:
    """The name of a key, without what trainers put before it (DistributedDataParallel, Lightning)."""
    return key.removeprefix("state_dict.").removeprefix("module.")


def _loaded(name: str, audio: str, speech: int, dtype: torch.dtype) -> Network:
    from pfy_plugin_referencenet import network

    values = checkpoint.read(name, _plain)
    part = "audioproj."
    if audio and not any(key.startswith(part) for key in values):
        values |= checkpoint.read(audio, lambda key: _plain(key) if _plain(key).startswith(part) else None)
    try:
        made = widths.of({key: tuple(value.shape) for key, value in values.items()})
    except (KeyError, IndexError):
        made = widths.Widths(speech=speech)  # which names what is missing
    try:
        outline = network.outline(made)
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"weights {name!r} have widths that no network has: {reason}", fix=FIT) from error
    checkpoint.load(outline.to(dtype), name, values, fix=FIT)
    return outline


def _latents(image: object) -> Tensor:
    latents = _shaped("image", image, 3)
    channels, height, width = latents.shape
    if channels != widths.LATENT or height % 8 or width % 8 or not height or not width:
        raise InputError(
            f"image: shape ({channels} {height} {width})",
            f"({widths.LATENT} h w), h and w multiples of 8",
            "encode an image whose sides are multiples of 64 pixels, such as 512",
        )
    return latents


def _map(name: str, value: object, dims: int, tall: int, wide: int) -> Tensor:
    """Masks of the picture that the latents show, at any size; InputError for those of another."""
    maps = _shaped(name, value, dims)
    rows, columns = maps.shape[-2:]
    if rows * wide != columns * tall:
        raise InputError(
            f"{name}: {columns}x{rows}, of a picture whose latents are {wide}x{tall}",
            "masks of the picture that was encoded",
            "make it square with adapter/square, and the masks from its image and landmarks",
        )
    return maps


def _shaped(name: str, value: object, dims: int) -> Tensor:
    """A value as a float32 tensor of so many dimensions; InputError when it is not, or not finite."""
    try:
        tensor = as_float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name}: a {type(value).__name__}", f"numbers with {dims} dimensions") from error
    if tensor.ndim != dims or (name != "features" and not tensor.numel()):
        raise InputError(
            f"{name}: shape ({' '.join(map(str, tensor.shape))})", f"{dims} dimensions, none of them empty"
        )
    if not bool(tensor.isfinite().all()):
        raise InputError(f"{name}: values that are no numbers (NaN or infinite)", "finite numbers")
    return tensor
