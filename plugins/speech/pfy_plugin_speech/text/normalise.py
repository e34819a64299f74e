"""Normalisation: English text as it is written to the words that are said, every character accounted for.

The rules run in a fixed order over one sentence, the most specific notation first: what one has read is
words, which no later one touches. Each is a pattern and what its match is read as.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction

from pfy_plugin_speech.text import quantities, tables
from pfy_plugin_speech.text.calendar import RULES as CALENDAR
from pfy_plugin_speech.text.numbers import cardinal, digits, fraction, number, ordinal, roman, year
from pfy_plugin_speech.text.rules import NUMBER, Rule, alternatives, rule
from pfy_plugin_speech.text.tracked import Part, Tracked

ROMAN = r"(?P<roman>[IVXLC]{2,}|[IVX]|M[MDCLXVI]{2,})\b(?!['’.](?!s\b)\w)"
"""C, L and M alone are letters: vitamin C, size L, plan M."""
COUNTED = re.compile(
    r"\s+(?:(?!was\b|is\b|has\b|as\b|this\b|its\b|does\b|us\b)[a-z]+s|people|men|women|children)\b"
)
"""What follows a number that counts something, and so is no year."""
LETTERS_APART = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
NAMED_PAIRS = r"(?i:Boeing|Airbus|Route|Flight|Highway|Interstate|Bus|Room|Area|Suite|Apt|Apartment)"
CALCULATED = (
    "less than|greater than|equals|is not equal|is approximately|plus|minus|times|squared|cubed|divided by|"
    "to the"
)
"""What makes an "a" before it a variable. The name of the letter is given in hibari's own mark-up."""
LETTER_A = {"A": "eh"}
"""What has the sound of the letter, where its own would be taken for the article."""
EMERGENCY = r"(?:[Cc]all|[Cc]alling|[Dd]ial|[Dd]ialed|[Rr]ing|[Tt]he)"


def normalise(text: Tracked, *, british: bool = False) -> Tracked:
    """One sentence in words, its punctuation kept; no digits are left in it."""
    stops = text.text.rstrip().endswith(".")
    for pattern, read in _rules(british=british):
        text = text.sub(pattern, read)
    text = text.strip()
    return text + "." if stops and not text.text.endswith((".", "!", "?", "…")) else text


def _abbreviation(match: re.Match[str]) -> str:
    return tables.ABBREVIATIONS[match[1]]


def _initials(match: re.Match[str]) -> str:
    """``u.s.a.`` as capitals, which are spelled."""
    return match[0].upper()


def _roman(match: re.Match[str], read: Callable[[int], str], before: str = "") -> str | list[Part]:
    value = roman(match["roman"])
    return [("roman", before + read(value))] if value else match[0]


def _code(match: re.Match[str]) -> str:
    """A number with letters in it, such as a parcel has, sign by sign."""
    return " ".join(digits(char) or LETTER_A.get(char, char) for char in match[0])


def _vulgar(match: re.Match[str]) -> str:
    exact = Fraction(unicodedata.numeric(match[2])).limit_denominator(10)
    part = fraction(exact.numerator, exact.denominator) if exact.numerator > 1 else _one(exact.denominator)
    return f"{number(match[1])} and {_a(part)}" if match[1] else part


def _one(below: int) -> str:
    return fraction(1, below)


def _a(part: str) -> str:
    return part.replace("one ", "a ", 1) if part.startswith("one ") else part


def _mixed(match: re.Match[str]) -> str:
    return f"{number(match[1])} and {_a(fraction(int(match[2]), int(match[3])))}"


def _fraction(match: re.Match[str]) -> str:
    above, below = int(match[1]), int(match[2])
    if (above, below) in ((24, 7), (9, 11)) or above == below == 50:
        return f"{cardinal(above)} {cardinal(below)}"
    if above == below or (below in (10, 100) and above > 5):
        return f"{cardinal(above)} out of {cardinal(below)}"
    if 0 < above < 100 and 2 <= below <= 100 and above <= 3 * below:
        return fraction(above, below)
    return f"{cardinal(above)} slash {cardinal(below)}"


def _range(match: re.Match[str]) -> str:
    """Both ends are years when the first is one; "1914-18" leaves out what the second shares."""
    low, high = match[1], match[2]
    if len(low) == 4 and 1100 <= int(low) <= 2099 and len(high) in (2, 4) and (len(high) == 2 or high > low):
        return f"{year(int(low))} to {year(int(high)) if len(high) == 4 else cardinal(int(high))}"
    return f"{number(low)} to {number(high)}"


