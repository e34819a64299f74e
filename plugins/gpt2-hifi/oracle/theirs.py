"""coqui-tts' modules at small widths, with the weights of ours, and what they make of given inputs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import voice_cases
from numpy.typing import NDArray
from speech_cases import Case
from torch import Tensor
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder
from TTS.tts.models.xtts import Xtts, wav_to_mel_cloning

from pfy_plugin_hifigan import model as voice

MEL = {"n_fft": 2048, "hop_length": 256, "win_length": 1024, "n_mels": 80}
"""What ``Xtts`` asks ``wav_to_mel_cloning`` for."""


class Theirs:
    """Both halves of coqui-tts' XTTS, loaded strictly with the state dicts of both of our plugins."""

    def __init__(self, case: Case) -> None:
        self.sizes = voice_cases.sizes(case.width, case.heads)
        state = dict(voice.seeded(self.sizes, case.seed).state_dict()) | case.state()
        self.mel_stats = state["mel_stats"]
        self.gpt = GPT(
            layers=case.layers,
            model_dim=case.width,
            heads=case.heads,
            max_text_tokens=case.sizes.text_positions - 2,
            max_mel_tokens=case.sizes.code_positions - 3,
            number_text_tokens=case.sizes.texts,
            num_audio_tokens=case.sizes.codes,
            start_audio_token=case.sizes.codes - 2,
            stop_audio_token=case.sizes.codes - 1,
            start_text_token=case.ends[0],
            stop_text_token=case.ends[1],
            use_perceiver_resampler=True,
        )
        self.decoder = HifiDecoder(
            decoder_input_dim=case.width, upsample_initial_channel_decoder=case.channels
        )
        for module, prefix in ((self.gpt, "gpt."), (self.decoder, "hifigan_decoder.")):
            part = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
            module.load_state_dict(part, strict=True)
        self.gpt.init_gpt_for_inference(kv_cache=True)
        for module in (self.gpt, self.decoder):
            module.eval()

    @torch.inference_mode()
    def mel(self, wave: NDArray[Any]) -> Tensor:
        return wav_to_mel_cloning(torch.from_numpy(wave)[None], mel_norms=self.mel_stats, **MEL)[0]

    @torch.inference_mode()
    def encoded(self, wave: NDArray[Any]) -> Tensor:
        return self.gpt.conditioning_encoder(self.mel(wave)[None])[0]

    @torch.inference_mode()
    def latents(self, wave: NDArray[Any], length: int = 6, chunk: int = 6) -> Tensor:
        args = SimpleNamespace(gpt_use_perceiver_resampler=True)
        self_ = SimpleNamespace(args=args, mel_stats=self.mel_stats, gpt=self.gpt, device="cpu")
        audio = torch.from_numpy(wave)[None]
        return Xtts.get_gpt_cond_latents(self_, audio, 22_050, length=length, chunk_length=chunk)[0]

    @torch.inference_mode()
    def speaker_mel(self, wave16k: NDArray[Any]) -> Tensor:
        encoder = self.decoder.speaker_encoder
        return encoder.instancenorm((encoder.torch_spec(torch.from_numpy(wave16k)[None]) + 1e-6).log())[0]

    @torch.inference_mode()
    def speaker(self, wave: NDArray[Any]) -> Tensor:
        self_ = SimpleNamespace(hifigan_decoder=self.decoder, device="cpu")
        return Xtts.get_speaker_embedding(self_, torch.from_numpy(wave)[None], 22_050)[0, :, 0]

    @torch.inference_mode()
    def codes(
        self, latents: Tensor, text: NDArray[Any], seed: int, **options: Any
    ) -> tuple[list[int], Tensor]:
        """Sampled codes, and the states (n width) of a second pass over them."""
        ids = torch.from_numpy(text)[None]
        torch.manual_seed(seed)
        codes = self.gpt.generate(
            cond_latents=latents[None], text_inputs=ids, do_sample=True, num_beams=1, **options
        )
        lengths = torch.tensor([ids.shape[1]]), torch.tensor([codes.shape[1] * self.gpt.code_stride_len])
        states = self.gpt(ids, lengths[0], codes, lengths[1], cond_latents=latents[None], return_latent=True)
        return codes[0].tolist(), states[0]

    @torch.inference_mode()
    def taught(self, latents: Tensor, texts: list[Tensor], codes: list[Tensor]) -> tuple[float, list[Tensor]]:
        """The loss of the text, and scores (codes n+1) of the next code, of a padded batch in training."""
        lengths = [torch.tensor([len(row) for row in rows]) for rows in (texts, codes)]
        padded = [torch.nn.utils.rnn.pad_sequence(rows, batch_first=True) for rows in (texts, codes)]
        prompt = latents.expand(len(texts), -1, -1)
        loss, _, scores = self.gpt(
            padded[0],
            lengths[0],
            padded[1],
            lengths[1] * self.gpt.code_stride_len,
            cond_mels=prompt.transpose(1, 2),
            cond_latents=prompt,
        )
        return float(loss), [row[:, : count + 1] for row, count in zip(scores, lengths[1], strict=True)]

    @torch.inference_mode()
    def sound(self, states: Tensor, speaker: Tensor, speed: float = 1.0) -> Tensor:
        rows = states[None]
        if speed != 1.0:
            stretched = torch.nn.functional.interpolate(
                rows.transpose(1, 2), scale_factor=1 / speed, mode="linear"
            )
            rows = stretched.transpose(1, 2)
        return self.decoder(rows, g=speaker[None, :, None]).squeeze()


def voice_golden(made: Theirs) -> dict[str, NDArray[Any]]:
    """What ``plugins/hifigan/tests`` compare with."""
    wave = voice_cases.wave()
    tensors = {
        "mel": made.mel(wave)[:, ::4],
        "latents": made.latents(wave),
        "speaker_mel": made.speaker_mel(voice_cases.wave(16_000))[:, ::4],
        "speaker": made.speaker(wave),
    }
    return {key: value.numpy() for key, value in tensors.items()}


def speech_golden(made: Theirs, case: Case, text: NDArray[Any], heard: int, **options: Any) -> dict[str, Any]:
    """What ``plugins/gpt2-hifi/tests`` compare with."""
    codes, states = made.codes(case.latents(), text, case.seed, **options)
    sound = made.sound(states[:heard], case.speaker())
    return {
        "codes": np.array(codes, np.int16),
        "states": states[::4].numpy(),
        "heard": states[:heard].numpy(),
        "sound": sound.numpy(),
    }
