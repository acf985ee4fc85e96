"""Numbers from outside: amounts in answers, and settings."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.amounts import LEAST, MOST, decimal_of, read_decimal, seconds_of
from airflow_provider_robosms.gateway.answers import read_balance_answer
from airflow_provider_robosms.gateway.threshold import Threshold, report, words

HUGE = [
    "1e300000",
    "1e999999",
    pytest.param("9" * 100_000, id="9s"),
    pytest.param(10**5000, id="int"),
    "1e15",
    1e15,
    Decimal("1e15"),
    Decimal("1e999999"),
]
TINY = ["1e-999999999999999999", "1e-10", 1e-10, Decimal("1e-999999"), pytest.param("0." + "0" * 99_999 + "1", id="0s")]
STRANGE = [
    "",
    " ",
    "NaN",
    "-Infinity",
    "inf",
    float("inf"),
    True,
    None,
    [],
    {},
    b"5",
    "1_000",
    "٣",
    "０",
    "0x10",
    "1/2",
]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12.50", "12.50"),
        (" 5 ", "5"),
        ("-3.00", "-3.00"),
        ("1e3", "1e3"),
        (".5", "0.5"),
        ("5.", "5"),
        (12.5, "12.5"),
        (1e14, "1e14"),
        (0, "0"),
        ("0e999", "0"),
        ("999999999999999.999", "999999999999999.999"),
        ("0.000000001", "1e-9"),
        (Decimal("0.50"), "0.50"),
    ],
)
def test_numbers(value, number):
    assert read_decimal(value) == Decimal(number)


@pytest.mark.parametrize("value", [*HUGE, *TINY, *STRANGE, Fraction(1, 2), "1,250.00"])
def test_no_numbers(value):
    began = time.monotonic()
    assert read_decimal(value) is None
    assert time.monotonic() - began < 0.1
    with pytest.raises(RoboSmsError) as caught:
        decimal_of(value, "min_balance")
    assert str(caught.value).startswith("min_balance must be a number above 0, not ")
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,250.00", "1250"),
        ("1,25,000.00", "125000"),
        ("-1,250", "-1250"),
        ("12,345,678", "12345678"),
        ("1,00,00,000", "10000000"),
    ],
)
def test_thousands(text, number):
    assert read_decimal(text, grouped=True) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "12,50",
        "1,2",
        "12,5,00",
        ",125",
        "1,250,",
        "1,250.00,000",
        "1.250,00",
        "1234,567",
        "0,500",
        "00,500",
        "012,500",
        "1,234,56,789",
    ],
)
def test_a_comma_that_may_be_a_decimal_one_is_no_number(text):
    """12,50 rupees are not 1,250."""
    assert read_decimal(text, grouped=True) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.decimals()))
def test_whatever_is_read_can_be_calculated_with(value):
    number = read_decimal(value, grouped=True)
    assert number is None or number == 0 or LEAST <= abs(number) < MOST


@pytest.mark.parametrize("value", ["1", 1, 1.0, Decimal(1), "600", 59.5])
def test_seconds(value):
    assert seconds_of(value, "timeout", least=1, most=600) == float(value)


@pytest.mark.parametrize("value", [*HUGE, *TINY, *STRANGE, 0, -1, "0.99", 600.1])
def test_no_seconds(value):
    with pytest.raises(RoboSmsError, match=r"^timeout must be a number of seconds from 1 to 600, not "):
        seconds_of(value, "timeout", least=1, most=600)


# Where they come from.


def answer(**fields: object) -> bytes:
    return json.dumps(
        {"sms": {"code": "000", "balance": "12.50", "message_rates": "0.50", **fields}}, default=str
    ).encode()


@pytest.mark.parametrize("amount", ["1e300000", "9" * 3000, "1e-999999999999999999", "12,50", "1_000", "٣"])
def test_a_balance_out_of_all_bounds_is_none(amount):
    with pytest.raises(RoboSmsError, match="holds no balance"):
        read_balance_answer(200, answer(balance=amount))


@pytest.mark.parametrize(
    "rate", ["1e-999999999999999999", "1e300000", "1e-10", "much", "Rs 1.20", "-0.5", "0", "0.00", 0, [], None]
)
def test_a_rate_out_of_all_bounds_is_none(rate):
    balance = read_balance_answer(200, answer(message_rates=rate))
    assert (balance.rate, balance.parts_affordable) == (None, None)
    with pytest.raises(RoboSmsError, match="names no price per message part"):
        Threshold.parse(min_messages=1).is_met(balance)


@pytest.mark.parametrize(("amount", "rate"), [("999999999999999", "0.000000001"), ("0.000000001", "999999999999999")])
def test_the_bounds_can_be_calculated_with(amount, rate):
    balance = read_balance_answer(200, answer(balance=amount, message_rates=rate))
    assert len(words(balance)) < 100
    assert len(json.dumps(report(balance))) < 200
    assert balance.parts_affordable == int(Decimal(amount) / Decimal(rate))


@pytest.mark.parametrize("messages", [*HUGE, *TINY, "1.5", float("nan"), "-1", 0, True, [5]])
def test_min_messages_out_of_all_bounds(messages):
    began = time.monotonic()
    with pytest.raises(RoboSmsError, match=r"^min_messages must be a ") as caught:
        Threshold.parse(min_messages=messages)
    assert time.monotonic() - began < 0.1
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"sms": {"code": "000", "balance": "12.50", "balance": "0"}}', "two different things"),
        (b'{"code": "203", "sms": {"code": "000", "balance": "12.50"}}', "two different things"),
        (b'{"sms": {"code": "000", "code": "206", "balance": "12.50"}}', "two different things"),
        (b'{"sms": {"code": "null", "balance": "12.50"}}', "code ?"),
        (b'{"sms": {"code": true, "balance": "12.50"}}', "code ?"),
    ],
)
def test_a_balance_that_is_not_clearly_said(body, words):
    with pytest.raises(RoboSmsError) as caught:
        read_balance_answer(200, body)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["x" * 101, "two\nlines", {"a": 1}, ["a"], 7, True])
def test_a_user_name_is_one_short_line(name):
    assert read_balance_answer(200, answer(username=name)).username == ""
