"""Moments in the Send At column."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.recipients.dates import moment_of, parse_moment
from airflow_provider_robosms.recipients.workbook import open_workbook
from airflow_provider_robosms.sandbox.sheets.cells import with_value
from airflow_provider_robosms.spreadsheet.cells import Exact
from tests.protocol.google import Clock, Http, book_of, spreadsheet

ZONE = ZoneInfo("Asia/Karachi")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23 14:00", (2026, 11, 23, 14, 0)),
        ("2026-11-23 14:00:30", (2026, 11, 23, 14, 0, 30)),
        ("2026-11-23T14:00", (2026, 11, 23, 14, 0)),
        ("2026-11-23", (2026, 11, 23)),
        (" 2026-11-23   09:05 ", (2026, 11, 23, 9, 5)),
        ("2026-11-23 0:30", (2026, 11, 23, 0, 30)),
        ("23 Nov 2026 9:05 am", (2026, 11, 23, 9, 5)),
        ("23/11/2026 05:30", (2026, 11, 23, 5, 30)),
        ("23/11/2026 9:00:00", (2026, 11, 23, 9)),
        ("2026-11-23 9:00:00", (2026, 11, 23, 9)),
        ("2026-11-23 2:00 PM", (2026, 11, 23, 14, 0)),
        ("2026-11-23 12:00 am", (2026, 11, 23, 0, 0)),
        ("2026-11-23 12:30 p.m.", (2026, 11, 23, 12, 30)),
        ("23/11/2026 14:00", (2026, 11, 23, 14, 0)),
        ("11/23/2026 14:00", (2026, 11, 23, 14, 0)),
        ("11/23/2026 2:00:00 PM", (2026, 11, 23, 14, 0)),
        ("23.11.2026", (2026, 11, 23)),
        ("23-11-2026", (2026, 11, 23)),
        ("5/5/2026", (2026, 5, 5)),
        ("23 Nov 2026", (2026, 11, 23)),
        ("23 Nov 2026 14:00", (2026, 11, 23, 14, 0)),
        ("23 November 2026 2:00 PM", (2026, 11, 23, 14, 0)),
        ("23-Nov-2026", (2026, 11, 23)),
        ("23-Nov-2026 14:00", (2026, 11, 23, 14, 0)),
        ("2026-11-23\xa014:00", (2026, 11, 23, 14, 0)),
        ("23\u202fNov\xa02026 2:00\u202fPM", (2026, 11, 23, 14, 0)),
        ("\u200e2026-11-23\u200f 14:00\u200b", (2026, 11, 23, 14, 0)),
        ("2026\u201111\u201123 14:00", (2026, 11, 23, 14, 0)),
        ("\uff12\uff10\uff12\uff16-\uff11\uff11-\uff12\uff13 \uff11\uff14\uff1a\uff10\uff10", (2026, 11, 23, 14, 0)),
        ("\u06f2\u06f0\u06f2\u06f6-\u06f1\u06f1-\u06f2\u06f3", (2026, 11, 23)),
    ],
)
def test_moments_that_are_read(text: str, moment: tuple[int, ...]) -> None:
    assert parse_moment(text, ZONE) == datetime(*moment, tzinfo=ZONE)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026 14:00", "12.11.2026", "01/02/2026 2:00 PM"])
def test_a_date_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two ways: write it like 2026-11-23 14:00"):
        parse_moment(text, ZONE)


@pytest.mark.parametrize(
    "text", ["23 Nov 2026 5:30", "23/11/2026 1:00", "2026-11-23  9:05", "23-Nov-2026 6:00", "23/11/2026 9:5"]
)
def test_an_hour_of_a_day_or_of_a_night_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="of a day or of a night: write it like 2026-11-23 14:00"):
        parse_moment(text, ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "14:00",
        "46349",
        "2026-13-01",
        "2026-02-30",
        "31/31/2026",
        "23/11/26",
        "TRUE",
        "#N/A",
        "2026-11-23 25:00",
        "2026-11-23 22:00 AM",
        "2026-11-23 0:30 PM",
        "2026-11-23 00:30 p.m.",
        "23 Nov 2026 99:00 PM",
        "0026-11-23",
        "23 Nov 1926",
        "23/11/0206",
        "2206-11-23",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Send At is not a date and time"):
        parse_moment(text, ZONE)


def test_the_zone_counts() -> None:
    assert parse_moment("2026-11-23 14:00", ZONE).utcoffset().total_seconds() == 5 * 3600  # type: ignore[union-attr]


@given(st.text(max_size=40))
def test_nothing_but_value_errors(text: str) -> None:
    try:
        assert parse_moment(text, ZONE).tzinfo is ZONE
    except ValueError as error:
        told = str(error)
    else:
        return
    assert "2026-11-23 14:00" in told


# Real dates


@pytest.mark.parametrize(
    ("serial", "moment"),
    [
        (46349, (2026, 11, 23)),
        (46349.583333333336, (2026, 11, 23, 14, 0)),
        (46349.584027777775, (2026, 11, 23, 14, 1)),
        (46349.999988425924, (2026, 11, 23, 23, 59, 59)),
        (36526, (2000, 1, 1)),
    ],
)
def test_a_date_of_the_sheet_is_exact(serial: float, moment: tuple[int, ...]) -> None:
    assert moment_of(Exact(serial, "Mon"), ZONE) == datetime(*moment, tzinfo=ZONE)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("cell", [None, "", "  ", "\u200b", "\xa0\u200e"])
def test_a_blank_cell_is_no_moment(cell: Any) -> None:
    assert moment_of(cell, ZONE) is None


@pytest.mark.parametrize(
    "cell",
    [
        46349, 46349.5, True, Exact(46349, "46,349"), Exact(46349.5, "4.6E+04"), Exact(0.583, "14:00"), Exact(-1, "x"),
        Exact(1e300, "x"), Exact(float("nan"), "x"), Exact(2026, "2,026.00"), Exact(46349, ""), Exact(True, "VRAI"),
        Exact(99_999, "x"),
    ],
)  # fmt: skip
def test_a_number_is_no_moment(cell: Any) -> None:
    with pytest.raises(ValueError, match="Send At is not a date and time"):
        moment_of(cell, ZONE)


FORMATS = [
    "dd/mm/yyyy", "mm/dd/yyyy", "d/m/yy", "dd-mmm-yyyy", "d mmmm yyyy", "dddd, d mmmm", "mmm d, yyyy", "yyyy-mm-dd", "hh:mm",
    "dd/mm/yyyy hh:mm", "yyyy.mm.dd", "mmm yyyy",
]  # fmt: skip


@pytest.mark.parametrize("pattern", FORMATS)
def test_a_real_date_cell_in_every_format(pattern: str) -> None:
    clock = Clock()
    book = book_of(clock, Recipients=[["Phone", "Send At"], ["0300-1234567", 46349.583333333336]])
    sheet = book.sheet("Recipients")
    assert sheet is not None
    with book.change():
        kind = "TIME" if pattern == "hh:mm" else "DATE_TIME"
        date = with_value(None, 46349.583333333336, number_format={"type": kind, "pattern": pattern})
        sheet.put(1, [(1, date)])
    cell = open_workbook(spreadsheet(Http(book, clock)), "Recipients", "Templates").rows[0][1]
    assert isinstance(cell, Exact), cell
    assert moment_of(cell, ZONE) == datetime(2026, 11, 23, 14, 0, tzinfo=ZONE)
