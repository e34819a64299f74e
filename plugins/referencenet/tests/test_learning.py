"""The network in training: what it learns from, what it is compared with, and what gradients reach."""

import copy

import pytest
import safetensors.torch
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from hallo_recipe import VAE, fill

from pfy_core import InputError, Trainable
from pfy_core.trainable import draws
from pfy_plugin_referencenet import learning, network
from pfy_plugin_referencenet.decoder import ReferenceNet
from pfy_plugin_referencenet.schedule import schedule

SMALL = {"size": "tiny", "window": 3, "layers": 2, "width": 16, "clip": 4}
FIRST, TOLD = 2, 3
"""Columns of what is drawn for a clip."""


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def batch(count=2, frames=8, side=16):
    """Films of faces, each with its photo, its speech and its masks."""
    region = torch.zeros(count, 8 * side, 8 * side)
    region[:, 3 * side : 6 * side, 2 * side : 6 * side] = 1
    return {
        "image": 0.5 * normal(count, 4, side, side, seed=1),
        "features": normal(count, frames, 3, 2, 16, seed=2),
        "masks": normal(count, 3, 8 * side, 8 * side, seed=3).sigmoid(),
        "region": region,
        "identity": normal(count, 512, seed=4),
        "latents": 0.5 * normal(count, frames, 4, side, side, seed=5),
        "seeds": torch.arange(count),
    }


def rows(given, *which):
    return {name: value[list(which)] for name, value in given.items()}


def seeds(count, like=None, untold=False):
    """Seeds of clips that are told, or not, what they show."""
    drawn = draws(range(200), (4,), uniform=True, salt=1)
    good = (drawn[:, TOLD] < learning.UNTOLD) == untold
    if like == "first":
        good &= drawn[:, FIRST] < learning.FIRST
    return torch.arange(200)[good][:count]


def loss(found):
    return ((found.prediction - found.target) ** 2)[found.valid].mean()


@pytest.fixture(scope="module")
def frozen():
    return ReferenceNet(**SMALL)


@pytest.fixture
def decoder(frozen):
    """The same with a network of its own, which may learn."""
    made = copy.copy(frozen)
    made.model = copy.deepcopy(frozen.model)
    made.network()
    return made


def test_it_is_trainable(frozen):
    assert isinstance(frozen, Trainable)


def test_the_target_is_the_velocity_between_the_clip_and_the_noise(frozen):
    """Salimans & Ho 2022: v = alpha * noise - sigma * clean, at the step and the place that the seed says."""
    given = batch(2, frames=9, side=8)
    found = frozen.learn(**given)
    drawn, noise = draws([0, 1], (4,), uniform=True, salt=1), draws([0, 1], (4, 4, 8, 8), salt=2)
    signals = schedule(1000).alphas_cumprod
    for index, (where, when, _, _) in enumerate(drawn.tolist()):
        signal, start = signals[int(1000 * when)], 2 + int(where * 4)
        clean = given["latents"][index, start : start + 4]
        wanted = signal.sqrt() * noise[index] - (1 - signal).sqrt() * clean
        torch.testing.assert_close(found.target[index], wanted)
        torch.testing.assert_close(found.snr[index], signal / (1 - signal))
    assert found.prediction.shape == (2, 4, 4, 8, 8)
    assert found.valid.shape == (2, 4)
    assert found.valid.all()


def test_the_last_step_has_no_signal():
    signal = schedule(learning.STEPS).alphas_cumprod
    assert signal[-1] == 0
    assert 0 < signal[-2] < signal[0] < 1


