"""What is said of what is written: sounds are compared, not spellings."""

import re

import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.text.g2p import phonemizer
from pfy_plugin_speech.text.normalise import normalise
from pfy_plugin_speech.text.numbers import cardinal, ordinal, roman
from pfy_plugin_speech.text.spoken import spell_out
from pfy_plugin_speech.text.tracked import Tracked

SAID = """
# cardinals
I have 5 apples. | I have five apples.
It is 42. | It is forty-two.
She ran 1,234 miles. | She ran one thousand two hundred thirty-four miles.
There are 1,000,000 stars. | There are one million stars.
About 7,900,000,000 people. | About seven billion nine hundred million people.
It has 100 pages. | It has one hundred pages.
Agent 007 is here. | Agent zero zero seven is here.
There were 1500 people. | There were one thousand five hundred people.
We sold 2000 books. | We sold two thousand books.
# negative and decimal
It is -5 outside. | It is minus five outside.
It is −12.5 now. | It is minus twelve point five now.
Pi is 3.14159. | Pi is three point one four one five nine.
Only 0.5 of it. | Only zero point five of it.
A value of .25 is fine. | A value of point two five is fine.
It rose by +3. | It rose by plus three.
# ordinals
the 1st, 2nd and 3rd | the first, second and third
the 11th and the 21st | the eleventh and the twenty-first
on the 103rd day | on the one hundred third day
his 1,000th goal | his one thousandth goal
# years and decades
In 1984 it began. | In nineteen eighty-four it began.
since 1905 | since nineteen oh five
in 2000, 2005 and 2024 | in two thousand, two thousand five and twenty twenty-four
from 1990 to 1995 | from nineteen ninety to nineteen ninety-five
in the 1990s | in the nineteen nineties
back in the '80s | back in the eighties
the 2010s | the twenty tens
the war of 1914-18 | the war of nineteen fourteen to eighteen
# dates
on 2024-05-12. | on May twelfth, twenty twenty-four.
on 05/12/2024 | on May twelfth, twenty twenty-four
on 25/12/2023 | on December twenty-fifth, twenty twenty-three
on 12.05.2024 | on May twelfth, twenty twenty-four
on May 5, 2024, we | on May fifth, twenty twenty-four, we
on 5 May 2024 | on the fifth of May, twenty twenty-four
on the 5th of May | on the fifth of May
on Jan. 3 and Feb 14th | on January third and February fourteenth
in Sept. 1999 | in September nineteen ninety-nine
July 4-6 | July fourth to sixth
on Mon., Dec. 3 | on Monday, December third
# times
at 5:30 | at five thirty
at 5:05 pm. | at five oh five P.M.
at 5:30 p.m. today | at five thirty P.M. today
at 17:45 | at seventeen forty-five
at 12:00 | at twelve o'clock
at 9am | at nine A.M.
from 9-11 am | from nine to eleven A.M.
it took 10:05:30 | it took ten oh five and thirty seconds
# money
It costs $5. | It costs five dollars.
It costs $5.20. | It costs five dollars and twenty cents.
Just $1. | Just one dollar.
for $0.99 | for ninety-nine cents
for $1.01 | for one dollar and one cent
a $5 million deal | a five million dollars deal
worth $1.5bn | worth one point five billion dollars
raised $20M | raised twenty million dollars
€20 or 20 € | twenty euros or twenty euros
£3.50 each | three pounds and fifty pence each
¥500 | five hundred yen
₹1,000 | one thousand rupees
50¢ | fifty cents
-$5 | minus five dollars
CHF 20 | twenty Swiss francs
100 USD | one hundred U.S. dollars
C$10 | ten Canadian dollars
$10-$15 | ten to fifteen dollars
$9.99/month | nine dollars and ninety-nine cents per month
# percent
12% | twelve percent
3.5 % | three point five percent
10-15% | ten to fifteen percent
-0.3% | minus zero point three percent
# units
5 km | five kilometers
1 km | one kilometer
10km away | ten kilometers away
60 mph | sixty miles per hour
100 km/h | one hundred kilometers per hour
20 °C | twenty degrees Celsius
72°F | seventy-two degrees Fahrenheit
a 90° turn | a ninety degrees turn
5 kg of rice | five kilograms of rice
250 ml | two hundred fifty milliliters
16 GB of memory | sixteen gigabytes of memory
3.5 GHz | three point five gigahertz
50 m² | fifty square meters
he is 6'2" tall | he is six feet two tall
5 ft 6 in tall | five feet six tall
5 in a row | five in a row
a 5-km run | a five kilometer run
2-3 hrs | two to three hours
230 V | two hundred thirty volts
# fractions
1/2 cup | one half cup
3/4 of it | three quarters of it
2 1/2 hours | two and a half hours
½ and 1¾ | one half and one and three quarters
a 5/8 bolt | a five eighths bolt
open 24/7 | open twenty-four seven
rated 9/10 | rated nine out of ten
# ranges, scores, sizes
pages 5–10 | pages five to ten
ages 18 - 25 | ages eighteen to twenty-five
they won 3-1 | they won three to one
a 16:9 screen | a sixteen to nine screen
a 3x4 grid | a three by four grid
2x faster | two times faster
# telephone numbers
Call 555-123-4567. | Call five five five, one two three, four five six seven.
(555) 123-4567 | five five five, one two three, four five six seven
+1 555 123 4567 | plus one, five five five, one two three, four five six seven
+44 20 7946 0958 | plus four four, two zero, seven nine four six, zero nine five eight
555-1234 | five five five, one two three four
Dial 911 now. | Dial nine one one now.
# abbreviations
Dr. Smith and Mrs. Jones | Doctor Smith and Missis Jones
Mr. and Ms. Lee | Mister and Miz Lee
on Elm St. | on Elm Street.
St. Paul | Saint Paul
fruit, e.g. apples | fruit, for example apples
the last, i.e. this | the last, that is this
pens, etc. | pens, et cetera.
red vs. blue | red versus blue
No. 5 | Number five
vol. 3, p. 12 | volume three, page twelve
approx. 30 | approximately thirty
Smith Jr. and Sons Inc. | Smith Junior and Sons Incorporated.
Prof. Gray | Professor Gray
w/o sugar | without sugar
# acronyms and initialisms
NASA and the FBI | nassa and the eff bee eye
the U.S. Army | the you ess army
HTML5 and MP3 | aitch tee em ell five and em pee three
Plan A | Plan eh
CO2 | see oh two
COVID-19 | COVID nineteen
the F-16 | the F sixteen
the B2B market | the B two B market
4K and 5G | four K and five G
a call to AT&T today | a call to A.T. and T. today
R&D | R and D
# Roman numerals
Chapter IV | Chapter four
Henry VIII | Henry the eighth
World War II | World War two
Louis XIV | Louis the fourteenth
Elizabeth II's crown | Elizabeth the second's crown
Super Bowl LIV | Super Bowl fifty-four
the XIX century | the nineteenth century
Rocky III | Rocky three
vitamin C | vitamin see
the book I read | the book eye read
# addresses
write to jo.b@mail.example.org | write to jo dot b at mail dot example dot org
see https://www.example.com/docs | see example dot com slash docs
go to example.co.uk | go to example dot co dot U K
ask @jane_doe | ask at jane underscore doe
#MachineLearning | hashtag machine learning
we are #1 | we are number one
at 192.168.1.1 | at one nine two dot one six eight dot one dot one
# versions and signs
v2.1.3 | version two point one point three
version 3.11.4 | version three point eleven point four
2+2=4 | two plus two equals four
10-3=7 | ten minus three equals seven
6 × 7 = 42 | six times seven equals forty-two
8 ÷ 2 | eight divided by two
x² + y² | ex squared plus why squared
10^6 | ten to the sixth
1.5e-3 | one point five times ten to the minus three
a ≤ b | eh less than or equal to b
5 > 3 | five greater than three
±3 | plus or minus three
≈ 5 | is approximately five
√2 | the square root of two
~20 people | about twenty people
salt & pepper | salt and pepper
and/or | and or
Boeing 747 | Boeing seven forty-seven
© 2024 | copyright twenty twenty-four
§ 5 | section five
I said no. | I said no.
5 min. or so | five minutes or so
World War I ended. | World War one ended.
in MCMXCIX | in nineteen ninety-nine
on Wed. | on Wednesday.
Wait a sec. | Wait a sec.
She ate a fig. | She ate a fig.
see you on 3/4. | see you on March fourth.
from 10am-12pm | from ten A.M. to twelve P.M.
rated 9.5/10 | rated nine point five out of ten
a $2.5-million deal | a two point five million dollars deal
in C# and .NET | in C sharp and dot net
after WWII | after World War two
parcel 1Z999AA1 | parcel one Z nine nine nine eh eh one
on King Jr. Blvd. | on King Junior Boulevard.
in room 101 | in room one oh one
"""
CASES = [tuple(line.split(" | ")) for line in SAID.strip().splitlines() if not line.startswith("#")]


