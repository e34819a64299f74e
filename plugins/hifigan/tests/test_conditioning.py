"""Each place where a port of the conditioning encoder usually goes wrong, against plain formulae."""

import pytest
import torch
from torch.nn import functional

from pfy_plugin_hifigan.conditioning import (
    GEGLU,
    AttentionBlock,
    CrossAttention,
    GroupNorm,
    Perceiver,
    RMSNorm,
)


@pytest.fixture
def stir():
    """Replaces every parameter of a module, so that all of them matter; returns the module."""

    def stirred(module):
        random = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.3)
        return module

    return stirred


def frames(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def attended(block, normed):
    """The attention of a block by loops over its heads, each with its own query, key and value."""
    parts = block.qkv(normed).reshape(1, block.heads, 3, -1, normed.shape[2])
    heads = []
    for head in range(block.heads):
        query, key, value = parts[0, head]
        scale = query.shape[0] ** -0.25
        scores = (query * scale).T @ (key * scale)
        heads.append(value @ scores.softmax(dim=-1).T)
    return block.proj_out(torch.cat(heads)[None])


@torch.no_grad()
def test_the_residual_adds_the_normalised_input_and_heads_come_before_query_key_value(stir):
    block = stir(AttentionBlock(128, 4))
    given = 3 * frames(1, 128, 9) + 1
    normed = block.norm(given)
    torch.testing.assert_close(block(given), normed + attended(block, normed))
    assert not torch.allclose(block(given), given + attended(block, normed), atol=0.1)


@pytest.mark.parametrize(("channels", "groups"), [(16, 8), (64, 16), (96, 32), (80, 16), (1024, 32)])
def test_narrow_layers_have_fewer_groups(channels, groups):
    assert GroupNorm(channels).num_groups == groups


def test_groups_are_normalised_in_float32_whatever_comes_in(stir):
    norm = stir(GroupNorm(64)).bfloat16()
    given = (100 + frames(1, 64, 50)).bfloat16()
    exact = functional.group_norm(given.float(), 16, norm.weight.float(), norm.bias.float())
    assert torch.equal(norm(given), exact.bfloat16())


def test_the_first_half_is_the_value_and_the_second_the_gate_with_exact_gelu():
    given = torch.tensor([[2.0, 3.0, 0.5, -1.0]])
    gate = torch.tensor([0.5, -1.0])
    expected = torch.tensor([2.0, 3.0]) * gate * 0.5 * (1 + torch.erf(gate / 2**0.5))
    torch.testing.assert_close(GEGLU()(given)[0], expected)


def test_vectors_come_out_with_the_length_of_the_root_of_their_width():
    norm = RMSNorm(16)
    torch.nn.init.constant_(norm.gamma, 0.5)
    lengths = norm(frames(5, 16)).norm(dim=1)
    torch.testing.assert_close(lengths, torch.full((5,), 2.0))


@torch.no_grad()
def test_latents_attend_to_themselves_too_and_nothing_is_normed_before(stir):
    attention = stir(CrossAttention(32, 16, 2))
    latents, context = frames(1, 3, 32), frames(1, 5, 32, seed=2)
    both = torch.cat([latents, context], dim=1)[0]
    key, value = attention.to_kv(both).chunk(2, dim=1)
    query = attention.to_q(latents[0])
    heads = []
    for part in (slice(0, 8), slice(8, 16)):
        weights = (query[:, part] @ key[:, part].T / 8**0.5).softmax(dim=1)
        heads.append(weights @ value[:, part])
    torch.testing.assert_close(attention(latents, context)[0], attention.to_out(torch.cat(heads, dim=1)))


def test_any_number_of_frames_becomes_the_same_number_of_latents(stir):
    perceiver = stir(Perceiver(32, 4, 2, 16, 2, 24))
    assert {perceiver(frames(1, t, 32)).shape for t in (1, 7, 40)} == {(1, 4, 32)}