@pytest.mark.parametrize("untold", [False, True])
def test_the_prediction_is_what_the_sampler_s_network_says_of_the_same_clip(frozen, untold, monkeypatch):
    """Sampling starts from the noise that the clip was given, at the one step that it was given it for."""
    given = rows(batch(side=8), 0) | {"seeds": seeds(1, untold=untold)}
    seen, unet = [], frozen.model.denoising_unet
    with unet.register_forward_hook(lambda _module, args, made: seen.append((*args, made))):
        with torch.no_grad():
            found = frozen.learn(**given)
        ((noisy, step, _, _),) = seen
        start = 2 + int(draws(given["seeds"], (4,), uniform=True, salt=1)[0, 0] * 3)
        twin = ReferenceNet(**SMALL, steps=1, guidance=2.0 if untold else 1.0, tiling=False)
        face = {name: given[name][0] for name in ("image", "masks", "region", "identity")}
        with torch.no_grad():
            video = twin._video(twin._face(**face, fused=None), 0)
            motion = video.motion(given["latents"][0, start - 2 : start])
        monkeypatch.setattr(video, "_noise", lambda _frames: noisy[:4].float())
        ours = schedule(1)
        ours.timesteps = torch.tensor([step])
        monkeypatch.setattr("pfy_plugin_referencenet.video.schedule", lambda _steps: ours)
        sampled = []
        with twin.model.denoising_unet.register_forward_hook(lambda *args: sampled.append(args[-1])):
            video.clip(given["features"][0, start : start + 4], motion)
    assert torch.equal(found.prediction[0], sampled[0][:4])


def test_a_batch_of_two_is_two_batches_of_one(decoder):
    given = batch(2, side=8)

    def gradients(*parts):
        decoder.model.zero_grad()
        found = [decoder.learn(**rows(given, *part)) for part in parts]
        sum(((one.prediction - one.target) ** 2).sum() for one in found).backward()
        learnt = [value.grad for value in decoder.model.parameters() if value.grad is not None]
        return torch.cat([one.prediction for one in found]), torch.cat([grad.flatten() for grad in learnt])

    together, apiece = gradients((0, 1)), gradients((0,), (1,))
    assert torch.equal(together[0], apiece[0])
    torch.testing.assert_close(together[1], apiece[1], rtol=1e-4, atol=1e-4 * float(apiece[1].abs().max()))


@pytest.mark.parametrize("branch", ["training", "evaluation"])
def test_every_parameter_learns_but_those_that_no_prediction_depends_on(branch):
    decoder = ReferenceNet(**SMALL, branch=branch)
    parameters = dict(decoder.network().named_parameters())
    idle = {name for name, value in parameters.items() if not value.requires_grad}
    assert idle == {
        name
        for name in parameters
        if name.startswith(network.UNREAD) or (branch == "training" and name.startswith(network.UNRUN))
    }
    decoder.model.requires_grad_(requires_grad=True)
    loss(decoder.learn(**rows(batch(), 0) | {"seeds": seeds(1)})).backward()
    assert {name for name, value in parameters.items() if value.grad is None} == idle
    assert all(value.grad.abs().max() > 0 for name, value in parameters.items() if name not in idle)


@pytest.mark.parametrize("layout", ["latent", "released"])
def test_the_gradient_reaches_fused_tokens(layout, tmp_path):
    """Through the autoencoder too, where they are pixels."""
    options, side, tokens = dict(SMALL, layout=layout), 16, 2 + 8 + 1
    if layout == "released":
        torch.save(fill(AutoencoderKL(**VAE).state_dict(), 5), tmp_path / "vae.pth")
        options["vae"], side, tokens = str(tmp_path / "vae.pth"), 8, 24 + 24 + 1
    fused = normal(1, tokens, 512, seed=6).requires_grad_()
    given = rows(batch(side=side), 0) | {"seeds": seeds(1)}
    loss(ReferenceNet(**options).learn(**given, fused=fused)).backward()
    assert (fused.grad[0].abs().amax(1) > 0).all()


def test_a_batch_is_learnt_by_heart(decoder):
    given, rng = batch(1, side=8), torch.get_rng_state()
    optimiser = torch.optim.AdamW(decoder.network().parameters(), 2e-3)
    losses = []
    for _ in range(14):
        optimiser.zero_grad()
        losses.append(loss(decoder.learn(**given)))
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < losses[0] / 5
    assert torch.equal(torch.get_rng_state(), rng)


