"""The network by itself: its names and shapes, and each trap that a port of Hallo can fall into."""

import gzip
from pathlib import Path

import pytest
import torch

from pfy_plugin_referencenet import network, widths
from pfy_plugin_referencenet.schedule import schedule
from pfy_plugin_referencenet.transformers import AudioTransformer, TemporalTransformer


@pytest.fixture(scope="module")
def published():
    """Names and shapes of the 2,656 values of Hallo's ``net.pth``."""
    text = gzip.decompress(Path(__file__).with_name("shapes.txt.gz").read_bytes()).decode()
    lines = (line.split() for line in text.splitlines())
    return {name: tuple(map(int, dims)) for name, *dims in lines}


@pytest.fixture(scope="module")
def full():
    return network.outline(widths.Widths())


def test_every_value_of_the_published_checkpoint_has_its_name_and_shape(full, published):
    assert len(published) == 2656
    assert {name: tuple(value.shape) for name, value in full.state_dict().items()} == published


def test_the_parameters_are_as_many_as_published(full):
    assert sum(value.numel() for value in full.parameters()) == 2_423_594_644
    parts = {name: sum(value.numel() for value in part.parameters()) for name, part in full.named_children()}
    assert parts == {
        "reference_unet": 859_508_800,
        "denoising_unet": 1_525_528_324,
        "face_locator": 514_896,
        "imageproj": 1_577_472,
        "audioproj": 36_465_152,
    }


def test_widths_are_read_from_the_published_shapes(published):
    assert widths.of(published) == widths.Widths()


def test_audio_transformers_are_as_narrow_inside_as_published(full):
    found = [
        (name, module.proj_in.in_channels, module.proj_in.out_channels)
        for name, module in full.denoising_unet.named_modules()
        if isinstance(module, AudioTransformer)
    ]
    assert len(found) == 16
    assert [(name[:13], outer, inner) for name, outer, inner in found if outer != inner] == [
        ("down_blocks.1", 640, 320),
        ("down_blocks.2", 1280, 640),
        *[("up_blocks.1.a", 1280, 640)] * 3,
        *[("up_blocks.2.a", 640, 320)] * 3,
    ]


def test_the_tables_of_positions_are_saved_and_are_sines_and_cosines():
    table = network.seeded(widths.tiny(6), 0, torch.float32).state_dict()[
        "denoising_unet.mid_block.motion_modules.0.temporal_transformer.transformer_blocks.0"
        ".attention_blocks.1.pos_encoder.pe"
    ]
    assert table.shape == (1, 32, 96)
    assert torch.equal(table[0, 0, :4], torch.tensor([0.0, 1, 0, 1]))
    angle = torch.tensor(5 * 10_000 ** (-2 / 96))
    torch.testing.assert_close(table[0, 5, 2:4], torch.stack([angle.sin(), angle.cos()]))


def test_forty_steps_are_hallos():
    made = schedule(40)
    assert made.timesteps.tolist() == list(range(999, 23, -25))
    assert made.alphas_cumprod[999] == 0
    assert made.init_noise_sigma == 1
    assert made.config.prediction_type == "v_prediction"
    # linear betas, rescaled: not those of ``scaled_linear``
    betas = torch.linspace(0.00085, 0.012, 1000, dtype=torch.float64)
    signal = (1 - betas).cumprod(0).sqrt()
    rescaled = ((signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])) ** 2
    torch.testing.assert_close(made.alphas_cumprod.double(), rescaled, rtol=1e-3, atol=1e-5)


def test_a_last_step_ends_without_noise():
    made = schedule(2)
    latents, velocity = torch.ones(1, 4, 2, 2), torch.full((1, 4, 2, 2), 0.5)
    first = made.step(velocity, 999, latents).prev_sample
    signal = made.alphas_cumprod[499]
    torch.testing.assert_close(first, -velocity * signal.sqrt() + latents * (1 - signal).sqrt())
    last = made.step(velocity, 499, latents).prev_sample
    torch.testing.assert_close(last, latents * signal.sqrt() - velocity * (1 - signal).sqrt())


def test_a_motion_module_reads_frames_before_the_clip_and_gives_back_those_of_the_clip():
    class Two:
        batch = 2

    module = TemporalTransformer(32).requires_grad_(requires_grad=False)
    for part in module.modules():
        if hasattr(part, "reset"):
            part.reset()
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(6, 32, 2, 3, generator=generator)
    motion = torch.randn(2, 2, 6, 32, generator=generator)
    made = module(maps, Two, motion)
    assert made.shape == maps.shape
    # The same as frames of their own in front, of which nothing is dropped.
    frames = maps.unflatten(0, (2, 3))
    before = motion.transpose(2, 3).unflatten(3, (2, 3))
    longer = module(torch.cat([before, frames], 1).flatten(0, 1), Two, None).unflatten(0, (2, 5))
    torch.testing.assert_close(made.unflatten(0, (2, 3)), longer[:, 2:])
    other = module(maps, Two, motion.flip(1))
    assert not torch.allclose(made, other)  # their order matters
    assert not torch.allclose(made, module(maps, Two, None))


def test_seeded_parameters_depend_on_the_seed_alone():
    before = torch.random.get_rng_state()
    dtypes = (torch.float32, torch.float32, torch.bfloat16)
    one, same, half = (network.seeded(widths.tiny(6), 3, dtype).state_dict() for dtype in dtypes)
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, value in one.items():
        assert torch.equal(value, same[name])
        # Norms and tables of positions are the same numbers too, rounded.
        assert torch.equal(value.bfloat16(), half[name])
    assert all(value.any() for name, value in one.items() if not name.endswith("bias"))


def test_the_tiny_network_has_the_values_of_the_full_one_by_name(full):
    assert network.outline(widths.tiny(6)).state_dict().keys() == full.state_dict().keys()
