import torch
from hypothesis import given
from hypothesis import strategies as st

from pfy_core.kinds import MOTION_INDEX
from pfy_plugin_motion.channels import restored, standardised

JAW, CLOSE = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]


@given(st.integers(0, 2**31))
def test_motion_comes_back(seed):
    motion = 0.9 * torch.rand(7, 58, generator=torch.Generator().manual_seed(seed))
    motion[:, CLOSE] *= motion[:, JAW]
    assert torch.allclose(restored(standardised(motion)), motion, atol=1e-5)


@given(st.integers(0, 2**31), st.floats(0.1, 50))
def test_whatever_is_made_is_motion(seed, spread):
    made = restored(spread * torch.randn(9, 58, generator=torch.Generator().manual_seed(seed)))
    assert ((made[:, :52] >= 0) & (made[:, :52] <= 1)).all()
    assert (made[:, CLOSE] <= made[:, JAW]).all()
