"""Text as XTTS-v2 was trained with: in small letters, numbers, signs and short forms in words.

The steps and their order are those of its tokenizer: quotes, capitals, numbers (thousands, money,
decimals, ordinals, the rest), short forms, signs, spaces. The words for numbers are num2words'.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from pfy_plugin_bpe.languages import SIGNS, Language

TURKISH = str.maketrans({"İ": "i", "I": "ı"})
"""Capitals that Python does not lower as Turkish does."""
CURRENCIES = {"$": "USD", "£": "GBP", "€": "EUR"}
MONEY = re.compile(r"([$£€])\s?(\d+(?:[.,]\d+)?)|(\d+(?:[.,]\d+)?)\s?([$£€])(?!\s?\d)")
DECIMAL = re.compile(r"(?<![\d.,])(\d+)[.,](\d+)(?![.,]?\d)")
"""Not the numbers of a date or a version."""
AGAINST = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
"""Where figures and letters touch: "5km", "mp3"."""
WHOLE = re.compile(r"\d+")
LONGEST = 15
"""Digits of a number that is read as one; more are read one by one, as an account or a card is."""


def clean(text: str, code: str, language: Language) -> str:
    """A text as it is spoken; empty when nothing of it is."""
    text = text.replace('"', "").replace("\u201c", "").replace("\u201d", "").replace("\u201e", "")
    text = (text.translate(TURKISH) if code == "tr" else text).lower()
    text = _numbers(text, code, language)
    text = _short_forms(text, language)
    for sign, word in zip(SIGNS, language.signs, strict=True):
        text = re.sub(
            rf"\s*{re.escape(sign)}\s*(?=([.,;:!?)])?)",
            lambda found, word=word: f" {word}" + ("" if found.group(1) else " "),  # type: ignore[misc]
            text,
        )
    return re.sub(r"\s+", " ", text).strip()


def _numbers(text: str, code: str, language: Language) -> str:
    # Digits of other scripts, full-width or Arabic, are the same numbers.
    text = re.sub(r"\d", lambda found: str(int(found.group())), text)
    grouping = re.escape(language.grouping)
    text = re.sub(rf"(?<=\d){grouping}(?=\d{{3}}(?!\d))", "", text)
    text = re.sub(r"(?<=[^\W\d_])(?=[$£€])", " ", text)
    text = MONEY.sub(
        lambda found: _money(
            found.group(2) or found.group(3), CURRENCIES[found.group(1) or found.group(4)], code, language
        ),
        text,
    )
    if code != "tr":  # num2words reads Turkish decimals with a figure too many
        text = DECIMAL.sub(lambda found: _words(f"{found.group(1)}.{found.group(2)}", code), text)
    text = re.sub(rf"(\d+){language.ordinals}", lambda found: _words(found.group(1), code, "ordinal"), text)
    return WHOLE.sub(lambda found: _words(found.group(), code), AGAINST.sub(" ", text))


def _money(number: str, currency: str, code: str, language: Language) -> str:
    """An amount in words; whole ones without their cents."""
    value = float(number.replace(",", "."))
    said = _said(value, code, to="currency", currency=currency, separator=" |")
    if said is None:  # num2words does not know this currency in this language
        sign = {name: sign for sign, name in CURRENCIES.items()}[currency]
        plain = number if value != int(value) else str(int(value))
        return f"{plain} {language.signs[SIGNS.index(sign)]}"
    whole, _, cents = said.partition(" |")
    return whole if value == int(value) else f"{whole},{cents}"


def _words(number: str, code: str, to: str = "cardinal") -> str:
    """A number in words, digit by digit where it is too long."""
    if len(number) > LONGEST:
        return " ".join(_words(digit, code) for digit in number if digit.isdigit())
    value = float(number) if "." in number else int(number)
    said = _said(value, code, to=to)
    if said is None:
        said = _said(value, code, to="cardinal")
    return said.lower() if said is not None else " ".join(number)


@functools.lru_cache(maxsize=4096, typed=True)
def _said(value: float, code: str, **how: Any) -> str | None:
    """What num2words says, or None for what it cannot say in this language."""
    from num2words import num2words

    try:
        said = str(num2words(value, lang=code, **how))
    # Its languages differ in what they take and in how they refuse.
    except (NotImplementedError, TypeError, ValueError, KeyError, OverflowError, IndexError, AttributeError):
        return None
    return re.sub(r"\s+", " ", said).lower()


def _short_forms(text: str, language: Language) -> str:
    for short, word in language.short.items():
        text = re.sub(rf"(?<!\w){re.escape(short)}\.", word, text)
    return text
