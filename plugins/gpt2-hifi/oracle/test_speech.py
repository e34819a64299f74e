"""The speech decoder beside coqui-tts: the same codes, and relative error at most 1e-5 in float32."""

import pytest
import torch
from speech_cases import SAMPLING, TEXT, apart

from pfy_plugin_gpt2_hifi import vocoder
from pfy_plugin_gpt2_hifi.speaking import spoken

BOUND = 1e-5


@pytest.fixture(scope="module")
def sampled(case, theirs):
    return theirs.codes(case.latents(), TEXT, case.seed, **SAMPLING)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"repetition_penalty": 2.0, "temperature": 1.3},
        {"top_k": 0, "top_p": 0.5},
        {"top_k": 5, "top_p": 1.0},
        {"repetition_penalty": 1.0, "top_k": 2000, "top_p": 0.999},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", [0, 12345])
def test_the_same_seed_gives_the_same_codes(case, speech, theirs, options, seed):
    theirs_codes, states = theirs.codes(case.latents(), TEXT, seed, **(SAMPLING | options))
    codes, ours = case.sampled(speech, seed, **options)
    assert codes == theirs_codes
    assert apart(ours, states) <= BOUND


def test_the_states_of_one_pass_are_those_of_their_second_pass(case, speech, sampled):
    codes, states = case.sampled(speech)
    assert codes == sampled[0]
    assert (codes[-1] == speech.gpt.stop) == (case.stop_bias > 0)
    assert apart(states, sampled[1]) <= BOUND


@torch.inference_mode()
@pytest.mark.parametrize("speed", [1.0, 1.3, 0.7])
@pytest.mark.parametrize("count", [1, 2, 10, 47])
def test_sound(case, speech, theirs, sampled, count, speed):
    states = sampled[1][:count]
    scales = vocoder.SCALES if speed == 1 else (1 / speed, *vocoder.SCALES)
    if len(states) < count or int(count / speed) == 0:
        pytest.skip("fewer states than that")
    ours = torch.cat(list(spoken(speech.vocoder, states, case.speaker(), scales, 7)))
    assert apart(ours, theirs.sound(states, case.speaker(), speed)) <= BOUND
