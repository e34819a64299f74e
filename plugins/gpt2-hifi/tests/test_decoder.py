import numpy as np
import pytest
import torch
from speech_cases import normal

from pfy_core import Graph, InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_gpt2_hifi import model
from pfy_plugin_gpt2_hifi.decoder import Gpt2Hifi

SENTENCES = [np.array([5, 2, 9, 30]), np.array([7, 7, 2], np.int32), np.array([11])]


def sound(decoder, ids=SENTENCES, tokens=None, seed=0):
    tokens = normal(9, 512, seed=5) if tokens is None else tokens
    return np.concatenate(list(decoder(ids, tokens, seed=seed)))


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return [event.text for event in heard if event.kind == "note"]


def made(**options):
    return Gpt2Hifi(**({"size": "tiny", "max_codes": 50} | options))


def refusal(decoder, ids=SENTENCES, tokens=None):
    with pytest.raises(InputError) as caught:
        decoder(ids, normal(9, 512, seed=5) if tokens is None else tokens)
    return caught.value


def test_speech_comes_in_parts_of_float32_between_minus_one_and_one(decoder, latents):
    parts = list(decoder(SENTENCES, latents))
    assert len(parts) >= 2 * len(SENTENCES)
    assert {(part.dtype, part.ndim) for part in parts} == {(np.dtype(np.float32), 1)}
    assert all(len(part) and np.abs(part).max() <= 1 for part in parts)


@pytest.mark.parametrize("every", [4, 13, 602])
def test_the_sound_does_not_depend_on_the_parts(decoder, every):
    assert np.abs(sound(made(stream_codes=every)) - sound(decoder)).max() < 1e-5


