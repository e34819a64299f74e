"""The metrics beside the packages that they are named after: nox -s oracle_metrics."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pysptk
import pytest
from pymcd.mcd import Calculate_MCD
from scipy.io import wavfile
from speech_sounds import noisy, speech

from pfy_plugin_metrics.mcd import mcd
from pfy_plugin_metrics.mel_cepstrum import unbiased
from pfy_plugin_metrics.motion_histograms import histograms

PAIRS = {
    "noise": lambda: (speech(2), noisy(speech(2), 20)),
    "other words": lambda: (speech(2), speech(2.3, seed=1)),
    "quieter": lambda: (speech(2.3, seed=1), 0.5 * speech(2)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_pymcd(pair, tmp_path):
    waves = PAIRS[pair]()
    files = [str(tmp_path / name) for name in ("reference.wav", "made.wav")]
    for file, wave in zip(files, waves, strict=True):
        wavfile.write(file, 16_000, wave.astype(np.float32))
    expected = Calculate_MCD("plain").calculate_mcd(*files)
    assert mcd(waves[1], waves[0], "mcd/pymcd-0.2.1-plain") == pytest.approx(expected, rel=1e-9)


def test_mel_cepstra_of_sptk():
    frames = np.lib.stride_tricks.sliding_window_view(noisy(speech(1), 60), 400)[::400] * np.hamming(400)
    power = np.abs(np.fft.rfft(frames, 512)) ** 2
    options = {"maxiter": 50, "threshold": 1e-9, "etype": 0, "itype": 3}
    expected = [pysptk.mcep(np.sqrt(row), 23, 0.42, **options) for row in power]
    np.testing.assert_allclose(unbiased(power, 23, 0.42), expected, atol=1e-6)


def fvmd_histograms(monkeypatch):
    """calc_hist of fvmd, whose package imports its tracker, and with it CUDA, when it is imported whole."""
    package = ModuleType("fvmd")
    package.__path__ = [str(Path(importlib.util.find_spec("fvmd").origin).parent)]
    monkeypatch.setitem(sys.modules, "fvmd", package)
    return importlib.import_module("fvmd.extract_motion_features").calc_hist


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fvmd(dtype, monkeypatch):
    tracks = (3 * np.random.default_rng(0).standard_normal((8, 16, 20, 20, 2)).cumsum(1)).astype(dtype)
    tracks[3, :, 4] = 7
    velocity, acceleration = np.zeros_like(tracks), np.zeros_like(tracks)
    velocity[:, 1:] = tracks[:, 1:] - tracks[:, :-1]
    acceleration[:, 2:] = tracks[:, 2:] - tracks[:, 1:-1]  # calc_acceleration, which is given the positions
    calc_hist = fvmd_histograms(monkeypatch)
    expected = [calc_hist(part.reshape(8, 16, 400, 2)).reshape(8, -1) for part in (velocity, acceleration)]
    np.testing.assert_array_equal(histograms(tracks), np.concatenate(expected, axis=1))
