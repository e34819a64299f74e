import math

import pytest
import torch
from torch.nn import functional

from pfy_core.errors import InputError
from pfy_core.kinds import MOTION_INDEX
from pfy_core.testing import conforms
from pfy_plugin_train.codes import CrossEntropy
from pfy_plugin_train.denoising import VPrediction
from pfy_plugin_train.lips import LipGap
from pfy_plugin_train.velocity import Velocity

test_v_prediction = conforms("loss/v-prediction")
test_velocity = conforms("loss/velocity")
test_lip_gap = conforms("loss/lip-gap")
test_cross_entropy = conforms("loss/cross-entropy")


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def padded(lengths, t=6):
    return torch.arange(t)[None] < torch.tensor(lengths)[:, None]


def test_the_weight_of_a_noise_level_is_min_snr_over_snr_plus_one():
    made, target = torch.ones(3, 4, 2), torch.zeros(3, 4, 2)
    for snr, weight in ((0.5, 0.5 / 1.5), (5.0, 5 / 6), (99.0, 5 / 100)):
        assert VPrediction()(made, target, torch.full((3,), snr)).item() == pytest.approx(weight)
    assert VPrediction(gamma=0)(made, target).item() == 1.0


def test_min_snr_of_v_is_the_error_of_x_clipped():
    """With v = alpha e - sigma x, snr times the error of x0 is snr / (snr + 1) times that of v."""
    clean, e = noise(2, 5, 3), noise(2, 5, 3, seed=1)
    angle = torch.tensor([1.2, 1.4])[:, None, None]  # snr below gamma
    alpha, sigma = angle.cos(), angle.sin()
    noisy, v = alpha * clean + sigma * e, alpha * e - sigma * clean
    guess = v + noise(2, 5, 3, seed=2)
    snr = (alpha / sigma).square().flatten()
    of_x = (snr * ((alpha * noisy - sigma * guess) - clean).square().flatten(1).mean(1)).mean()
    assert VPrediction()(guess, v, snr).item() == pytest.approx(of_x.item(), rel=1e-5)


def test_velocity_is_the_error_of_positions_and_of_differences():
    made, reference = noise(2, 6, 3), noise(2, 6, 3, seed=1)
    position = functional.mse_loss(made, reference)
    speed = functional.mse_loss(made.diff(dim=1), reference.diff(dim=1))
    assert torch.allclose(Velocity(position=2.0, velocity=3.0)(made, reference), 2 * position + 3 * speed)
    assert torch.allclose(Velocity(velocity=0.0)(made, reference), position)
    assert Velocity(position=0.0)(made, made + 5).item() == pytest.approx(0.0, abs=1e-9)


def test_a_velocity_into_the_padding_does_not_count():
    made, reference = torch.zeros(1, 6, 3), torch.zeros(1, 6, 3)
    made[:, 3:] = float("nan")
    assert Velocity()(made, reference, padded([3])).item() == 0.0
    made[:, 2] = 1.0
    assert Velocity(position=0.0)(made, reference, padded([3])).item() == pytest.approx(0.5)


def test_closures_weigh_more_in_the_gap_between_the_lips():
    open_, shut = torch.zeros(1, 2, 58), torch.zeros(1, 2, 58)
    jaw, close = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]
    open_[..., jaw] = 0.5
    shut[..., jaw], shut[..., close] = 0.5, 0.5
    loss = LipGap(closure=4.0)
    assert loss(open_, shut).item() == pytest.approx(4 * 0.25)
    assert loss(shut, open_).item() == pytest.approx(0.25)
    assert loss(shut, torch.zeros_like(shut)).item() == 0.0  # closed in another way


def test_cross_entropy_is_that_of_torch_for_codes_of_one_length():
    logits, codes = noise(3, 5, 7), torch.arange(15).reshape(3, 5) % 7
    for smoothing in (0.0, 0.1):
        wanted = functional.cross_entropy(logits.flatten(0, 1), codes.flatten(), label_smoothing=smoothing)
        assert torch.allclose(CrossEntropy(smoothing=smoothing)(logits, codes), wanted)
    assert CrossEntropy()(torch.zeros(1, 4, 8), torch.zeros(1, 4, dtype=torch.int64)).item() == pytest.approx(
        math.log(8)
    )
    ignored = codes.clone()
    ignored[:, 2:] = -100
    changed = logits.clone()
    changed[:, 2:] = 99.0
    assert torch.equal(CrossEntropy()(logits, ignored), CrossEntropy()(changed, ignored))
    filled, valid = codes.clone(), ignored != -100
    filled[:, 2:] = 0
    assert torch.equal(CrossEntropy()(logits, ignored), CrossEntropy()(changed, filled, valid))


@pytest.mark.parametrize(
    "loss", [lambda a, b, v: Velocity()(a, b, v), lambda a, b, v: VPrediction(gamma=0)(a, b, valid=v)]
)
def test_what_is_padding_is_not_compared_and_every_clip_counts_the_same(loss):
    made, reference = noise(3, 6, 58), noise(3, 6, 58, seed=1)
    lengths = [6, 4, 2]
    each = [loss(made[i : i + 1, :n], reference[i : i + 1, :n], None) for i, n in enumerate(lengths)]
    made[~padded(lengths)] = float("inf")
    assert torch.allclose(loss(made, reference, padded(lengths)), torch.stack(each).mean())


def test_channels_weigh_by_name_and_leave_the_size_of_the_loss():
    made, reference = torch.ones(1, 3, 58), torch.zeros(1, 3, 58)
    assert Velocity(channels={"jawOpen": 9.0})(made, reference).item() == pytest.approx(1.0)
    only = torch.zeros(1, 3, 58)
    only[..., MOTION_INDEX["jawOpen"]] = 1.0
    weighted = Velocity(channels={"jawOpen": 9.0})(only, reference)
    assert weighted.item() == pytest.approx(9 / (57 + 9))


def test_options_and_inputs_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match="jawOpne"):
        Velocity(channels={"jawOpne": 1.0})
    with pytest.raises(InputError, match="gamma -1"):
        VPrediction(gamma=-1)
    with pytest.raises(InputError, match="no snr"):
        VPrediction()(noise(1, 2), noise(1, 2))
    with pytest.raises(InputError, match="shapes"):
        Velocity()(noise(1, 2, 3), noise(1, 3, 3))
    with pytest.raises(InputError, match="code 7"):
        CrossEntropy()(noise(1, 2, 7), torch.tensor([[0, 7]]))
    with pytest.raises(InputError, match="58"):
        VPrediction(gamma=0, channels={"jawOpen": 2})(noise(1, 2, 3), noise(1, 2, 3))
    for options in ({"position": -1.0}, {"position": 0.0, "velocity": 0.0}):
        with pytest.raises(InputError):
            Velocity(**options)
