"""What English abbreviations, units and signs are called."""

from __future__ import annotations

MONTHS = dict(
    zip(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),  # noqa: SIM905
        "January February March April May June July August September October November December".split(),  # noqa: SIM905
        strict=True,
    )
)
DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip

TITLES = {
    "Mr": "Mister", "Mrs": "Missis", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor", "St": "Saint",
    "Mt": "Mount", "Ft": "Fort", "Gen": "General", "Gov": "Governor", "Sen": "Senator",
    "Rep": "Representative", "Capt": "Captain", "Lt": "Lieutenant", "Col": "Colonel", "Sgt": "Sergeant",
    "Cmdr": "Commander", "Rev": "Reverend", "Hon": "Honorable", "Pres": "President",
    "Supt": "Superintendent", "Cpl": "Corporal", "Maj": "Major", "Adm": "Admiral", "Fr": "Father",
    "Msgr": "Monsignor", "Messrs": "Messers", "Atty": "Attorney", "Insp": "Inspector",
}  # fmt: skip
"""Before a name."""
STREETS = {
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane",
    "Hwy": "Highway", "Pkwy": "Parkway", "Ct": "Court", "Sq": "Square", "Pl": "Place",
}  # fmt: skip
"""After a name."""
ABBREVIATIONS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "cf.": "compare", "viz.": "namely",
    "vs.": "versus", "vs": "versus", "v.": "versus", "a.k.a.": "also known as", "et al.": "et al",
    "approx.": "approximately", "est.": "established", "ca.": "circa", "c.": "circa", "min.": "minimum",
    "max.": "maximum", "incl.": "including", "excl.": "excluding", "dept.": "department",
    "Dept.": "Department", "Univ.": "University", "Govt.": "Government", "govt.": "government",
    "Jr.": "Junior", "Sr.": "Senior", "Bros.": "Brothers", "Ltd.": "Limited", "Inc.": "Incorporated",
    "Corp.": "Corporation", "Co.": "Company", "Assn.": "Association", "Apt.": "Apartment",
    "Bldg.": "Building", "Ste.": "Suite", "tel.": "telephone", "Tel.": "Telephone", "ext.": "extension",
    "Fig.": "Figure", "fig.": "figure", "figs.": "figures", "Eq.": "Equation", "eq.": "equation",
    "Vol.": "Volume", "vol.": "volume", "Ch.": "Chapter", "ch.": "chapter", "Sec.": "Section",
    "sec.": "section", "Art.": "Article", "ed.": "edition", "eds.": "editors", "pp.": "pages",
    "p.": "page", "No.": "Number", "no.": "number", "Nos.": "Numbers", "nos.": "numbers", "w/o": "without",
    "w/": "with", "aka": "also known as", "AKA": "also known as",
}  # fmt: skip
NAMES = {
    "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "WWI": "World War one", "WWII": "World War two",
}  # fmt: skip
"""Names that are not said as they are written."""
BEFORE_NUMBER = frozenset(
    """
    p. pp. v. c. ca. No. no. Nos. nos. Art. Sec. sec. Fig. fig. figs. Vol. vol. Ch. ch. Eq. eq. ed.
    """.split()  # noqa: SIM905
)
"""Read so only before a number: elsewhere they are words or initials."""

UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer",
    "nm": "nanometer", "mi": "mile", "yd": "yard", "ft": "foot", "in": "inch", "kg": "kilogram",
    "g": "gram", "mg": "milligram", "µg": "microgram", "mcg": "microgram", "t": "tonne", "lb": "pound",
    "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter",
    "cl": "centiliter", "dl": "deciliter", "ha": "hectare", "Hz": "hertz", "kHz": "kilohertz",
    "MHz": "megahertz", "GHz": "gigahertz", "B": "byte", "kB": "kilobyte", "KB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "kbit/s": "kilobit/s", "kbps": "kilobit/s",
    "Mbps": "megabit/s", "Mbit/s": "megabit/s", "Gbps": "gigabit/s", "Gbit/s": "gigabit/s",
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "s": "second",
    "sec": "second", "secs": "second", "ms": "millisecond", "W": "watt", "kW": "kilowatt",
    "MW": "megawatt", "GW": "gigawatt", "kWh": "kilowatt hour", "MWh": "megawatt hour", "V": "volt",
    "kV": "kilovolt", "A": "amp", "mA": "milliamp", "mAh": "milliamp hour", "J": "joule", "kJ": "kilojoule",
    "kcal": "kilocalorie", "cal": "calorie", "Pa": "pascal", "hPa": "hectopascal", "dB": "decibel",
    "mph": "mile/h", "kph": "kilometer/h", "km/h": "kilometer/h", "m/s": "meter/s", "fps": "frame/s",
    "rpm": "revolution/min", "bpm": "beat/min", "px": "pixel", "ppm": "part per million", "pt": "point",
    "pct": "percent", "K": "kelvin", "cc": "cubic centimeter", "dpi": "dot/inch", "sq ft": "square foot",
    "sq mi": "square mile", "sq m": "square meter", "N": "newton", "Ω": "ohm", "psi": "p s i",
    "tsp": "teaspoon", "tbsp": "tablespoon",
}  # fmt: skip
"""Units after a number, in the singular; ``/`` is "per"."""
ONLY_APART = frozenset(
    ["in", "B", "A", "m", "K", "t", "L", "N", "s", "V", "h", "pt", "g", "l", "cal", "W", "J"]
)
"""Units that other meanings share: a letter that follows a number closely is read as a unit only where it
stands for nothing else (``5m`` is five million in money, ``4K`` a picture size)."""
APART = frozenset(["in", "B", "A", "K", "t", "N", "pt", "cal", "J"])
"""Of these, those which even after a space are no units: "5 in a row", "Plan 9 A"."""
PER = {"h": "hour", "s": "second", "min": "minute", "inch": "inch"}
AREAS = {"²": "square", "2": "square", "³": "cubic", "3": "cubic"}

