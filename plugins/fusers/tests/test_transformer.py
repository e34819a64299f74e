import pytest
import torch
from torch import nn

from pfy_plugin_fusers.transformer import PARAMETERS, Attention, TransformerEncoder, make

TABLE_1 = {
    "norm1": 1_024,
    "attention": 1_048_576,
    "norm2": 1_024,
    "linear1": 262_144,
    "norm3": 1_024,
    "linear2": 262_144,
}
LAST_LAYERS = {"attention.out_proj.weight", "linear2.weight"}


@pytest.fixture
def fresh():
    """An encoder as it starts."""
    (encoder,) = make(("one",)).values()
    encoder.reset(torch.Generator().manual_seed(0))
    return encoder


def train(encoder, tokens, steps=50):
    """Losses on a task that needs attention: add to each token what the context holds.

    The context is one of 4 patterns and noise. The identity has a loss of 1; who does not look at
    the context can learn the patterns' mean at best, a loss of 0.75.
    """
    patterns, random = tokens(4, seed=100), torch.Generator().manual_seed(1)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=1e-3)
    losses = []
    for _ in range(steps):
        which = torch.randint(4, (16,), generator=random)
        given = torch.randn(16, 3, 512, generator=random)
        context = patterns[which, None] + 0.1 * torch.randn(16, 5, 512, generator=random)
        loss = (encoder(given, context) - given - patterns[which, None]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def test_the_layers_have_the_parameters_of_table_1():
    encoder = TransformerEncoder()
    counts = {name: sum(p.numel() for p in layer.parameters()) for name, layer in encoder.named_children()}
    assert counts == TABLE_1
    assert list(counts) == list(TABLE_1)
    assert sum(counts.values()) == PARAMETERS == 1_575_936


@pytest.mark.parametrize(("t", "s"), [(1, 1), (1, 9), (7, 1), (7, 9)])
def test_attention_is_torchs_multihead_attention_with_the_same_state_dict(tokens, stir, t, s):
    theirs = stir(nn.MultiheadAttention(512, 8, bias=False, batch_first=True))
    ours = Attention()
    ours.load_state_dict(theirs.state_dict())
    query, context = tokens(2, t, seed=1), tokens(2, s, seed=2)
    expected, _ = theirs(query, context, context)
    torch.testing.assert_close(ours(query, context), expected)


def test_attending_to_itself_it_is_torchs_pre_norm_encoder_layer_without_feed_forward(tokens, stir):
    ours = stir(TransformerEncoder())
    theirs = nn.TransformerEncoderLayer(512, 8, 512, dropout=0.0, batch_first=True, norm_first=True)
    state = {"self_attn." + key: value for key, value in ours.attention.state_dict().items()}
    state |= {"norm1." + key: value for key, value in ours.norm1.state_dict().items()}
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.zero_()  # its feed-forward and the biases that ours has not
        ours.linear2.weight.zero_()
    faults = theirs.load_state_dict(state, strict=False)
    assert not faults.unexpected_keys
    given = tokens(2, 6)
    torch.testing.assert_close(ours(given, given), theirs(given))


def test_without_context_it_is_norm_linear_norm_linear(tokens, stir):
    ours = stir(TransformerEncoder())
    layers = [ours.norm2, ours.linear1, ours.norm3, ours.linear2]
    given = tokens(2, 6)
    torch.testing.assert_close(ours(given, None), given + nn.Sequential(*layers)(given))


def test_both_halves_follow_each_other_and_the_norm_serves_tokens_and_context(tokens, stir):
    ours = stir(TransformerEncoder())
    given, context = tokens(2, 6, seed=1), tokens(2, 4, seed=2)
    attended = given + ours.attention(ours.norm1(given), ours.norm1(context))
    torch.testing.assert_close(ours(given, context), ours(attended, None))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_it_starts_as_the_identity_to_the_bit(fresh, tokens, dtype):
    given, context = tokens(2, 6, seed=1).to(dtype), tokens(2, 4, seed=2).to(dtype)
    out = fresh.to(dtype)(given, context)
    assert out.dtype == dtype
    assert torch.equal(out, given)


def test_at_first_the_last_layers_have_a_gradient_and_after_one_step_every_parameter(fresh, tokens):
    given, context, target = (tokens(1, 6, seed=seed) for seed in range(3))
    optimiser = torch.optim.SGD(fresh.parameters(), lr=0.1)

    def gradients():
        optimiser.zero_grad()
        (fresh(given, context) - target).square().mean().backward()
        return {name for name, parameter in fresh.named_parameters() if parameter.grad.abs().max() > 0}

    assert gradients() == LAST_LAYERS
    optimiser.step()
    assert gradients() == {name for name, _ in fresh.named_parameters()}
    for part in fresh.attention.in_proj_weight.grad.chunk(3):  # of query, key and value
        assert part.abs().max() > 0


def test_it_learns_within_50_steps_what_only_attention_can(fresh, tokens):
    losses = train(fresh, tokens)
    assert min(losses[-5:]) < 0.05 * losses[0]


def test_without_context_the_same_task_cannot_be_learnt(fresh, tokens):
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = fresh

        def forward(self, given, context):
            return self.encoder(given, None)

    losses = train(Blind(), tokens)
    assert min(losses) > 0.5 * losses[0]


def test_with_every_layer_zero_it_would_never_learn(fresh, tokens):
    with torch.no_grad():
        for parameter in fresh.parameters():
            parameter.zero_()
    train(fresh, tokens)
    assert torch.equal(fresh(tokens(1, 4), tokens(1, 3)), tokens(1, 4))


def test_the_order_of_the_context_does_not_matter_and_that_of_the_tokens_is_kept(tokens, stir):
    ours = stir(TransformerEncoder())
    given, context = tokens(1, 6, seed=1), tokens(1, 5, seed=2)
    out = ours(given, context)
    torch.testing.assert_close(ours(given, context.flip(1)), out)
    torch.testing.assert_close(ours(given.flip(1), context), out.flip(1))


def test_the_items_of_a_batch_do_not_see_each_other(tokens, stir):
    ours = stir(TransformerEncoder())
    given, context = tokens(3, 6, seed=1), tokens(3, 5, seed=2)
    alone = torch.cat([ours(given[i : i + 1], context[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(ours(given, context), alone)


def test_initial_weights_follow_glorot(fresh):
    weight = fresh.linear1.weight.detach()
    bound = (6 / (512 + 512)) ** 0.5
    assert 0.99 * bound < weight.abs().max() <= bound
    assert weight.std() == pytest.approx(bound / 3**0.5, rel=0.02)
    weight = fresh.attention.in_proj_weight.detach()
    assert 0.99 * (6 / 2048) ** 0.5 < weight.abs().max() <= (6 / 2048) ** 0.5


def test_the_same_seed_gives_the_same_parameters_and_another_others(fresh):
    def first(seed):
        fresh.reset(torch.Generator().manual_seed(seed))
        return fresh.linear1.weight.clone()

    assert torch.equal(first(3), first(3))
    assert not torch.equal(first(3), first(4))


def test_making_and_initialising_leaves_the_global_random_generator_alone():
    before = torch.get_rng_state()
    for encoder in make(("one", "two")).values():
        encoder.reset(torch.Generator().manual_seed(5))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_name_used_twice_is_one_encoder():
    assert list(make(("same", "same"))) == ["same"]
    assert list(make(("one", "two"))) == ["one", "two"]


def test_every_layer_is_drawn_where_the_identity_is_not_wanted():
    encoder = TransformerEncoder()
    encoder.reset(torch.Generator().manual_seed(0), identity=False)
    tokens, context = torch.randn(1, 4, 512), torch.randn(1, 5, 512)
    assert not torch.allclose(encoder(tokens, context), tokens, atol=0.1)
    assert not torch.allclose(encoder(tokens, context), encoder(tokens, 2 * context.flip(2)), atol=1e-3)
