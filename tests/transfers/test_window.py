"""The hours in which people may be texted: outside, the task waits without a worker slot."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.window import SendWindow
from tests.sheets.campaigns import Store, disagreements, operator, recipients, run, statuses, table

KARACHI = ZoneInfo("Asia/Karachi")


def window(text: Any, zone: ZoneInfo = KARACHI) -> SendWindow:
    found = SendWindow.parse(text, zone)
    assert found is not None
    return found


def at(clock: str, zone: ZoneInfo = KARACHI) -> datetime:
    return datetime.fromisoformat(f"2026-11-23 {clock}").replace(tzinfo=zone)


@pytest.mark.parametrize(
    "text",
    [
        *("09:00-21:00", " 9:00 – 21:00 ", "09:00 to 21:00", ("09:00", "21:00"), ["9:00", "21:00"]),
        *("9 am - 9 pm", "9AM-9PM", "9 a.m. to 9 p.m.", "9:00 am until 21:00", ("9 am", "9 pm")),
    ],
)
def test_ways_to_write_it(text: Any) -> None:
    found = window(text)
    assert (f"{found.opens:%H:%M}", f"{found.closes:%H:%M}") == ("09:00", "21:00")


def test_noon_and_midnight_by_the_twelve_hour_clock() -> None:
    found = window("12 pm - 12 am")
    assert (f"{found.opens:%H:%M}", f"{found.closes:%H:%M}") == ("12:00", "00:00")


@pytest.mark.parametrize("none", [None, "", "  ", "00:00-24:00", ("00:00", "24:00")])
def test_no_window(none: Any) -> None:
    assert SendWindow.parse(none, KARACHI) is None


@pytest.mark.parametrize(
    "text",
    [
        "nine",
        "09:00",
        "25:00-26:00",
        "09:00-45:00",
        "09:00-24:30",
        "09:61-10:00",
        "09:00-09:00",
        ("09:00",),
        "9-17",
        5,
        "9 - 9 pm",
        "13 pm - 2 pm",
        "0 am - 9 pm",
    ],
)
def test_no_hours(text: Any) -> None:
    with pytest.raises(RoboSmsError, match="two times of day, such as 09:00-21:00") as caught:
        SendWindow.parse(text, KARACHI)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "text",
    [
        "9:00-6:00",
        "14:00-9:00",
        "13:00-6:00",
        "20:00 to 8:30",
        "09:00-05:00",
        "10:00-5:00",
        "12:00-9:00",
        "1:00-5:00 pm",
        "9:00 am - 5:00",
        "8:00-10 pm",
        "09:00-9:01 pm",
        "9:00-6 am",
        "9:00-12 am",
        "12:00-5 pm",
        "9 am - 11:00",
        "8 pm - 11:00",
        ("9:00", "6:00"),
    ],
)
def test_hours_of_a_day_that_may_be_those_of_a_night(text: Any) -> None:
    """People who mean 6 pm would be texted at three in the morning."""
    with pytest.raises(RoboSmsError, match="may be those of a day or of a night: write them as 09:00-18:00") as caught:
        SendWindow.parse(text, KARACHI)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "text", ["21:00-09:00", "22:00-6 am", "9 am-6 am", "9 am - 18:00", "00:30-6 am", "1:00-5:00", "20:00-00:00"]
)
def test_hours_that_can_only_be_those(text: str) -> None:
    assert SendWindow.parse(text, KARACHI) is not None


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("09:00 - 9 pm", "09:00", "21:00"), ("9:00-9:00 pm", "09:00", "21:00"), ("9:00-5 pm", "09:00", "17:00"),
        ("8:30 to 12 pm", "08:30", "12:00"), ("9:00-11 am", "09:00", "11:00"), (("10:00", "6 pm"), "10:00", "18:00"),
    ],
)  # fmt: skip
def test_hours_of_which_one_reading_lasts_through_the_night(text: Any, opens: str, closes: str) -> None:
    """Or is no time at all; what remains lies within it, so that nobody is texted at an hour that was not meant."""
    found = window(text)
    assert (f"{found.opens:%H:%M}", f"{found.closes:%H:%M}") == (opens, closes)


@pytest.mark.parametrize(
    ("text", "clock", "is_open"),
    [
        ("09:00-21:00", "08:59:59", False), ("09:00-21:00", "09:00", True), ("09:00-21:00", "20:59:59", True),
        ("09:00-21:00", "21:00", False), ("21:00-02:00", "23:00", True), ("21:00-02:00", "01:59", True),
        ("21:00-02:00", "02:00", False), ("21:00-02:00", "12:00", False), ("09:00-24:00", "23:59", True),
        ("00:00-23:59", "12:00", True),
    ],
)  # fmt: skip
def test_open_hours(text: str, clock: str, is_open: bool) -> None:
    assert window(text).is_open(at(clock)) is is_open
    assert window(text).is_open(at(clock).astimezone(timezone.utc)) is is_open


def test_next_opening_and_closing() -> None:
    found = window("09:00-21:00")
    assert found.next_opening(at("22:00")) == at("09:00") + timedelta(days=1)
    assert found.next_opening(at("08:00")) == at("09:00")
    assert found.next_closing(at("20:59:58")) == at("21:00")
    assert window("21:00-02:00").next_closing(at("23:00")) == at("02:00") + timedelta(days=1)


@given(st.integers(0, 2 * 365 * 24 * 60), st.integers(0, 23), st.integers(0, 23))
@pytest.mark.parametrize("zone", ["Asia/Karachi", "Europe/London", "America/New_York", "Pacific/Auckland"])
def test_an_opening_is_ahead_and_open(zone: str, minutes: int, opens: int, closes: int) -> None:
    if opens == closes:
        return
    found = window(" - ".join(f"{hour % 12 or 12} {'ap'[hour // 12]}m" for hour in (opens, closes)), ZoneInfo(zone))
    now = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=minutes)
    opening, closing = found.next_opening(now), found.next_closing(now)
    assert now < opening <= now + timedelta(hours=26)
    assert now < closing <= now + timedelta(hours=26)


def shifted(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Let the operator believe that it is *now* at this moment; its clock goes on from there."""
    offset = now - datetime.now(timezone.utc)

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + offset

    monkeypatch.setattr("airflow_provider_robosms.transfers.hours.datetime", Shifted)


