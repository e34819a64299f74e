"""SSML: a subset of the W3C's Speech Synthesis Markup Language 1.1, read by expat with nothing external.

A document type is refused, and with it every entity that could grow or reach out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from xml.parsers import expat

import numpy as np

from pfy_core.errors import InputError, did_you_mean
from pfy_plugin_speech.text.pronunciation import from_ipa
from pfy_plugin_speech.text.sayas import KINDS, say_as
from pfy_plugin_speech.text.script import PLAIN, Passage, Script, Style
from pfy_plugin_speech.text.sentences import Boundary
from pfy_plugin_speech.text.tracked import Tracked

TAGS = ("speak", "break", "emphasis", "prosody", "phoneme", "say-as", "sub", "p", "s", "voice")
IGNORED = ("audio", "desc", "lang", "lexicon", "lookup", "mark", "meta", "metadata", "token", "w")
"""Elements of SSML that change nothing here, and what is inside them is spoken."""
STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
"""Seconds; the standard leaves them open. Medium and strong are this voice's sentence and paragraph."""
LONGEST_BREAK = 60.0
"""Seconds: longer is a mistake in the unit, and silence is kept in memory."""
EMPHASIS = {
    "strong": Style(0.80, 2.0, 3.0, 1),
    "moderate": Style(0.88, 1.2, 1.5, 1),
    "none": PLAIN,
    "reduced": Style(1.15, -1.0, -3.0, -1),
}
"""Emphasised words are longer, higher and louder: some 20 per cent, 2 semitones and 3 dB in contrastive
stress (N. Sluijter and V. van Heuven, J. Acoust. Soc. Am. 100, 1996; their ranges, our choice within)."""
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.3, "x-fast": 1.7}
PITCHES = {"x-low": -4.0, "low": -2.0, "medium": 0.0, "default": 0.0, "high": 2.0, "x-high": 4.0}
"""Semitones."""
VOLUMES = {
    "silent": -np.inf, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0,
    "loud": 3.0, "x-loud": 6.0,
}  # fmt: skip
"""Decibels."""
RATE_RANGE, PITCH_RANGE, VOLUME_RANGE = (0.4, 2.5), (-8.0, 8.0), (-60.0, 9.0)
SPEAK = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?>(?><!--.*?-->)\s*|(?><!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)\s*)*+<speak[\s/>]",
    re.DOTALL,
)
SILENT_GAIN = -120.0

T = TypeVar("T")


def is_ssml(text: str) -> bool:
    """Whether a text begins with the element ``speak``; any other text is plain, whatever is in it."""
    return SPEAK.match(text.lstrip("\ufeff")) is not None


def parse(text: str) -> Script:
    """A script from SSML. Raises InputError, with line and column, for what cannot be followed."""
    return _Reader(text.lstrip("\ufeff")).script()


@dataclass
class _Element:
    tag: str
    style: Style
    voice: str | None
    start: int
    attributes: dict[str, str]
    line: int
    column: int


