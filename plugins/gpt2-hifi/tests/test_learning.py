"""The GPT in training: what it learns from, what it is compared with, and what it gives back."""

import numpy as np
import pytest
import safetensors.torch
import torch
from speech_cases import TEXT, apart, normal
from torch.nn import functional

from pfy_core import InputError, Trainable
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_gpt2_hifi import model
from pfy_plugin_gpt2_hifi.decoder import Gpt2Hifi
from pfy_plugin_gpt2_hifi.sampling import Sampling
from pfy_plugin_gpt2_hifi.together import Sentence, Together

TOKENS = 9
"""Of a tiny voice (8) and of its speaker."""
CODES = torch.tensor([5, 900, 12, 12, 0, 1023, 77])
SHORT = torch.tensor([31, 4])
WORDS = np.array([259, 7, 40])


@pytest.fixture
def learner():
    """A component of its own, which may learn."""
    made = Gpt2Hifi(size="tiny")
    made.network()
    return made


def voices():
    return [normal(TOKENS + 1, 512, seed=1), normal(TOKENS, 512, seed=2)]


def loss(found):
    """Cross-entropy of codes and text over what there is."""
    codes = functional.cross_entropy(found.logits[found.valid], found.codes[found.valid])
    return codes + functional.cross_entropy(found.text_logits[found.text_valid], found.text[found.text_valid])


def test_it_is_trainable(learner):
    assert isinstance(learner, Trainable)


def test_the_targets_are_what_comes_next_and_end_with_stop(learner):
    found = learner.learn([[TEXT], [WORDS]], voices(), [CODES, SHORT])
    gpt = learner.model.gpt
    assert found.codes[0].tolist() == [*CODES.tolist(), gpt.stop]
    assert found.codes[1][:3].tolist() == [*SHORT.tolist(), gpt.stop]
    assert found.valid.sum(1).tolist() == [8, 3]
    assert found.text[1][:4].tolist() == [*WORDS.tolist(), 0]
    assert found.text_valid.sum(1).tolist() == [len(TEXT) + 1, len(WORDS) + 1]
    assert found.logits.shape == (2, 8, 1026)
    assert found.text_logits.shape == (2, len(TEXT) + 1, 6681)


def test_the_logits_are_those_that_sampling_draws_the_same_codes_from(learner, latents):
    """What a seed speaks, given back as a recording's codes, is predicted with the very scores."""
    gpt, seen = learner.model.gpt, []
    voice, text = learner._voice(latents)[0], learner._sentence(0, TEXT)
    hook = gpt.mel_head.register_forward_hook(lambda _module, _given, made: seen.append(made.clone()))
    (spoken,) = map(list, Together(gpt, voice, [Sentence(text, seed=3, most=12)], Sampling()))
    codes = torch.tensor([code for code, _ in spoken])
    hook.remove()
    with torch.no_grad():
        found = learner.learn([TEXT], [latents], [codes])
    assert apart(found.logits[0, :12], torch.cat(seen)) < 1e-5


def test_a_batch_of_two_is_two_batches_of_one(learner):
    ids, codes = [[TEXT], [WORDS]], [CODES, SHORT]

    def gradients(*clips):
        learner.model.gpt.zero_grad()
        latents = [latent.requires_grad_() for latent in voices()]
        total = 0.0
        for part in clips:
            found = learner.learn(*([given[i] for i in part] for given in (ids, latents, codes)))
            logits, targets = found.logits[found.valid], found.codes[found.valid]
            total = total + functional.cross_entropy(logits, targets, reduction="sum")
        total.backward()
        learnt = [value.grad for value in learner.model.gpt.parameters() if value.grad is not None]
        return float(total.detach()), torch.cat([given.flatten() for given in learnt]), latents[1].grad

    together, apiece = gradients((0, 1)), gradients((0,), (1,))
    assert together[0] == pytest.approx(apiece[0], rel=1e-6)
    assert all(apart(one, two) < 1e-5 for one, two in zip(together[1:], apiece[1:], strict=True))


