"""``encoder/bpe``: a text to the ids of XTTS-v2, and to a fuser's tokens."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pfy_core import Encoder, InputError, OptionalWeights, note
from pfy_core.options import choice
from pfy_core.place import Dtype, Place
from pfy_plugin_bpe import scripts, sentences
from pfy_plugin_bpe.cleaning import clean
from pfy_plugin_bpe.languages import language as named
from pfy_plugin_bpe.ports import Encoded, Text
from pfy_plugin_bpe.vocabulary import Vocabulary

Layout = Literal["embedded", "released"]

MOST = 400
"""Tokens that XTTS-v2 speaks at once: fewer than 402 (its gpt_max_text_tokens), the language's with them."""


class BpeEncoder(Encoder, name="bpe"):
    """A text to the byte-pair tokens of XTTS-v2, in parts that can be spoken at once.

    The text is cleaned as XTTS-v2's training text was (small letters, numbers and signs in words), split
    where it is longer than the language's limit of characters or the GPT's of tokens, and encoded with
    the language's token in front.

    vocabulary: ``xtts/vocabulary``, or the path of such a file; none: a small vocabulary of the same layout
        that is learnt from a text within the plugin, for networks that were not trained.
    language: en es fr de it pt pl tr ru nl cs ar hu; a region behind it is left out.
    layout: tokens as ``embedded`` vectors, a token or more for each id, or as ``released``: the ids
        themselves in one token of 512, zero-padded, as the authors' code has it.
    embedding: checkpoint with the vectors (``xtts/v2``); none: seeded ones (``init_seed``).
    characters: the most of a part; 0 for the language's limit.
    device, dtype: of the tokens.

    Raises InputError for an empty text, for a language that is not spoken or not read here, for a text in
    another script than the language's, and in the layout ``released`` for more than 512 ids; WeightsError for
    files that are something else.
    """

    def __init__(
        self,
        *,
        vocabulary: OptionalWeights = "",
        language: str = "en",
        layout: Layout = "embedded",
        embedding: OptionalWeights = "",
        init_seed: int = 0,
        characters: int = 0,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        self._code, self._language = named(language)
        choice("dtype", dtype, Dtype)
        if characters and not 20 <= characters <= 1000:
            raise InputError(f"characters {characters}", "20 to 1000, or 0 for the language's own limit")
        self._limit = characters or self._language.limit
        self._vocabulary = Vocabulary.load(vocabulary) if vocabulary else Vocabulary.small()
        if not self._vocabulary.knows(self._code):
            raise InputError(
                f"language {language!r}: the vocabulary has no token [{self._code}]", "another one"
            )
        self._layout, self._place = choice("layout", layout, Layout), (device, dtype)
        self._embedding, self._seed = embedding, init_seed
        self._table: Any = None

    def __call__(self, text: Text) -> Encoded:
        """text -> ids, a list of int64 arrays, and tokens (t 512)."""
        ids = self.ids(text)
        return Encoded(ids, self._tokens(ids))

    def ids(self, text: str) -> list[NDArray[np.int64]]:
        """The ids of each part of a text, in its order; no torch is imported for them."""
        if not isinstance(text, str):
            raise InputError(f"text: a {type(text).__name__}", "a text")
        scripts.check(text, self._code)
        cleaned = map(self._clean, sentences.parts(text, self._language, self._fits))
        parts = [part for part in cleaned if any(character.isalnum() for character in part)]
        if not parts:
            empty = "the text has no words: only marks and pictures" if text.strip() else "the text is empty"
            raise InputError(empty, "at least one word or number", "write what is to be said")
        ids = [self._vocabulary.encode(part, self._code) for part in parts]
        unknown = sum(map(self._vocabulary.unknown, ids))
        if unknown:
            note(f"{unknown} characters of the text are not in the vocabulary and are passed over")
        return ids

    def _clean(self, text: str) -> str:
        return clean(text, self._code, self._language)

    def _fits(self, text: str) -> bool:
        """Whether a part can be spoken at once; what is far too long is not cleaned to find out."""
        if len(text) > 4 * self._limit:
            return False
        cleaned = self._clean(text)
        return len(cleaned) <= self._limit and len(self._vocabulary.encode(cleaned, self._code)) <= MOST

    def _tokens(self, ids: list[NDArray[np.int64]]) -> Any:
        from pfy_plugin_bpe import embedding

        if self._layout == "released":
            made = embedding.released(ids)
        else:
            if self._table is None:
                self._table = embedding.table(self._embedding, self._vocabulary.size, self._seed)
            made = embedding.embedded(ids, self._table)
        place = Place.named(*self._place)
        return made.to(place.device, place.dtype)
