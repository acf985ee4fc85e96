"""Phone numbers as people and spreadsheets write them, in the gateway's form ``923001234567``.

The rule of this module: what could be read in two ways is refused with a reason, never guessed, because a wrong guess
texts a stranger. ``phonenumbers`` (Google's libphonenumber) knows which numbers exist, but it also accepts letters,
extensions and vanity numbers without a word; so it is given nothing but digits, with a plus or without.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from numbers import Integral
from typing import TYPE_CHECKING

from ..exceptions import InvalidNumber, Unreachable
from .folding import plain

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_HOME, _HOME_CODE = "PK", 92

# ITU-T E.164: at most 15 digits. Before them people write 00 or 011, and the 0 of "+92 (0) 300".
_MAX_DIGITS = 18
_MAX_CHARACTERS = 100
_NUMBER_LIMIT = 10**15

# Excel writes large numbers to CSV files as 9.23001E+11, and what reads the file makes a whole number of that: at most six
# digits are left.
_TEN_DIGITS, _ROUNDED = 10**9, 10**6

# What may stand before the ten digits of a Pakistani mobile. The library also drops a second 0 from "92 00 300...",
# which may as well be a number that begins with 00 and the code of another country.
_PAKISTANI_LEADS = frozenset({"", "0", "92", "920", "0092", "00920"})

_MOBILE = re.compile(r"(?:\+?92|0092|0)?(3\d{9})")
_ENDS_AS_MOBILE = re.compile(r"3\d{9}$")

_TYPE_AGAIN = "format the column as plain text and type the number again"
_WRONG_LENGTH = "the wrong number of digits: a Pakistani mobile number has 10 after +92 or the leading 0"
_TWO_NUMBERS = "two or more numbers in one cell: keep one and give the other a row of its own"

#: What sentences say of a sheet, and what they say where there is none.
_ELSEWHERE = (
    (_TYPE_AGAIN, "give the whole number, as text"),
    ("in one cell: keep one and give the other a row of its own", "in one value: give each an entry of its own"),
    ("keep only the number in the cell", "keep only the number"),
    ("a tick box (TRUE or FALSE)", "True or False"),
    ("fix the formula", "fix where it comes from"),
)

_FORMULA_ERROR = re.compile(r"#(?:N/A|[A-Z/_]+0?[!?])", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[\d.,]+ *E *[+-]? *\d+", re.IGNORECASE)
_DATE = re.compile(r"(?=[^ T]{6,10}(?:[ T]|$))\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T].*)?")
_INTEGRAL = re.compile(r"(\+?\d+)\.0+")
_FRACTION = re.compile(r"[^.]*\d\.\d{1,2}")  # one point only: 06.12.34.56.78 is how France writes
_LIST = re.compile(r"\d\D*[/,;|&\\]\D*\d|\+\D*\d.*\+")
_ONE_NUMBER = re.compile(r"\(?\s*\+?\s*[\d(][\d\s().-]*")
_STRANGE = re.compile(r"[^\d\s().+-]")


def elsewhere(error: InvalidNumber) -> str:
    """Return the sentence for whoever's numbers come from elsewhere, such as a database: without cells, rows and columns."""
    text = str(error)
    for in_a_sheet, words in _ELSEWHERE:
        text = text.replace(in_a_sheet, words)
    return text


def normalise(raw: object, *, rounded: bool = False) -> str:
    """Return the mobile number *raw* in international form without plus, such as ``923001234567``.

    :param raw: text as a person typed it, or a number as a spreadsheet or database holds it (int, integral float or
        Decimal, or text with the tail ``.0``).
    :param rounded: take also what a file may have rounded: to know whom a row is about, not to text it.
    :raises InvalidNumber: for everything that is not surely one Pakistani mobile number, with the reason.
    """
    import phonenumbers  # 20 to 40 ms and 3 MB, which parsing a DAG file should not cost

    dialled = _dialled(raw, rounded=rounded)
    plain = _MOBILE.fullmatch(dialled)
    if plain and _mobile_numbers()(plain[1]):
        return f"{_HOME_CODE}{plain[1]}"
    try:
        parsed = phonenumbers.parse(dialled, _HOME)
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber("not a whole phone number: check its digits and its country code") from error
    if parsed.country_code != _HOME_CODE:
        # "+300 1234567" may be a Pakistani mobile number behind a wrong prefix, and not clearly one of Greece.
        unclear = _ENDS_AS_MOBILE.search(dialled) is not None
        raise (InvalidNumber if unclear else Unreachable)(
            f"a number of another country (+{parsed.country_code}): only Pakistani numbers may be texted"
        )
    # Any type but UNKNOWN means that is_valid_number() holds too; asking both would double the time.
    kind, kinds = phonenumbers.number_type(parsed), phonenumbers.PhoneNumberType
    if kind == kinds.UNKNOWN:
        raise InvalidNumber(_why_unknown(parsed))
    if kind != kinds.MOBILE:
        what = "a landline" if kind == kinds.FIXED_LINE else "a special service number"
        raise Unreachable(f"{what}, which can't receive SMS: give a mobile number")
    national = phonenumbers.national_significant_number(parsed)
    if dialled.lstrip("+").removesuffix(national) not in _PAKISTANI_LEADS:
        raise InvalidNumber(_WRONG_LENGTH)
    return f"{_HOME_CODE}{national}"