def sounds(text):
    """The sounds of a text without stress, spaces and commas; weak and strong forms are one."""
    phonemes = phonemizer().phonemes(Tracked.of(text))
    return re.sub(r"[ˈˌ ,.ː]", "", phonemes).translate(str.maketrans("ɐᵊ", "əə"))


def read(text, **accent):
    return normalise(spell_out(Tracked.of(text)), **accent).text


def test_there_are_enough_cases():
    assert len(CASES) > 120


@pytest.mark.parametrize(("written", "said"), CASES, ids=[written for written, _ in CASES])
def test_what_is_written_is_said(written, said):
    assert sounds(written) == sounds(said), read(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("on 05/12/2024", "on the fifth of December, twenty twenty-four"),
        ("on 2024-05-12", "on the twelfth of May, twenty twenty-four"),
        ("101 people", "one hundred and one people"),
        ("£1,234", "one thousand two hundred and thirty-four pounds"),
    ],
)
def test_the_british_read_dates_and_numbers_in_their_way(written, said):
    assert read(written, british=True) == said


@pytest.mark.parametrize(
    "text", ["See fig. 3.", "At 5 p.m.", "He left the U.S.", "Pens, etc.", "On 5 Jan.", "6 ft."]
)
def test_a_sentence_that_ends_in_an_abbreviation_still_ends(text):
    assert read(text).endswith(".")


@utterances.PATIENT
@given(st.text(alphabet="0123456789.,:/-–+$€£%°kmgKMbnAP°' ²½xXIVeE#@()", max_size=40))
def test_no_digit_is_left_and_every_character_comes_from_the_source(text):
    said = normalise(spell_out(Tracked.of(text)))
    assert not re.search(r"\d", said.text)
    assert len(said.text) == len(said.starts) == len(said.ends)
    assert all(0 <= start <= end <= len(text) for start, end in zip(said.starts, said.ends, strict=True))
    assert list(said.starts) == sorted(said.starts)


@given(st.integers(1, 3999))
def test_roman_numerals_have_their_value(value):
    numerals = [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]  # fmt: skip
    text, rest = "", value
    for size, letters in numerals:
        text += letters * (rest // size)
        rest %= size
    assert roman(text) == value


def test_numbers_beyond_naming_are_read_digit_by_digit():
    assert (
        cardinal(1234567890123456)
        == "one two three four five six seven eight nine zero one two three four five six"
    )
    assert cardinal(-3) == "minus three"
    assert ordinal(21) == "twenty-first"
