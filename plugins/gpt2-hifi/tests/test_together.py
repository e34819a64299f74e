import pytest
import torch
from speech_cases import SMALL, Case, apart

from pfy_plugin_gpt2_hifi.sampling import Sampling
from pfy_plugin_gpt2_hifi.together import Sentence, Together

SEEDS = [3, 1, 4, 1, 5]


@pytest.fixture(scope="module")
def alone(networks):
    return [SMALL.sampled(networks, seed) for seed in SEEDS]


def counted(gpt, monkeypatch):
    """How many rows each pass of the GPT reads, for each sequence."""
    passes, plain = [], gpt.forward
    monkeypatch.setattr(
        gpt, "forward", lambda *given, counts: (passes.append(counts), plain(*given, counts=counts))[1]
    )
    return passes


@pytest.mark.parametrize("batch", [2, 3, 64])
def test_sentences_sampled_together_are_those_sampled_alone(networks, alone, batch):
    together = SMALL.together(networks, SEEDS, batch)
    assert [codes for codes, _ in together] == [codes for codes, _ in alone]
    assert all(apart(ours[1], theirs[1]) < 1e-5 for ours, theirs in zip(together, alone, strict=True))


def test_sentences_that_end_make_room_for_others():
    case = Case(seed=2, stop_bias=4.0)
    networks = case.networks()
    alone = [case.sampled(networks, seed)[0] for seed in range(6)]
    assert len({len(codes) for codes in alone}) > 2
    assert [codes for codes, _ in case.together(networks, list(range(6)), 2)] == alone


def test_the_weights_are_read_once_for_all_that_are_sampled(networks, monkeypatch):
    passes = counted(networks.gpt, monkeypatch)
    sentences = [Sentence(SMALL.text(), seed, 20) for seed in SEEDS[:3]]
    made = [list(codes) for codes in Together(networks.gpt, SMALL.latents(), sentences, Sampling(), batch=3)]
    assert [len(codes) for codes in made] == [20, 20, 20]
    assert len(passes) == 20
    assert passes[-1] == [1, 1, 1]


def test_the_first_is_alone_until_its_first_part_is_there(networks, monkeypatch):
    passes = counted(networks.gpt, monkeypatch)
    sentences = [Sentence(SMALL.text(), seed, 20) for seed in SEEDS[:3]]
    together = Together(networks.gpt, SMALL.latents(), sentences, Sampling(), batch=2, alone=5)
    made = [list(codes) for codes in together]
    assert [len(codes) for codes in made] == [20, 20, 20]
    assert [len(counts) for counts in passes] == [1] * 5 + [2] * 15 + [2] * 5 + [1] * 15


def test_a_sentence_that_is_left_is_not_sampled_further(networks, monkeypatch):
    passes = counted(networks.gpt, monkeypatch)
    sentences = [Sentence(SMALL.text(), seed, 20) for seed in SEEDS[:2]]
    together = Together(networks.gpt, SMALL.latents(), sentences, Sampling(), batch=2)
    read = [[next(codes) for _ in range(3)] for codes in together]
    assert [len(codes) for codes in read] == [3, 3]
    assert len(passes) == 3


def test_sentences_are_asked_for_when_there_is_room(networks):
    asked = []

    def sentences():
        for seed in SEEDS:
            asked.append(seed)
            yield Sentence(SMALL.text(), seed, 4)

    together = iter(Together(networks.gpt, SMALL.latents(), sentences(), Sampling(), batch=2))
    assert len(list(next(together))) == 4
    assert len(asked) == 2


def test_all_of_it_is_without_gradients(networks):
    (codes,) = Together(networks.gpt, SMALL.latents(), [Sentence(SMALL.text(), 0, 3)], Sampling())
    assert not any(state.requires_grad for _, state in codes)
    assert torch.is_grad_enabled()
