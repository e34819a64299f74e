import numpy as np
import pytest
import torch

from pfy_core import InputError
from pfy_core.kinds import MOTION_INDEX
from pfy_core.trainable import Trainable
from pfy_plugin_motion import decoder
from pfy_plugin_motion.decoder import MotionDiffusion, starts

JAW, CLOSE = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]


@pytest.fixture(scope="module")
def made(stirred):
    return lambda **options: stirred(MotionDiffusion(**({"steps": 3} | options)))


def test_there_is_a_row_for_each_token(made, tokens):
    motion = made()(tokens(31), tokens(4, seed=1))
    assert motion.shape == (31, 58)
    assert motion.dtype == np.float32
    assert np.isfinite(motion).all()


def test_seeds_are_other_performances_of_the_same_words(made, tokens):
    given, component = (tokens(20), tokens(4, seed=1)), made()
    assert np.array_equal(component(*given, seed=3), component(*given, seed=3))
    assert not np.array_equal(component(*given, seed=3), component(*given, seed=4))


@pytest.mark.parametrize("frames", [1, 249, 250, 251, 300, 301, 449, 451, 1000])
def test_windows_cover_every_frame_and_share_some(frames):
    firsts = list(starts(frames))
    covered = sorted({k for start in firsts for k in range(start, min(frames, start + decoder.WINDOW))})
    assert covered == list(range(frames))
    assert len(firsts) == 1 or firsts[-1] + decoder.SHARED < frames


def test_windows_of_a_network_that_looks_at_each_frame_alone_make_no_difference(made, tokens, monkeypatch):
    """Whatever the fade: weights that add up give back what all windows agree on."""
    component = made()
    monkeypatch.setattr(type(component._network), "forward", lambda _s, rows, *_: rows * 0.5)
    long = component(tokens(620), tokens(4))
    monkeypatch.setattr(decoder, "WINDOW", 10_000)
    assert np.allclose(component(tokens(620), tokens(4)), long, atol=1e-5)


def test_where_windows_meet_nothing_jumps(made, tokens):
    motion = made()(tokens(450), tokens(4, seed=1))
    steps = np.abs(np.diff(motion, axis=0)).mean(1)
    assert steps[195:255].max() < 2.5 * np.percentile(steps, 99)


def test_guidance_of_one_is_the_network_alone(made, tokens):
    given = tokens(20), tokens(4, seed=1)
    plain, strong = made(guidance=1.0)(*given), made(guidance=3.0)(*given)
    assert np.allclose(made(guidance=1.0000001)(*given), plain, atol=1e-3)
    assert not np.allclose(strong, plain, atol=1e-2)


def test_the_mouth_opens_as_far_as_asked(made, tokens):
    given = tokens(20), tokens(4, seed=1)
    plain = made()(*given)
    assert (made(mouth=0.0)(*given)[:, [JAW, CLOSE]] == 0).all()
    assert np.allclose(made(mouth=0.5)(*given)[:, JAW], plain[:, JAW] / 2)
    assert made(mouth=3.0)(*given)[:, JAW].max() <= 1


def test_the_head_moves_as_far_as_asked(made, tokens):
    given = tokens(20), tokens(4, seed=1)
    assert (made(head=0.0)(*given)[:, -6:] == 0).all()
    assert np.allclose(made(head=2.0)(*given)[:, -6:], 2 * made()(*given)[:, -6:], atol=1e-6)


def test_clips_that_are_shorter_are_filled_up_and_marked(made, tokens):
    motion = [torch.rand(12, 58), torch.rand(20, 58)]
    learnt = made().learn(tokens(2, 20), tokens(2, 4), motion, seeds=torch.arange(2))
    assert learnt.valid.sum(1).tolist() == [12, 20]
    assert learnt.prediction.shape == learnt.target.shape == learnt.clean.shape == (2, 20, 58)


def test_what_is_drawn_depends_on_the_seeds_alone(made, tokens):
    component, motion = made(), torch.rand(4, 20, 58)
    whole = component.learn(tokens(4, 20), tokens(4, 4), motion, seeds=torch.tensor([5, 6, 7, 8]))
    part = component.learn(tokens(4, 20)[2:], tokens(4, 4)[2:], motion[2:], seeds=torch.tensor([7, 8]))
    assert torch.equal(whole.target[2:], part.target)
    assert torch.allclose(whole.prediction[2:], part.prediction, atol=1e-5)


def test_times_of_all_sizes_are_learnt(made, tokens):
    learnt = made().learn(tokens(64, 5), tokens(64, 4), torch.rand(64, 5, 58), seeds=torch.arange(64))
    share = (learnt.snr > 1).float().mean().item()
    assert 0.3 < share < 0.7


def test_it_is_trainable(made):
    assert isinstance(made(), Trainable)


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"guidance": -1.0}, {"guidance": 11.0}, {"mouth": 4.0}, {"head": -0.1}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InputError, match=next(iter(options))):
        MotionDiffusion(**options)


def test_tokens_of_another_width_are_refused(made, tokens):
    with pytest.raises(InputError, match="visual"):
        made()(tokens(9), torch.zeros(3, 100))
