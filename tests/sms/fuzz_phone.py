"""Fuzz ``normalise``: whatever is typed, the answer is a Pakistani mobile number or InvalidNumber.

The long run, from the root of the repository::

    python -m tests.sms.fuzz_phone --count 1000000
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from decimal import Decimal

import phonenumbers

from airflow_provider_robosms.exceptions import InvalidNumber
from airflow_provider_robosms.sms.phone import normalise

DIGITS = "0123456789"
OTHER_DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩०१२３００１９²③½𝟘𝟗"
SEPARATORS = " -.()/,;|&+_*#'’–—\u2212\u00a0\t\n\u3000（）＋"
LETTERS = "oOxXeElIabcEXText ابنoفО"
INVISIBLE = "\u200b\u200c\u200e\u200f\u202a\u2060\ufeff\u00ad"
CONTROLS = "\x00\x07\x08\x1b\x1f\x7f\x85\u2028\ud83d\ude00\U0001f600"
NOISE = (DIGITS, DIGITS, OTHER_DIGITS, SEPARATORS, SEPARATORS, LETTERS, INVISIBLE, CONTROLS)

PREFIXES = ("0", "", "92", "+92", "0092", "+92 ", "+92 (0) ", "(+92)", "92-0", "+1 ", "+971", "00", "+")
TAILS = (".0", ".00", ".5", " ext 5", "x5", "E+11", " (office)", ";ext=5", "/0301-7654321", " 03017654321")

# What may stand before the ten digits of a number: nothing, the trunk 0, the country code, and both.
LEADS = {"", "0", "92", "0092", "920", "00920"}


def random_raw(generator: random.Random) -> object:
    """Return something like what a cell holds: most often a number with a few mistakes."""
    kind = generator.random()
    if kind < 0.05:
        return random_number(generator)
    if kind < 0.15:
        return "".join(generator.choice(generator.choice(NOISE)) for _ in range(generator.randrange(30)))
    if kind < 0.2:
        return "".join(generator.choices(DIGITS + "+- ", k=generator.randrange(24)))
    number = "3" + "".join(generator.choices(DIGITS, k=9))
    separated = "".join(digit + generator.choice(("", "", "", "", "-", " ", ".")) for digit in number)
    tail = generator.choice(TAILS) if generator.random() < 0.25 else ""
    text = list(generator.choice(PREFIXES) + separated + tail)
    for _ in range(generator.choice((0, 0, 0, 1, 1, 2, 3))):
        place = generator.randrange(len(text))
        mistake = generator.random()
        if mistake < 0.5:
            text.insert(place, generator.choice(generator.choice(NOISE)))
        elif mistake < 0.8:
            text[place] = generator.choice(generator.choice(NOISE))
        elif len(text) > 1:
            del text[place]
    return "".join(text)


def random_number(generator: random.Random) -> object:
    """Return a number, or a value of a type that should not stand in a phone column."""
    digits = generator.choice((9, 10, 10, 12, 12, 15, 400))
    whole = generator.choice((1, 1, 1, -1)) * generator.randrange(10**digits)
    pakistani = 923000000000 + generator.randrange(10**9)
    numbers = (whole, pakistani, float(pakistani), pakistani + 0.5, Decimal(whole), Decimal(pakistani), 0)
    others = (float("nan"), float("-inf"), Decimal("sNaN"), Decimal("1E+99999"), True, None, b"0300", [whole])
    return generator.choice((*numbers, *others))


def plain_digits(text: str) -> str:
    """Return *text* with ASCII digits and plus, without invisible characters."""
    kept = (character for character in text if unicodedata.category(character) != "Cf")
    return "".join(str(int(one)) if one.isdecimal() else "+" if one == "＋" else one for one in kept).strip()


def wrong_acceptance(raw: object, accepted: str) -> str | None:
    """Return why *accepted* should not have come of *raw*, by rules written apart from the package; None if it may."""
    if not re.fullmatch("923[0-9]{9}", accepted):
        return "not of the form 923xxxxxxxxx"
    parsed = phonenumbers.parse("+" + accepted)
    if not (
        phonenumbers.is_valid_number(parsed)
        and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
        and parsed.country_code == 92
    ):
        return "not a valid Pakistani mobile"
    text = plain_digits(raw if isinstance(raw, str) else f"{raw:.0f}")  # type: ignore[str-format]
    if any(character.isalpha() for character in text):
        return "letters were passed over"
    digits = re.sub(r"\D", "", re.sub(r"^('?\s*\+?\d+)\.0+$", r"\1", text))
    if not (digits.endswith(accepted[2:]) and digits[:-10] in LEADS):
        return "digits were changed, dropped or added"
    return None


def fuzz(count: int, seed: int) -> Counter[str]:
    """Try *count* values and return how many were accepted, and rejected for each reason.

    :raises AssertionError: on a wrong acceptance or a reason that shows the number; other exceptions come through.
    """
    generator = random.Random(seed)
    tally: Counter[str] = Counter()
    for _ in range(count):
        raw = random_raw(generator)
        try:
            accepted = normalise(raw)
        except InvalidNumber as error:
            reason = str(error)
            if not reason or re.search(r"\d{5}", reason):
                raise AssertionError(f"{raw!r}: the reason is blank or shows digits: {reason!r}") from error
            tally[re.sub(r" \(\+\d+\)|(?<=character) \S+", "", reason.partition(":")[0])] += 1
            continue
        wrong = wrong_acceptance(raw, accepted)
        if wrong:
            raise AssertionError(f"{raw!r} became {accepted}: {wrong}")
        tally["accepted"] += 1
    return tally


def main() -> int:
    """Run the fuzzer and print what came of it."""
    parser = argparse.ArgumentParser(description="Fuzz normalise() and check every accepted number again.")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.perf_counter()
    tally = fuzz(options.count, options.seed)
    for reason, times in tally.most_common():
        print(f"{times:>9,}  {reason}")
    print(f"{options.count:,} values, seed {options.seed}, {time.perf_counter() - started:.0f} s: no wrong acceptance")
    return 0


if __name__ == "__main__":
    sys.exit(main())
