"""Fixtures of the oracle: coqui-tts beside our networks, on the same random weights."""

from __future__ import annotations

import numpy as np
import pytest
import speech_cases
import torch
import voice_cases
from speech_cases import Case
from theirs import Theirs, speech_golden, voice_golden

from pfy_plugin_hifigan import model as voice

CASES = {
    "small": speech_cases.SMALL,
    "narrow heads": Case(width=96, heads=4, layers=3, channels=32, seed=1),
    "it stops": Case(seed=2, stop_bias=4.0),
    "one head, one layer": Case(width=64, heads=1, layers=1, seed=3),
    "wide": Case(width=320, heads=5, seed=4, code_positions=70),
}


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the data of the ordinary tests")


@pytest.fixture(autouse=True, scope="session")
def threads():
    torch.set_num_threads(1)


@pytest.fixture(scope="session", params=CASES.values(), ids=CASES.keys())
def case(request):
    return request.param


@pytest.fixture(scope="session")
def theirs(case):
    return Theirs(case)


@pytest.fixture(scope="session")
def speech(case):
    return case.networks()


@pytest.fixture(scope="session")
def voices(case):
    return voice.seeded(voice_cases.sizes(case.width, case.heads), case.seed).eval()


@pytest.fixture(autouse=True, scope="session")
def golden(request):
    """The data of the ordinary tests, written when asked for."""
    if request.config.getoption("--golden"):
        case = speech_cases.SMALL
        made = Theirs(case)
        text, heard = speech_cases.TEXT, speech_cases.HEARD
        data = speech_golden(made, case, text, heard, **speech_cases.SAMPLING)
        np.savez_compressed(speech_cases.GOLDEN, **data)
        np.savez_compressed(voice_cases.GOLDEN, **voice_golden(made))
