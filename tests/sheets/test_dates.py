"""Moments in the Send At column."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.sheets.dates import parse_moment

ZONE = ZoneInfo("Asia/Karachi")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23 14:00", (2026, 11, 23, 14, 0)),
        ("2026-11-23 14:00:30", (2026, 11, 23, 14, 0, 30)),
        ("2026-11-23T14:00", (2026, 11, 23, 14, 0)),
        ("2026-11-23", (2026, 11, 23)),
        (" 2026-11-23   9:05 ", (2026, 11, 23, 9, 5)),
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
    ],
)
def test_moments_that_are_read(text: str, moment: tuple[int, ...]) -> None:
    assert parse_moment(text, ZONE) == datetime(*moment, tzinfo=ZONE)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026 14:00", "12.11.2026", "01/02/2026 2:00 PM"])
def test_a_date_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two ways: write it like 2026-11-23 14:00"):
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
