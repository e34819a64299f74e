"""``fuser/ete``, ``fuser/ste`` and ``fuser/none``: tokens of face, voice and text to joint tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from pfy_core import Fuser, InputError, OptionalWeights, checkpoint
from pfy_core.options import choice, init_seed
from pfy_core.place import Dtype, Place
from pfy_plugin_fusers import batches, state, transformer
from pfy_plugin_fusers.batches import Batch, Given
from pfy_plugin_fusers.ports import Fused, Speaker, Speech, Text, Visual, Voice
from pfy_plugin_fusers.tokens import join

AudioContext = Literal["visual+text", "visual", "text", "none"]
Init = Literal["identity", "random"]
VisualContext = Literal["audio+text", "audio", "text", "none"]


class _TransformerFuser(Fuser):
    """What ETE and STE share: all but which encoder serves which modality."""

    names: ClassVar[tuple[str, str]]
    """The encoders of the audio and of the visual tokens, by name."""

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        init: Init = "identity",
        embedding_cross_attention: bool = True,
        audio_attends_to: AudioContext = "visual+text",
        visual_attends_to: VisualContext = "audio+text",
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        self._attends = embedding_cross_attention
        self._contexts = {
            "audio": choice("audio_attends_to", audio_attends_to, AudioContext),
            "visual": choice("visual_attends_to", visual_attends_to, VisualContext),
        }
        self._place = Place.named(device, dtype)
        encoders = transformer.make(self.names)
        if weights:
            state.load(encoders, weights)
        else:
            _initialise(encoders, init_seed, choice("init", init, Init))
        self.encoders = encoders.to(self._place.device, self._place.dtype).eval()
        """The trainable part, a ``torch.nn.ModuleDict``; gradients flow while it is in training mode."""

    @classmethod
    def parameters(cls, **_: Any) -> dict[str, int]:
        """The layers of each encoder and their parameters: the rows of Table 1 of the supplement."""
        with torch.device("meta"):
            encoder = transformer.TransformerEncoder()
        return {
            f"{name}.{layer}": sum(parameter.numel() for parameter in module.parameters())
            for name in dict.fromkeys(cls.names)
            for layer, module in encoder.named_children()
        }

    def __call__(
        self,
        *visual: Visual,
        voice: Voice | None = None,
        speaker: Speaker | None = None,
        speech: Speech | None = None,
        text: Text | None = None,
    ) -> Fused:
        """Sources (t 512) -> audio (t_audio 512), visual (t_visual 512).

        Raises InputError when there are no visual or no audio tokens, when a source is not a float
        tensor (t 512), or when a modality has nothing to attend to.
        """
        audio_tokens, visual_tokens = _joined(visual, voice, speaker, speech, self._place)
        given = {"audio": audio_tokens, "visual": visual_tokens, "text": join([("text", text)], self._place)}
        with self._gradients():
            return Fused(*(self._fused(modality, name, given) for modality, name in self._branches()))

    def network(self) -> nn.Module:
        """The encoders, for ``pfy train``; those of a modality that attends to nothing do not learn."""
        return self.encoders

    def learn(
        self,
        *visual: Given,
        voice: Given = None,
        speaker: Given = None,
        speech: Given = None,
        text: Given = None,
    ) -> Fused:
        """Sources (b t 512), or a list of (t 512) -> audio (b t_audio 512), visual (b t_visual 512).

        Each clip gets what ``__call__`` would give it, behind it what fills up. Raises InputError as that.
        """
        given = _batches(visual, voice, speaker, speech)
        given["text"] = batches.batch("text", text)
        made = []
        for modality, name in self._branches():
            tokens, choice = given[modality], self._contexts[modality]
            assert tokens is not None
            if choice == "none":
                made.append(tokens.tokens)
                continue
            sources = choice.split("+") if self._attends else []
            context = batches.joined(given[source] for source in sources)
            seen = (None, None) if context is None else (context.tokens, context.there)
            made.append(self.encoders[name](tokens.tokens, *seen))
        return Fused(*made)

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the weights as safetensors, for the option ``weights``; OutputError when it cannot."""
        checkpoint.save(Path(file), self.encoders.state_dict())

    def _branches(self) -> Iterator[tuple[str, str]]:
        return zip(("audio", "visual"), self.names, strict=True)

    def _fused(self, modality: str, name: str, given: dict[str, Any]) -> Tensor:
        """The tokens of a modality after its encoder, or as they are when its encoder is left out."""
        tokens: Tensor = given[modality]
        choice = self._contexts[modality]
        if choice == "none":
            return tokens
        if not self._attends:
            return self._encode(name, tokens, None)
        sources = [given[source] for source in choice.split("+") if given[source] is not None]
        if not sources:
            raise InputError(
                f"no {choice} tokens for the {modality} tokens to attend to",
                f"{choice} tokens",
                f"connect them, or set {modality}_attends_to",
            )
        return self._encode(name, tokens, torch.cat(sources))

    def _encode(self, name: str, tokens: Tensor, context: Tensor | None) -> Tensor:
        # Without a batch dimension torch's attention holds all of the (8 t s) matrix in memory.
        batch = None if context is None else context[None]
        encoded: Tensor = self.encoders[name](tokens[None], batch)
        return encoded[0]

    @contextmanager
    def _gradients(self) -> Iterator[None]:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.encoders.training):
            yield


