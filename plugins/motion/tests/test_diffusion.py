import pytest
import torch

from pfy_plugin_motion import diffusion


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(3, 11, 4, generator=generator) for _ in range(2)]


def test_noise_and_clean_rows_follow_from_v(rows):
    clean, noise = rows
    time = torch.tensor([0.1, 0.5, 0.97])
    noisy, v = diffusion.noised(clean, noise, time)
    assert torch.allclose(diffusion.cleaned(noisy, v, time), clean, atol=1e-5)


def test_it_begins_with_the_clean_rows_and_ends_with_noise_alone(rows):
    clean, noise = rows
    assert torch.allclose(diffusion.noised(clean, noise, torch.zeros(3))[0], clean)
    assert torch.allclose(diffusion.noised(clean, noise, torch.ones(3))[0], noise, atol=1e-6)
    assert diffusion.snr(torch.ones(3)).max() < 1e-6


def test_the_signal_fades():
    found = diffusion.snr(torch.linspace(0.01, 0.99, 20))
    assert (found.diff() < 0).all()
    assert found[:1].item() > 1000
    assert diffusion.snr(torch.tensor([0.5])).item() == pytest.approx(1.0)


@pytest.mark.parametrize("steps", [1, 4, 50])
def test_a_network_that_knows_the_answer_gives_it(rows, steps):
    clean, noise = rows

    def knows(noisy, time):
        alpha, sigma = torch.cos(torch.pi / 2 * time), torch.sin(torch.pi / 2 * time)
        alpha, sigma = alpha[:, None, None], sigma[:, None, None]
        return alpha * (noisy - alpha * clean) / sigma.clamp(min=1e-6) - sigma * clean

    assert torch.allclose(diffusion.sampled(knows, noise, steps), clean, atol=1e-3)


def test_more_steps_find_the_spread_of_gaussian_data():
    """The network that is right for data of standard deviation 0.5: samples have that spread."""
    noise = torch.randn(1, 4000, 1, generator=torch.Generator().manual_seed(1))

    def right(noisy, time):
        alpha, sigma = (
            torch.cos(torch.pi / 2 * time)[:, None, None],
            torch.sin(torch.pi / 2 * time)[:, None, None],
        )
        power = alpha**2 * 0.25 + sigma**2
        return alpha * sigma * (1 - 0.25) / power * noisy

    assert diffusion.sampled(right, noise, 100).std().item() == pytest.approx(0.5, abs=0.02)