def _whole(match: re.Match[str], *, british: bool) -> str:
    """A plain number: a year when it looks like one and counts nothing."""
    text = match[0]
    value = int(text.replace(",", "")) if text.replace(",", "").isdigit() else -1
    counts = COUNTED.match(match.string, match.end())
    if len(text) == 4 and text.isdigit() and (1100 <= value <= 1999 or 2000 <= value <= 2099) and not counts:
        return year(value, british=british)
    return number(text, british=british)


def _pairs(match: re.Match[str]) -> list[Part]:
    """``Boeing 747`` as "Boeing seven forty-seven"."""
    text = match[2]
    head, tail = text[:-2], text[-2:]
    if tail == "00":
        words = cardinal(int(text))
    elif tail[0] == "0":
        words = f"{cardinal(int(head))} oh {cardinal(int(tail))}"
    else:
        words = f"{cardinal(int(head))} {cardinal(int(tail))}"
    return [(2, words)]


def _points(match: re.Match[str]) -> str:
    """``2.1.3`` as "two point one point three"; with four parts, an address, as digits and dots."""
    parts = match["points"].split(".")
    words = [digits(part) if len(parts) > 3 or part[0] == "0" else cardinal(int(part)) for part in parts]
    spoken = (" dot " if len(parts) > 3 else " point ").join(words)
    return f"version {spoken}" if match["v"] else spoken


def _power(match: re.Match[str]) -> str:
    return f"{number(match[1])} times ten to the {_exponent(match[2])}"


def _exponent(text: str) -> str:
    """An exponent as it is said after "to the"."""
    value = int(text)
    return f"minus {cardinal(-value)}" if value < 0 else ordinal(value)


def _formula(match: re.Match[str]) -> str:
    """Minus, not a range or a dash, where the numbers are part of a calculation."""
    return (
        re.sub(r"(?<=[\w)])\s*[-−–]\s*(?=[\w(])", " minus ", match[0])
        .replace("*", "×")
        .replace("/", "÷")
        .replace("×", " × ")
    )


