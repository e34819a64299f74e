"""``decoder/gpt2-hifi``: text tokens and voice latents to speech, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from pfy_core import Decoder, InputError, OptionalWeights, Seed, note, progress
from pfy_core.options import choice, within
from pfy_core.place import Dtype, Place
from pfy_plugin_gpt2_hifi import endings, learning, model
from pfy_plugin_gpt2_hifi.ports import RATE, WIDTH, Ids, Latents, Wave
from pfy_plugin_gpt2_hifi.sampling import Sampling
from pfy_plugin_gpt2_hifi.speaking import spoken, without_gradients
from pfy_plugin_gpt2_hifi.together import Sentence, Together
from pfy_plugin_gpt2_hifi.vocoder import SCALES

Size = Literal["full", "tiny"]
SIZES: dict[str, model.Sizes] = {"full": model.FULL, "tiny": model.TINY}
SPEEDS = (0.25, 4.0)
LONGEST = 602
"""Codes of a sentence, 27.9 s: 605 in XTTS-v2's config, less what its sampling leaves free."""


class Gpt2Hifi(Decoder, name="gpt2-hifi"):
    """Speech from text tokens in the voice that latents describe, from an XTTS-v2 checkpoint.

    weights: registered name (``xtts/v2``) or path of ``model.pth`` or safetensors; none: random weights
        from ``init_seed`` (0 to 2**32 - 1) in the given ``size``, for tests. Or a file that holds the GPT
        alone (see ``network``), beside
    vocoder: name or path of the checkpoint that the vocoder is then taken from; needed unless ``tiny``.
    heads: attention heads of the GPT; 0 for one per 64 features, as in XTTS-v2.
    cond_latents: how many rows as wide as the GPT the voice has; 32 of 1024 are the first 64 tokens.
    start_text, stop_text: ids that are put around the text.
    temperature, top_k, top_p, repetition_penalty: see ``Sampling``; speed: 0.25 to 4 times as fast.
        The defaults are those of coqui-tts' ``Xtts.inference``, which the authors of P4Y used.
    released_penalty: the penalty falls on code 1 from the start, as in coqui-tts; False to be rid of it.
    max_codes: the most codes of a sentence, 602 or fewer; one is 46.4 ms.
    codes_per_token: a sentence may take so many codes for each text token, and 43 more; 0: any number.
    silence_limit: seconds of silence that end a sentence; 0: none do. Both guard against endings
        in noise or silence, and say so when they cut.
    batch: sentences that are sampled at the same time. Up to three take about as long as one on a CPU,
        more pay on a GPU; each needs memory of its own, 250 kB for each token and code at most.
    stream_codes: a part of the sound is made after so many codes; the sound does not depend on it.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        vocoder: OptionalWeights = "",
        init_seed: int = 0,
        size: Size = "full",
        heads: int = 0,
        cond_latents: int = 32,
        start_text: int = 261,
        stop_text: int = 0,
        temperature: float = 0.75,
        top_k: int = 50,
        top_p: float = 0.85,
        repetition_penalty: float = 10.0,
        released_penalty: bool = True,
        speed: float = 1.0,
        max_codes: int = LONGEST,
        codes_per_token: float = 10.0,
        silence_limit: float = 2.0,
        batch: int = 3,
        stream_codes: int = 20,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        self._sampling = Sampling(temperature, top_k, top_p, repetition_penalty, released_penalty)
        for option, value, least, greatest in (
            ("speed", speed, *SPEEDS),
            ("max_codes", max_codes, 1, LONGEST),
            ("codes_per_token", codes_per_token, 0, LONGEST),
            ("silence_limit", silence_limit, 0, 60),
            ("batch", batch, 1, 64),
            ("stream_codes", stream_codes, 1, LONGEST),
            ("cond_latents", cond_latents, 1, 1024),
        ):
            within(option, value, least, greatest)
        choice("size", size, Size)
        self._place = Place.named(device, dtype)
        if weights:
            made = model.load(weights, heads, vocoder, init_seed if size == "tiny" else None)
        else:
            note(f"decoder/gpt2-hifi has no weights: random ones from init_seed {init_seed} are used")
            made = model.seeded(SIZES[size], init_seed)
        self.model = made.ready(self._place.device, self._place.dtype)
        self._width = self.model.gpt.final_norm.weight.shape[0]
        self._cond, self._ends = cond_latents, (start_text, stop_text)
        self._texts = self.model.gpt.text_embedding.num_embeddings
        if cond_latents * self._width % WIDTH:
            raise InputError(
                f"cond_latents {cond_latents}", f"rows of {self._width} that fill rows of {WIDTH}"
            )
        if not 0 <= min(self._ends) <= max(self._ends) < self._texts:
            raise InputError(f"start_text {start_text}, stop_text {stop_text}", f"0 to {self._texts - 1}")
        self._longest = min(max_codes, self.model.gpt.mel_pos_embedding.emb.num_embeddings - model.SPARE)
        self._per_token, self._every, self._batch = codes_per_token, stream_codes, batch
        self._silence = round(silence_limit * RATE)
        self._scales = SCALES if speed == 1 else (1 / speed, *SCALES)

    def __call__(self, ids: Ids, latents: Latents, *, seed: Seed = 0) -> Iterator[Wave]:
        """ids: an array of token ids per sentence; latents (65 or more, 512): voice, speaker, rest -> sound.

        Raises InputError for ids that are not in the vocabulary or too many for a sentence, and for latents
        of another shape or that are not finite.
        """
        sentences = [self._sentence(index, given) for index, given in enumerate(_list(ids))]
        return self._spoken(sentences, *self._voice(latents), seed)

    def network(self) -> nn.Module:
        """The GPT, by its names in XTTS-v2's checkpoint; from then on its parameters take gradients.

        The vocoder stays as it is: the loss compares codes, and no gradient comes from them to it.
        """
        return nn.ModuleDict({"gpt": self.model.gpt.requires_grad_(requires_grad=True)})

    def learn(
        self, ids: Sequence[Any], latents: Tensor | Sequence[Tensor], codes: Tensor | Sequence[Tensor]
    ) -> learning.Predicted:
        """Whole clips of one sentence each -> what the losses compare.

        ids: for each clip its ids (t), or what ``encoder/bpe`` gives: a list with one array. latents:
        (b t 512) or a list of (t 512); the speaker's token and what follows it have no part in the codes.
        codes: (b n) or a list of (n): those of the recording, without start and stop.
        Raises InputError for several sentences in a clip, and as ``__call__``; for codes that are none.
        """
        clips = [_one(index, given) for index, given in enumerate(ids)]
        sizes = {"ids": len(clips), "latents": len(latents), "codes": len(codes)}
        if len(set(sizes.values())) != 1 or not clips:
            raise InputError(f"clips of a batch: {sizes}", "as many of each, one at least")
        return learning.predicted(
            self.model.gpt,
            [self._voice(given)[0] for given in latents],
            [self._sentence(index, given) for index, given in enumerate(clips)],
            [self._codes(index, given) for index, given in enumerate(codes)],
        )

    def _spoken(self, texts: list[Tensor], voice: Tensor, speaker: Tensor, seed: int) -> Iterator[Wave]:
        """The sound of all sentences, one after another."""
        sentences = (
            # A seed of its own, so that what a guard cuts from a sentence does not change the next.
            Sentence(text, (seed + index * 0x9E3779B97F4A7C15) % 2**63, self._most(text))
            for index, text in enumerate(texts)
        )
        together = Together(
            self.model.gpt, voice, sentences, self._sampling, batch=self._batch, alone=self._every
        )
        for index, codes in enumerate(together):
            yield from self._speak(index, codes, speaker)
            progress(index + 1, len(texts))

    @property
    def _device(self) -> torch.device:
        """Where the GPT is: a trainer may have moved it."""
        return self.model.gpt.final_norm.weight.device

    def _most(self, text: Tensor) -> int:
        """The most codes of a sentence; its text has the ids of start and stop around it."""
        return endings.most(len(text) - 2, self._per_token, self._longest)

    def _speak(self, index: int, codes: Iterator[tuple[int, Tensor]], speaker: Tensor) -> Iterator[Wave]:
        """The sound of one sentence."""
        guard = endings.SilenceStop(self._silence, round(endings.KEPT * RATE))
        code = 0

        def states() -> Iterator[Tensor]:
            nonlocal code
            for code, state in codes:  # noqa: B007
                yield state

        parts = spoken(self.model.vocoder, states(), speaker, self._scales, self._every)
        heard = 0
        for part in without_gradients(parts):
            samples = np.asarray(part.float().cpu().numpy(), np.float32)
            passed = guard.pass_on(samples) if self._silence else samples
            heard += len(passed)
            if len(passed):
                yield passed
            if guard.stopped:
                note(f"sentence {index + 1} was cut after {heard / RATE:.1f} s: only silence followed")
                return
        rest = guard.end()
        heard += len(rest)
        if len(rest):
            yield rest
        if code != self.model.gpt.stop:
            note(f"sentence {index + 1} did not end by itself and was cut after {heard / RATE:.1f} s")

    def _sentence(self, index: int, given: Any) -> Tensor:
        """The ids of a sentence between the ids of its ends, checked."""
        values, name = np.asarray(given), f"ids[{index}]"
        wants = f"one array of token ids for each sentence, 0 to {self._texts - 1}"
        if values.ndim != 1 or values.dtype.kind not in "iu":
            raise InputError(f"{name}: {values.dtype} {values.shape}", wants)
        most = self.model.gpt.text_pos_embedding.emb.num_embeddings - 3
        if not 1 <= len(values) <= most:
            raise InputError(f"{name}: {len(values)} tokens", f"1 to {most}", "split the text into sentences")
        if not 0 <= values.min() <= values.max() < self._texts:
            raise InputError(f"{name}: ids from {values.min()} to {values.max()}", wants)
        ends = ([self._ends[0]], values.astype(np.int64), [self._ends[1]])
        return torch.from_numpy(np.fromiter(chain(*ends), np.int64)).to(self._device)

    def _codes(self, index: int, given: Any) -> Tensor:
        """The codes of a clip, checked."""
        codes, gpt = torch.as_tensor(given), self.model.gpt
        longest = gpt.mel_pos_embedding.emb.num_embeddings - model.SPARE
        wants = f"the codes of its recording (n), n up to {longest}, 0 to {gpt.start - 1}"
        if codes.ndim != 1 or codes.is_floating_point() or not 1 <= len(codes) <= longest:
            shape = " ".join(map(str, codes.shape))
            raise InputError(f"codes[{index}]: {codes.dtype} ({shape})", wants, "cut the clip at a pause")
        if not 0 <= int(codes.min()) <= int(codes.max()) < gpt.start:
            raise InputError(f"codes[{index}]: {int(codes.min())} to {int(codes.max())}", wants)
        return codes.to(self._device, torch.int64)

    def _voice(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Conditioning latents (n width) and the speaker's embedding (512) out of the tokens."""
        rows = self._cond * self._width // WIDTH
        wants = f"{rows} tokens of the voice and 1 of the speaker at least: a float tensor (t {WIDTH})"
        if not isinstance(latents, Tensor) or not latents.is_floating_point():
            kind = latents.dtype if isinstance(latents, Tensor) else type(latents).__name__
            raise InputError(f"latents: {kind}", wants)
        if latents.ndim != 2 or latents.shape[1] != WIDTH or len(latents) <= rows:
            shape = " ".join(map(str, latents.shape))
            raise InputError(
                f"latents: shape ({shape})", wants, "connect encoder/hifigan's voice and speaker"
            )
        if not latents[: rows + 1].isfinite().all():
            raise InputError("latents: they contain NaN or infinite values", wants)
        placed = latents[: rows + 1].to(self._device, self._place.dtype)
        return placed[:rows].reshape(self._cond, self._width), placed[rows]


def _one(index: int, given: Any) -> Any:
    """The ids of a clip that has one sentence."""
    if isinstance(given, list | tuple):
        if len(given) != 1:
            raise InputError(
                f"ids of clip {index}: {len(given)} sentences",
                "one, whose codes are those of the clip",
                "cut the clip between its sentences, or leave it out",
            )
        given = given[0]
    return given.cpu() if isinstance(given, Tensor) else given


def _list(ids: Any) -> list[Any]:
    wants = "a list with one array of token ids for each sentence"
    if not isinstance(ids, list | tuple):
        raise InputError(f"ids: a {type(ids).__name__}", wants)
    if not ids:
        raise InputError("ids: no sentence", wants, "give a text")
    return list(ids)
