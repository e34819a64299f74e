"""The GPT in training: the codes of recordings, predicted with those before them given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from pfy_plugin_gpt2_hifi.gpt import Gpt, Whole


@dataclass(frozen=True)
class Predicted:
    """What a cross-entropy compares, of codes and of text; clips are filled up to the longest.

    logits:      (b n codes), scores of the next code after each of ``start, code, code ...``
    codes:       int64 (b n), the codes that did come next; the last of a clip is ``stop``
    valid:       bool (b n), False in what fills up
    text_logits: (b t texts), likewise of the text after each of ``[START], id, id ...``
    text:        int64 (b t), the ids that did come next; the last of a clip is [STOP]
    text_valid:  bool (b t)
    """

    logits: Tensor
    codes: Tensor
    valid: Tensor
    text_logits: Tensor
    text: Tensor
    text_valid: Tensor


def predicted(
    gpt: Gpt, voices: Sequence[Tensor], texts: Sequence[Tensor], codes: Sequence[Tensor]
) -> Predicted:
    """Teacher forcing: of each clip latents (m width), ids with [START] and [STOP] (t), and codes (n).

    Clips are read one behind the other, each by itself, so that none depends on what is beside it and no
    padding is calculated. The model is that of sampling: one pass over the rows that it would see.
    """
    rows, counts = [], []
    for voice, text, spoken in zip(voices, texts, codes, strict=True):
        heard = gpt.audio(torch.cat([spoken.new_tensor([gpt.start]), spoken]))
        rows += [gpt.prefix(voice, text), heard]
        counts.append(len(rows[-2]) + len(heard))
    states = gpt(torch.cat(rows), *(Whole() for _ in counts), counts=counts).split(counts)
    # The state at [STOP] predicts nothing: the start of the audio always follows.
    said = [
        state[len(voice) : len(voice) + len(text) - 1]
        for state, voice, text in zip(states, voices, texts, strict=True)
    ]
    heard = [state[-len(spoken) - 1 :] for state, spoken in zip(states, codes, strict=True)]
    ends = [torch.cat([spoken, spoken.new_tensor([gpt.stop])]) for spoken in codes]
    return Predicted(
        *_padded(gpt.mel_head, heard, ends), *_padded(gpt.text_head, said, [text[1:] for text in texts])
    )


def _padded(
    head: torch.nn.Module, states: Sequence[Tensor], targets: Sequence[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (b n c), targets (b n) and which of them there are, of states (n width) and targets (n)."""
    lengths = torch.tensor([len(target) for target in targets])
    valid = torch.arange(int(lengths.max())) < lengths[:, None]
    given = pad_sequence(list(targets), batch_first=True)
    logits: Tensor = head(pad_sequence(list(states), batch_first=True))
    return logits, given, valid.to(given.device)
