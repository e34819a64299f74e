import pickle

import numpy as np
import pytest
from utterances import noise, voice_like

from pfy_core import weights
from pfy_core.errors import WeightsError
from pfy_plugin_speech.listen import LISTEN, activity, denoise, quality, speaker
from pfy_plugin_speech.listen.checkpoint import MAGIC, read_tensors
from pfy_plugin_speech.ports import LISTEN_RATE


def test_embeddings_are_those_of_the_original_code():
    """The values are what Resemblyzer 0.1.4 with PyTorch 2.13 gives for this sound."""
    wave = voice_like(150, 4.0)
    wave *= np.float32(10 ** (speaker.LEVEL / 20) / np.sqrt(np.mean(wave.astype(float) ** 2)))
    found = speaker.embed(wave, LISTEN.speaker)
    largest = [136, 189, 224, 42, 58, 215, 202, 248]
    expected = [0.2286, 0.2266, 0.2038, 0.1819, 0.1773, 0.1764, 0.1716, 0.1699]
    assert np.argsort(-found)[:8].tolist() == largest
    assert found[largest] == pytest.approx(expected, abs=1e-4)
    assert float(found.sum()) == pytest.approx(9.2067, abs=1e-3)


def test_level_says_nothing_of_who_speaks(heard):
    loud, soft = (speaker.embed(heard * np.float32(gain), LISTEN.speaker) for gain in (1.0, 0.01))
    assert speaker.similarity(loud, soft) > 0.9999


@pytest.mark.parametrize("seconds", [0.0, 0.1, 1.0])
def test_a_scrap_of_sound_has_an_embedding_too(heard, seconds):
    found = speaker.embed(heard[: int(seconds * LISTEN_RATE)], LISTEN.speaker)
    assert found.shape == (256,)
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-4)


def test_speech_is_told_from_noise_and_silence(heard):
    gap = np.zeros(2 * LISTEN_RATE, np.float32)
    wave = np.concatenate([gap, heard, noise(2.0, LISTEN_RATE, 0.05)])
    found = activity.is_speech(wave, 160, LISTEN.activity)
    assert found[:190].sum() == 0
    assert found[200 : 200 + len(heard) // 160].mean() > 0.6
    assert found[-190:].mean() < 0.1


def test_what_is_heard_does_not_depend_on_where_blocks_end(heard):
    whole = activity.probabilities(np.tile(heard, 3), LISTEN.activity)
    part = activity.probabilities(np.tile(heard, 3)[: 20 * LISTEN_RATE], LISTEN.activity)
    assert np.array_equal(whole[: len(part) - 1], part[:-1])


def test_quality_falls_with_noise(heard):
    scores = [
        quality.judge(
            heard + noise(len(heard) / LISTEN_RATE, LISTEN_RATE, level)[: len(heard)], LISTEN.quality
        )
        for level in (0.0, 0.01, 0.1)
    ]
    assert [s.overall for s in scores] == sorted((s.overall for s in scores), reverse=True)
    assert scores[0].overall > 3.0 > 2.0 > scores[2].overall


def test_noise_is_taken_out_and_speech_stays(heard):
    spoiled = heard + noise(len(heard) / LISTEN_RATE, LISTEN_RATE, 0.02)[: len(heard)]
    made = denoise.denoise(spoiled, LISTEN.denoiser)
    assert len(made) == len(heard)
    assert np.mean((made - heard) ** 2) < 0.7 * np.mean((spoiled - heard) ** 2)
    assert np.corrcoef(made, heard)[0, 1] > 0.97


def test_silence_stays_silent():
    assert not denoise.denoise(np.zeros(1000, np.float32), LISTEN.denoiser).any()


def checkpoint(file, *things, tail=b""):
    file.write_bytes(b"".join(pickle.dumps(thing, 2) for thing in things) + tail)
    return file


class Evil:
    def __reduce__(self):
        return (print, ("this must never run",))


@pytest.mark.parametrize(
    "things",
    [(MAGIC, 1001, {}, Evil(), []), (MAGIC, Evil()), (Evil(),), (1,), (MAGIC, 1001, {}, [], []), ()],
    ids=["in the object", "in the version", "at once", "other magic", "a list", "nothing"],
)
def test_a_checkpoint_with_anything_else_in_it_is_refused(tmp_path, capsys, things):
    with pytest.raises(WeightsError):
        read_tensors(checkpoint(tmp_path / "x.pt", *things), "model_state")
    assert capsys.readouterr().out == ""


def test_a_checkpoint_that_ends_early_is_refused(tmp_path):
    data = weights.path(LISTEN.speaker).read_bytes()
    file = tmp_path / "cut.pt"
    for length in (0, 10, 1000, len(data) // 2):
        file.write_bytes(data[:length])
        with pytest.raises(WeightsError):
            read_tensors(file, "model_state")


@pytest.mark.parametrize("name", ["listen/activity", "listen/speaker", "listen/quality", "listen/denoiser"])
def test_the_networks_may_be_used_commercially_and_are_small(name):
    item = weights.entry(name)
    assert item.commercial
    assert item.licence in ("MIT", "Apache-2.0")
    assert item.size < 20e6
