"""Teacher forcing beside coqui-tts' forward pass of training, on a padded batch of two."""

import pytest
import torch
from speech_cases import TEXT, apart
from torch.nn import functional

from pfy_plugin_gpt2_hifi import learning

BOUND = 1e-5


@torch.inference_mode()
def test_scores_of_codes_and_the_loss_of_the_text(case, speech, theirs):
    texts = [torch.from_numpy(TEXT), torch.from_numpy(TEXT[:4])]
    codes = [torch.tensor([7, 900, 0, 1023, 7, 7, 31]), torch.tensor([512, 4, 9])]
    loss, scores = theirs.taught(case.latents(), texts, codes)
    starts, stops = (torch.tensor([end]) for end in case.ends)
    voices, whole = [case.latents()] * 2, [torch.cat([starts, text, stops]) for text in texts]
    ours = learning.predicted(speech.gpt, voices, whole, codes)
    given = functional.cross_entropy(ours.text_logits[ours.text_valid], ours.text[ours.text_valid])
    assert float(given) == pytest.approx(loss, rel=1e-5)
    # In their training, unlike in their sampling, the codes do not see [STOP]: the mask is one short.
    ours = learning.predicted(speech.gpt, voices, [text[:-1] for text in whole], codes)
    for index, wanted in enumerate(scores):
        assert apart(ours.logits[index][ours.valid[index]], wanted.T) <= BOUND
