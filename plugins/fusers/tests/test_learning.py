"""``learn``: batches with what fills them up, gradients, and fusers that differ once they have learnt."""

import pytest
import torch

from pfy_core import InputError
from pfy_core.trainable import Trainable
from pfy_plugin_fusers.fusers import ETE, STE, Unfused

LENGTHS = (3, 7, 5)


@pytest.fixture
def batch(tokens):
    """Clips of one length, whose words are of several."""
    return {
        "visual": tokens(3, 4, seed=1),
        "speech": tokens(3, 9, seed=2),
        "text": [tokens(length, seed=length) for length in LENGTHS],
    }


def learnt(fuser, batch):
    return fuser.learn(batch["visual"], speech=batch["speech"], text=batch["text"])


@pytest.mark.parametrize("cls", [ETE, STE, Unfused])
@pytest.mark.parametrize("attends", [True, False])
def test_each_clip_of_a_batch_gets_what_it_gets_alone(cls, attends, batch, stir):
    fuser = cls() if cls is Unfused else cls(embedding_cross_attention=attends)
    stir(fuser.network())
    made = learnt(fuser, batch)
    for clip in range(3):
        alone = fuser(batch["visual"][clip], speech=batch["speech"][clip], text=batch["text"][clip])
        assert torch.allclose(made.audio[clip], alone.audio, atol=1e-4)
        assert torch.allclose(made.visual[clip], alone.visual, atol=1e-4)


@pytest.mark.parametrize("options", [{"audio_attends_to": "none"}, {"visual_attends_to": "text"}])
def test_what_a_modality_sees_is_the_same_in_training(options, batch, stir):
    fuser = ETE(**options)
    stir(fuser.network())
    made = learnt(fuser, batch)
    alone = fuser(batch["visual"][0], speech=batch["speech"][0], text=batch["text"][0])
    assert torch.allclose(made.audio[0], alone.audio, atol=1e-4)
    assert torch.allclose(made.visual[0], alone.visual, atol=1e-4)


def test_speech_of_other_lengths_is_filled_up(tokens, stir):
    fuser = ETE()
    stir(fuser.network())
    speech = [tokens(6, seed=3), tokens(9, seed=4)]
    made = fuser.learn(tokens(2, 4), speech=speech, text=[tokens(2), tokens(2, seed=1)])
    alone = fuser(tokens(2, 4)[0], speech=speech[0], text=tokens(2))
    assert made.audio.shape == (2, 9, 512)
    assert torch.allclose(made.audio[0, :6], alone.audio, atol=1e-4)
    assert torch.allclose(made.visual[0], alone.visual, atol=1e-4)


def test_clips_without_words_attend_to_nothing_where_words_are_all_they_see(tokens, stir):
    fuser = ETE(audio_attends_to="text")
    stir(fuser.network())
    made = fuser.learn(tokens(2, 4), speech=tokens(2, 5), text=[tokens(0), tokens(3)])
    assert made.audio.isfinite().all()
    encoder = fuser.network()["audio"]
    assert torch.allclose(made.audio[:1], encoder(tokens(2, 5)[:1], None), atol=1e-4)


def test_a_gradient_reaches_every_parameter_and_every_source(batch, stir):
    fuser = ETE()
    stir(fuser.network())
    given = {
        key: value.requires_grad_() if torch.is_tensor(value) else [item.requires_grad_() for item in value]
        for key, value in batch.items()
    }
    made = learnt(fuser, given)
    (made.audio.square().mean() + made.visual.square().mean()).backward()
    assert all(parameter.grad.any() for parameter in fuser.network().parameters())
    assert given["speech"].grad.any()
    assert given["visual"].grad.any()
    assert all(item.grad.any() for item in given["text"])


def test_one_batch_is_learnt_by_heart_and_the_fusers_then_differ(batch, tokens):
    wanted = tokens(3, 9, seed=7), tokens(3, 4, seed=8)
    ends = {}
    for fuser in (ETE(), STE()):
        optimiser = torch.optim.Adam(fuser.network().parameters(), lr=1e-3)
        losses = []
        for _ in range(40):
            made = learnt(fuser, batch)
            loss = (made.audio - wanted[0]).square().mean() + (made.visual - wanted[1]).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0] / 5, type(fuser)
        with torch.no_grad():
            ends[type(fuser)] = learnt(fuser, batch).audio
    ends[Unfused] = learnt(Unfused(), batch).audio
    made = list(ends.values())
    apart = [(made[a] - made[b]).abs().max().item() for a, b in ((0, 1), (0, 2), (1, 2))]
    assert min(apart) > 0.1


def test_all_are_trainable():
    assert all(isinstance(fuser, Trainable) for fuser in (ETE(), STE(), Unfused()))
    assert not list(Unfused().network().parameters())


@pytest.mark.parametrize("bad", [torch.zeros(2, 5, 100), [torch.zeros(5)]])
def test_what_is_no_batch_of_tokens_is_refused_by_name(bad, tokens):
    with pytest.raises(InputError, match="speech"):
        ETE().learn(tokens(2, 4), speech=bad)


def test_a_modality_without_tokens_is_said_so(tokens):
    with pytest.raises(InputError, match="audio"):
        ETE().learn(tokens(2, 4))
