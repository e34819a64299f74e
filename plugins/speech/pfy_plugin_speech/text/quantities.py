"""Money, units and telephone numbers."""

from __future__ import annotations

import functools
import re

from pfy_plugin_speech.text.numbers import cardinal, digits, number
from pfy_plugin_speech.text.rules import NUMBER, Rule, alternatives, rule
from pfy_plugin_speech.text.tables import (
    APART,
    AREAS,
    CURRENCIES,
    ONLY_APART,
    PER,
    PLURALS,
    SCALES,
    UNITS,
)

SCALE = r"(?:hundred|thousand|million|billion|trillion)"
SHORT_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
SIGN = alternatives(name for name in CURRENCIES if not name.isalpha()) + r"|Rs\.?"
CODE = alternatives(name for name in CURRENCIES if len(name) == 3 and name.isalpha())
EVERY = r"(?:/|\s(?:per|a)\s)"


def money(*, british: bool) -> tuple[Rule, ...]:
    """Sums of money, before or after their sign or code, with their scale and what they are per."""
    read = functools.partial(_money, british=british)
    amount = rf"(?P<sum>{NUMBER})(?:\s?[-–]\s?(?:{SIGN})?(?P<till>{NUMBER}))?"
    scale = rf"(?:[\s-](?P<scale>{SCALE})\b|\s?(?P<short>{SHORT_SCALE})\b)?"
    per = r"(?:/(?P<per>[a-z]+)\b)?"
    return (
        rule(
            rf"(?<![\w])(?P<minus>[-−])?(?P<sign>{SIGN})\s?(?P<inner>[-−])?{amount}{scale}(?!\d){per}", read
        ),
        rule(rf"\b(?P<minus>)(?P<sign>{CODE})\s?(?P<inner>[-−])?{amount}{scale}(?!\d){per}", read),
        rule(
            rf"(?<![\w.,])(?P<minus>[-−])?(?P<inner>){amount}{scale}\s?(?P<sign>[€£¥₹₩]|(?:{CODE})\b){per}",
            read,
        ),
        rule(rf"(?<![\w.,])({NUMBER})\s?¢", lambda m: f"{number(m[1])} {_plural('cent', m[1])}"),
    )


def units() -> tuple[Rule, ...]:
    """Numbers with units: lengths, weights, speeds, temperatures, sizes, ranges of them."""
    names = alternatives(UNITS)
    amount = rf"(?<![\w.,])(?P<minus>[-−])?(?P<sum>{NUMBER}(?:/\d+)?)(?:\s?[-–]\s?(?P<till>{NUMBER}))?"
    return (
        rule(rf"{amount}\s?°\s?(?P<scale>[CFK])?(?!\w)", _degrees),
        rule(rf"{amount}\s?%", lambda m: f"{_amount(m)} percent"),
        rule(r"(?<![\w.,])(\d{1,2})['′]\s?(\d{1,2})(?:[\"”″]|'')", _feet),
        rule(r"(?<![\w.,])(\d{1,2}) ?ft\.? (\d{1,2}) ?in\b\.?", _feet),
        rule(
            rf"{amount}(?P<gap>\s?)(?P<unit>{names})(?P<power>[²³]|(?<=[mM])\^?[23])?(?![\w'’])(?!/\w)(?:\.(?=\s+[a-z]))?",
            _unit,
        ),
        rule(
            rf"{amount}(?P<gap>[-‑])(?P<unit>km|cm|mm|mi|ft|kg|lb|oz|ml|min|sec|hr|mph|GB|MB|TB|kW|Hz)\b",
            _compound,
        ),
    )


