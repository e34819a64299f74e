"""The vocabulary: XTTS-v2's, or a small one of the same layout that is learnt here from a text of our own."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from pfy_core import weights
from pfy_core.errors import WeightsError

SPACE, UNKNOWN = "[SPACE]", "[UNK]"
SPECIAL = {
    "[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[en]": 259, "[de]": 260, "[START]": 261, "[fr]": 262,
    "[ru]": 267, "[es]": 284, "[it]": 285, "[pt]": 286, "[cs]": 293, "[pl]": 294,
    "[tr]": 295, "[nl]": 297, "[ar]": 298, "[hu]": 299,
}  # fmt: skip
"""Ids of the special tokens of XTTS-v2 (its vocab.json); ar and hu lie far behind there."""
SMALL = 512
"""Tokens of the small vocabulary."""


class Vocabulary:
    """Byte-pair encoding with a token for each language and one for the space."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.size = max(tokenizer.get_vocab().values()) + 1
        """Highest id + 1: ids need not follow each other."""
        self._unknown = tokenizer.token_to_id(UNKNOWN)

    @classmethod
    def load(cls, name: str) -> Vocabulary:
        """A vocabulary in the format of tokenizers, by the name of its entry or its path.

        Raises WeightsError for another file, or for one without the tokens of XTTS-v2's layout.
        """
        file = weights.path(name, fetch=False)
        wants = "XTTS-v2's vocab.json, or another of its layout"
        try:
            tokenizer = Tokenizer.from_str(Path(file).read_text(encoding="utf-8"))
        # tokenizers raises plain Exception for what it cannot parse.
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise WeightsError(f"{file} cannot be read: {reason}", wants) from error
        absent = [
            token for token in ("[STOP]", UNKNOWN, SPACE, "[en]") if tokenizer.token_to_id(token) is None
        ]
        if absent:
            raise WeightsError(f"{file} has no token {', '.join(absent)}", wants)
        return cls(tokenizer)

    @classmethod
    def small(cls) -> Vocabulary:
        """A vocabulary of some hundred tokens, learnt from the text beside this module; always the same."""
        text = files("pfy_plugin_bpe").joinpath("corpus.txt").read_text(encoding="utf-8").lower()
        learner = Tokenizer(models.BPE(unk_token=UNKNOWN))
        learner.pre_tokenizer = pre_tokenizers.Whitespace()
        trainer = trainers.BpeTrainer(
            vocab_size=SMALL - len(SPECIAL), special_tokens=[UNKNOWN], show_progress=False
        )
        learner.train_from_iterator(text.splitlines(), trainer)
        learnt = [token for token, _ in sorted(learner.get_vocab().items(), key=lambda item: item[1])]
        taken = set(SPECIAL.values())
        free = (index for index in range(SMALL + len(learnt)) if index not in taken)
        table = dict(SPECIAL) | {token: next(free) for token in learnt if token != UNKNOWN}
        made = Tokenizer(models.BPE(vocab=table, merges=_merges(learner), unk_token=UNKNOWN))
        made.pre_tokenizer = pre_tokenizers.Whitespace()
        made.add_special_tokens(sorted(SPECIAL, key=SPECIAL.__getitem__))
        return cls(made)

    def knows(self, code: str) -> bool:
        """Whether there is a token for a language."""
        return self._tokenizer.token_to_id(f"[{code}]") is not None

    def encode(self, text: str, code: str) -> NDArray[np.int64]:
        """A cleaned text -> its ids, the language's first; without start and stop, which the GPT adds."""
        spelt = re.sub(" ", SPACE, text)
        return np.array(self._tokenizer.encode(f"[{code}]{spelt}").ids, np.int64)

    def unknown(self, ids: NDArray[np.int64]) -> int:
        """How many of the ids stand for characters that the vocabulary has not."""
        return int((ids == self._unknown).sum())


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """The merges of a BPE model in their order, which only its file says."""
    found = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(left, right) for left, right in found]
