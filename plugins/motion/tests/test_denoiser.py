import pytest
import torch

from pfy_core.place import Place
from pfy_plugin_motion import initial
from pfy_plugin_motion.attention import Distance
from pfy_plugin_motion.denoiser import Denoiser


def built(**options):
    network = initial.made(lambda: Denoiser(**options), "", 0, Place.named("cpu", "float32"))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return network


@pytest.fixture
def given(tokens):
    generator = torch.Generator().manual_seed(2)
    rows = torch.randn(2, 20, 58, generator=generator)
    return rows, torch.tensor([0.3, 0.8]), tokens(2, 20), tokens(2, 5, seed=1)


def test_at_first_nothing_is_said_and_all_can_learn(given):
    network = initial.made(Denoiser, "", 0, Place.named("cpu", "float32"))
    assert (network(*given) == 0).all()


def test_speech_fused_tokens_and_time_all_matter(given, tokens):
    network = built()
    made = network(*given)
    rows, time, audio, fused = given
    for other in (
        (rows, time, tokens(2, 20, seed=5), fused),
        (rows, time, audio, tokens(2, 5, seed=6)),
        (rows, time.flip(0), audio, fused),
    ):
        assert (network(*other) - made).abs().max() > 1e-3


def test_without_dc_speech_does_not_reach_motion(given, tokens):
    network = built(entangled=False)
    rows, time, audio, fused = given
    assert torch.equal(network(rows, time, tokens(2, 20, seed=5), fused), network(*given))
    assert not torch.equal(network(rows, time, audio, tokens(2, 5, seed=6)), network(*given))


def test_the_same_weights_load_with_and_without_dc():
    built(entangled=False).load_state_dict(built().state_dict())


def test_who_is_deaf_hears_nothing(given, tokens):
    network = built()
    rows, time, audio, fused = given
    deaf = torch.tensor([True, False])
    made, other = (network(rows, time, heard, fused, deaf) for heard in (audio, tokens(2, 20, seed=5)))
    assert torch.equal(made[0], other[0])
    assert not torch.equal(made[1], other[1])


def test_clips_of_a_batch_do_not_mix(given):
    network = built()
    rows, time, audio, fused = given
    alone = network(rows[:1], time[:1], audio[:1], fused[:1])
    assert torch.allclose(network(*given)[:1], alone, atol=1e-5)


def test_near_frames_count_more_at_first_and_far_ones_are_alike():
    network = Distance(3, 4)
    network.reset(torch.Generator())
    bias = network(10, 10)[0]
    assert bias[5, 5] == 0
    assert (bias[5, 5:9].diff() < 0).all()
    assert bias[0, 4] == bias[0, 9]
