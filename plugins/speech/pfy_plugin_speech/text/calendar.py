"""Dates and times of day, read aloud in the American or the British manner."""

from __future__ import annotations

import functools
import re

from pfy_plugin_speech.text.numbers import cardinal, decade, ordinal, year
from pfy_plugin_speech.text.rules import Rule, alternatives, rule
from pfy_plugin_speech.text.tables import MONTHS
from pfy_plugin_speech.text.tracked import Part

MONTH = (
    rf"(?:{alternatives([*MONTHS.values(), *map(str.capitalize, MONTHS), *map(str.upper, MONTHS), 'Sept'])})"
)
NAMES = list(MONTHS.values())
DAYTIME = r"(?:[AaPp]\.\s?[Mm]\.|[AaPp][Mm]\b\.?)"
YEAR = r"(?P<year>1\d{3}|20\d\d)\b"
TURN = 69
"""Two digits up to this are years of this century, as POSIX reads them."""


def _date(y: str, month: int, day: int, *, british: bool) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    name, nth = NAMES[month - 1], ordinal(day)
    words = f"the {nth} of {name}" if british else f"{name} {nth}"
    return f"{words}, {_year(y)}" if y else words


def _year(text: str) -> str:
    value = int(text)
    if len(text) == 2:
        value += 2000 if value < TURN else 1900
    return year(value)


def _iso(match: re.Match[str], *, british: bool) -> str:
    return _date(match[1], int(match[2]), int(match[3]), british=british) or match[0]


def _slashed(match: re.Match[str], *, british: bool) -> str:
    """``05/12/2024``: month first in America, day first elsewhere, unless it cannot be."""
    first, second = int(match[1]), int(match[2])
    day_first = british or first > 12
    if day_first and second > 12:
        day_first = False
    day, month = (first, second) if day_first else (second, first)
    return _date(match[3], month, day, british=british) or match[0]


def _short(match: re.Match[str], *, british: bool) -> str:
    """``on 3/4``, a date without a year."""
    day, month = (match[1], match[2]) if british else (match[2], match[1])
    return _date("", int(month), int(day), british=british) or match[0]


def _dotted(match: re.Match[str], *, british: bool) -> str:
    return _date(match[3], int(match[2]), int(match[1]), british=british) or match[0]


def _day(text: str) -> int:
    return int(text.rstrip("stndrh"))


def _name(text: str) -> str:
    return MONTHS[text[:3].lower()]


def _month_day(match: re.Match[str]) -> list[Part] | str:
    if not 1 <= _day(match["day"]) <= 31:
        return match[0]
    parts: list[Part] = [("month", _name(match["month"])), ("day", ordinal(_day(match["day"])))]
    if match["till"]:
        parts.append(("range", f" to {ordinal(_day(match['till']))}"))
    if match["year"]:
        parts += [("comma", ", "), ("year", _year(match["year"]))]
    return parts


def _day_month(match: re.Match[str]) -> list[Part] | str:
    if not 1 <= _day(match["day"]) <= 31:
        return match[0]
    nth = ordinal(_day(match["day"]))
    parts: list[Part] = [("day", nth if match["the"] else f"the {nth}")]
    if match["till"]:
        parts.append(("range", f" to {ordinal(_day(match['till']))}"))
    parts.append(("month", f"{'' if match['of'] else 'of '}{_name(match['month'])}"))
    if match["year"]:
        parts += [("comma", ", "), ("year", _year(match["year"]))]
    return parts


def _month_year(match: re.Match[str]) -> list[Part]:
    return [(1, _name(match[1])), (2, _year(match[2]))]


def _time(match: re.Match[str]) -> str:
    """``5:30``, ``17:00``, ``10:05:30 pm``."""
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    if hour > 24 or minute > 59 or (second and int(second) > 59):
        return match[0]
    half = _half(match[4])
    words = cardinal(hour)
    if minute:
        words += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half and not second:
        words += " o'clock" if hour <= 12 and match[1][0] != "0" else " hundred" if hour > 12 else " o'clock"
    if second:
        words += f" and {cardinal(int(second))} second{'' if int(second) == 1 else 's'}"
    return words + half


def _half(text: str | None) -> str:
    """The half of the day in letters that are spelled."""
    return f" {text[0].upper()}.M." if text else ""


def _hour(match: re.Match[str]) -> str:
    low = f"{cardinal(int(match[1]))} to " if match[1] else ""
    return f"{low}{cardinal(int(match[2]))}{_half(match[3])}"


def _decade(match: re.Match[str]) -> str:
    return decade(int(match[1]))


def _rules(*, british: bool) -> tuple[Rule, ...]:
    kind = functools.partial
    day = r"(?P<day>\d{1,2}(?:st|nd|rd|th)?)\b"
    till = r"(?P<till>\d{1,2}(?:st|nd|rd|th)?)\b"
    return (
        rule(r"(?<=\d{4}-\d\d-\d\d)T(?=\d\d:\d\d)", " at "),
        rule(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])", kind(_iso, british=british)),
        rule(r"(?<![\w/])(\d{4})/(\d{1,2})/(\d{1,2})(?![\w/])", kind(_iso, british=british)),
        rule(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\w/])", kind(_slashed, british=british)),
        rule(r"(?<![\w.])(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?![\w]|\.\d)", kind(_dotted, british=british)),
        rule(
            rf"\b(?P<month>{MONTH}\b\.?)\s+{day}(?P<range>\s?[-–]\s?{till})?(?!\s?[:%]|[\d/]|[.,]\d)"
            rf"(?:(?P<comma>,?\s+){YEAR})?",
            _month_day,
        ),
        rule(
            rf"(?<![\w.,/])(?P<the>[Tt]he )?{day}(?P<range>\s?[-–]\s?{till})?\s+"
            rf"(?P<of>of )?(?P<month>{MONTH}\b\.?)(?:(?P<comma>,?\s+){YEAR})?",
            _day_month,
        ),
        rule(rf"\b({MONTH}\b\.?)\s+(1\d{{3}}|20\d\d)\b", _month_year),
        rule(r"(?<!\w)(?:['’])?((?<=['’])[2-9]0|1[1-9]\d0|20\d0)(?:['’])?s\b", _decade),
        rule(r"(?<=\b[Oo]n )(\d{1,2})/(\d{1,2})(?![\w/]|\.\d)", kind(_short, british=british)),
        rule(r"(?<=\d[AaPp][Mm])\s?[-–]\s?(?=\d)", " to "),
        rule(rf"(?<![\w:.,])(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?:\s?({DAYTIME}))?(?![\d:]|\w)", _time),
        rule(rf"(?<![\w:.,])(?:(\d{{1,2}})\s?[-–]\s?)?(\d{{1,2}})\s?({DAYTIME})(?!\w)", _hour),
    )


RULES = {british: _rules(british=british) for british in (False, True)}
