"""Metrics beside the packages whose numbers they are: seconds a call, in turns, in one process.

Only what is installed takes part: ``nox -s oracle_metrics -- speed`` has all of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
from scipy.io import wavfile

from pfy_bench.processes import in_turn, medians, ratios
from pfy_core.testing import sounds
from pfy_plugin_metrics.frechet import frechet
from pfy_plugin_metrics.mcd import mcd
from pfy_plugin_metrics.motion_histograms import histograms
from pfy_plugin_metrics.stoi import stoi
from pfy_plugin_metrics.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    Task = Callable[[], Any]

RATE = 16_000
WIDTH, SAMPLES = 2048, 512
"""Of the features: Inception's, and as many clips as there are in a small test set."""
SECONDS = 10.0
CLIPS = 64
"""Of 16 frames with 20 by 20 points, for motion histograms."""


def measure(runs: int) -> dict[str, Any]:
    """Milliseconds of ours and of theirs, how many times as fast ours is, how far they are apart."""
    found: dict[str, Any] = {}
    for name, make in {
        "Fréchet distance, 512 of 2048": _frechet,
        "STOI, 10 s": _stoi,
        "MCD of pymcd, plain, 10 s": _mcd,
        "motion histograms, 64 clips": _motion,
    }.items():
        try:
            ours, theirs = make()
        except ImportError as error:
            found[name] = f"left out: {error}"
            continue
        with one_thread():
            apart = float(np.max(np.abs(np.asarray(ours()) - np.asarray(theirs()))))
            values = in_turn({"pfy": partial(_spent, ours), "theirs": partial(_spent, theirs)}, runs)
        found[name] = {
            "milliseconds": {task: round(1e3 * spent, 3) for task, spent in medians(values, 9).items()},
            "times as fast": ratios(values, "pfy")["theirs"],
            "largest difference": apart,
        }
    return found


def _spent(task: Task) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


def _frechet() -> tuple[Task, Task]:
    """Beside scipy's matrix root, as pytorch-fid and others take it."""
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, SAMPLES, WIDTH))
    other = other + 0.05

    def theirs() -> float:
        covariances = [np.cov(rows, rowvar=False) for rows in (one, other)]
        root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
        step = one.mean(0) - other.mean(0)
        return float(step @ step + sum(np.trace(each) for each in covariances) - 2 * np.trace(root))

    return lambda: frechet(one, other), theirs


def _stoi() -> tuple[Task, Task]:
    theirs = importlib.import_module("pystoi").stoi
    clean = sounds.wave(round(SECONDS * RATE), RATE, 0).astype(np.float64)
    noisy = clean + 0.05 * np.random.default_rng(0).standard_normal(len(clean))
    return lambda: stoi(noisy, clean, RATE, "stoi/pystoi-0.4.1"), lambda: theirs(clean, noisy, RATE)


def _mcd() -> tuple[Task, Task]:
    theirs = importlib.import_module("pymcd.mcd").Calculate_MCD("plain")
    waves = [sounds.wave(round(SECONDS * RATE), RATE, seed) for seed in (0, 1)]
    exact = waves[1].astype(np.float64), waves[0].astype(np.float64)
    folder = Path(tempfile.mkdtemp(prefix="pfy-"))
    files = [str(folder / f"{index}.wav") for index in (0, 1)]
    for file, wave in zip(files, waves, strict=True):
        wavfile.write(file, RATE, wave)
    return lambda: mcd(*exact, "mcd/pymcd-0.2.1-plain"), lambda: theirs.calculate_mcd(*files)


def _motion() -> tuple[Task, Task]:
    spec = importlib.util.find_spec("fvmd")
    if spec is None or spec.origin is None:
        raise ImportError("No module named 'fvmd'")
    # Imported whole, it imports its tracker, and with it CUDA.
    package = sys.modules["fvmd"] = ModuleType("fvmd")
    package.__path__ = [str(Path(spec.origin).parent)]
    count: Any = importlib.import_module("fvmd.extract_motion_features").calc_hist
    tracks = 3 * np.random.default_rng(0).standard_normal((CLIPS, 16, 20, 20, 2)).cumsum(1)

    def theirs() -> Any:
        velocity, acceleration = np.zeros_like(tracks), np.zeros_like(tracks)
        velocity[:, 1:] = tracks[:, 1:] - tracks[:, :-1]
        acceleration[:, 2:] = tracks[:, 2:] - tracks[:, 1:-1]
        parts = (velocity, acceleration)
        return np.concatenate([count(p.reshape(CLIPS, 16, 400, 2)).reshape(CLIPS, -1) for p in parts], axis=1)

    return lambda: histograms(tracks), theirs
