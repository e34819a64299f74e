"""The voice encoder beside coqui-tts: relative error at most 1e-5 in float32."""

import pytest
import torch
from voice_cases import apart, wave

BOUND = 1e-5
WAVES = {"a tone": wave(), "short": wave(seconds=0.4), "hardly audible": wave() * 1e-2}


@pytest.fixture(params=WAVES.values(), ids=WAVES.keys())
def heard(request):
    return request.param


@torch.inference_mode()
def test_conditioning_spectrogram(voices, theirs, heard):
    assert apart(voices.mel(torch.from_numpy(heard))[0], theirs.mel(heard)) <= BOUND


@torch.inference_mode()
def test_conditioning_encoder(voices, theirs, heard):
    encoded = voices.gpt["conditioning_encoder"](voices.mel(torch.from_numpy(heard)))[0]
    assert apart(encoded, theirs.encoded(heard)) <= BOUND


@torch.inference_mode()
def test_latents_of_the_perceiver(voices, theirs, heard):
    assert apart(voices.latents(torch.from_numpy(heard), 6 * 22_050), theirs.latents(heard)) <= BOUND


@torch.inference_mode()
@pytest.mark.parametrize("seconds", [2.2, 3.2, 4.0])
def test_latents_of_several_chunks(voices, theirs, seconds):
    heard = wave(seconds=seconds)
    ours = voices.latents(torch.from_numpy(heard[: 3 * 22_050]), 22_050)
    assert apart(ours, theirs.latents(heard, length=3, chunk=1)) <= BOUND


@torch.inference_mode()
def test_speaker_spectrogram(voices, theirs):
    heard = wave(16_000)
    ours = voices.hifigan_decoder["speaker_encoder"].features(torch.from_numpy(heard)[None])[0]
    assert apart(ours, theirs.speaker_mel(heard)) <= BOUND


@torch.inference_mode()
def test_speaker_embedding_from_22050_hz(voices, theirs, heard):
    assert apart(voices.speaker(torch.from_numpy(heard)), theirs.speaker(heard)) <= BOUND
