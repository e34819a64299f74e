"""The language model against plain formulae: what a port of XTTS-v2's usually gets wrong."""

import math

import pytest
import torch
from speech_cases import SMALL, apart
from torch.nn import functional


def plain(gpt, rows):
    """States of all rows at once, by GPT-2's formulae: pre-norm, causal, tanh GELU; two norms at the end."""
    width, heads = rows.shape[1], gpt.heads
    for block in gpt.gpt.h:
        normed = functional.layer_norm(rows, (width,), block.ln_1.weight, block.ln_1.bias, 1e-5)
        parts = (normed @ block.attn.c_attn.weight + block.attn.c_attn.bias).split(width, dim=1)
        query, key, value = (part.view(-1, heads, width // heads).transpose(0, 1) for part in parts)
        scores = query @ key.transpose(1, 2) / math.sqrt(width // heads)
        future = torch.ones(len(rows), len(rows), dtype=torch.bool).triu(1)
        found = scores.masked_fill(future, -torch.inf).softmax(-1) @ value
        rows = rows + found.transpose(0, 1).flatten(1) @ block.attn.c_proj.weight + block.attn.c_proj.bias
        normed = functional.layer_norm(rows, (width,), block.ln_2.weight, block.ln_2.bias, 1e-5)
        hidden = normed @ block.mlp.c_fc.weight + block.mlp.c_fc.bias
        hidden = 0.5 * hidden * (1 + torch.tanh((2 / math.pi) ** 0.5 * (hidden + 0.044715 * hidden**3)))
        rows = rows + hidden @ block.mlp.c_proj.weight + block.mlp.c_proj.bias
    return gpt.final_norm(gpt.gpt.ln_f(rows))


@pytest.fixture(scope="module")
def gpt(networks):
    return networks.gpt


@pytest.fixture(scope="module")
def rows(gpt):
    with torch.inference_mode():
        prefix = gpt.prefix(SMALL.latents(), SMALL.text())
        return torch.cat([prefix, gpt.audio(torch.tensor([gpt.start, 5, 9, 9, 700]))])


@torch.inference_mode()
def test_the_states_are_those_of_the_formulae_with_both_norms(gpt, rows):
    states = gpt(rows, gpt.cache(len(rows)))
    assert apart(states, plain(gpt, rows)) < 1e-5


@torch.inference_mode()
def test_one_row_at_a_time_gives_what_all_at_once_gives(gpt, rows):
    cache, whole = gpt.cache(len(rows)), gpt(rows, gpt.cache(len(rows)))
    first = len(rows) - 4
    states = [gpt(rows[:first], cache), *(gpt(rows[i : i + 1], cache) for i in range(first, len(rows)))]
    assert cache.used == len(rows)
    assert apart(torch.cat(states), whole) < 1e-5


@torch.inference_mode()
def test_what_comes_later_does_not_change_what_was_before(gpt, rows):
    other = torch.cat([rows[:-1], -rows[-1:]])
    one, two = (gpt(given, gpt.cache(len(rows))) for given in (rows, other))
    assert torch.equal(one[:-1], two[:-1])
    assert not torch.allclose(one[-1], two[-1])


@torch.inference_mode()
def test_latents_have_no_position_and_text_and_audio_count_from_0_each(gpt):
    latents, text = SMALL.latents(), SMALL.text()
    prefix = gpt.prefix(latents, text)
    assert torch.equal(prefix[: len(latents)], latents)
    table = gpt.text_pos_embedding.emb.weight
    assert torch.equal(prefix[len(latents) + 3], gpt.text_embedding.weight[text[3]] + table[3])
    codes = torch.tensor([gpt.start, 4])
    table = gpt.mel_pos_embedding.emb.weight
    assert torch.equal(gpt.audio(codes)[0], gpt.mel_embedding.weight[gpt.start] + table[0])
    assert torch.equal(gpt.audio(codes)[1], gpt.mel_embedding.weight[4] + table[1])
    assert torch.equal(gpt.audio(codes[1:], 1)[0], gpt.audio(codes)[1])


def test_the_last_two_codes_start_and_stop(gpt):
    assert (gpt.start, gpt.stop) == (1024, 1025)
