"""What counts as enough balance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.outcome import Balance
from airflow_provider_robosms.gateway.threshold import Threshold, report, words


def balance(amount: str, rate: str | None = "0.50") -> Balance:
    return Balance(Decimal(amount), None if rate is None else Decimal(rate), "shop")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"min_balance": "12.50"}, Threshold(min_balance=Decimal("12.50"))),
        ({"min_balance": 0.1}, Threshold(min_balance=Decimal("0.1"))),
        ({"min_balance": Decimal("3")}, Threshold(min_balance=Decimal(3))),
        ({"min_messages": " 500 "}, Threshold(min_messages=500)),
        ({"min_messages": 500.0}, Threshold(min_messages=500)),
        # Two templated fields, of which a form fills one.
        ({"min_balance": "", "min_messages": "7"}, Threshold(min_messages=7)),
    ],
)
def test_settings_as_people_write_them(given, expected):
    assert Threshold.parse(**given) == expected


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Set either min_balance or min_messages: none is set."),
        ({"min_balance": 1, "min_messages": 1}, "Set either min_balance or min_messages: both are set."),
        (
            {"min_balance": "None", "min_messages": 7},
            "min_balance came out as None: what its template gave was nothing; write {{ … or '' }} in the DAG if it may be "
            "missing.",
        ),
        ({"min_balance": "ten"}, "min_balance must be a number above 0, not 'ten'."),
        ({"min_balance": 0}, "min_balance must be a number above 0, not 0."),
        ({"min_balance": "NaN"}, "min_balance must be a number above 0, not 'NaN'."),
        ({"min_balance": "Infinity"}, "min_balance must be a number above 0, not 'Infinity'."),
        ({"min_balance": True}, "min_balance must be a number above 0, not True."),
        ({"min_messages": -1}, "min_messages must be a number above 0, not -1."),
        ({"min_messages": "2.5"}, "min_messages must be a whole number, not '2.5'."),
    ],
)
def test_what_cannot_be_used_is_one_sentence(given, sentence):
    with pytest.raises(RoboSmsError) as error:
        Threshold.parse(**given)
    assert str(error.value) == sentence
    assert error.value.permanent


def test_money_is_compared_exactly():
    threshold = Threshold.parse(min_balance="0.30")
    assert threshold.is_met(balance("0.30"))
    assert not threshold.is_met(balance("0.2999999999999999999999999999"))
    # 0.1 + 0.2 as floats would be above 0.3.
    assert Threshold.parse(min_balance=0.3).is_met(Balance(Decimal("0.1") + Decimal("0.2"), None, ""))


def test_messages_are_whole_parts_at_the_accounts_rate():
    threshold = Threshold.parse(min_messages=25)
    assert threshold.is_met(balance("12.50"))
    assert not threshold.is_met(balance("12.49"))
    assert not threshold.is_met(balance("12.50", rate="0.51"))


def test_margin():
    threshold = Threshold.parse(min_messages=200)
    assert not threshold.is_met(balance("109.50"), margin_percent=Decimal(10))
    assert threshold.is_met(balance("110.00"), margin_percent=Decimal(10))
    assert threshold.is_met(balance("110.00"), margin_percent=Decimal(0))


@pytest.mark.parametrize("rate", [None, "0", "-1"])
def test_messages_without_a_rate(rate):
    with pytest.raises(RoboSmsError, match=r"names no price per message part .*: set min_balance instead\."):
        Threshold.parse(min_messages=1).is_met(balance("5", rate))
    # No money pays for nothing, whatever a part costs.
    assert not Threshold.parse(min_messages=1).is_met(balance("0", rate))


def test_one_part_is_no_parts():
    assert words(balance("0.50")) == "0.50, enough for 1 message part"
    assert words(balance("1.00")) == "1.00, enough for 2 message parts"
    assert str(Threshold.parse(min_messages=1)) == "1 message part"


def test_report_is_plain_json():
    assert report(balance("12.50")) == {"balance": "12.50", "rate": "0.50", "messages": 25, "username": "shop"}
    assert report(Balance(Decimal("1E+3"), None, ""))["balance"] == "1000"