def telephone() -> tuple[Rule, ...]:
    """Telephone numbers, digit by digit, with a breath between groups."""
    return (
        rule(
            r"(?<![\w.\-+(])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)\d{2,4}"
            r"(?:[ .-]\d{2,4}){1,3}(?![\w-]|\.\d)",
            _telephone,
        ),
        rule(r"(?<![\w.\-+(])\+\d{1,3}(?:[ .-]?\d{2,4}){2,5}(?![\w-]|\.\d)", _telephone),
        rule(r"(?<![\w.\-+(])(?:1[ .-])?\d{3}[-.]\d{3}[-.]\d{4}(?![\w-]|\.\d)", _telephone),
        rule(r"(?<![\w.\-+(/])\d{3}-\d{4}(?![\w-]|\.\d)", _telephone),
        rule(r"(?<![\w.\-+(])0\d{2,4} \d{3,4} \d{3,4}(?![\w-]|\.\d)", _telephone),
        rule(r"(?<![\w.\-+(])1-(?:800|888|877|866)-[A-Z\d-]{6,9}\b", _telephone),
        rule(r"(?<![\w.\-])\d{3}-\d{2}-\d{4}(?![\w-])|\b(?:\d{4}[ -]){3}\d{4}\b", _telephone),
    )


def _telephone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+|[A-Z]+", match[0])
    spoken = ", ".join(digits(group) if group.isdigit() else group for group in groups)
    return f"plus {spoken}" if match[0][0] == "+" else spoken


def _money(match: re.Match[str], *, british: bool) -> str:
    unit, hundredth = CURRENCIES[match["sign"].rstrip(".")]
    say = functools.partial(number, british=british)
    minus = "minus " if match["minus"] or match["inner"] else ""
    scale = match["scale"] or SCALES.get(match["short"] or "", "")
    whole, point, cents = match["sum"].partition(".")
    per = f" per {match['per']}" if match["per"] else ""
    if match["till"] or scale:
        words = say(match["sum"]) + (f" to {say(match['till'])}" if match["till"] else "")
        return f"{minus}{words}{' ' + scale if scale else ''} {_plural(unit, '2')}{per}"
    if not point or len(cents) != 2 or not hundredth:
        return f"{minus}{say(match['sum'])} {_plural(unit, match['sum'])}{per}"
    above, below = int(whole.replace(",", "") or 0), int(cents)
    parts = [f"{cardinal(above, british=british)} {_plural(unit, str(above))}"] if above or not below else []
    if below:
        parts.append(f"{cardinal(below)} {_plural(hundredth, str(below))}")
    return minus + " and ".join(parts) + per


def _amount(match: re.Match[str]) -> str:
    words = "minus " if match["minus"] else ""
    words += number(match["sum"])
    return words + (f" to {number(match['till'])}" if match["till"] else "")


def _degrees(match: re.Match[str]) -> str:
    scale = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin", None: ""}[match["scale"]]
    return f"{_amount(match)} degree{'' if match['sum'] == '1' and not match['till'] else 's'}{scale}"


def _feet(match: re.Match[str]) -> str:
    foot = "foot" if match[1] == "1" else "feet"
    return f"{cardinal(int(match[1]))} {foot} {cardinal(int(match[2]))}"


def _unit(match: re.Match[str]) -> str:
    unit = match["unit"]
    if unit in APART or (
        unit in ONLY_APART and not match["gap"] and unit not in "gshLlVW" and not match["power"]
    ):
        return _inches(match) if unit == "in" else match[0]
    name, _, per = UNITS[unit].partition("/")
    area = AREAS[match["power"].lstrip("^")] + " " if match["power"] else ""
    if "/" in match["sum"]:
        above, below = match["sum"].split("/")
        return f"{above}/{below} {area}{name}"
    count = "2" if match["till"] else match["sum"]
    return f"{_amount(match)} {area}{_plural(name, count)}{' per ' + PER.get(per, per) if per else ''}"


def _inches(match: re.Match[str]) -> str:
    """Inches only where no word follows that "in" could belong to."""
    if re.match(r"\s*(?:[.,;:!?)]|$)", match.string[match.end() :]):
        return f"{_amount(match)} {_plural('inch', match['sum'])}"
    return match[0]


def _compound(match: re.Match[str]) -> str:
    """``a 5-km run`` as "a five kilometer run"."""
    name, _, per = UNITS[match["unit"]].partition("/")
    return f"{_amount(match)} {name}{' per ' + PER.get(per, per) if per else ''}"


def _plural(name: str, count: str) -> str:
    if count in ("1", "1.0"):
        return name
    if name in PLURALS:
        return PLURALS[name]
    return name if name.endswith("s") else f"{name}s"
