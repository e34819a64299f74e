import numpy as np
import pytest
import torch
from voice_cases import wave

from pfy_core import Graph, InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_hifigan.encoder import HifiGan


def refusal(encoder, samples):
    with pytest.raises(InputError) as caught:
        encoder(samples)
    return caught.value


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return [event.text for event in heard]


def test_a_recording_becomes_rows_of_512_and_one_unit_vector(encoder):
    found = encoder(wave())
    assert found.voice.shape == (32 * 128 // 512, 512)
    assert found.speaker.shape == (1, 512)
    assert found.voice.dtype == found.speaker.dtype == torch.float32
    assert found.speaker.norm() == pytest.approx(1)
    assert not found.voice.requires_grad


def test_the_rows_are_the_latents_cut_without_a_change(encoder):
    heard = torch.from_numpy(wave())
    with torch.inference_mode():
        latents = encoder.model.latents(heard, 6 * 22_050)
    assert torch.equal(encoder(wave()).voice.flatten(), latents.flatten())


def test_the_same_recording_gives_the_same_tokens_and_is_left_as_it_was(encoder):
    given = wave()
    before = given.copy()
    first, second = encoder(given), encoder(given)
    assert torch.equal(first.voice, second.voice)
    assert torch.equal(first.speaker, second.speaker)
    assert np.array_equal(given, before)


def test_another_voice_gives_other_tokens(encoder):
    one, other = encoder(wave()), encoder(wave()[::-1].copy())
    assert not torch.allclose(one.voice, other.voice, atol=1e-3)
    assert not torch.allclose(one.speaker, other.speaker, atol=1e-3)


def test_latents_come_from_the_first_seconds_and_the_speaker_from_all(encoder):
    short = HifiGan(size="tiny", latent_seconds=0.5)
    whole, part = short(wave()), short(wave()[:11_025])
    assert torch.equal(whole.voice, part.voice)
    assert not torch.equal(whole.speaker, part.speaker)
    everything = HifiGan(size="tiny", latent_seconds=-1)
    assert torch.equal(everything(wave()).voice, encoder(wave()).voice)


def test_a_long_recording_is_cut_with_a_note(encoder):
    cut = HifiGan(size="tiny", max_seconds=1.0)
    assert notes(lambda: cut(wave())) == ["the voice is taken from the first 1 s of the recording's 1.3 s"]
    assert torch.equal(cut(wave()).speaker, encoder(wave()[:22_050]).speaker)
    assert notes(lambda: encoder(wave())) == []


def test_louder_than_full_scale_is_clipped(encoder):
    loud = wave() * 8
    assert torch.equal(encoder(loud).voice, encoder(loud.clip(-1, 1)).voice)


def test_silence_is_refused(encoder):
    assert "silent" in refusal(encoder, np.zeros(22_050, np.float32)).sends
    assert "silent" in refusal(encoder, wave() * 1e-4).sends


def test_a_tenth_of_a_second_is_refused(encoder):
    error = refusal(encoder, wave()[:2205])
    assert "0.10 s" in error.sends
    assert "3 to 30 seconds" in error.wants


def test_a_third_of_a_second_is_enough(encoder):
    assert encoder(wave()[:7277]).voice.isfinite().all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(encoder, value):
    given = wave()
    given[100] = value
    assert "NaN or infinite" in refusal(encoder, given).sends


@pytest.mark.parametrize("given", [np.zeros((2, 22_050), np.float32), np.zeros(22_050, np.int16), [[0.1]]])
def test_what_is_no_mono_wave_is_refused(encoder, given):
    assert "mono float samples" in refusal(encoder, given).wants


@pytest.mark.parametrize(
    ("options", "sends"),
    [
        ({"latent_seconds": 0.1}, "latent_seconds 0.1"),
        ({"latent_seconds": float("nan")}, "latent_seconds nan"),
        ({"latent_seconds": 1e300}, "latent_seconds 1e+300"),
        ({"chunk_seconds": 0.0}, "chunk_seconds 0"),
        ({"chunk_seconds": float("inf")}, "chunk_seconds inf"),
        ({"max_seconds": -1.0}, "max_seconds -1"),
        ({"device": "abacus"}, "device 'abacus'"),
        ({"dtype": "int8"}, "dtype 'int8'"),
    ],
)
def test_options_out_of_range_are_refused(options, sends):
    with pytest.raises(InputError) as caught:
        HifiGan(size="tiny", **options)
    assert caught.value.sends.startswith(sends)


def test_without_weights_a_note_says_so():
    (said,) = notes(lambda: HifiGan(size="tiny", init_seed=5))
    assert "random ones from init_seed 5" in said


def test_weights_that_are_not_here_are_an_error_and_never_fetched():
    with pytest.raises(WeightsError, match="xtts/v2") as caught:
        HifiGan(weights="xtts/v2")
    assert "CPML" in caught.value.sends
    assert "pfy weights pull xtts/v2" in caught.value.fix


def test_in_a_graph_it_feeds_a_fuser_or_a_decoder(encoder):
    graph = Graph.from_dict(
        {
            "inputs": {"voice": "audio.wave"},
            "nodes": {
                "voice": {"use": "encoder/hifigan", "with": {"size": "tiny"}, "take": {"wave": "$voice"}}
            },
            "outputs": {"voice": "voice.voice", "speaker": "voice.speaker"},
        }
    )
    with graph.run(voice=wave()) as run:
        assert torch.equal(run["voice"], encoder(wave()).voice)
        assert torch.equal(run["speaker"], encoder(wave()).speaker)


def test_neutral_tokens_have_the_same_shapes_and_say_nothing(encoder):
    told, silent = encoder(wave()), HifiGan(size="tiny", neutral=True)(wave())
    assert (silent.voice.shape, silent.speaker.shape) == (told.voice.shape, told.speaker.shape)
    assert not silent.voice.any()
    assert not silent.speaker.any()
