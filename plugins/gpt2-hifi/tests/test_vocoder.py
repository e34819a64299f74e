import numpy as np
import pytest
import torch
from speech_cases import GOLDEN, SMALL, apart, normal
from torch.nn import functional

from pfy_plugin_gpt2_hifi import model, stretch
from pfy_plugin_gpt2_hifi.speaking import spoken
from pfy_plugin_gpt2_hifi.vocoder import SCALES, Convolution, Upsampling

VOCODER = "hifigan_decoder.waveform_decoder"


@pytest.fixture(scope="module")
def vocoder(networks):
    return networks.vocoder


def plain(state, rows, speaker):
    """The generator by its formulae, from the checkpoint's own tensors."""

    def weight(name):
        gain, direction = (state[f"{VOCODER}.{name}.parametrizations.weight.original{i}"] for i in (0, 1))
        return gain * direction / direction.flatten(1).norm(dim=1)[:, None, None]

    def tensor(name):
        return state[f"{VOCODER}.{name}"]

    def spoken_to(values, name):
        return values + functional.conv1d(
            speaker[None, :, None], tensor(f"{name}.weight"), tensor(f"{name}.bias")
        )

    def block(values, index, kernel):
        for step, dilation in enumerate((1, 3, 5)):
            found = values
            for convs, reach in (("convs1", dilation), ("convs2", 1)):
                name = f"resblocks.{index}.{convs}.{step}"
                options = {"padding": reach * (kernel - 1) // 2, "dilation": reach}
                found = functional.leaky_relu(found, 0.1)
                found = functional.conv1d(found, weight(name), tensor(f"{name}.bias"), **options)
            values = values + found
        return values

    values = functional.conv1d(rows.T[None], tensor("conv_pre.weight"), tensor("conv_pre.bias"), padding=3)
    values = spoken_to(values, "cond_layer")
    for stage, rate in enumerate((8, 8, 2, 2)):
        up, values = f"ups.{stage}", functional.leaky_relu(values, 0.1)
        values = functional.conv_transpose1d(values, weight(up), tensor(f"{up}.bias"), rate, rate // 2)
        values = spoken_to(values, f"conds.{stage}")
        values = sum(block(values, 3 * stage + i, kernel) for i, kernel in enumerate((3, 7, 11))) / 3
    values = functional.leaky_relu(values, 0.01)
    return functional.conv1d(values, tensor("conv_post.weight"), padding=3).tanh()[0, 0]


@torch.inference_mode()
def sound(vocoder, states, every=20, scales=SCALES):
    return list(spoken(vocoder, states, SMALL.speaker(), scales, every))


@torch.inference_mode()
def test_the_sound_is_that_of_the_formulae_with_the_speaker_in_every_stage(vocoder):
    rows, speaker = normal(9, 128, seed=1), SMALL.speaker()
    ours = vocoder(rows, speaker)
    assert ours.shape == (9 * 256,)
    assert apart(ours, plain(SMALL.state(), rows, speaker)) < 1e-5


@torch.inference_mode()
def test_before_the_last_convolution_the_slope_is_a_hundredth():
    case = SMALL.state()
    networks = model.Speech(SMALL.sizes)
    case[f"{VOCODER}.conv_post.weight"].abs_()
    networks.load_state_dict(case, assign=True)
    vocoder = networks.ready(torch.device("cpu"), torch.float32).vocoder
    rows, speaker = normal(9, 128, seed=1), SMALL.speaker()
    assert apart(vocoder(rows, speaker), plain(case, rows, speaker)) < 1e-5


def test_the_sound_is_that_of_coqui_tts(vocoder):
    with np.load(GOLDEN) as file:
        states, theirs = (torch.from_numpy(file[name]) for name in ("heard", "sound"))
    assert apart(torch.cat(sound(vocoder, states)), theirs) <= 1e-5


@pytest.mark.parametrize(("count", "samples"), [(1, 1024), (2, 2048), (10, 11_008), (47, 52_224)])
def test_the_length_of_the_sound(vocoder, count, samples):
    assert sum(map(len, sound(vocoder, normal(count, 128, seed=2)))) == samples


@pytest.mark.parametrize(
    "scales", [SCALES, (1 / 0.7, *SCALES), (1 / 0.95, *SCALES), (1 / 1.4, *SCALES)], ids=str
)
@pytest.mark.parametrize("every", [1, 7, 20, 45])
def test_in_windows_it_is_what_it_is_at_once(vocoder, every, scales):
    states = normal(61, 128, seed=3)
    with torch.inference_mode():
        frames = stretch.stretched(states, scales, 0, stretch.length(61, scales))
        whole = vocoder(frames, SMALL.speaker())
    parts = sound(vocoder, states, every, scales)
    assert len(parts) > 1
    assert (torch.cat(parts) - whole).abs().max() < 1e-5


def test_a_part_comes_before_the_last_latent_is_there_and_the_work_grows_with_the_length_only(vocoder):
    seen, made = [], []

    def latents():
        for index in range(120):
            seen.append(index)
            yield normal(128, seed=index)

    hook = vocoder.conv_pre.register_forward_pre_hook(lambda _, given: made.append(given[0].shape[3]))
    try:
        parts = spoken(vocoder, latents(), SMALL.speaker(), SCALES, 20)
        with torch.inference_mode():
            next(parts)
            assert len(seen) == 20
            rest = list(parts)
    finally:
        hook.remove()
    assert len(rest) == 6
    assert max(made) <= 20 * 4.36 + 2 * vocoder.reach + 2


@torch.inference_mode()
def test_a_frame_reaches_no_further_than_its_reach_and_as_far(vocoder):
    rows = normal(61, 128, seed=4)
    other = rows.clone()
    other[30] += 100.0
    speaker = SMALL.speaker()
    changed = (vocoder(rows, speaker) - vocoder(other, speaker)).abs().view(-1, 256).amax(1).nonzero()[:, 0]
    assert 30 - vocoder.reach <= int(changed.min())
    assert int(changed.max()) <= 30 + vocoder.reach
    assert int(changed.max()) - 30 >= vocoder.reach - 3


@torch.inference_mode()
@pytest.mark.parametrize("margins", [(0, 0), (14, 14), (3, 14), (14, 0), (30, 17)], ids=str)
def test_margins_are_left_out_and_change_nothing(vocoder, margins):
    """Also those wider and narrower than the reach: what a stage leaves out no later one reads."""
    rows, (before, after) = normal(61, 128, seed=4), margins
    whole = vocoder(rows, SMALL.speaker())
    cut = vocoder(rows, SMALL.speaker(), margins)
    assert (cut - whole[before * 256 : (61 - after) * 256]).abs().max() < 1e-5


def test_folded_weights_are_plain_parameters(vocoder):
    names = [name for name, _ in vocoder.named_parameters()]
    assert not [name for name in names if "original" in name]
    assert "ups.0.weight" in names


@torch.inference_mode()
def test_no_layer_leaves_the_layout_of_rows(vocoder):
    """One that did would cost a copy at every layer after it."""
    seen = []
    convolutions = [module for module in vocoder.modules() if isinstance(module, Convolution | Upsampling)]
    hooks = [
        module.register_forward_hook(lambda _, given, made: seen.append((given[0], made)))
        for module in convolutions
        if module.weight.shape[2] > 1
    ]
    try:
        vocoder(normal(9, 128, seed=1), SMALL.speaker())
    finally:
        for hook in hooks:
            hook.remove()
    assert len(seen) == len(hooks) > 70
    assert all(value[0, :, 0].T.is_contiguous() for pair in seen for value in pair)
