import numpy as np
import pytest

from pfy_plugin_gpt2_hifi import endings
from pfy_plugin_gpt2_hifi.endings import FRAME, SilenceStop

RATE = 24_000


def noise(seconds, level, seed=0):
    return (np.random.RandomState(seed).standard_normal(int(seconds * RATE)) * level).astype(np.float32)


def passed(samples, part=5000, limit=1.0):
    guard, out = SilenceStop(int(limit * RATE), int(0.25 * RATE)), []
    for start in range(0, len(samples), part):
        out.append(guard.pass_on(samples[start : start + part]))
        if guard.stopped:
            return np.concatenate(out), True
    return np.concatenate([*out, guard.end()]), False


def test_speech_with_pauses_passes_as_it_is():
    given = np.concatenate([noise(0.5, 0.1), noise(0.9, 1e-5), noise(0.5, 0.1), noise(0.8, 1e-5)])
    out, stopped = passed(given)
    assert not stopped
    assert np.array_equal(out, given)


def test_a_long_silence_ends_it_and_what_comes_after_is_not_heard():
    given = np.concatenate([noise(0.5, 0.1), noise(1.5, 1e-4), noise(0.5, 0.3)])
    out, stopped = passed(given)
    assert stopped
    assert 0.75 * RATE - FRAME <= len(out) <= 0.75 * RATE + FRAME
    assert np.array_equal(out, given[: len(out)])


def test_silence_is_measured_against_the_loudest_so_far():
    loud, hum = noise(0.5, 0.5), noise(1.5, 0.003)
    assert passed(np.concatenate([loud, hum]))[1]
    assert not passed(np.concatenate([loud / 20, hum]))[1]


def test_silence_at_the_beginning_is_no_end():
    given = np.concatenate([noise(2.0, 1e-5), noise(0.5, 0.1)])
    assert np.array_equal(passed(given)[0], given)


@pytest.mark.parametrize("part", [1, 100, 256, 5000, 10**6])
def test_it_does_not_matter_how_the_sound_is_cut_into_parts(part):
    given = np.concatenate([noise(0.2, 0.1), noise(0.5, 1e-5), noise(0.101, 0.1), noise(0.6, 1e-4)])
    if part == 1:
        given = given[:9000]
    whole, ended = passed(given, 7777, 0.55)
    out, stopped = passed(given, part, 0.55)
    assert stopped == ended
    assert np.array_equal(out, whole)


def test_a_sentence_may_take_so_many_codes_for_each_token():
    assert endings.most(10, 10.0, 602) == 143
    assert endings.most(3, 2.5, 602) == 51
    assert endings.most(100, 10.0, 602) == 602
    assert endings.most(1, 0, 602) == 602
