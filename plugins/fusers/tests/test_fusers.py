import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_plugin_fusers.fusers import ETE, STE, Unfused

BOTH = pytest.mark.parametrize("made", [ETE, STE])
ALL = pytest.mark.parametrize("made", [ETE, STE, Unfused])
AUDIO = {"voice": slice(0, 4), "speaker": slice(4, 5), "speech": slice(5, 11)}


def differs(one, other):
    return not torch.allclose(one, other, atol=1e-4)


# Size and start ---------------------------------------------------------------------------------


def test_ete_has_two_encoders_and_ste_one_of_1575936_parameters():
    count = {made: sum(p.numel() for p in made().encoders.parameters()) for made in (ETE, STE)}
    assert count == {ETE: 2 * 1_575_936, STE: 1_575_936}


def test_the_encoders_of_ete_share_no_memory_and_no_values():
    encoders = ETE().encoders
    audio, visual = (encoders[name].linear1.weight for name in ("audio", "visual"))
    assert audio.data_ptr() != visual.data_ptr()
    assert not torch.equal(audio, visual)


@ALL
def test_at_first_the_tokens_pass_to_the_bit_joined_in_order(made, call, sources):
    fused = call(made())
    assert torch.equal(fused.audio, torch.cat([sources[name] for name in AUDIO]))
    assert torch.equal(fused.visual, torch.cat(sources["visual"]))