def test_the_same_seed_is_the_same_sound_and_another_another(decoder):
    before = torch.get_rng_state()
    first = sound(decoder, seed=3)
    assert np.array_equal(first, sound(decoder, seed=3))
    other = sound(decoder, seed=4)
    assert len(first) != len(other) or not np.allclose(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_sentences_are_spoken_one_after_another_each_with_its_own_seed(decoder):
    whole = sound(decoder)
    first = sound(decoder, SENTENCES[:1])
    assert np.abs(whole[: len(first)] - first).max() < 1e-5
    twice = sound(decoder, [SENTENCES[0], SENTENCES[0]])
    assert np.abs(twice[: len(first)] - first).max() < 1e-5
    assert not np.array_equal(twice[len(first) :], first)


def test_what_a_guard_cuts_from_a_sentence_does_not_change_the_next(decoder):
    short, long = made(max_codes=20), made(max_codes=30)
    starts = [len(sound(each, SENTENCES[:1])) for each in (short, long)]
    one, other = (
        sound(each, SENTENCES[:2])[start:] for each, start in zip((short, long), starts, strict=True)
    )
    assert np.abs(one[:5000] - other[:5000]).max() < 1e-5


def test_text_voice_and_speaker_all_change_the_sound(decoder, latents):
    plain = sound(decoder, tokens=latents)
    for row in (0, 8):
        changed = latents.clone()
        changed[row] = -changed[row]
        assert not np.array_equal(sound(decoder, tokens=changed)[:1000], plain[:1000])
    assert not np.array_equal(sound(decoder, [np.array([6, 2, 9, 30])])[:1000], plain[:1000])


def test_further_tokens_are_ignored_and_nothing_is_changed(decoder, latents):
    before, ids = latents.clone(), [part.copy() for part in SENTENCES]
    assert np.array_equal(sound(decoder, tokens=latents), sound(decoder, tokens=latents[:9]))
    assert torch.equal(latents, before)
    assert all(map(np.array_equal, SENTENCES, ids))


def test_slower_speech_is_longer(decoder):
    slow, normal_, fast = (len(sound(made(speed=speed), SENTENCES[:1])) for speed in (0.5, 1.0, 2.0))
    assert slow == pytest.approx(2 * normal_, rel=0.02)
    assert fast == pytest.approx(normal_ / 2, rel=0.02)


def test_a_sentence_takes_no_more_codes_than_its_tokens_allow_and_that_is_said(decoder):
    strict = made(codes_per_token=1.0, max_codes=602)
    given = [np.array([5, 2])]
    (said,) = notes(lambda: sound(strict, given))
    assert said == "sentence 1 did not end by itself and was cut after 2.1 s"
    assert len(sound(strict, given)) == 195 * 256
    free = made(codes_per_token=0, max_codes=60)
    assert len(sound(free, given)) == 261 * 256


def test_silence_ends_a_sentence_and_that_is_said(monkeypatch):
    decoder = made(silence_limit=0.5)
    quiet = decoder.model.vocoder.forward

    def fading(*given):
        samples = quiet(*given)
        return samples if len(fading.calls) < 1 else samples * 1e-5

    fading.calls = []
    monkeypatch.setattr(
        decoder.model.vocoder, "forward", lambda *given: (fading(*given), fading.calls.append(1))[0]
    )
    said = notes(lambda: sound(decoder, SENTENCES[:1]))
    assert said == [f"sentence 1 was cut after {said[0].split()[5]} s: only silence followed"]
    fading.calls = []
    assert len(sound(decoder, SENTENCES[:1])) < len(sound(made(), SENTENCES[:1]))


def test_the_silence_guard_can_be_switched_off_and_changes_nothing_where_there_is_no_silence(decoder):
    assert np.array_equal(sound(made(silence_limit=0)), sound(decoder))


def test_bfloat16_speaks_too(decoder):
    half = sound(made(dtype="bfloat16"), SENTENCES[:1])
    assert half.dtype == np.float32
    assert np.isfinite(half).all()


def test_of_a_wider_checkpoint_the_voice_has_more_rows():
    sizes = model.Sizes(width=256, heads=4, hidden=64, layers=1, texts=300, channels=16)
    speech = model.seeded(sizes, 0)
    rows = 32 * 256 // 512
    decoder = made()
    decoder.model, decoder._width = speech.ready(torch.device("cpu"), torch.float32), 256
    assert len(sound(decoder, [np.array([3])], normal(rows + 1, 512, seed=0)))
    assert f"{rows} tokens of the voice" in refusal(decoder, tokens=normal(rows, 512, seed=0)).wants


@pytest.mark.parametrize(
    ("ids", "sends"),
    [
        ([], "no sentence"),
        ("hello", "a str"),
        (np.array([1, 2]), "a ndarray"),
        ([np.zeros((2, 2), np.int64)], "ids[0]: int64 (2, 2)"),
        ([np.array([1, 2]), np.array([0.5])], "ids[1]: float64 (1,)"),
        ([np.zeros(0, np.int64)], "ids[0]: 0 tokens"),
        ([np.zeros(402, np.int64)], "ids[0]: 402 tokens"),
        ([np.array([1, 6681])], "ids[0]: ids from 1 to 6681"),
        ([np.array([-1, 3])], "ids[0]: ids from -1 to 3"),
    ],
    ids=str,
)
def test_ids_that_cannot_be_read_are_refused_at_once(decoder, ids, sends):
    assert sends in refusal(decoder, ids).sends


@pytest.mark.parametrize(
    ("tokens", "sends"),
    [
        (normal(8, 512, seed=0), "shape (8 512)"),
        (normal(9, 1024, seed=0), "shape (9 1024)"),
        (normal(1, 9, 512, seed=0), "shape (1 9 512)"),
        (torch.zeros(9, 512, dtype=torch.int64), "torch.int64"),
        (np.zeros((9, 512), np.float32), "ndarray"),
        (torch.full((9, 512), torch.nan), "NaN or infinite"),
    ],
    ids=["too few", "too wide", "a batch", "integers", "numpy", "nan"],
)
def test_latents_that_cannot_be_used_are_refused_at_once(decoder, tokens, sends):
    assert sends in refusal(decoder, tokens=tokens).sends


@pytest.mark.parametrize(
    ("options", "sends"),
    [
        ({"speed": 0.1}, "speed 0.1"),
        ({"max_codes": 603}, "max_codes 603"),
        ({"codes_per_token": -1.0}, "codes_per_token -1"),
        ({"silence_limit": -1.0}, "silence_limit -1"),
        ({"batch": 0}, "batch 0"),
        ({"stream_codes": 0}, "stream_codes 0"),
        ({"cond_latents": 3}, "cond_latents 3"),
        ({"temperature": 0.0}, "temperature 0"),
        ({"start_text": 7000}, "start_text 7000"),
        ({"device": "abacus"}, "device 'abacus'"),
        ({"dtype": "int8"}, "dtype 'int8'"),
        ({"init_seed": -1}, "init_seed -1"),
    ],
    ids=str,
)
def test_options_out_of_range_are_refused(options, sends):
    with pytest.raises(InputError) as caught:
        made(**options)
    assert caught.value.sends.startswith(sends)


def test_the_defaults_are_those_of_the_function_that_the_authors_called():
    from pfy_plugin_gpt2_hifi.sampling import Sampling

    assert made()._sampling == Sampling(0.75, 50, 0.85, 10.0, True)


def test_weights_that_are_not_here_are_an_error_and_never_fetched():
    with pytest.raises(WeightsError, match="xtts/v2") as caught:
        Gpt2Hifi(weights="xtts/v2")
    assert "non-commercial" in caught.value.sends
    assert "pfy weights pull xtts/v2" in caught.value.fix


def test_in_a_graph_the_sound_streams(decoder):
    graph = Graph.from_dict(
        {
            "inputs": {"ids": "tokens.text", "voice": "latent.audio"},
            "nodes": {
                "audio": {
                    "use": "decoder/gpt2-hifi",
                    "with": {"size": "tiny", "max_codes": 50},
                    "take": {"ids": "$ids", "latents": "$voice"},
                }
            },
            "outputs": {"wave": "audio"},
        }
    )
    with graph.run(ids=SENTENCES, voice=normal(9, 512, seed=5)) as run:
        parts = list(run["wave"])
    assert len(parts) > 3
    assert {part.dtype for part in parts} == {np.dtype(np.float32)}
