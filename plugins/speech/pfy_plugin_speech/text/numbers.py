"""English number words: what hibari's word lists give, in the American or the British manner."""

from __future__ import annotations

import itertools
import re

from hibari.g2p import numbers

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
LONGEST = 15
LARGEST = 10**LONGEST
"""Beyond, numbers are read digit by digit."""


def cardinal(number: int, *, british: bool = False) -> str:
    """``1234`` as "one thousand two hundred (and) thirty-four"."""
    if abs(number) >= LARGEST:
        return ("minus " if number < 0 else "") + digits(str(abs(number)))
    return _manner(numbers.cardinal(number), british=british)


def ordinal(number: int, *, british: bool = False) -> str:
    """``21`` as "twenty-first"."""
    return _manner(numbers.ordinal(number), british=british)


def year(number: int, *, british: bool = False) -> str:
    """``1905`` as "nineteen oh-five"."""
    return _manner(numbers.year(number), british=british)


def decade(number: int) -> str:
    """``1990`` as "nineteen nineties", ``2000`` as "two thousands"."""
    words = cardinal(number) if number < 100 or number % 1000 == 0 else year(number)
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def digits(text: str) -> str:
    """The digits of a text, one by one."""
    return " ".join(numbers.ONES[int(char)] for char in text if char.isdecimal())


def number(text: str, *, british: bool = False) -> str:
    """A number as people write it: with commas, a decimal point, a minus."""
    sign = "minus " if text[0] in "-−" else ""
    whole, point, fraction = text.lstrip("-−+").replace(",", "").partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0"):
        words = digits(whole)
    else:
        words = cardinal(int(whole), british=british) if whole else ""
    return f"{sign}{words}{' point ' + digits(fraction) if point and fraction else ''}".replace(
        "  ", " "
    ).strip()


def fraction(above: int, below: int) -> str:
    """``3/4`` as "three quarters"."""
    name = {2: "half", 4: "quarter"}.get(below) or ordinal(below)
    if above != 1:
        name = "halves" if below == 2 else f"{name}s"
    return f"{cardinal(above)} {name}"


def roman(text: str) -> int:
    """The value of a Roman numeral; 0 for letters that are none."""
    if not ROMAN.fullmatch(text):
        return 0
    values = [VALUES[char] for char in text]
    return sum(-one if one < other else one for one, other in itertools.pairwise([*values, 0]))


def _manner(words: str, *, british: bool) -> str:
    words = words.replace(",", "")
    return words if british else words.replace(" and ", " ")
