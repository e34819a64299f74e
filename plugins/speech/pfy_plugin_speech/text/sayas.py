"""What ``say-as`` of SSML makes of a text: the words of it, read as what it is said to be."""

from __future__ import annotations

import re
from collections.abc import Callable

from pfy_plugin_speech.text.calendar import NAMES
from pfy_plugin_speech.text.numbers import LONGEST, cardinal, digits, fraction, number, ordinal, year

SIGNS = {
    ".": "dot", ",": "comma", "-": "dash", "_": "underscore", "@": "at",
    "/": "slash", "#": "hash", "+": "plus", "*": "asterisk", "&": "and",
    "%": "percent", ":": "colon", ";": "semicolon", "!": "exclamation mark", "?": "question mark",
    "'": "apostrophe", '"': "quote", "(": "open parenthesis", ")": "close parenthesis", "=": "equals",
    "$": "dollar", " ": "",
}  # fmt: skip


def say_as(text: str, kind: str, form: str = "") -> str:
    """The words of a text read as ``kind``, one of KINDS; a text that is none is read as it stands."""
    if any(len(run) > LONGEST for run in re.findall(r"\d+", text.replace(",", ""))):
        return digits(text)
    return KINDS[kind](text, form) or text


def _characters(text: str, _: str) -> str:
    spoken = (digits(char) if char.isdecimal() else SIGNS.get(char, char.upper()) for char in text)
    return ", ".join(filter(None, spoken))


def _cardinal(text: str, _: str) -> str:
    plain = text.replace(" ", "")
    return number(plain) if re.fullmatch(r"[-−+]?[\d,]*\.?\d+", plain) else ""


def _ordinal(text: str, _: str) -> str:
    found = re.fullmatch(r"([\d,]+)(?:st|nd|rd|th)?\.?", text)
    return ordinal(int(found[1].replace(",", ""))) if found and found[1].strip(",") else ""


def _digits(text: str, _: str) -> str:
    return digits(text)


def _fraction(text: str, _: str) -> str:
    found = re.fullmatch(r"(?:(\d+)\s*[+ ]\s*)?(\d+)\s*/\s*(\d+)", text)
    if not found or int(found[3]) < 2:
        return ""
    part = fraction(int(found[2]), int(found[3]))
    return f"{cardinal(int(found[1]))} and {part}" if found[1] else part


def _date(text: str, form: str) -> str:
    """``form`` names the order, as mdy, dmy, ymd, my, y; without it the text is read as it is in prose."""
    parts = re.findall(r"\d+", text)
    if not form or sorted(form) != sorted(set(form)) or set(form) - set("dmy") or len(parts) != len(form):
        return ""
    values = dict(zip(form, parts, strict=True))
    month, day = int(values.get("m", 1)), int(values.get("d", 1))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    words = [NAMES[month - 1]] if "m" in values else []
    words += [ordinal(day)] if "d" in values else []
    return ", ".join(filter(None, [" ".join(words), year(int(values["y"])) if "y" in values else ""]))


def _time(text: str, _: str) -> str:
    found = re.fullmatch(r"(\d+)['′m]\s*(\d+)?(?:[\"″s])?", text)
    if not found:
        return ""
    minutes = f"{cardinal(int(found[1]))} minute{'' if found[1] == '1' else 's'}"
    if not found[2]:
        return minutes
    return f"{minutes} and {cardinal(int(found[2]))} second{'' if found[2] == '1' else 's'}"


def _telephone(text: str, _: str) -> str:
    groups = re.findall(r"\d+|[A-Za-z]+", text)
    spoken = ", ".join(digits(group) if group.isdigit() else _characters(group, "") for group in groups)
    return f"plus {spoken}" if text.strip().startswith("+") else spoken


def _as_it_stands(text: str, _: str) -> str:
    return text


KINDS: dict[str, Callable[[str, str], str]] = {
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "fraction": _fraction,
    "date": _date,
    "time": _time,
    "telephone": _telephone,
    "unit": _as_it_stands,
    "currency": _as_it_stands,
    "address": _as_it_stands,
}
"""Values of interpret-as. Units, money and addresses are read so anyway."""
