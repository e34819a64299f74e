"""Lines: what a voice says in one go, made from a script one at a time, as the speech goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pfy_plugin_speech.text.g2p import Given, cut
from pfy_plugin_speech.text.script import Script, Style
from pfy_plugin_speech.text.sentences import pieces
from pfy_plugin_speech.text.tracked import Tracked
from pfy_plugin_speech.text.words import Page, Token, grouped

PAUSES = {"cut": 0.02, "clause": 0.12, "break": 0.12, "sentence": 0.40, "paragraph": 0.75}
"""Seconds of silence after a piece of text, on top of the breath before the next one."""
CLAUSES = ",;:—"
"""Where a long first sentence may be cut so that its sound comes early."""
SHORTEST = 24
"""Phonemes, some 1.5 seconds, that a part of a sentence must have to be said on its own."""

Read = Callable[[Tracked, Given], list[Token]]
"""What turns a sentence into tokens: the phonemizer of a language."""


@dataclass(frozen=True)
class Line:
    """Phonemes that are said in one go.

    owners: for each phoneme, the group of written words it belongs to, or -1
    groups: the first and the last written word of each group
    styles: the style of each group
    until:  the position in the written text that the line has reached
    pause:  seconds of silence after it, before the next line's breath
    silence: seconds of silence after it in all, where they are imposed
    voice:  the voice that says it, where one is named
    lead:   seconds of silence before it, where they are imposed
    last:   whether it is the last one
    """

    phonemes: str
    owners: Sequence[int]
    groups: Sequence[tuple[int, int]]
    styles: Sequence[Style]
    until: int
    pause: float = 0.0
    silence: float | None = None
    voice: str | None = None
    lead: float = 0.0
    last: bool = False

    def part(self, start: int, end: int) -> Line:
        """The line's phonemes from ``start`` to ``end``, with the groups they belong to."""
        owners = self.owners[start:end]
        used = sorted({owner for owner in owners if owner >= 0})
        place = {owner: index for index, owner in enumerate(used)} | {-1: -1}
        return replace(
            self,
            phonemes=self.phonemes[start:end],
            owners=[place[owner] for owner in owners],
            groups=[self.groups[owner] for owner in used],
            styles=[self.styles[owner] for owner in used],
        )


def lines(
    script: Script,
    page: Page,
    readers: Callable[[str | None], Read],
    longest: int,
    opening: int,
    factor: float,
) -> Iterator[Line]:
    """The lines of a script in order, none when nothing in it can be spoken.

    ``longest`` is the number of phonemes of a line at most, ``opening`` that of a first line that is cut
    where a clause ends (0: it is not cut), ``factor`` a factor on the pauses that are not imposed.
    """
    held: Line | None = None
    lead = 0.0
    for line in _lines(script, page, readers, longest, opening, factor):
        if not line.phonemes:
            silence = line.silence or 0.0
            if held is None:
                lead += silence
            else:
                held = replace(held, silence=(held.silence or 0.0) + silence)
            continue
        if held is not None:
            yield held
        held, lead = replace(line, lead=lead), 0.0
    if held is not None:
        yield replace(held, last=True)


def _lines(
    script: Script,
    page: Page,
    readers: Callable[[str | None], Read],
    longest: int,
    opening: int,
    factor: float,
) -> Iterator[Line]:
    """The lines of a script; silence where there is nothing to say is a line without phonemes."""
    first = True
    for passage in script.passages:
        held: Line | None = None
        for piece in pieces(passage.text, passage.end):
            tokens = readers(passage.voice)(piece.text, script)
            if not tokens:
                continue
            whole = _line(script, page, tokens, piece.text, passage.voice)
            for line in _cut(whole, longest, opening if first else 0, factor):
                if held is not None:
                    yield held
                held, first = replace(line, pause=line.pause or PAUSES[piece.boundary] * factor), False
        if held is not None:
            yield replace(held, silence=passage.pause)
        elif passage.pause is not None:
            yield Line("", [], [], [], 0, silence=passage.pause)


def _line(script: Script, page: Page, tokens: list[Token], text: Tracked, voice: str | None) -> Line:
    """A whole sentence as one line; spaces within it are single."""
    groups, of_token = grouped(page, tokens)
    phonemes: list[str] = []
    owners: list[int] = []
    for token, group in zip(tokens, of_token, strict=True):
        for char in token.phonemes + (" " if token.gap else ""):
            if char == " " and (not phonemes or phonemes[-1] == " "):
                continue
            phonemes.append(char)
            owners.append(-1 if char == " " else group)
    while phonemes and phonemes[-1] == " ":
        phonemes.pop()
        owners.pop()
    places = {group: token.start for token, group in zip(reversed(tokens), reversed(of_token), strict=True)}
    styles = [script.style(places[index]) for index in range(len(groups))]
    return Line("".join(phonemes), owners, groups, styles, max(text.ends), voice=voice)


def _cut(line: Line, longest: int, opening: int, factor: float) -> Iterator[Line]:
    """A line in parts of at most ``longest`` phonemes; the last one has no pause yet."""
    head = _opening(line.phonemes, opening)
    if head:
        yield replace(line.part(0, head), until=0, pause=PAUSES["clause"] * factor)
    rest = line.part(head, len(line.phonemes)) if head else line
    rest = rest.part(len(rest.phonemes) - len(rest.phonemes.lstrip()), len(rest.phonemes))
    spans = list(cut(rest.phonemes, longest))
    for start, end in spans[:-1]:
        yield replace(rest.part(start, end), until=0, pause=PAUSES["cut"] * factor)
    yield rest.part(*spans[-1])


def _opening(phonemes: str, first: int) -> int:
    """The length of an opening clause; 0 when the sentence is short or has none of a good length."""
    if not first or len(phonemes) <= first + SHORTEST:
        return 0
    ends = [
        at + 1 for at, char in enumerate(phonemes[: first + SHORTEST]) if char in CLAUSES and at >= SHORTEST
    ]
    return ends[0] if ends and len(phonemes) - ends[0] >= SHORTEST else 0
