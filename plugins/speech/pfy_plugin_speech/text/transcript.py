"""A transcript: the words of a recording, what each sounds like, and when it was found in it."""

from __future__ import annotations

from collections.abc import Sequence

from pfy_core.kinds import Word
from pfy_plugin_speech.text.g2p import SOUND, phonemizer
from pfy_plugin_speech.text.read import read
from pfy_plugin_speech.text.sentences import pieces
from pfy_plugin_speech.text.words import Page, Span, grouped


class Transcript:
    """English text that is spoken in a recording. Raises InputError as ``read`` does.

    pronunciations: what is said, in Kokoro's alphabet, one entry a spoken word
    notes:          sentences for the user
    """

    def __init__(self, text: str) -> None:
        script = read(text)
        self.notes = script.notes
        self.pronunciations: list[str] = []
        self._page = Page(script.written)
        self._groups: list[tuple[int, int]] = []
        self._owners: list[int] = []
        phonemize = phonemizer()
        for passage in script.passages:
            for piece in pieces(passage.text):
                tokens = phonemize(piece.text, script)
                groups, owners = grouped(self._page, tokens)
                for token, owner in zip(tokens, owners, strict=True):
                    said = [part for part in token.phonemes.split() if SOUND.search(part)]
                    self.pronunciations += said
                    self._owners += [len(self._groups) + owner] * len(said)
                self._groups += groups

    def words(self, times: Sequence[Span | None]) -> list[Word]:
        """The written words with times, from the times of the pronunciations; None where none was found."""
        spans: dict[int, Span] = {}
        for owner, time in zip(self._owners, times, strict=True):
            if time is not None:
                start, end = spans.get(owner, time)
                spans[owner] = min(start, time[0]), max(end, time[1])
        found = sorted(spans)
        return self._page.take(
            [self._groups[owner] for owner in found], [spans[owner] for owner in found], None
        )
