"""Numbers as people and spreadsheets write them: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from decimal import Decimal

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import InvalidNumber, Unreachable
from airflow_provider_robosms.sms.phone import mask, normalise
from tests.sms.fuzz_phone import fuzz, wrong_acceptance


@pytest.mark.parametrize(
    "raw",
    [
        "0300-1234567",
        "(0300) 1234567",
        "+92 300 1234567",
        "00923001234567",
        "923001234567",
        "3001234567",
        "+92 (0) 300 1234567",
        "۰۳۰۰۱۲۳۴۵۶۷",
        "٠٣٠٠١٢٣٤٥٦٧",
        "０３００１２３４５６７",
        "＋９２　３００　１２３４５６７",
        "0300\u200b123\u200b4567",
        "\ufeff03001234567",
        "0300\u00a01234567",
        "'03001234567",
        "’0300-1234567",
        " 0300 1234567\n",
        "0300\n1234567",
        "0300–1234567",
        "\u202a+92 300 1234567\u202c",
        "(+92) 300-123-4567",
        "0300.123.4567",
        "0300.1234567",
        "92 0300 1234567",
        "923001234567.0",
        "3001234567.00",
        "+923001234567.0",
        923001234567,
        3001234567,
        923001234567.0,
        3001234567.0,
        Decimal(923001234567),
        Decimal("3001234567.0"),
    ],
)
def test_right_as_they_are(raw: object) -> None:
    assert normalise(raw) == "923001234567"


@pytest.mark.parametrize(
    "raw", [923001000000, 9.23001e11, 9.23e11, 3001000000, Decimal(923001000000), "923001000000.0", "3.0e9"]
)
def test_a_number_that_a_file_has_rounded_is_refused(raw: object) -> None:
    """Excel and Sheets write 923001234567 to a CSV file as 9.23001E+11."""
    with pytest.raises(InvalidNumber, match=r"lost (its|the number's) last digits") as caught:
        normalise(raw)
    assert not isinstance(caught.value, Unreachable)


def test_round_numbers_are_fine_as_text_and_with_a_digit_more() -> None:
    assert normalise("0300-1000000") == normalise("923001000000") == "923001000000"
    assert normalise(923001200000) == normalise(3001200000) == normalise("923001200000.0") == "923001200000"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "blank"),
        ("", "blank"),
        (" \u00a0\u200b", "blank"),
        ("'", "blank"),
        (True, "tick box"),
        (False, "tick box"),
        (float("nan"), "NaN"),
        (float("inf"), "infinity"),
        (Decimal("sNaN"), "NaN"),
        (-3001234567, "negative"),
        (-3001234567.0, "negative"),
        ("-3001234567", "punctuation mark"),
        (3001234567.5, "fraction"),
        ("923001234567.5", "fraction"),
        ("92300123456.7", "fraction"),  # its digits without the point are a mobile number
        ("0300-123456.0", "fraction"),
        (10**400, "at most 15"),
        (1e300, "at most 15"),
        (Decimal("1E+999999"), "at most 15"),
        (datetime.date(2026, 11, 23), "date"),
        (datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.timezone.utc), "date"),
        ("2026-11-23", "date"),
        ("23/11/2026", "date"),
        ("23.11.26 10:30", "date"),
        (b"03001234567", "not bytes"),
        (["03001234567"], "not list"),
        ("#N/A", "formula error #N/A"),
        ("#REF!", "formula error #REF!"),
        ("#DIV/0!", "formula error #DIV/0!"),
        ("#NAME?", "formula error #NAME?"),
        ("#VALUE!", "formula error #VALUE!"),
        ("#ERROR!", "formula error #ERROR!"),
        ("#A03001234567", "letters"),
        ("9.23E+11", "scientific notation"),
        ("9,23E+11", "scientific notation"),
        ("9.23001E+11", "scientific notation"),
        ("9.23e11", "scientific notation"),
        ("9.23 E +11", "scientific notation"),
        ("0300-1234567/0301-7654321", "two or more numbers"),
        ("0300-1234567 / 68", "two or more numbers"),
        ("03001234567, 03017654321", "two or more numbers"),
        ("03001234567 03017654321", "two or more numbers"),
        ("3001234567 3017654321", "two or more numbers"),
        ("03001234567\n03017654321", "two or more numbers"),
        ("03001234567 or 03017654321", "two or more numbers"),
        ("+2481234567 +2487654321", "two or more numbers"),
        ("O3001234567", "letter O"),
        ("030o-1234567", "letter O"),
        ("x03001234567", "letters"),
        ("0300-1234567 ext 5", "letters"),
        ("0300-1234567x5", "letters"),
        ("0300-1234567;ext=5", "two or more numbers"),
        ("0300-1234567 (office)", "letters"),
        ("0300-1234567 دفتر", "letters"),
        ("0300-FLOWERS", "letters"),
        ("tel:+923001234567", "letters"),
        ("n/a", "no digits"),
        ("---", "no digits"),
        ("Ali Khan", "no digits"),
        ("0300-1234567 #", "the character #"),
        ("03001234567,", "the character ,"),
        ("0311²345678", "the character ²"),
        ("0300\x001234567", "U+0000"),
        ("\ud83d03001234567", "U+D83D"),
        ("++923001234567", "+ sign"),
        ("0300+1234567", "+ sign"),
        ("9" * 50_000, "too much text"),
        ("+12025550123", "another country (+1): only Pakistani"),
        ("+1 202 555 0123", "another country"),
        ("0044 7400 123456", "another country"),
        ("003001234567", "another country"),
        ("042-35761234", "landline"),
        ("0800 12345", "special service"),
        ("0300123456", "wrong number of digits"),
        ("030012345678", "wrong number of digits"),
        ("0300-1234567 (02)", "wrong number of digits"),
        ("92300123456", "wrong number of digits"),
        ("0923001234567", "wrong number of digits"),
        ("92003001234567", "wrong number of digits"),  # +92 300 1234567, or a number that begins with 00 300?
        ("0399 1234567", "begins like this"),
        ("1", "check"),
        (0, "check"),
        ("+", "no digits"),
        ("+999", "not a whole phone number"),
    ],
)
def test_refused_with_a_reason(raw: object, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        normalise(raw)
    assert reason in str(caught.value)
    assert not re.search(r"\d{5}", str(caught.value))
    assert str(caught.value).encode()  # it goes into the sheet


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("+1 202 555 0123", "another country (+1)"),
        ("00971501234567", "another country (+971)"),
        ("042-35761234", "a landline"),
        ("0800 12345", "a special service number"),
    ],
)
def test_what_is_clearly_a_number_that_nobody_texts_is_told_apart(raw: str, reason: str) -> None:
    with pytest.raises(Unreachable) as caught:
        normalise(raw)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        *("0300-12345", "0399-1234567", "0300-1234567 / 0301-1234567", "9.23E+11", "ask Ali", ""),
        *("+3001234567", "+300 1234567", "00300-1234567", "+93001234567", "+1 300 1234567"),
    ],
)
def test_what_might_be_a_mobile_number_is_not(raw: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        normalise(raw)
    assert not isinstance(caught.value, Unreachable)


@given(st.integers(923000000000, 923999999999).map(str))
def test_what_is_accepted_stays_as_it_is(number: str) -> None:
    try:
        accepted = normalise(number)
    except InvalidNumber:
        return
    assert accepted == number == normalise("+" + number) == normalise("0" + number[2:])
    if not number.endswith("000000"):
        assert normalise(int(number)) == number


@given(st.one_of(st.text(), st.integers(), st.floats(), st.decimals(), st.dates(), st.none(), st.binary()))
def test_any_value_is_a_number_or_invalid(raw: object) -> None:
    try:
        accepted = normalise(raw)
    except InvalidNumber:
        return
    assert wrong_acceptance(raw, accepted) is None


@pytest.mark.parametrize("lead", ["", "0", "92", "+92", "0092"])
def test_the_fast_way_gives_the_librarys_answer(lead: str) -> None:
    accepted = 0
    for prefix in range(300, 400):
        number = f"{prefix}1234567"
        parsed = phonenumbers.parse(number, "PK")
        mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
        if mobile:
            accepted += 1
            assert normalise(lead + number) == f"92{number}"
        else:
            with pytest.raises(InvalidNumber):
                normalise(lead + number)
    assert 30 < accepted < 100


def test_fuzz() -> None:
    tally = fuzz(20_000, seed=20261123)
    # Both outcomes must be frequent, or the run would show little.
    assert tally["accepted"] > 2_000
    assert tally.total() - tally["accepted"] > 2_000
    assert len(tally) > 15


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("923001234567", "92300****567"),
        ("+92 300 1234567", "92300****567"),
        ("03001234567", "****567"),
        ("3001234567", "****567"),
        ("1234567", "****"),
        ("۹۲۳۰۰۱۲۳۴۵۶۷", "92300****567"),
        ("Ali Khan", "****"),
        ("", "****"),
        (923001234567, "92300****567"),
        (None, "****"),
        ("03001234567/03017654321", "03001****321"),
        pytest.param(10**5000, "****", id="huge"),
    ],
)
def test_mask(number: object, shown: str) -> None:
    assert mask(number) == shown


@given(st.text())
def test_mask_shows_eight_digits_at_most_and_hides_four_at_least(text: str) -> None:
    digits = [character for character in text if character.isdecimal()]
    shown = mask(text)
    assert re.fullmatch(r"(\d{5})?\*{4}(\d{3})?", shown)
    assert sum(character.isdigit() for character in shown) <= min(8, max(0, len(digits) - 4))


def test_phonenumbers_is_imported_when_needed_and_its_geocoder_never() -> None:
    script = (
        "import sys; from airflow_provider_robosms.sms.phone import normalise, mask; mask('1')\n"
        "assert not [name for name in sys.modules if name.startswith('phonenumbers')]\n"
        "normalise('03001234567')\n"
        "heavy = ('phonenumbers.geocoder', 'phonenumbers.geodata', 'phonenumbers.carrier', 'phonenumbers.timezone')\n"
        "assert 'phonenumbers' in sys.modules and not [name for name in sys.modules if name.startswith(heavy)]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