def test_every_parameter_of_the_network_learns_and_the_vocoder_none(learner):
    parameters = dict(learner.network().named_parameters())
    loss(learner.learn([TEXT, WORDS], voices(), [CODES, SHORT])).backward()
    for name, value in parameters.items():
        assert value.requires_grad, name
        assert value.grad is not None, name
        assert value.grad.abs().max() > 0, name
    assert all(value.grad is None for value in learner.model.vocoder.parameters())
    assert not any(name.startswith("hifigan") for name in parameters)


def test_the_gradient_reaches_the_tokens_of_the_voice_and_no_others(learner):
    latents = normal(1, TOKENS + 1, 512, seed=4).requires_grad_()
    loss(learner.learn([TEXT], latents, CODES[None])).backward()
    assert (latents.grad[0, : TOKENS - 1].abs().amax(1) > 0).all()
    assert not latents.grad[0, TOKENS - 1 :].any()


def test_a_batch_is_learnt_by_heart_and_then_spoken(learner):
    latents, codes = voices()[0], CODES
    network, rng = learner.network(), torch.get_rng_state()
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3)
    losses = []
    for _ in range(40):
        optimiser.zero_grad()
        losses.append(loss(learner.learn([TEXT], [latents], [codes])))
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < losses[0] / 20
    found = learner.learn([TEXT], [latents], [codes])
    assert found.logits[0].argmax(1).tolist() == [*CODES.tolist(), learner.model.gpt.stop]
    assert torch.equal(torch.get_rng_state(), rng)


def test_what_was_learnt_is_loaded_by_weights_and_the_vocoder_from_elsewhere(learner, tmp_path, latents):
    with torch.no_grad():
        for value in learner.network().parameters():
            value.mul_(0.9)
    learnt, whole = tmp_path / "learnt.safetensors", tmp_path / "whole.safetensors"
    state = {key: value.contiguous() for key, value in learner.network().state_dict().items()}
    safetensors.torch.save_file(state, learnt)
    model.write_seeded(whole)
    said = np.concatenate(list(learner([TEXT], latents, seed=2)))
    notes = []
    with watching(notes.append):
        loaded = Gpt2Hifi(weights=str(learnt), vocoder=str(whole))
    assert not notes
    assert np.array_equal(np.concatenate(list(loaded([TEXT], latents, seed=2))), said)
    assert all(torch.equal(value, state[key]) for key, value in loaded.network().state_dict().items())
    # Of the tiny size the vocoder is that of the seed, as it was before it learnt.
    random = Gpt2Hifi(weights=str(learnt), size="tiny")
    assert np.array_equal(np.concatenate(list(random([TEXT], latents, seed=2))), said)
    with pytest.raises(WeightsError, match="set vocoder"):
        Gpt2Hifi(weights=str(learnt))


def test_a_whole_checkpoint_speaks_with_its_own_vocoder(tmp_path):
    for seed, name in enumerate(("one", "two")):
        model.write_seeded(tmp_path / f"{name}.safetensors", seed=seed)
    one = Gpt2Hifi(weights=str(tmp_path / "one.safetensors"))
    both = Gpt2Hifi(weights=str(tmp_path / "one.safetensors"), vocoder=str(tmp_path / "two.safetensors"))
    states = [made.model.state_dict() for made in (one, both)]
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_what_it_says_is_what_it_said_before_it_was_asked_to_learn(decoder, latents):
    before = np.concatenate(list(decoder([TEXT], latents, seed=5)))
    learner = Gpt2Hifi(size="tiny", max_codes=50)
    learner.network()
    loss(learner.learn([TEXT], [latents], [CODES])).backward()
    assert np.array_equal(np.concatenate(list(learner([TEXT], latents, seed=5))), before)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([[TEXT, WORDS]], [CODES]), "2 sentences"),
        (([TEXT, WORDS], [CODES]), "clips of a batch"),
        (([TEXT], [torch.tensor([3, 1024])]), "3 to 1024"),
        (([TEXT], [torch.zeros(603, dtype=torch.int64)]), "603"),
        (([TEXT], [torch.zeros(0, dtype=torch.int64)]), "(0)"),
        (([TEXT], [torch.zeros(4)]), "float32"),
        (([TEXT + 9000], [CODES]), "ids from"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(learner, given, said):
    ids, codes = given
    with pytest.raises(InputError) as refused:
        learner.learn(ids, voices()[: len(codes)], codes)
    assert said in str(refused.value)
