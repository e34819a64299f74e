"""What differs between the languages of XTTS-v2: how much fits, and how signs and short forms are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pfy_core import InputError
from pfy_core.errors import did_you_mean


@dataclass(frozen=True)
class Language:
    """One language.

    limit:     characters that are spoken at once (XTTS-v2, its own warning limits)
    signs:     words for & @ % # $ £ ° €, in this order
    short:     short forms that end in a full stop, and what is said for them
    ordinals:  pattern of what stands behind a number that is an ordinal
    grouping:  the character between thousands; the other of comma and point stands before decimals
    """

    limit: int
    signs: tuple[str, ...]
    short: dict[str, str] = field(default_factory=dict)
    ordinals: str = "(?!)"
    grouping: str = "."


SIGNS = "&@%#$£°€"

LANGUAGES: dict[str, Language] = {
    "en": Language(
        250,
        ("and", "at", "percent", "hash", "dollar", "pound", "degree", "euro"),
        {
            "mr": "mister", "mrs": "misess", "ms": "miss", "dr": "doctor", "st": "saint", "jr": "junior",
            "co": "company", "ltd": "limited", "gen": "general", "col": "colonel", "lt": "lieutenant",
            "sgt": "sergeant", "capt": "captain", "maj": "major", "rev": "reverend", "hon": "honorable",
            "esq": "esquire", "ft": "fort",
        },
        r"(?:st|nd|rd|th)\b",
        ",",
    ),
    "es": Language(
        239,
        ("y", "arroba", "por ciento", "numeral", "dolar", "libra", "grados", "euro"),
        {"sra": "señora", "sr": "señor", "dr": "doctor", "dra": "doctora", "st": "santo", "co": "compañía",
         "ltd": "limitada"},
        r"(?:º|ª|er\b|[oa]s?\b)",
    ),
    "fr": Language(
        273,
        ("et", "arobase", "pour cent", "dièse", "dollar", "livre", "degrés", "euro"),
        {"mme": "madame", "mlle": "mademoiselle", "mr": "monsieur", "dr": "docteur", "st": "saint",
         "co": "compagnie", "jr": "junior", "ltd": "limitée"},
        r"(?:º|ª|ère\b|er\b|re\b|ème\b|e\b)",
    ),
    "de": Language(
        253,
        ("und", "at", "prozent", "raute", "dollar", "pfund", "grad", "euro"),
        {"fr": "frau", "hr": "herr", "dr": "doktor", "prof": "professor", "st": "sankt", "co": "companie",
         "jr": "junior", "nr": "nummer", "bzw": "beziehungsweise", "usw": "und so weiter"},
        r"\.(?=\s+\w)",
    ),
    "it": Language(
        213,
        ("e", "chiocciola", "per cento", "cancelletto", "dollaro", "sterlina", "gradi", "euro"),
        {"sig": "signore", "sigra": "signora", "dr": "dottore", "dott": "dottore", "st": "santo",
         "co": "compagnia", "jr": "junior", "ltd": "limitata"},
        r"(?:º|ª|[oaie]\b)",
    ),
    "pt": Language(
        203,
        ("e", "arroba", "por cento", "cardinal", "dólar", "libra", "graus", "euro"),
        {"sra": "senhora", "sr": "senhor", "dr": "doutor", "dra": "doutora", "st": "santo",
         "co": "companhia", "jr": "júnior", "ltd": "limitada"},
        r"(?:º|ª|[oae]\b)",
    ),
    "pl": Language(
        224,
        ("i", "małpa", "procent", "krzyżyk", "dolar", "funt", "stopnie", "euro"),
        {"p": "pani", "dr": "doktor", "hr": "hrabia", "prof": "profesor", "św": "święty", "nr": "numer"},
        r"\.(?=\s+\w)",
    ),
    "tr": Language(
        226,
        ("ve", "at", "yüzde", "diyez", "dolar", "sterlin", "derece", "avro"),
        {"b": "bay", "byk": "büyük", "dr": "doktor", "prof": "profesör"},
        r"(?:'?(?:inci|ıncı|uncu|üncü|nci|ncı|ncu|ncü)\b|\.(?=\s+\w))",
    ),
    "ru": Language(
        182,
        ("и", "собака", "процентов", "номер", "доллар", "фунт", "градус", "евро"),
        {"г": "господин", "г-жа": "госпожа", "д-р": "доктор", "проф": "профессор"},
        r"-(?:й|я|е|ое|ье|го|ая|ый|ой)\b",
        ",",
    ),
    "nl": Language(
        251,
        ("en", "at", "procent", "hekje", "dollar", "pond", "graden", "euro"),
        {"dhr": "de heer", "mevr": "mevrouw", "dr": "dokter", "jhr": "jonkheer", "prof": "professor"},
        r"(?:de|ste|e)\b",
    ),
    "cs": Language(
        186,
        ("a", "na", "procento", "křížek", "dolar", "libra", "stupně", "euro"),
        {"dr": "doktor", "ing": "inženýr", "p": "pan", "prof": "profesor"},
        r"\.(?=\s+\w)",
    ),
    "ar": Language(
        166,
        (" و", " على", " في المئة", " رقم", " دولار", " جنيه", " درجة", " يورو"),
    ),
    "hu": Language(
        224,
        ("és", "kukac", "százalék", "kettőskereszt", "dollár", "font", "fok", "euró"),
        {"dr": "doktor", "ifj": "ifjabb", "özv": "özvegy", "prof": "professzor"},
        r"\.(?=\s+\w)",
    ),
}  # fmt: skip
"""By the code that stands in the tokens."""

WITHOUT = {
    "zh": "Chinese is spelt in pinyin",
    "ja": "Japanese is spelt in Latin letters",
    "ko": "Korean is spelt in Latin letters",
    "hi": "its numbers and signs",
}
"""Languages of XTTS-v2 that need a reading of their script that is not here."""


def language(name: str) -> tuple[str, Language]:
    """A language by its code, the region left out ("pt-BR" is "pt"); its code and what is known of it.

    Raises InputError for one that XTTS-v2 does not speak, or whose script cannot be read here.
    """
    code = re.split("[-_]", name.strip().lower())[0]
    known = ", ".join(LANGUAGES)
    if code in WITHOUT:
        raise InputError(
            f"language {name!r}: {WITHOUT[code]}, which this encoder cannot do",
            f"one of {known}",
            "write the text as XTTS-v2 reads it and give its ids to decoder/gpt2-hifi yourself",
        )
    if code not in LANGUAGES:
        raise InputError(
            f"language {name!r}", f"one of {known}", did_you_mean(code, LANGUAGES) or "--language en"
        )
    return code, LANGUAGES[code]
