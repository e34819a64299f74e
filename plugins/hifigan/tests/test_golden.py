"""The networks against what coqui-tts makes of the same weights and the same recording."""

import numpy as np
import pytest
import torch
from voice_cases import GOLDEN, apart, wave


@pytest.fixture(scope="module")
def theirs():
    with np.load(GOLDEN) as file:
        return {key: torch.from_numpy(file[key]) for key in file.files}


@torch.inference_mode()
@pytest.mark.parametrize("name", ["mel", "latents", "speaker_mel", "speaker"])
def test_the_result_is_that_of_coqui_tts(networks, theirs, name):
    heard, heard16k = torch.from_numpy(wave()), torch.from_numpy(wave(16_000))
    made = {
        "mel": lambda: networks.mel(heard)[0, :, ::4],
        "latents": lambda: networks.latents(heard, 6 * 22_050),
        "speaker_mel": lambda: networks.hifigan_decoder["speaker_encoder"].features(heard16k[None])[
            0, :, ::4
        ],
        "speaker": lambda: networks.speaker(heard),
    }
    assert apart(made[name](), theirs[name]) <= 1e-5