def test_outside_the_window_the_task_is_deferred(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.providers.standard.triggers.temporal import DateTimeTrigger
    from airflow.sdk.exceptions import TaskDeferred

    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3)})
    version = sandbox.sheet(sheet)["version"]
    store = Store()
    shifted(monkeypatch, at("21:30"))
    with pytest.raises(TaskDeferred) as caught:
        run(sheet, store=store, send_window="09:00-21:00")
    assert isinstance(caught.value.trigger, DateTimeTrigger)
    assert caught.value.trigger.moment == at("09:00") + timedelta(days=1)
    assert caught.value.method_name == "execute"
    assert (sandbox.received()["posts"], sandbox.sheet(sheet)["version"]) == (0, version)
    shifted(monkeypatch, at("09:00"))
    context: Any = {"task_state_store": store, "run_id": "first"}
    assert operator(sheet, send_window="09:00-21:00").execute(context, event=at("09:00"))["sent"] == 3


def test_a_window_that_closes_in_the_middle_leaves_the_rest_blank(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(300)})
    store = Store()
    shifted(monkeypatch, at("20:59:58.5"))
    with pytest.raises(TaskDeferred) as caught:
        run(sheet, store=store, send_window="09:00-21:00", max_per_second=60)
    assert caught.value.trigger.moment == at("09:00") + timedelta(days=1)  # type: ignore[attr-defined]
    sent = len(sandbox.accepted())
    assert 0 < sent < 300
    assert statuses(table(sandbox, sheet)) == {"SENT": sent, "": 300 - sent}
    assert disagreements(sandbox, sheet) == []
    shifted(monkeypatch, at("09:00"))
    run(sheet, store=store, send_window="09:00-21:00")
    assert statuses(table(sandbox, sheet)) == {"SENT": 300}
    assert len(sandbox.accepted()) == 300
    assert disagreements(sandbox, sheet) == []


def test_rows_that_a_person_adds_overnight_are_sent_too(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(100)})
    store = Store()
    shifted(monkeypatch, at("20:59:59"))
    with pytest.raises(TaskDeferred):
        run(sheet, store=store, send_window="09:00-21:00", max_per_second=30)
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A102", values=recipients(102)[101:])
    shifted(monkeypatch, at("09:00"))
    run(sheet, store=store, send_window="09:00-21:00")
    assert statuses(table(sandbox, sheet)) == {"SENT": 102}
    assert len(sandbox.accepted()) == 102