CURRENCIES = {
    "$": ("dollar", "cent"), "US$": ("U.S. dollar", "cent"), "C$": ("Canadian dollar", "cent"),
    "A$": ("Australian dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"),
    "¥": ("yen", ""), "₹": ("rupee", "paisa"), "₩": ("won", ""), "Rs": ("rupee", "paisa"),
    "USD": ("U.S. dollar", "cent"), "EUR": ("euro", "cent"), "GBP": ("British pound", "penny"),
    "JPY": ("Japanese yen", ""), "CHF": ("Swiss franc", "centime"), "CAD": ("Canadian dollar", "cent"),
    "AUD": ("Australian dollar", "cent"), "INR": ("Indian rupee", "paisa"), "CNY": ("Chinese yuan", ""),
    "BRL": ("Brazilian real", "centavo"), "MXN": ("Mexican peso", "centavo"),
    "SEK": ("Swedish krona", ""), "NOK": ("Norwegian krone", ""), "DKK": ("Danish krone", ""),
    "PLN": ("Polish zloty", ""), "BTC": ("bitcoin", ""),
}  # fmt: skip
"""Names of the unit and of its hundredth; "" where it is not in use."""
PLURALS = {
    "foot": "feet", "inch": "inches", "penny": "pence", "yen": "yen", "won": "won", "yuan": "yuan",
    "hertz": "hertz", "kilohertz": "kilohertz", "megahertz": "megahertz", "gigahertz": "gigahertz",
    "Japanese yen": "Japanese yen", "Chinese yuan": "Chinese yuan", "percent": "percent",
    "Swedish krona": "Swedish kronor", "Norwegian krone": "Norwegian kroner", "paisa": "paise",
    "Danish krone": "Danish kroner", "part per million": "parts per million", "p s i": "p s i",
    "square foot": "square feet",
}  # fmt: skip
SCALES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "b": "billion",
    "B": "billion", "bn": "billion", "tn": "trillion", "T": "trillion",
}  # fmt: skip

SIGNS = {
    "≤": "less than or equal to", "≥": "greater than or equal to", "≠": "is not equal to",
    "≈": "is approximately", "=": "equals", "<": "less than", ">": "greater than", "±": "plus or minus",
    "×": "times", "÷": "divided by", "√": "the square root of", "∞": "infinity", "∑": "the sum of",
    "∫": "the integral of", "∂": "partial", "∆": "delta", "°": "degrees", "§": "section",
    "¶": "paragraph", "©": "copyright", "™": "", "®": "", "•": "", "→": "to", "←": "", "½": "one half",
    "¼": "one quarter", "¾": "three quarters", "⅓": "one third", "⅔": "two thirds", "²": "squared",
    "³": "cubed", "µ": "micro", "%": "percent", "‰": "per mille", "&": "and", "¢": "cents",
    "+": "plus", "^": "to the power of", "@": "at", "~": "about",
}  # fmt: skip
"""What is said of a sign that no other rule has read."""
SILENT = "*_|\\`<>{}[]#/$£€¥₹₩←•"
"""Signs that are passed over when nothing is known of them."""

ROMAN_CARDINAL = (
    "Chapter|Part|Act|Scene|Section|Volume|Vol|Book|Phase|Article|World War|Mark|Type|Level|Stage|Class|"
    "Grade|Super Bowl|Apollo|Gemini|Final Fantasy|Episode|Round|Rocky|Star Wars|Title|Appendix|Figure|Table|"
    "Category|Tier|Unit|Group|Schedule|Annex|Lesson|Grand Theft Auto|Civilization|Windows|Saturn|Soyuz"
)
ROMAN_ORDINAL = (
    "Pope|King|Queen|Emperor|Tsar|Henry|Louis|Edward|George|William|Charles|James|Richard|Elizabeth|Napoleon|"
    "Pius|Benedict|Leo|Paul|Ramses|Ramesses|Frederick|Friedrich|Philip|Alexander|Nicholas|Peter|Catherine|Ivan|"
    "Umberto|Emmanuel|Gustav|Christian|Ferdinand|Wilhelm|Franz|Joseph|Leopold|Albert|John|Mary|Margaret|Harald|"
    "Carl|Karl|Otto|Rudolf|Maximilian|Gregory|Innocent|Urban|Clement|Sixtus|Alfonso|Carlos|Felipe|Pedro|Xerxes|"
    "Darius|Ptolemy|Cleopatra|Murad|Selim|Mehmed|Abdul|Robert|Stephen|Baldwin|Olaf|Haakon|Vittorio|Victor"
)
