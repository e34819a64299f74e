import pytest
import torch

from pfy_plugin_referencenet.attention import Attention


@pytest.fixture
def attention():
    made = Attention(64, 24).requires_grad_(requires_grad=False)
    torch.manual_seed(0)
    for parameter in made.parameters():
        parameter.copy_(torch.randn(parameter.shape) / parameter.shape[-1] ** 0.5)
    return made


@pytest.mark.parametrize("rows", [1, 3])
def test_folded_with_its_context_attention_is_what_it_was(attention, rows):
    context, tokens = torch.randn(2, 4, 24), torch.randn(2 * rows, 9, 64)
    whole = attention(tokens, context.repeat_interleave(rows, 0))
    torch.testing.assert_close(attention.folded(context)(tokens), whole, rtol=1e-4, atol=1e-5)
    other = attention.folded(context.flip(0))(tokens)
    assert not torch.allclose(other, whole, atol=1e-2)


def test_attention_to_silence_is_the_bias_of_the_output_layer(attention):
    """Why the unconditional half needs none."""
    made = attention(torch.randn(1, 9, 64), torch.zeros(1, 4, 24))
    torch.testing.assert_close(made, attention.to_out[0].bias.expand(1, 9, 64))


def test_folding_keeps_the_dtype(attention):
    half = attention.bfloat16()
    folded = half.folded(torch.randn(1, 4, 24).bfloat16())
    assert folded(torch.randn(1, 9, 64).bfloat16()).dtype == torch.bfloat16