class _Reader:
    """Builds a script while expat walks through the document."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._written: list[str] = []
        self._length = 0
        self._parts: list[Tracked] = []
        self._passages: list[Passage] = []
        self._styles: list[tuple[int, int, Style]] = []
        self._sounds: list[tuple[int, int, str]] = []
        self._notes: dict[str, None] = {}
        self._open: list[_Element] = []
        self._aside: list[str] | None = None  # text of an element that is spoken otherwise
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._doctype

    def script(self) -> Script:
        try:
            self._parser.Parse(self._source.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            raise self._error(
                _REASONS.get(error.code, expat.errors.messages[error.code]), error.lineno, error.offset + 1
            ) from error
        self._close("paragraph")
        return Script("".join(self._written), self._passages, self._styles, self._sounds, tuple(self._notes))

    def _error(
        self, what: str, line: int | None = None, column: int | None = None, fix: str = ""
    ) -> InputError:
        if line is None or column is None:
            line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        return InputError(f"SSML, line {line}, column {column}: {what}", "well-formed SSML", fix or FIX)

    def _doctype(self, *_: object) -> None:
        raise self._error(
            "a document type or an entity is declared", fix="remove <!DOCTYPE ...>; write the text itself"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self._open and tag != "speak":
            raise self._error(f"<{tag}> is not inside <speak>")
        if tag not in TAGS and tag not in IGNORED:
            raise self._error(
                f"<{tag}> is unknown",
                fix=did_you_mean(tag, TAGS) or f"one of {', '.join(f'<{name}>' for name in TAGS)}",
            )
        if self._aside is not None:
            raise self._error(f"<{tag}> is inside <{self._open[-1].tag}>, which holds text only")
        outer = self._open[-1] if self._open else None
        style, voice = (outer.style, outer.voice) if outer else (PLAIN, None)
        element = _Element(
            tag, style, voice, self._length, attributes,
            self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1,
        )  # fmt: skip
        self._open.append(element)
        match tag:
            case "break":
                self._break(element)
            case "emphasis":
                level = attributes.get("level", "moderate")
                element.style = self._choice("level", level, EMPHASIS).within(style)
            case "prosody":
                element.style = self._prosody(attributes).within(style)
            case "p" | "s":
                self._close("sentence" if tag == "s" else "paragraph")
            case "voice":
                self._close("sentence")
                element.voice = attributes.get("name", voice)
            case "phoneme" | "say-as" | "sub":
                self._aside = []
            case _ if tag in IGNORED:
                self._notes[f"<{tag}> in SSML changes nothing here; what is inside it is spoken"] = None

    def _end(self, _: str) -> None:
        element = self._open.pop()
        match element.tag:
            case "p" | "s":
                self._close("sentence" if element.tag == "s" else "paragraph")
            case "voice":
                self._close("sentence", voice=element.voice)
            case "phoneme" | "say-as" | "sub":
                text = " ".join("".join(self._aside or []).split())
                self._aside = None
                if not text:
                    raise self._error(f"<{element.tag}> has no text", element.line, element.column)
                self._instead(element, text)

    def _text(self, data: str) -> None:
        if not self._open:
            return
        if self._aside is not None:
            self._aside.append(data)
            return
        start = self._write(data, self._open[-1].style)
        self._parts.append(Tracked.of(data, start))

    def _write(self, data: str, style: Style) -> int:
        start = self._length
        self._written.append(data)
        self._length += len(data)
        if style != PLAIN and data:
            self._styles.append((start, self._length, style))
        return start

    def _close(self, end: Boundary, pause: float | None = None, *, voice: str | None = None) -> None:
        """End the passage; what follows is another word."""
        text = Tracked.join(self._parts)
        voice = voice or (self._open[-1].voice if self._open else None)
        if text.text.strip() or pause is not None:
            self._passages.append(Passage(text, end, pause, voice))
        elif end == "paragraph" and self._passages and self._passages[-1].end == "sentence":
            self._passages[-1] = replace(self._passages[-1], end=end)
        self._parts = []
        self._write("\n", PLAIN)

    def _instead(self, element: _Element, text: str) -> None:
        """Write a text, and have something else said in its place."""
        start = self._write(text, element.style)
        said, attributes = text, element.attributes
        if element.tag == "sub":
            said = self._required(element, "alias")
        elif element.tag == "say-as":
            kind = self._required(element, "interpret-as")
            self._choice("interpret-as", kind, KINDS, element)
            said = say_as(text, kind, attributes.get("format", ""))
        else:
            alphabet = attributes.get("alphabet", "ipa")
            if alphabet != "ipa":
                raise self._error(
                    f'alphabet="{alphabet}"', element.line, element.column, 'write alphabet="ipa"'
                )
            ipa = self._required(element, "ph")
            try:
                sounds = from_ipa(ipa)
            except InputError as error:
                raise self._error(
                    f'ph="{ipa}": {error.sends}', element.line, element.column, error.fix
                ) from error
            self._sounds.append((start, self._length, sounds))
            said = "word"
        self._parts.append(Tracked.standing_for(said, start, self._length))

    def _required(self, element: _Element, name: str) -> str:
        value = element.attributes.get(name, "").strip()
        if not value:
            fix = f'write <{element.tag} {name}="...">'
            raise self._error(f"<{element.tag}> without {name}", element.line, element.column, fix)
        return value

    def _break(self, element: _Element) -> None:
        time, strength = element.attributes.get("time"), element.attributes.get("strength", "medium")
        if time is None:
            seconds = self._choice("strength", strength, STRENGTHS)
        else:
            match = re.fullmatch(r"\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*(ms|s)\s*", time)
            if not match:
                raise self._error(f'time="{time}"', fix='seconds or milliseconds: time="1.5s", time="300ms"')
            seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > LONGEST_BREAK:
            raise self._error(
                f"a break of {seconds:g} s", fix=f"at most {LONGEST_BREAK:g} s; several breaks add up"
            )
        if seconds:
            self._close("break", seconds)

    def _prosody(self, attributes: dict[str, str]) -> Style:
        for name in attributes.keys() & {"contour", "range", "duration"}:
            self._notes[f"{name} of <prosody> in SSML changes nothing here"] = None
        return Style(
            self._quantity(attributes, "rate", RATES, _rate, RATE_RANGE, 1.0),
            self._quantity(attributes, "pitch", PITCHES, _pitch, PITCH_RANGE, 0.0),
            max(self._quantity(attributes, "volume", VOLUMES, _volume, VOLUME_RANGE, 0.0), SILENT_GAIN),
        )

    def _quantity(
        self,
        attributes: dict[str, str],
        name: str,
        named: dict[str, float],
        read: Callable[[str], float | None],
        limits: tuple[float, float],
        default: float,
    ) -> float:
        text = attributes.get(name)
        if text is None:
            return default
        if text.strip() in named:
            return named[text.strip()]
        value = read(text.strip())
        if value is None:
            fix = did_you_mean(text, list(named)) or f"one of {', '.join(named)}, or {_FORMS[name]}"
            raise self._error(f'{name}="{text}"', fix=fix)
        return float(np.clip(value, *limits))

    def _choice(self, name: str, value: str, choices: dict[str, T], element: _Element | None = None) -> T:
        if value not in choices:
            fix = did_you_mean(value, list(choices)) or f"one of {', '.join(choices)}"
            line, column = (element.line, element.column) if element else (None, None)
            raise self._error(f'{name}="{value}"', line, column, fix)
        return choices[value]


FIX = "close every element, quote every attribute, write &amp;amp; for & and &amp;lt; for <".replace(
    "&amp;", "&"
)
_REASONS = {
    expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: "the closing tag does not match the opening one",
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "the text ends before an element is closed",
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "an entity that XML does not know",
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "there is text after </speak>",
}
_FORMS = {"rate": "80%, +20% or 1.2", "pitch": "+2st or -10%", "volume": "+6dB or -3dB"}


def _rate(text: str) -> float | None:
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)(%?)", text)
    if not match or (match[1] and not match[3]):
        return None
    value = float(match[2]) / (100 if match[3] else 1)
    return 1 + value if match[1] == "+" else 1 - value if match[1] == "-" else value or None


def _pitch(text: str) -> float | None:
    """Semitones from ``+2st`` or ``-10%``."""
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)(st|%)", text)
    if not match:
        return None
    value = float(match[1])
    return value if match[2] == "st" else float(12 * np.log2(max(1 + value / 100, 0.1)))


def _volume(text: str) -> float | None:
    """Decibels from ``+6dB``, or from a per cent of the amplitude as in SSML 1.0."""
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*dB", text)
    if match:
        return float(match[1])
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%?", text)
    return float(20 * np.log10(max(float(match[1]) / 100, 1e-3))) if match else None
