import numpy as np
import pytest
from utterances import notes_of

from pfy_core.events import watching
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.likeness import Likeness
from pfy_plugin_speech.listen import LISTEN
from pfy_plugin_speech.ports import RATE


def profile(voice, verdict="good", cleaned=()):
    sound = bank.sounds()[voice]
    return VoiceProfile(
        *(10.0, sound.f0, 2.5, sound.spectrum, -25.0, 40.0),
        embedding=sound.embedding,
        verdict=verdict,
        cleaned=cleaned,
    )


def told(wanted, wave):
    likeness = Likeness(wanted, "heart", LISTEN)
    for start in range(0, len(wave), RATE):
        likeness.hear(wave[start : start + RATE])
    return notes_of(likeness.tell)[1]


def test_the_similarity_that_was_reached_is_told_with_what_it_means(wave):
    (note,) = told(profile("heart"), wave)
    similarity = float(note.partition("similarity ")[2][:4])
    assert similarity > 0.85
    assert "similar-sounding, not the same" in note
    assert "one person have about 0.9 and two strangers 0.6" in note
    assert "(DNSMOS)" in note


def test_a_stranger_is_called_only_roughly_similar(wave):
    (note,) = told(profile("joe"), wave)
    assert "only roughly similar" in note


def test_of_a_cleaned_recording_less_is_claimed(wave):
    (note,) = told(profile("heart", "poor", ("took noise out",)), wave)
    assert "to the cleaned recording; to a good one up to 0.1 less" in note


def test_it_is_measured_for_the_record(wave):
    likeness, events = Likeness(profile("heart"), "heart", LISTEN), []
    likeness.hear(wave)
    with watching(events.append):
        likeness.tell()
    (values,) = (event.values for event in events if event.kind == "measured")
    assert values["voice"] == "heart"
    assert values["similarity"] > 0.85
    assert 2.5 < values["quality"] < 4


@pytest.mark.parametrize("wanted", [None, profile("heart", "hopeless")], ids=["no profile", "hopeless"])
def test_where_nothing_was_asked_for_nothing_is_told(wanted, wave):
    assert told(wanted, wave) == []


def test_without_the_networks_nothing_is_told_and_nothing_fails(wave, empty_home):
    assert told(profile("heart"), wave) == []


def test_speech_tells_it_after_its_last_sentence(light, said):
    notes_at = []
    with watching(lambda event: notes_at.append(event.text) if event.kind == "note" else None):
        for _ in light("One day. Two days.", profile("heart"), seed=1):
            assert not any("similarity" in text for text in notes_at)
    assert sum("similarity" in text for text in notes_at) == 1


def test_no_speech_has_no_similarity():
    assert notes_of(Likeness(profile("heart"), "heart", LISTEN).tell)[1] == []
    assert told(profile("heart"), np.zeros(0, np.float32)) == []
