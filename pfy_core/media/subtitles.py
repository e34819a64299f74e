"""Subtitles: spoken words to cues, cues to SubRip and WebVTT, and back to what is said when."""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfy_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pfy_core.kinds import Word

LINE, LINES = 42, 2
"""Characters in a line and lines in a cue (Netflix, Timed Text Style Guide, general requirements)."""
LONGEST = 7.0
"""Seconds that a cue stands at most (the same guide)."""
LINGER = 0.5
"""Seconds that a cue stays after its last word, if the next one does not follow sooner."""
SILENCE = 1.0
"""Seconds without a word that part two cues."""
SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*$")
ABBREVIATION = re.compile(
    r"^[\"'“‘(\[]*(\w|(\w\.)+\w|Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Col|Capt|Lt|Sgt|Sr|Jr|St|Mt|vs|No|Nos|Fig|approx|etc)\.$"
)
"""A word whose full stop rarely ends a sentence: titles, initials."""
CLAUSE = re.compile(r"[,;:–—][\"'”’)\]]*$")
SUFFIXES = (".srt", ".vtt")
TIME = r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})"
TIMES = re.compile(rf"^\s*{TIME}\s+-->\s+{TIME}")
"""The line that begins a cue (W3C WebVTT 4.1; SubRip writes a comma)."""
TAG = re.compile(r"<[^>]*>|\{\\[^}]*\}")
"""Voices, styles and times in a cue's words, and SubRip's positions."""

Said = tuple[float, float, str]
"""Start and end of a cue in seconds, and its words."""


@dataclass(frozen=True)
class Cue:
    """Lines of text and when they are shown: seconds."""

    start: float
    end: float
    lines: tuple[str, ...]


def cues(words: Iterable[Word], line: int = LINE) -> Iterator[Cue]:
    """Words in order to cues of at most two lines of ``line`` characters, each given as soon as it is sure.

    A cue ends with its sentence, before a pause, or when it is full: then after the last clause in it, if
    there is one in its second half. Each stays LINGER longer than it is spoken; the next one replaces it.
    """
    held: list[Word] = []
    for word in words:
        while held and not _joins(held, word, line):
            ready, held = _parted(held, word)
            yield _cue(ready, line)
        held.append(word)
        if _ends(word):
            yield _cue(held, line)
            held = []
    if held:
        yield _cue(held, line)


def _ends(word: Word) -> bool:
    return bool(SENTENCE.search(word.text)) and not ABBREVIATION.search(word.text)


def _joins(held: list[Word], word: Word, line: int) -> bool:
    fits = len(_lines([*held, word], line)) <= LINES and word.end - held[0].start <= LONGEST
    return fits and word.start - held[-1].end <= SILENCE


def _parted(held: list[Word], word: Word) -> tuple[list[Word], list[Word]]:
    """What is shown now, and what waits for the next cue."""
    if word.start - held[-1].end <= SILENCE:
        for cut in range(len(held), len(held) // 2, -1):
            if CLAUSE.search(held[cut - 1].text):
                return held[:cut], held[cut:]
    return held, []


def _cue(words: list[Word], line: int) -> Cue:
    return Cue(words[0].start, words[-1].end + LINGER, tuple(_balanced(words, line)))


def _lines(words: list[Word], line: int) -> list[str]:
    return textwrap.wrap(" ".join(word.text for word in words), line, break_on_hyphens=False)


def _balanced(words: list[Word], line: int) -> list[str]:
    """Two lines of nearly the same length rather than a long and a short one."""
    lines = _lines(words, line)
    if len(lines) != LINES:
        return lines
    whole = sum(map(len, lines)) + 1
    for width in range(whole // 2, line):
        even = _lines(words, width)
        if len(even) == LINES:
            return even
    return lines


def apart(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Cues of which none is shown any longer when the next one begins."""
    before: Cue | None = None
    for cue in cues:
        if before is not None:
            yield Cue(before.start, min(before.end, cue.start), before.lines)
        before = cue
    if before is not None:
        yield before


def srt(words: Iterable[Word]) -> str:
    """SubRip text of spoken words."""
    return "\n".join(
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(apart(cues(words)), 1)
    )


def vtt(words: Iterable[Word]) -> str:
    """WebVTT text of spoken words (W3C WebVTT; ``&``, ``<`` and ``>`` are escaped)."""
    found = ["WEBVTT\n"]
    for cue in apart(cues(words)):
        text = "\n".join(cue.lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        found.append(f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n{text}\n")
    return "\n".join(found)


def _time(seconds: float, point: str) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{point}{milliseconds:03d}"


def parse(content: str, name: str) -> list[Said]:
    """The cues of a WebVTT or SubRip text, in order of time; InputError, naming it, when it has none."""
    found: list[Said] = []
    lines = content.splitlines()
    for number, line in enumerate(lines):
        times = TIMES.match(line)
        if times:
            start, end = (_seconds(times.groups()[k : k + 4]) for k in (0, 4))
            words = []
            for spoken in lines[number + 1 :]:
                if not spoken.strip():
                    break
                words.append(spoken)
            found.append((start, end, " ".join(html.unescape(TAG.sub("", " ".join(words))).split())))
    if not found:
        raise InputError(f"{name} has no line such as 00:01.000 --> 00:04.000", "WebVTT or SubRip")
    return sorted(found, key=lambda cue: cue[:2])


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000
