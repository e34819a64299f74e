"""The authors' released encoder: it never learns as they start it, and its checkpoints load here."""

import pytest
import torch
from torch import nn

from pfy_core import tensor_file
from pfy_core.errors import WeightsError
from pfy_plugin_fusers.fusers import ETE, STE
from pfy_plugin_fusers.transformer import PARAMETERS, make


class Released(nn.Module):
    """The released encoder under its own names: one norm serves queries and keys."""

    def __init__(self):
        super().__init__()
        self.mha = nn.MultiheadAttention(512, 8, batch_first=True, bias=False)
        self.ln = nn.LayerNorm([512])
        linear = [nn.Linear(512, 512, bias=False) for _ in range(2)]
        self.ff_self = nn.Sequential(nn.LayerNorm([512]), linear[0], nn.LayerNorm([512]), linear[1])

    def zeroed(self):
        """As it starts: both projections, both linear layers and the norms between them are zero."""
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if name.startswith(("mha", "ff_self")):
                    parameter.zero_()
        return self

    def forward(self, tokens, context):
        attended, _ = self.mha(self.ln(tokens), self.ln(context), self.ln(context))
        attended = attended + tokens
        return self.ff_self(attended) + attended


def learnt(encoder, tokens, steps=50):
    """Losses of 50 steps of AdamW at the authors' weight decay towards what the context holds."""
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=1e-3, weight_decay=1e-2)
    given, context = tokens(1, 6, seed=1), tokens(1, 4, seed=2)
    target, losses = given + context.mean(dim=1, keepdim=True), []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = (encoder(given, context) - target).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@pytest.fixture
def states(stir):
    """Two released encoders that were trained, somehow."""
    return {name: stir(Released(), seed=seed) for seed, name in enumerate(("audio", "video"))}


@pytest.fixture
def saved(states, tmp_path):
    """What train.py saves: both encoders, and the video network beside them."""
    held = {f"{name}_transformer_encoder_state_dict": net.state_dict() for name, net in states.items()}
    held["net_state_dict"] = {"imageproj.norm.weight": torch.ones(3)}
    torch.save(held, tmp_path / "latest.pth")
    return tmp_path / "latest.pth"


def test_the_released_encoder_has_the_parameters_of_table_1():
    assert sum(parameter.numel() for parameter in Released().parameters()) == PARAMETERS


def test_as_released_every_gradient_is_zero_and_50_steps_leave_the_identity(tokens):
    encoder = Released().zeroed()
    losses = learnt(encoder, tokens)
    # The norm in front of attention decays; nothing else has moved, and no gradient was ever other than 0.
    assert all(parameter.grad.abs().max() == 0 for parameter in encoder.parameters())
    assert torch.equal(encoder(tokens(1, 4), tokens(1, 3)), tokens(1, 4))
    assert losses[-1] == losses[0]


def test_as_started_here_the_same_task_is_learnt_in_50_steps(tokens):
    (encoder,) = make(("one",)).values()
    encoder.reset(torch.Generator().manual_seed(0))
    losses = learnt(encoder, tokens)
    assert losses[-1] < 0.01 * losses[0]


def test_a_released_checkpoint_gives_what_the_released_encoder_gives(saved, states, sources):
    fuser = ETE(weights=str(saved))
    given = {name: value for name, value in sources.items() if name != "visual"}
    fused = fuser(*sources["visual"], **given)
    audio = torch.cat([sources[name] for name in ("voice", "speaker", "speech")])
    visual, text = torch.cat(sources["visual"]), sources["text"]
    for name, found, own, others in (
        ("audio", fused.audio, audio, [visual, text]),
        ("video", fused.visual, visual, [audio, text]),
    ):
        with torch.no_grad():
            expected = states[name](own[None], torch.cat(others)[None])[0]
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_its_names_are_those_that_pfy_weights_import_knows(saved):
    from pfy_core.adopt import patterns

    held = {key: found.shape for key, found in tensor_file.tensors(saved).items() if "net_state" not in key}
    assert held == patterns()["p4y/released"].shapes


def test_a_released_checkpoint_that_lacks_a_layer_or_an_encoder_is_refused_by_name(saved, tmp_path):
    held = torch.load(saved, weights_only=True)
    del held["video_transformer_encoder_state_dict"]["ff_self.2.bias"]
    torch.save(held, tmp_path / "cut.pth")
    with pytest.raises(WeightsError, match=r"missing: visual\.norm3\.bias"):
        ETE(weights=str(tmp_path / "cut.pth"))
    del held["video_transformer_encoder_state_dict"]
    torch.save(held, tmp_path / "half.pth")
    with pytest.raises(WeightsError, match="no state dict under 'video"):
        ETE(weights=str(tmp_path / "half.pth"))


def test_a_shared_encoder_has_no_place_for_two(saved):
    with pytest.raises(WeightsError, match=r"missing: shared\."):
        STE(weights=str(saved))
