import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from pfy_plugin_wav2vec2 import hearing


class AtFrames(nn.Module):
    """The convolutions' rows brought to ``count`` rows, written anew with numpy."""

    def __init__(self, convolutions, count):
        super().__init__()
        self.convolutions, self.count = convolutions, count

    def forward(self, wave):
        rows = self.convolutions(wave)[0].numpy()
        there = np.linspace(0, rows.shape[1] - 1, self.count)
        made = [np.interp(there, np.arange(rows.shape[1]), row) for row in rows]
        return torch.from_numpy(np.stack(made)[None].astype(np.float32))


@pytest.mark.parametrize(("samples", "count"), [(16_000, 25), (10_240, 16), (4_000, 9), (16_000, 60)])
def test_the_layers_are_those_of_transformers_own_model(tiny, wave, samples, count):
    given = hearing.normalised(torch.from_numpy(wave(samples)))
    with torch.no_grad():
        ours = hearing.layers(tiny, given, count)
        model = copy.deepcopy(tiny)
        model.feature_extractor = AtFrames(tiny.feature_extractor, count)
        theirs = model(given[None], output_hidden_states=True).hidden_states[1:]
    assert ours.shape == (count, 12, 64)
    torch.testing.assert_close(ours, torch.stack(theirs, dim=2)[0], rtol=1e-4, atol=1e-5)


def test_without_interpolation_they_are_those_of_the_plain_model(tiny, wave):
    given = hearing.normalised(torch.from_numpy(wave(16_000)))
    with torch.no_grad():
        theirs = tiny(given[None], output_hidden_states=True).hidden_states[1:]
        ours = hearing.layers(tiny, given, theirs[0].shape[1])
    torch.testing.assert_close(ours, torch.stack(theirs, dim=2)[0])


def test_normalising_is_that_of_transformers_feature_extractor(wave):
    from transformers import Wav2Vec2FeatureExtractor

    made = 0.3 + 0.01 * wave(5_000)
    theirs = Wav2Vec2FeatureExtractor()(made, sampling_rate=16_000, return_tensors="pt").input_values[0]
    torch.testing.assert_close(hearing.normalised(torch.from_numpy(made)), theirs, rtol=1e-4, atol=1e-5)


def test_silence_stays_silent():
    assert torch.equal(hearing.normalised(torch.zeros(100)), torch.zeros(100))


@pytest.mark.parametrize(
    ("samples", "fps", "count"),
    [(1, 25, 1), (640, 25, 1), (641, 25, 2), (16_000, 25, 25), (16_000, 30, 30), (4_480, 25, 7)],
)
def test_a_frame_that_is_sounded_in_part_counts(samples, fps, count):
    assert hearing.frames(samples, fps) == count


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 3))
def test_windows_hold_the_neighbours_and_repeat_the_ends(rows, count, reach):
    count = min(rows, count)
    made = torch.arange(rows * 6.0).reshape(rows, 2, 3)
    found = hearing.windows(made, count, reach)
    assert found.shape == (count, 2 * reach + 1, 2, 3)
    for i in range(count):
        for j in range(2 * reach + 1):
            assert torch.equal(found[i, j], made[min(max(i + j - reach, 0), rows - 1)])


def test_windows_take_no_memory_of_their_own():
    rows = torch.randn(1000, 12, 64)
    assert hearing.windows(rows, 1000, 2).untyped_storage().nbytes() < 1.01 * rows.untyped_storage().nbytes()


def test_the_last_clip_is_filled_with_silence(tiny, wave):
    """As Hallo does: frames of 640 zeros behind the samples, in the normalised wave."""
    given = torch.from_numpy(wave(16_000))
    with torch.no_grad():
        ours = hearing.heard(tiny, given, 25, whole=60, context=5, clip=16)
        filled = torch.cat([hearing.normalised(given), torch.zeros(7 * 640)])
        assert torch.equal(ours, hearing.layers(tiny, filled, 32))
        assert hearing.heard(tiny, given, 25, whole=60, context=5, clip=1).shape[0] == 25


@pytest.mark.parametrize("seconds", [3.0, 3.7, 6.01])
def test_pieces_give_every_frame_once_and_nearly_what_the_whole_gives(tiny, wave, seconds):
    given = torch.from_numpy(wave(int(seconds * 16_000)))
    with torch.no_grad():
        whole = hearing.heard(tiny, given, 25, whole=60, context=1, clip=16)
        pieces = hearing.heard(tiny, given, 25, whole=1, context=1, clip=16)
        bare = hearing.heard(tiny, given, 25, whole=1, context=0, clip=16)
    assert pieces.shape == whole.shape
    error = (pieces - whole).norm() / whole.norm()
    assert error < 0.35
    assert error < 0.8 * (bare - whole).norm() / whole.norm()