def test_what_was_learnt_is_loaded_by_weights(decoder, tmp_path):
    with torch.no_grad():
        for value in decoder.network().parameters():
            value.mul_(0.9)
    state = {key: value.contiguous() for key, value in decoder.network().state_dict().items()}
    safetensors.torch.save_file(state, tmp_path / "learnt.safetensors")
    options = {key: value for key, value in SMALL.items() if key != "size"}
    loaded = ReferenceNet(**options, weights=str(tmp_path / "learnt.safetensors"))
    loaded.network()  # gradients change how torch multiplies, and so the last digit
    given = rows(batch(side=8), 0)
    with torch.no_grad():
        assert torch.equal(loaded.learn(**given).prediction, decoder.learn(**given).prediction)


def test_the_same_seeds_give_the_same_clips_wherever_they_are_in_the_batch(frozen):
    given = batch(2, side=8)
    with torch.no_grad():
        one, two = frozen.learn(**given), frozen.learn(**rows(given, 1, 0))
        other = frozen.learn(**given | {"seeds": torch.tensor([0, 7])})
    assert torch.equal(one.prediction, two.prediction.flip(0))
    assert torch.equal(one.target[0], other.target[0])
    assert not torch.equal(one.target[1], other.target[1])


def test_short_films_are_filled_up_with_their_last_frame_which_is_not_valid(frozen):
    given = batch(2, side=8)
    short = given | {"features": [given["features"][0], given["features"][1, :3]]}
    short["latents"] = [given["latents"][0], given["latents"][1, :3]]
    with torch.no_grad():
        found = frozen.learn(**short)
    assert found.valid.tolist() == [[True] * 4, [True, True, True, False]]
    filled = given["latents"][1, :3][[0, 1, 2, 2]]
    longer = {"latents": filled[None], "features": given["features"][1:, [0, 1, 2, 2]]}
    with torch.no_grad():
        assert torch.equal(frozen.learn(**rows(given, 1) | longer).prediction[0], found.prediction[1])


def test_frames_before_the_clip_matter_unless_it_is_a_first_one(frozen):
    given = rows(batch(frames=6, side=8), 0)
    other = given | {"latents": torch.cat([-given["latents"][:, :2], given["latents"][:, 2:]], 1)}

    def same(chosen):
        with torch.no_grad():
            one, two = (frozen.learn(**clip | {"seeds": chosen}) for clip in (given, other))
        assert torch.equal(one.target, two.target)
        return torch.equal(one.prediction, two.prediction)

    assert same(seeds(1, "first"))
    assert not same(seeds(1))


def test_an_untold_clip_knows_neither_photo_nor_region_nor_speech(frozen):
    given = rows(batch(frames=6, side=8), 0)
    changes = {"image": -given["image"], "region": 1 - given["region"], "features": -given["features"]}
    for chosen, known in ((seeds(1), True), (seeds(1, untold=True), False)):
        with torch.no_grad():
            one = frozen.learn(**given | {"seeds": chosen}).prediction
            for name, value in changes.items():
                other = frozen.learn(**given | {"seeds": chosen, name: value}).prediction
                assert torch.equal(one, other) != known, name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"latents": normal(1, 7, 4, 8, 8)}, "beside 8 frames of speech"),
        ({"latents": normal(1, 8, 4, 16, 16)}, "(8 4 16 16)"),
        ({"latents": torch.full((1, 8, 4, 8, 8), torch.nan)}, "latents: values that are no numbers"),
        ({"seeds": torch.arange(2)}, "'seeds': 2"),
        ({"identity": normal(1, 5)}, "identity: 5"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(frozen, change, said):
    with pytest.raises(InputError) as refused:
        frozen.learn(**rows(batch(side=8), 0) | change)
    assert said in str(refused.value)


def test_a_network_that_waits_in_main_memory_does_not_learn():
    with pytest.raises(InputError, match="offload"):
        ReferenceNet(**SMALL, offload=True).network()