@functools.cache
def _rules(*, british: bool) -> tuple[Rule, ...]:
    plain = functools.partial(_whole, british=british)
    said: Callable[[str], str] = functools.partial(number, british=british)
    return (
        rule(rf"(?<![\w.])({alternatives(tables.BEFORE_NUMBER)})(?=\s?\d)", _abbreviation),
        rule(rf"(?<!\w)({alternatives(tables.NAMES)})(?!\w)", lambda m: tables.NAMES[m[1]]),
        rule(r"\b(?=\w*\d)(?=\w*[A-Z])[A-Z\d]{8,}\b", _code),
        *CALENDAR[british],
        rule(r"(?P<v>\b[vV](?:er(?:sion)?)?\.?\s?)?(?<![\d.,])(?P<points>\d+(?:\.\d+){2,})(?![\d])", _points),
        rule(r"\b[vV](\d+(?:\.\d+)?)\b", lambda m: f"version {number(m[1])}"),
        *quantities.telephone(),
        rule(
            rf"(?<![\w.,])[(]?(?:{NUMBER}|[a-z])(?:\s?[-+−–*/×÷^()]\s?(?:{NUMBER}|[a-z])[)]?)+\s?(?=[=≈<>≤≥≠]\s?[\w(−-])",
            _formula,
        ),
        rule(r"(?<![\w.,])(\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})(?!\w)", _power),
        rule(r"(?<=[\w)])\^([-−]?\d+)", lambda m: f" to the {_exponent(m[1].replace('−', '-'))} "),
        *quantities.money(british=british),
        *quantities.units(),
        rule(rf"({EMERGENCY}) (911|999|112|411)\b", lambda m: [(2, digits(m[2]))]),
        rule(rf"\b({NAMED_PAIRS}\.?) (\d{{3}})\b(?!,\d)", _pairs),
        rule(
            rf"\b(?:{tables.ROMAN_ORDINAL}) {ROMAN}", functools.partial(_roman, read=ordinal, before="the ")
        ),
        rule(rf"\b(?!Book)(?:{tables.ROMAN_CARDINAL})\.? {ROMAN}", functools.partial(_roman, read=cardinal)),
        rule(
            rf"\b(?i:{tables.ROMAN_CARDINAL})\.? (?!I [a-z]){ROMAN}", functools.partial(_roman, read=cardinal)
        ),
        rule(rf"\b[A-Z][a-z]+ (?![IVX]\b|[CL]+\b){ROMAN}", functools.partial(_roman, read=cardinal)),
        rule(rf"\b{ROMAN}(?=(?:th)?\s(?:century|centuries|Olympi))", functools.partial(_roman, read=ordinal)),
        rule(r"\bM[MCDLXVI]{3,}\b", lambda m: year(roman(m[0])) if roman(m[0]) else m[0]),
        rule(r"(?<![\w#&])#\s?(?=\d)", "number "),
        rule(r"(?<![\w.,/])(\d+)?\s?([½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])", _vulgar),
        rule(r"(?<![\w.,/])(\d+)[ -](\d{1,2})/(\d{1,2})(?![\w/]|\.\d)", _mixed),
        rule(r"(?<![\w.,/])(\d{1,3})/(\d{1,3})(?![\w/]|\.\d)", _fraction),
        rule(
            r"(?<![\w.,/])(\d+\.\d+)/(10|100)(?![\w/]|\.\d)",
            lambda m: f"{number(m[1])} out of {number(m[2])}",
        ),
        rule(r"(?<![\w.])([-−]?\d[\d,]*(?:\.\d+)?)(?:\s?[xX]\s?|×)(?=\d)", lambda m: f"{number(m[1])} by "),
        rule(r"(?<![\w.])(\d+(?:\.\d+)?)[x×](?!\w|\s*[-+=)*/−])", lambda m: f"{number(m[1])} times"),
        rule(
            r"(?<![\w.])(\d{1,3}):(\d{1,3})(?![\w:])",
            lambda m: f"{cardinal(int(m[1]))} to {cardinal(int(m[2]))}",
        ),
        rule(rf"(?<![\w.,-])({NUMBER})\s?[-–—]\s?({NUMBER})(?![\w-]|[.,]\d)", _range),
        rule(
            r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
            lambda m: ordinal(int(m[1].replace(",", "")), british=british),
        ),
        rule(r"(\w)(?:\^)?([⁰¹²³⁴⁵⁶⁷⁸⁹])(?!\w)", _superscript),
        rule("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f" {digits(unicodedata.normalize('NFKC', m[0]))} "),
        rule(r"(?<![\w\d])[-−](?=\.?\d)", "minus "),
        rule(r"(?<![\w+])\+(?=\.?\d)", "plus "),
        rule(r"(?<![\w.,])(\d+)(?=['’]?s\b)", plain),
        rule(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w|[.,]\d)", plain),
        rule(r"(?<![\w.,])\.\d+\b", lambda m: said(m[0])),
        rule(r"\b([A-Z]{2,4})(?=\d)", lambda m: " ".join(m[1])),
        rule(LETTERS_APART.pattern, " "),
        rule(r"\b0\d+\b|\d{16,}", lambda m: digits(m[0])),
        rule(r"\d+", lambda m: said(m[0])),
        rule(rf"\b({alternatives(tables.TITLES)})\.?(?=\s+[A-Z])", _title),
        rule(rf"(?<=[a-z\d.] )({alternatives(tables.STREETS)})\.(?=\W|$)", _street),
        rule(
            rf"(?<![\w.])({alternatives(tables.ABBREVIATIONS.keys() - tables.BEFORE_NUMBER)})(?!\w)(?![.]\w)",
            _abbreviation,
        ),
        rule(r"(?<![\w.])(?:[A-Za-z]\.){2,}(?!\w)", _initials),
        rule(rf"\b({alternatives(tables.DAYS)})\.(?=[\s,]|$)", lambda m: tables.DAYS[m[1]]),
        rule(r"\b([A-Z]{1,3})&([A-Z]{1,3})\b", lambda m: f"{' '.join(m[1])} and {' '.join(m[2])}"),
        rule(r"(?<=\w)\s?&\s?(?=\w)", " and "),
        rule(r"\band/or\b", "and or"),
        rule(r"(?<=[a-z])/(?=[a-z])", " "),
        rule(r"~\s?(?=\w)", "about "),
        rule("[" + re.escape("".join(tables.SIGNS)) + "]", _sign),
        rule("[" + re.escape(tables.SILENT) + "]", " "),
        rule(r"\s+", " "),
        rule(r" (?=[,.;:!?](?!\w))", ""),
        rule(rf"\ba(?= (?:{CALCULATED})\b)", "[A](/ˈA/)"),
    )


def _superscript(match: re.Match[str]) -> list[Part]:
    plain = unicodedata.normalize("NFKC", match[2])
    power = {"2": " squared", "3": " cubed"}.get(plain, f" to the power of {number(plain)}")
    return [(2, power)]


def _title(match: re.Match[str]) -> str:
    return tables.TITLES[match[1]]


def _street(match: re.Match[str]) -> str:
    return tables.STREETS[match[1]]


def _sign(match: re.Match[str]) -> str:
    return f" {tables.SIGNS[match[0]]} "
