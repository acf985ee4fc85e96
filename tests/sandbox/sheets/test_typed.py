"""What Google Sheets makes of typed texts, and how values look."""

import pytest

from airflow_provider_robosms.sandbox.sheets.cells import CellError
from airflow_provider_robosms.sandbox.sheets.formats import display, general
from airflow_provider_robosms.sandbox.sheets.typed import parse_typed


@pytest.mark.parametrize(
    ("text", "value", "shows"),
    [
        ("hello", "hello", "hello"),
        (" padded ", " padded ", " padded "),
        ("42", 42, "42"),
        ("0042", 42, "42"),
        ("03001234567", 3001234567, "3001234567"),
        ("+923001234567", 923001234567, "923001234567"),
        ("923001234567", 923001234567, "923001234567"),
        ("0300-1234567", "0300-1234567", "0300-1234567"),
        ("0300 1234567", "0300 1234567", "0300 1234567"),
        ("'03001234567", "03001234567", "03001234567"),
        ("'=A1", "=A1", "=A1"),
        ("9.23001E+11", 923001000000, "9.23E+11"),
        ("-1.5", -1.5, "-1.5"),
        ("2,000,000.01", 2000000.01, "2,000,000.01"),
        ("1,23", "1,23", "1,23"),
        ("5%", 0.05, "5%"),
        ("12.5%", 0.125, "12.5%"),
        ("$5.20", 5.2, "$5.20"),
        ("TRUE", True, "TRUE"),
        ("false", False, "FALSE"),
        ("#n/a", CellError("#N/A"), "#N/A"),
        ("2020-01-01", 43831, "2020-01-01"),
        ("1999-01-02", 36162, "1999-01-02"),
        ("12/31/2026", 46387, "12/31/2026"),
        ("31/12/2026", "31/12/2026", "31/12/2026"),
        ("1/2/29", 47120, "1/2/29"),
        ("1/2/30", 10960, "1/2/30"),
        ("5-Jan-2020", 43835, "5-Jan-2020"),
        ("Jan 5, 2020", 43835, "Jan 5, 2020"),
        ("January 5, 2020", 43835, "January 5, 2020"),
        ("14:30", 14.5 / 24, "14:30"),
        ("2:30 PM", 14.5 / 24, "2:30 PM"),
        ("25:00", "25:00", "25:00"),
        ("2026-11-23 14:30", 46349 + 14.5 / 24, "2026-11-23 14:30:00"),
        ("2026-02-30", "2026-02-30", "2026-02-30"),
        ("-", "-", "-"),
        ("+", "+", "+"),
        ("=", "=", "="),
        ("۰۳۰۰", "۰۳۰۰", "۰۳۰۰"),
        ("۱۲/۳۱/۲۰۲۶", "۱۲/۳۱/۲۰۲۶", "۱۲/۳۱/۲۰۲۶"),
        ("1e999", "1e999", "1e999"),
    ],
)
def test_typing(text, value, shows):
    entry = parse_typed(text)
    assert entry.formula is None
    assert entry.value == value
    assert type(entry.value) is type(value)
    assert display(entry.value, entry.number_format) == shows


@pytest.mark.parametrize(("text", "formula"), [("=A1", "=A1"), ("+abc", "=+abc"), ("-abc", "=-abc"), ("+A1", "=+A1")])
def test_formulas(text, formula):
    assert parse_typed(text).formula == formula


def test_empty_text_is_an_empty_cell():
    assert parse_typed("").value is None


def test_plain_text_format_keeps_everything():
    for text in ("03001234567", "=A1", "+92300", "2020-01-01", "TRUE"):
        entry = parse_typed(text, current={"type": "TEXT"})
        assert (entry.value, entry.formula) == (text, None)


def test_an_existing_format_stays():
    assert parse_typed("5", current={"type": "PERCENT", "pattern": "0%"}).number_format is None


def test_the_month_comes_first():
    assert parse_typed("1/2/2026").value == parse_typed("2026-01-02").value


@pytest.mark.parametrize(
    ("value", "shows"),
    [
        (0.0009765625, "0.0009765625"),
        (1 / 3, "0.3333333333"),
        (100 / 3, "33.33333333"),
        (1.45, "1.45"),
        (123456789012345, "123456789012345"),
        (1e15, "1E+15"),
        (12345678901234567890.0, "1.23457E+19"),
        (-0.1, "-0.1"),
        (0, "0"),
    ],
)
def test_general(value, shows):
    assert general(value) == shows


@pytest.mark.parametrize(
    ("value", "kind", "pattern", "shows"),
    [
        (1234.5, "NUMBER", "#,##0.00", "1,234.50"),
        (1234.5, "NUMBER", "0", "1235"),
        (2.5, "NUMBER", "0", "3"),
        (0.256, "PERCENT", "0%", "26%"),
        (1.5, "NUMBER", "0.##", "1.5"),
        (2, "NUMBER", "0.##", "2"),
        (1234.5, "NUMBER", '"Rs "#,##0', "Rs 1,235"),
        (7, "TEXT", "@", "7"),
        (43831.5, "DATE_TIME", "d mmm yy, h:mm am/pm", "1 Jan 20, 12:00 PM"),
        (43831, "DATE", None, "1/1/2020"),
        (43831.25, "DATE", "dddd, mmmm d", "Wednesday, January 1"),
        (5, "NUMBER", "0;(0)", "5"),
        (1e40, "NUMBER", "0.0", "1" + "0" * 40 + ".0"),
        (-3, "CURRENCY", None, "-$3.00"),
        (-1e9, "DATE", None, "-1000000000"),
    ],
)
def test_patterns(value, kind, pattern, shows):
    assert display(value, {"type": kind, **({"pattern": pattern} if pattern else {})}) == shows
