import numpy as np

from pfy_plugin_portrait.energy import Envelope

RATE = 24_000
TIMES = np.arange(0.05, 1.9, 0.013)


def tone(level, seconds=2.0):
    """A sine of this RMS level in dBFS."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * 200 * t)).astype(np.float32)


def envelope(wave, *cuts):
    made = Envelope(RATE)
    for part in np.split(wave, cuts):
        made.add(part)
    made.end()
    return made


def test_loud_speech_maps_to_one_and_the_room_to_nought():
    assert np.allclose(envelope(tone(-10)).at(TIMES)[0], 1, atol=0.02)
    assert np.abs(envelope(tone(-46)).at(TIMES)[0]).max() < 0.01


def test_chunks_do_not_matter():
    wave = tone(-20) * np.linspace(0, 1, 2 * RATE, dtype=np.float32)
    whole, parts = envelope(wave).at(TIMES), envelope(wave, 5, 777, 778, 24_000, 40_001).at(TIMES)
    assert np.allclose(whole, parts, atol=1e-9)


def test_forgetting_the_past_keeps_the_present():
    wave = tone(-20) * np.linspace(0, 1, 2 * RATE, dtype=np.float32)
    before, after = envelope(wave), envelope(wave)
    after.forget(1.0)
    late = TIMES[TIMES > 1.3]
    assert np.allclose(before.at(late), after.at(late), atol=1e-9)


def test_no_sound_has_no_energy():
    energy, gate = envelope(np.zeros(0, np.float32)).at(TIMES)
    assert energy.max() < 1e-9
    assert gate.max() < 1e-9