@BOTH
def test_fusion_is_learnt_in_50_steps_through_the_ports(made, tokens):
    """The audio tokens shall carry the face's pattern, the visual tokens the voice's."""
    fuser, draw = made(init_seed=1), torch.Generator().manual_seed(0)
    fuser.encoders.train()
    faces, voices, text = tokens(3, seed=1), tokens(3, seed=2), tokens(2, seed=3)
    optimiser = torch.optim.AdamW(fuser.encoders.parameters(), lr=1e-3)
    losses = []
    for _ in range(50):
        i, j = torch.randint(3, (2,), generator=draw).tolist()
        face = faces[i] + 0.1 * torch.randn(4, 512, generator=draw)
        voice = voices[j] + 0.1 * torch.randn(5, 512, generator=draw)
        fused = fuser(face, voice=voice, text=text)
        aims = [(fused.audio, voice + faces[i]), (fused.visual, face + voices[j])]
        loss = torch.stack([(out - aim).square().mean() for out, aim in aims]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.2 * sum(losses[:5])


# Who attends to whom ----------------------------------------------------------------------------


def test_the_audio_tokens_attend_to_visual_and_text_tokens(fuser, call, tokens):
    before = call(fuser).audio
    assert differs(call(fuser, visual=[tokens(7, seed=9)]).audio, before)
    assert differs(call(fuser, text=tokens(3, seed=9)).audio, before)
    assert differs(call(fuser, text=None).audio, before)


def test_the_visual_tokens_attend_to_audio_and_text_tokens(fuser, call, tokens):
    before = call(fuser).visual
    for name in AUDIO:
        assert differs(call(fuser, **{name: tokens(2, seed=9)}).visual, before)
        assert differs(call(fuser, **{name: None}).visual, before)
    assert differs(call(fuser, text=tokens(3, seed=9)).visual, before)


def test_the_tokens_of_a_modality_do_not_attend_to_each_other(fuser, call, tokens):
    before, after = call(fuser).audio, call(fuser, voice=tokens(4, seed=9)).audio
    assert differs(after[AUDIO["voice"]], before[AUDIO["voice"]])
    for name in ("speaker", "speech"):
        torch.testing.assert_close(after[AUDIO[name]], before[AUDIO[name]])


def test_the_order_of_visual_sources_is_that_of_the_output(fuser, call, sources):
    one, two = sources["visual"]
    before, after = call(fuser), call(fuser, visual=[two, one])
    torch.testing.assert_close(after.visual, torch.cat([before.visual[5:], before.visual[:5]]))
    torch.testing.assert_close(after.audio, before.audio)


def test_how_visual_tokens_are_spread_over_sources_does_not_matter(fuser, call, sources):
    before, after = call(fuser), call(fuser, visual=[torch.cat(sources["visual"])])
    assert torch.equal(after.visual, before.visual)
    assert torch.equal(after.audio, before.audio)


def test_ste_treats_both_modalities_alike_and_ete_does_not(stir, tokens):
    one, two, text = tokens(4, seed=1), tokens(3, seed=2), tokens(2, seed=3)
    for made, alike in ((STE, True), (ETE, False)):
        fuser = made()
        stir(fuser.encoders)
        there, back = fuser(one, voice=two, text=text), fuser(two, voice=one, text=text)
        assert torch.allclose(there.visual, back.audio, atol=1e-5) is alike


def test_fuser_none_leaves_every_token_to_itself(call, tokens, sources):
    fused = call(Unfused(), visual=[tokens(7, seed=9)], text=None)
    assert torch.equal(fused.audio, torch.cat([sources[name] for name in AUDIO]))
    assert torch.equal(fused.visual, tokens(7, seed=9))


# Options ----------------------------------------------------------------------------------------


@BOTH
def test_without_embedding_cross_attention_nothing_passes_between_modalities(made, stir, call, tokens):
    fuser = made(embedding_cross_attention=False)
    stir(fuser.encoders)
    before = call(fuser)
    after = call(fuser, visual=[tokens(7, seed=9)], text=tokens(3, seed=9))
    assert torch.equal(after.audio, before.audio)
    assert torch.equal(call(fuser, voice=tokens(2, seed=9), text=None).visual, before.visual)
    assert differs(before.audio, call(Unfused()).audio)  # the linear layers are still there


@BOTH
def test_without_embedding_cross_attention_the_same_weights_load(made, tmp_path):
    made().save(tmp_path / "a.safetensors")
    made(weights=str(tmp_path / "a.safetensors"), embedding_cross_attention=False)


@pytest.mark.parametrize(
    ("option", "sees", "not_seen"),
    [
        ({"audio_attends_to": "visual"}, {"visual"}, {"text"}),
        ({"audio_attends_to": "text"}, {"text"}, {"visual"}),
    ],
)
@BOTH
def test_the_audio_tokens_can_be_kept_from_seeing_a_modality(
    made, stir, call, tokens, option, sees, not_seen
):
    fuser = made(**option)
    stir(fuser.encoders)
    others = {"visual": [tokens(7, seed=9)], "text": tokens(3, seed=9)}
    before = call(fuser).audio
    assert all(differs(call(fuser, **{name: others[name]}).audio, before) for name in sees)
    assert all(torch.equal(call(fuser, **{name: others[name]}).audio, before) for name in not_seen)


@pytest.mark.parametrize(("choice", "seen"), [("audio", "voice"), ("text", "text")])
@BOTH
def test_the_visual_tokens_can_be_kept_from_seeing_a_modality(made, stir, call, tokens, choice, seen):
    fuser = made(visual_attends_to=choice)
    stir(fuser.encoders)
    before = call(fuser).visual
    for name in ("voice", "text"):
        after = call(fuser, **{name: tokens(4, seed=9)}).visual
        assert torch.equal(after, before) is (name != seen)


@BOTH
def test_an_encoder_can_be_left_out_while_the_other_works(made, stir, call):
    plain = call(Unfused())
    for modality, other in (("audio", "visual"), ("visual", "audio")):
        fuser = made(**{f"{modality}_attends_to": "none"})
        whole = made()
        stir(fuser.encoders)
        stir(whole.encoders)
        assert torch.equal(getattr(call(fuser), modality), getattr(plain, modality))
        assert torch.equal(getattr(call(fuser), other), getattr(call(whole), other))


@BOTH
def test_with_nothing_to_attend_to_the_error_says_what_to_connect(made, call):
    with pytest.raises(InputError, match="no text tokens for the audio tokens") as caught:
        call(made(audio_attends_to="text"), text=None)
    assert caught.value.fix == "connect them, or set audio_attends_to"


@BOTH
def test_text_may_be_absent(made, call):
    call(made(), text=None)


@BOTH
@pytest.mark.parametrize("option", ["audio_attends_to", "visual_attends_to"])
def test_an_unknown_context_is_refused_with_the_known_ones(made, option):
    with pytest.raises(InputError, match=f"{option} 'all'") as caught:
        made(**{option: "all"})
    assert "none" in caught.value.wants


@BOTH
@pytest.mark.parametrize("seed", [-1, 2**64])
def test_an_impossible_seed_is_refused(made, seed):
    with pytest.raises(InputError, match="init_seed"):
        made(init_seed=seed)


# Input ------------------------------------------------------------------------------------------


@ALL
def test_a_missing_modality_is_said_so(made, tokens):
    with pytest.raises(InputError, match="no audio tokens"):
        made()(tokens(2), text=tokens(1))
    with pytest.raises(InputError, match="no visual tokens"):
        made()(voice=tokens(2), text=tokens(1))


@ALL
@pytest.mark.parametrize("name", ["voice", "speaker", "speech", "text"])
def test_a_source_of_another_width_is_refused_by_name(made, call, name):
    with pytest.raises(InputError, match=rf"{name}: shape \(3 1024\)"):
        call(made(), **{name: torch.zeros(3, 1024)})


@ALL
def test_a_visual_source_of_another_width_is_refused_by_its_place(made, call, tokens):
    with pytest.raises(InputError, match=r"visual\[1\]: shape \(3 1024\)"):
        call(made(), visual=[tokens(2), torch.zeros(3, 1024)])


SIZES = st.integers(1, 40)


@settings(deadline=None, max_examples=25)
@given(visual=st.lists(SIZES, min_size=1, max_size=4), voice=SIZES, text=st.none() | SIZES)
def test_any_lengths_give_as_many_finite_tokens_as_came(stirred, tokens, visual, voice, text):
    fused = stirred(
        *(tokens(t, seed=t) for t in visual), voice=tokens(voice), text=None if text is None else tokens(text)
    )
    assert fused.audio.shape == (voice, 512)
    assert fused.visual.shape == (sum(visual), 512)
    assert fused.audio.isfinite().all()
    assert fused.visual.isfinite().all()


def test_the_sequences_of_table_1_fit(fuser, tokens):
    fused = fuser(tokens(3136), voice=tokens(65), text=tokens(2474))
    assert fused.visual.shape == (3136, 512)


# Being a good guest -----------------------------------------------------------------------------


def test_inputs_are_never_changed(fuser, call, sources):
    before = {name: [t.clone() for t in v] if name == "visual" else v.clone() for name, v in sources.items()}
    call(fuser)
    for name, value in sources.items():
        pairs = zip(value, before[name], strict=True) if name == "visual" else [(value, before[name])]
        assert all(torch.equal(one, other) for one, other in pairs)


@BOTH
def test_the_same_seed_gives_the_same_fuser_and_result(made, call):
    def state(seed):
        return made(init_seed=seed).encoders.state_dict()

    assert all(torch.equal(value, state(3)[key]) for key, value in state(3).items())
    assert any(not torch.equal(value, state(4)[key]) for key, value in state(3).items())


def test_a_call_repeated_gives_the_same_bits(fuser, call):
    one, other = call(fuser), call(fuser)
    assert torch.equal(one.audio, other.audio)
    assert torch.equal(one.visual, other.visual)


@ALL
def test_no_global_random_generator_is_touched(made, call):
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    call(made())
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.random.get_state()[1].tolist() == before[2]


@BOTH
def test_gradients_flow_in_training_mode_only_and_only_if_wanted(made, call):
    fuser = made()
    assert not call(fuser).audio.requires_grad
    fuser.encoders.train()
    assert call(fuser).audio.requires_grad
    with torch.no_grad():
        assert not call(fuser).audio.requires_grad


def test_calling_in_evaluation_leaves_the_callers_gradient_mode(fuser, call):
    call(fuser)
    assert torch.is_grad_enabled()
    with pytest.raises(InputError):
        fuser()
    assert torch.is_grad_enabled()


@ALL
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_tokens_leave_in_the_fusers_dtype(made, call, sources, dtype):
    mixed = {"voice": sources["voice"].bfloat16(), "text": sources["text"].half()}
    fused = call(made(dtype=dtype), **mixed)
    assert fused.audio.dtype == fused.visual.dtype == getattr(torch, dtype)


@BOTH
def test_bfloat16_comes_near_to_float32(made, stir, call, tmp_path):
    wide = made()
    stir(wide.encoders)
    wide.save(tmp_path / "a.safetensors")
    narrow = made(weights=str(tmp_path / "a.safetensors"), dtype="bfloat16")
    for one, other in zip(vars(call(wide)).values(), vars(call(narrow)).values(), strict=True):
        assert (one - other.float()).norm() < 0.02 * one.norm()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@BOTH
def test_a_gpu_gives_what_the_cpu_gives(made, stir, call, tmp_path):
    here = made()
    stir(here.encoders)
    here.save(tmp_path / "a.safetensors")
    there = made(weights=str(tmp_path / "a.safetensors"), device="cuda")
    for one, other in zip(vars(call(here)).values(), vars(call(there)).values(), strict=True):
        assert other.is_cuda
        torch.testing.assert_close(other.cpu(), one, rtol=1e-3, atol=1e-3)


# Weights ----------------------------------------------------------------------------------------


def test_a_saved_fuser_is_the_same_when_loaded(fuser, call, tmp_path):
    fuser.save(tmp_path / "fusion.safetensors")
    again = type(fuser)(weights=str(tmp_path / "fusion.safetensors"))
    assert torch.equal(call(again).audio, call(fuser).audio)
    assert torch.equal(call(again).visual, call(fuser).visual)


def test_the_weights_of_another_fuser_are_refused_by_name(tmp_path):
    STE().save(tmp_path / "ste.safetensors")
    with pytest.raises(WeightsError, match=r"missing: audio\.norm1\.weight") as caught:
        ETE(weights=str(tmp_path / "ste.safetensors"))
    assert "unexpected: shared." in str(caught.value)


def test_the_public_state_dict_is_stable():
    """Renaming a parameter would orphan every file saved so far."""
    layers = [
        "norm1.weight",
        "norm1.bias",
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "norm2.weight",
        "norm2.bias",
        "linear1.weight",
        "norm3.weight",
        "norm3.bias",
        "linear2.weight",
    ]
    assert list(STE().encoders.state_dict()) == [f"shared.{layer}" for layer in layers]
    assert list(ETE().encoders.state_dict()) == [
        f"{n}.{layer}" for n in ("audio", "visual") for layer in layers
    ]