class ETE(_TransformerFuser, name="ete"):
    """Explicit transformer encoders: one for the audio tokens, another for the visual tokens.

    The audio tokens attend to visual and text tokens, the visual tokens to audio and text tokens;
    2 * 1,575,936 parameters (supplement, section 2 and Table 1).

    weights: registered name or path of a file that ``save`` wrote (or ``torch.save``, of the state
        dict), or of a checkpoint of the authors' training (``p4y/released``); none of these:
        initialised from ``init_seed`` (0 to 2**64 - 1).
    init: "identity", from which training starts: the last layer of each branch is zero, so that tokens come
        out as they went in; "random": every layer drawn, for graphs that only have to run.
    embedding_cross_attention: False leaves attention out of every encoder (ablation "no EC"); the
        same weights still load.
    audio_attends_to, visual_attends_to: what each modality sees; "none" leaves its encoder out.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16. Tokens are brought there.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    names = ("audio", "visual")


class STE(_TransformerFuser, name="ste"):
    """Shared transformer encoder: the same one for the audio and for the visual tokens.

    1,575,936 parameters, half of ``fuser/ete``'s (supplement, section 2 and Table 1). Options and
    errors are those of ``fuser/ete``.
    """

    names = ("shared", "shared")


class Unfused(Fuser, name="none"):
    """No fusion: the tokens of each modality are passed on as they came, text is left out.

    device, dtype: as in ``fuser/ete``; the tokens are brought there. Raises InputError where
    ``fuser/ete`` does.
    """

    def __init__(self, *, device: str = "cpu", dtype: Dtype = "float32") -> None:
        self._place = Place.named(device, dtype)

    def __call__(
        self,
        *visual: Visual,
        voice: Voice | None = None,
        speaker: Speaker | None = None,
        speech: Speech | None = None,
        text: Text | None = None,
    ) -> Fused:
        """Sources (t 512) -> audio (t_audio 512), visual (t_visual 512), joined and not changed."""
        join([("text", text)], self._place)
        return Fused(*_joined(visual, voice, speaker, speech, self._place))

    def network(self) -> nn.Module:
        """Nothing: there is nothing to learn."""
        return nn.Module()

    def learn(
        self,
        *visual: Given,
        voice: Given = None,
        speaker: Given = None,
        speech: Given = None,
        text: Given = None,
    ) -> Fused:
        """As that of ``fuser/ete``, for the ablation that trains without fusion."""
        batches.batch("text", text)
        given = _batches(visual, voice, speaker, speech)
        return Fused(given["audio"].tokens, given["visual"].tokens)


def _joined(
    visual: tuple[Tensor, ...],
    voice: Tensor | None,
    speaker: Tensor | None,
    speech: Tensor | None,
    place: Place,
) -> tuple[Tensor, Tensor]:
    """The audio and the visual tokens, each as one sequence."""
    audio = join([("voice", voice), ("speaker", speaker), ("speech", speech)], place)
    images = join([(f"visual[{index}]", tokens) for index, tokens in enumerate(visual)], place)
    if audio is None:
        raise InputError("no audio tokens", "a source for voice, speaker or speech")
    if images is None:
        raise InputError("no visual tokens", "at least one source for visual")
    return audio, images


def _batches(visual: Sequence[Given], voice: Given, speaker: Given, speech: Given) -> dict[str, Any]:
    """The audio and the visual tokens of a batch, each as one sequence a clip."""
    sources = (("voice", voice), ("speaker", speaker), ("speech", speech))
    audio = batches.joined(batches.batch(*source) for source in sources)
    images = batches.joined(batches.batch(f"visual[{n}]", tokens) for n, tokens in enumerate(visual))
    return {"audio": _there("audio", audio), "visual": _there("visual", images)}


def _there(modality: str, tokens: Batch | None) -> Batch:
    if tokens is None:
        raise InputError(f"no {modality} tokens", f"at least one {modality} source")
    return tokens


def _initialise(encoders: torch.nn.ModuleDict, seed: int, init: str) -> None:
    generator = torch.Generator().manual_seed(init_seed(seed))
    for encoder in encoders.values():
        assert isinstance(encoder, transformer.TransformerEncoder)
        encoder.reset(generator, identity=init == "identity")
