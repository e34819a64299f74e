"""Numbers, dates, times, money and abbreviations of Spanish, French and Italian in words (num2words)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from pfy_plugin_speech.text.rules import Rule, alternatives, rule
from pfy_plugin_speech.text.tracked import Tracked

NUMBER = r"(?:\d{1,3}(?:[.  ]\d{3})+|\d+)(?:,\d+)?"
"""A number as it is written on the Continent: points between thousands, a comma before decimals."""
LONGEST = 15
"""Digits that are still named as one number."""


@dataclass(frozen=True)
class Words:
    """What a language calls what is not a letter.

    months: the twelve names
    minus, point: of numbers
    of, first:    between the parts of a date, and its first day
    hours, cents: between hours and minutes, and units and hundredths
    signs:  names of signs and units, as they follow a number
    short:  abbreviations
    """

    months: tuple[str, ...]
    minus: str
    point: str
    of: str
    first: str
    hours: str
    cents: str
    signs: dict[str, str]
    short: dict[str, str]


LANGUAGES = {
    "es": Words(
        (
            "enero", "febrero", "marzo", "abril", "mayo", "junio",
            "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
        ),
        "menos", "coma", " de ", "uno", " y ", " con ",
        {
            "%": "por ciento", "€": "euros", "$": "dólares", "£": "libras", "km": "kilómetros", "m": "metros",
            "cm": "centímetros", "kg": "kilos", "g": "gramos", "°C": "grados", "°": "grados", "h": "horas",
            "min": "minutos", "km/h": "kilómetros por hora", "&": "y", "+": "más", "=": "igual a",
        },
        {
            "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora",
            "Ud.": "usted", "Uds.": "ustedes", "etc.": "etcétera", "p. ej.": "por ejemplo", "núm.": "número",
        },
    ),
    "fr": Words(
        (
            "janvier", "février", "mars", "avril", "mai", "juin",
            "juillet", "août", "septembre", "octobre", "novembre", "décembre",
        ),
        "moins", "virgule", " ", "premier", " heures ", " ",
        {
            "%": "pour cent", "€": "euros", "$": "dollars", "£": "livres", "km": "kilomètres", "m": "mètres",
            "cm": "centimètres", "kg": "kilos", "g": "grammes", "°C": "degrés", "°": "degrés", "h": "heures",
            "min": "minutes", "km/h": "kilomètres heure", "&": "et", "+": "plus", "=": "égale",
        },
        {
            "M.": "monsieur", "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur", "Pr": "professeur",
            "etc.": "et cetera", "p. ex.": "par exemple", "n°": "numéro",
        },
    ),
    "it": Words(
        (
            "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
            "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
        ),
        "meno", "virgola", " ", "primo", " e ", " e ",
        {
            "%": "per cento", "€": "euro", "$": "dollari", "£": "sterline", "km": "chilometri", "m": "metri",
            "cm": "centimetri", "kg": "chili", "g": "grammi", "°C": "gradi", "°": "gradi", "h": "ore",
            "min": "minuti", "km/h": "chilometri orari", "&": "e", "+": "più", "=": "uguale a",
        },
        {
            "Sig.": "signor", "Sig.ra": "signora", "Dott.": "dottor", "Dott.ssa": "dottoressa",
            "ecc.": "eccetera", "es.": "esempio", "n.": "numero",
        },
    ),
}  # fmt: skip


def normalise(text: Tracked, code: str) -> Tracked:
    """One sentence in words, its punctuation kept; no digits are left in it."""
    stops = text.text.rstrip().endswith(".")
    for pattern, read in _rules(code):
        text = text.sub(pattern, read)
    text = text.strip()
    return text + "." if stops and not text.text.endswith((".", "!", "?", "…")) else text


def _number(text: str, code: str) -> str:
    """A number in words; digit by digit where it has too many."""
    from num2words import num2words

    whole, _, decimals = re.sub(r"[.  ]", "", text).partition(",")
    if len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0"):
        words = " ".join(str(num2words(int(digit), lang=code)) for digit in whole)
    else:
        words = str(num2words(int(whole), lang=code))
    if decimals:
        spelled = " ".join(str(num2words(int(digit), lang=code)) for digit in decimals)
        words = f"{words} {LANGUAGES[code].point} {spelled}"
    return words


def _date(match: re.Match[str], code: str) -> str:
    words = LANGUAGES[code]
    day, month = int(match[1]), int(match[2])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    said = words.first if day == 1 else _number(match[1].lstrip("0"), code)
    return f"{said}{words.of}{words.months[month - 1]}{words.of}{_number(match[3], code)}"


def _time(match: re.Match[str], code: str) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match[0]
    words = _number(str(hour), code)
    joint = LANGUAGES[code].hours
    return (
        f"{words}{joint}{_number(str(minute), code)}" if minute else f"{words}{joint if code == 'fr' else ''}"
    )


def _sum(text: str, sign: str, code: str) -> str:
    """Money: the hundredths after the unit."""
    words = LANGUAGES[code]
    whole, _, decimals = text.partition(",")
    if len(decimals) != 2:
        return f"{_number(text, code)} {words.signs[sign]}"
    cents = "" if decimals == "00" else f"{words.cents}{_number(decimals.lstrip('0'), code)}"
    return f"{_number(whole, code)} {words.signs[sign]}{cents}"


@functools.cache
def _rules(code: str) -> tuple[Rule, ...]:
    words = LANGUAGES[code]
    say: Callable[[str], str] = functools.partial(_number, code=code)
    money = "[€$£]"
    units = alternatives(sign for sign in words.signs if sign not in "&+=")
    return (
        rule(rf"(?<!\w)({alternatives(words.short)})(?!\w)", lambda m: words.short[m[1]]),
        rule(
            r"(?<![\w/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?![\w/-])", functools.partial(_date, code=code)
        ),
        rule(r"(?<![\w:])(\d{1,2})[:h](\d{2})(?![\w:])", functools.partial(_time, code=code)),
        rule(rf"(?<![\w])[-−](?={NUMBER})", f"{words.minus} "),
        rule(rf"({money})\s?({NUMBER})", lambda m: _sum(m[2], m[1], code)),
        rule(rf"(?<![\w,.])({NUMBER})\s?({money})", lambda m: _sum(m[1], m[2], code)),
        rule(rf"(?<![\w,.])({NUMBER})\s?({units})(?!\w)", lambda m: f"{say(m[1])} {words.signs[m[2]]}"),
        rule(rf"(?<![\w,.])({NUMBER})(?![\d])", lambda m: say(m[1])),
        rule(r"\d+", lambda m: f" {say(m[0])} "),
        rule("[&+=%€$£°]", lambda m: f" {words.signs[m[0]]} "),
        rule(r"\s+", " "),
        rule(r" (?=[,.;:!?])", ""),
    )