@cache
def _mobile_numbers() -> Callable[[str], object]:
    """Return what matches the Pakistani mobile numbers that exist, by the library's own table: ten times as fast as asking
    it for each number, and the same answer."""
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(_HOME)
    mobile = metadata.mobile if metadata else None
    # Without a table nothing matches here, and the library is asked for each number.
    return re.compile((mobile and mobile.national_number_pattern) or r"(?!)").fullmatch


def mask(number: object) -> str:
    """Return *number* fit for logs: ``92300****567`` for a full number, and less of anything shorter.

    Only digits ever show, so that a name in the wrong column does not: the first five and last three of twelve or
    more, the last three of eight or more, else none. Any text is taken, however broken.
    """
    try:
        text = str(number)
    except ValueError:  # a whole number of thousands of digits
        return "****"
    digits = "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())
    if len(digits) >= 12:
        return f"{digits[:5]}****{digits[-3:]}"
    return f"****{digits[-3:]}" if len(digits) >= 8 else "****"


def _dialled(raw: object, *, rounded: bool) -> str:
    """Return *raw* as ASCII digits with a plus before them or without."""
    if isinstance(raw, str):
        text = _one_number(raw, rounded=rounded)
        return ("+" if "+" in text else "") + re.sub(r"\D", "", text)
    if raw is None:
        raise InvalidNumber("the phone number is blank")
    if isinstance(raw, bool):
        raise InvalidNumber("a tick box (TRUE or FALSE) is not a phone number")
    if isinstance(raw, (datetime.date, datetime.time)):
        raise InvalidNumber(f"a date is not a phone number: {_TYPE_AGAIN}")
    if isinstance(raw, Integral):  # also those of NumPy
        raw = int(raw)
    if isinstance(raw, (int, float, Decimal)):
        return _whole_number(raw, rounded=rounded)
    raise InvalidNumber(f"a phone number is text or a whole number, not {type(raw).__name__}")


def _whole_number(raw: int | float | Decimal, *, rounded: bool) -> str:
    if (isinstance(raw, float) and not math.isfinite(raw)) or (isinstance(raw, Decimal) and not raw.is_finite()):
        raise InvalidNumber("the phone number is blank or not a number (NaN or infinity)")
    if raw < 0:
        raise InvalidNumber(f"a negative number is not a phone number: {_TYPE_AGAIN}")
    if raw >= _NUMBER_LIMIT:
        raise InvalidNumber("too many digits for one phone number: a number has at most 15")
    whole = int(raw)
    if raw != whole:
        raise InvalidNumber(f"a number with a fraction is not a phone number: {_TYPE_AGAIN}")
    _check_digits(whole, rounded=rounded)
    return str(whole)


def _check_digits(whole: int, *, rounded: bool) -> None:
    if not rounded and whole >= _TEN_DIGITS and whole % _ROUNDED == 0:
        raise InvalidNumber(f"a number that ends in six zeros may have lost its last digits on the way: {_TYPE_AGAIN}")


def _one_number(raw: str, *, rounded: bool) -> str:
    """Return the text of one number: digits, and between them nothing but space, ``( ) . -`` and a plus before them."""
    text = plain(raw).strip()
    if text.startswith("'"):  # how a spreadsheet marks digits as text
        text = text[1:].strip()
    if not text:
        raise InvalidNumber("the phone number is blank")
    if len(text) > _MAX_CHARACTERS:  # also bounds the work of the patterns below
        raise InvalidNumber("too much text for one phone number: keep only the number in the cell")
    if _FORMULA_ERROR.fullmatch(text):
        raise InvalidNumber(f"the formula error {text.upper()} in place of a number: fix the formula")
    if _SCIENTIFIC.fullmatch(text):
        raise InvalidNumber(f"scientific notation has lost the number's last digits: {_TYPE_AGAIN}")
    if _DATE.fullmatch(text):
        raise InvalidNumber(f"a date is not a phone number: {_TYPE_AGAIN}")
    integral = _INTEGRAL.fullmatch(text)
    if integral:
        text = integral[1]
        _check_digits(int(text), rounded=rounded)
    elif _FRACTION.fullmatch(text):
        raise InvalidNumber(f"a number with a fraction is not a phone number: {_TYPE_AGAIN}")
    if sum(map(str.isdigit, text)) > _MAX_DIGITS or _LIST.search(text):
        raise InvalidNumber(_TWO_NUMBERS)
    if not _ONE_NUMBER.fullmatch(text):
        raise InvalidNumber(_why_not_one_number(text))
    return text


def _why_not_one_number(text: str) -> str:
    if not any(map(str.isdigit, text)):
        return "no digits in the phone number: type the number"
    letters = [character for character in text if character.isalpha()]
    if letters and all(letter in "oO" for letter in letters):
        return "the letter O in the phone number: type the digit 0 in its place"
    if letters:
        return "letters in the phone number: keep only the number, without names, notes or extensions"
    strange = _STRANGE.search(text)
    if strange:
        shown = strange[0] if strange[0].isprintable() else f"U+{ord(strange[0]):04X}"
        return f"the character {shown} in the phone number: keep only digits, spaces, brackets, dots and dashes"
    if "+" in text.lstrip("(").lstrip():
        return "the + sign stands in the wrong place: it can only come first, as in +92 and the rest"
    return "the phone number begins with a punctuation mark: begin with 0 or +92"


def _why_unknown(parsed: PhoneNumber) -> str:
    """Say why *parsed*, which has Pakistan's code, does not exist."""
    import phonenumbers

    if phonenumbers.is_possible_number_for_type(parsed, phonenumbers.PhoneNumberType.MOBILE):
        return "no Pakistani mobile number begins like this: check the digits"
    return _WRONG_LENGTH
