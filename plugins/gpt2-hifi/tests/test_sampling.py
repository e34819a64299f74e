import numpy as np
import pytest
import torch
from speech_cases import GOLDEN, SAMPLING, SMALL, Case, apart

from pfy_core import InputError
from pfy_plugin_gpt2_hifi.sampling import Sampling
from pfy_plugin_gpt2_hifi.together import Sentence, Together

PLAIN = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}
NONE = torch.zeros(6, dtype=torch.bool)
LOGITS = torch.tensor([2.0, 1.0, 0.0, -1.0, -2.0, -3.0])


def probabilities(seen=NONE, **options):
    return Sampling(**(PLAIN | options)).probabilities(LOGITS, seen)


def seen(*codes):
    return torch.tensor([code in codes for code in range(6)])


@pytest.fixture(scope="module")
def theirs():
    with np.load(GOLDEN) as file:
        return {key: file[key] for key in file.files}


@pytest.fixture(scope="module")
def sampled(networks):
    return SMALL.sampled(networks)


def test_the_same_seed_gives_the_codes_of_coqui_tts(sampled, theirs):
    assert sampled[0] == theirs["codes"].tolist()


def test_the_states_of_one_pass_are_those_of_the_second_pass_of_coqui_tts(sampled, theirs):
    assert apart(sampled[1][::4], torch.from_numpy(theirs["states"])) <= 1e-5


@torch.inference_mode()
def test_a_second_pass_over_the_finished_codes_would_give_the_same_states(networks, sampled):
    codes, states = sampled
    gpt = networks.gpt
    rows = [gpt.prefix(SMALL.latents(), SMALL.text()), gpt.audio(torch.tensor([gpt.start, *codes[:-1]]))]
    second = gpt(torch.cat(rows), gpt.cache(sum(map(len, rows))))
    assert apart(states, second[-len(codes) :]) < 1e-5


def test_the_stop_code_ends_the_speech_and_has_a_state_too():
    case = Case(seed=2, stop_bias=4.0)
    networks = case.networks()
    codes, states = case.sampled(networks)
    assert codes[-1] == networks.gpt.stop
    assert networks.gpt.stop not in codes[:-1]
    assert len(states) == len(codes) < 50


def test_without_a_stop_code_there_are_as_many_codes_as_allowed(networks):
    sentence = Sentence(SMALL.text(), 0, 7)
    (codes,) = map(list, Together(networks.gpt, SMALL.latents(), [sentence], Sampling()))
    assert len(codes) == 7


def test_the_codes_follow_from_the_seed_alone(networks, sampled):
    before = torch.get_rng_state()
    assert SMALL.sampled(networks)[0] == sampled[0]
    assert SMALL.sampled(networks, seed=1)[0] != sampled[0]
    assert torch.equal(torch.get_rng_state(), before)


def test_code_1_counts_as_seen_from_the_start_unless_the_quirk_is_dropped():
    case = Case(seed=5)
    networks = case.networks()
    with torch.no_grad():
        networks.gpt.mel_head.bias[1] = 30.0  # whatever the state, code 1 is by far the likeliest
    assert case.sampled(networks, released_penalty=False)[0][0] == 1
    plain = {"released_penalty": False, "repetition_penalty": 1.0}
    assert set(case.sampled(networks, **plain)[0]) == {1}
    first = [case.sampled(networks, seed, released_penalty=True)[0][0] for seed in range(8)]
    assert any(code != 1 for code in first)


def test_penalised_scores_are_divided_where_positive_and_multiplied_where_negative():
    found = probabilities(seen(0, 4), repetition_penalty=2.0)
    torch.testing.assert_close(found, torch.tensor([1.0, 1.0, 0.0, -1.0, -4.0, -3.0]).softmax(0))


def test_the_penalty_comes_before_the_temperature_and_both_before_the_cuts():
    found = probabilities(seen(0), repetition_penalty=4.0, temperature=0.5, top_k=2)
    torch.testing.assert_close(found[:2], torch.tensor([1.0, 2.0]).softmax(0))
    assert not found[2:].any()


def test_top_k_keeps_the_k_best_and_0_all():
    assert probabilities(top_k=3).count_nonzero() == 3
    assert probabilities(top_k=0).count_nonzero() == 6
    assert probabilities(top_k=99).count_nonzero() == 6


def test_top_p_keeps_the_fewest_that_reach_it_and_always_the_best():
    whole = LOGITS.softmax(0)
    assert probabilities(top_p=float(whole[:2].sum()) - 1e-3).count_nonzero() == 2
    assert probabilities(top_p=float(whole[:2].sum()) + 1e-3).count_nonzero() == 3
    assert probabilities(top_p=1e-6).tolist() == [1, 0, 0, 0, 0, 0]


def test_top_p_counts_what_top_k_left():
    left = LOGITS[:3].softmax(0)
    assert probabilities(top_k=3, top_p=float(left[0]) + 1e-3).count_nonzero() == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [("temperature", 0.0), ("top_k", -1), ("top_p", 0.0), ("top_p", 1.1), ("repetition_penalty", 0.0)],
)
def test_settings_out_of_range_are_refused(option, value):
    with pytest.raises(InputError, match=option):
        Sampling(**(SAMPLING | {option: value}))
