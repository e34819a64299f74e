import pytest
import torch
from torch.nn import functional
from voice_cases import wave

from pfy_plugin_hifigan import model
from pfy_plugin_hifigan.speaker import Block


@pytest.fixture(scope="module")
def speaker():
    return model.seeded(model.TINY, 0).eval().hifigan_decoder["speaker_encoder"]


@pytest.fixture
def block():
    made = Block(4, 4, 1, 2).eval()
    with torch.no_grad():
        for value in (*made.parameters(), *made.bn1.buffers()):
            if value.is_floating_point():
                value.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(len(value)))
    return made


@torch.no_grad()
def test_relu_comes_before_the_first_batch_norm(block):
    given = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    found = block.bn2(block.conv2(block.bn1(functional.relu(block.conv1(given)))))
    torch.testing.assert_close(block(given), functional.relu(block.se(found) + given))


@torch.no_grad()
def test_the_embedding_is_a_unit_vector_and_the_level_of_the_sound_hardly_matters(speaker):
    heard = torch.from_numpy(wave(16_000))[None]
    loud, quiet = speaker(heard), speaker(heard / 2)
    torch.testing.assert_close(loud.norm(dim=1), torch.ones(1))
    assert (loud * quiet).sum() > 0.999


@torch.no_grad()
def test_every_bin_of_the_spectrogram_has_mean_0_and_variance_1(speaker):
    features = speaker.features(torch.from_numpy(wave(16_000))[None])
    assert features.shape == (1, 64, 131)
    assert features.mean(dim=2).abs().max() < 1e-4
    torch.testing.assert_close(features.var(dim=2, correction=0), torch.ones(1, 64), atol=1e-3, rtol=0)


@torch.no_grad()
def test_a_batch_is_what_its_waves_are_alone(speaker):
    one, other = (torch.from_numpy(wave(16_000, 0.7) * scale) for scale in (1.0, -0.3))
    both = speaker(torch.stack([one, other]))
    torch.testing.assert_close(both, torch.cat([speaker(one[None]), speaker(other[None])]))
