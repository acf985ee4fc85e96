"""What the sheet operator's settings mean, and that nothing unclear is taken for a yes, no limit, or any hour."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from tests.sheets.campaigns import Store

KEY = "a-spreadsheet-of-nobody"


def operator(**settings: Any) -> GoogleSheetsToRoboSmsOperator:
    return GoogleSheetsToRoboSmsOperator(task_id="send", **{"spreadsheet_id": KEY, **settings})


#: Settings that sentences call as the form does.
SHOWN = {"send_window": "send_window|hours", "spreadsheet_id": "The spreadsheet is given neither"}


@pytest.fixture(autouse=True)
def _nobody_asks_google(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting is told before a connection is looked up."""

    def asked(*_: Any) -> None:
        raise AssertionError("the spreadsheet was opened")

    monkeypatch.setattr(GoogleSheetsToRoboSmsOperator, "_open_api", asked)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("dry_run", value) for value in ("tru", "", None, 2, "None")),
        *(("allow_same_number", value) for value in ("maybe", "", None, "{{ params.x }}")),
        *(("smart_encoding", value) for value in ("smart", None)),
        *(("check_balance", value) for value in ("nein", None)),
        *(("limit", value) for value in (0, "0", -1, "-1", "None", "ten", 1.5, True)),
        *(("max_segments", value) for value in (0, -1, "None", "many")),
        *(("max_per_second", value) for value in ("inf", "nan", 0, -1, "None")),
        *(("partitions", value) for value in (0, 26, "None", "two")),
        *(("partition", value) for value in (1, -1, "x", None)),
        *(("timezone", value) for value in ("Asia", "", None, "../etc")),
        *(("send_window", value) for value in ("None", "always", "9-21")),
        *(("template", value) for value in ("None", {"name": "due"}, True)),
        *(("message", value) for value in ("None", "nan", 12345, {"text": "Hello"}, "{'text': 'Hello'}", ["Hello"])),
        *(("recipients_sheet", value) for value in ("", "None", None, True)),
        *(("templates_sheet", value) for value in ("", "None")),
        *(("key_column", value) for value in ("None", True)),
        *(("campaigns_tab", value) for value in ("None", True)),
        *(("spreadsheet_id", value) for value in ("", None, 2026, "None", {"id": KEY})),
        *(("robosms_conn_id", value) for value in ("", None, "None")),
        *(("gcp_conn_id", value) for value in ("", None)),
        *(("mask", value) for value in ("None", {"mask": "X"})),
    ],
)
def test_what_is_not_understood_stops_for_good(setting: str, value: Any) -> None:
    task = operator(**{"message": "Hello", setting: value})
    with pytest.raises(Exception, match=SHOWN.get(setting, setting)) as caught:
        task.execute({"task_state_store": Store(), "run_id": "first"})  # type: ignore[arg-type]
    assert type(caught.value).__name__ == "AirflowFailException", "an Airflow retry would read the same"
    assert "\n" not in str(caught.value)
    assert "Hello" not in str(caught.value)


@pytest.mark.parametrize(
    "setting", ["limit", "max_segments", "send_window", "template", "message", "key_column", "mask"]
)
def test_what_a_task_was_to_give_and_did_not_is_no_default(setting: str) -> None:
    task = operator(**{"message": "Hello", setting: "{{ ti.xcom_pull('before') }}"})
    setattr(task, setting, None)  # as rendering leaves it with native objects
    with pytest.raises(Exception, match=setting) as caught:
        task.execute({"task_state_store": Store(), "run_id": "first"})  # type: ignore[arg-type]
    assert type(caught.value).__name__ == "AirflowFailException"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"limit": ""}, None), ({"limit": "10"}, 10), ({"limit": 10.0}, 10), ({}, None),
    ],
)  # fmt: skip
def test_limits(settings: dict[str, Any], expected: int | None) -> None:
    assert operator(**settings)._limit() == expected


def test_forms_and_templates_are_understood() -> None:
    task = operator(
        message=" ", template=2026, recipients_sheet=2026, partition="1", partitions="2", dry_run="Y", max_segments="3",
        smart_encoding="False", allow_same_number="f", send_window="", timezone=ZoneInfo("Asia/Karachi"),
    )  # fmt: skip
    wording = task._wanted(None).wording
    assert task.is_dry_run
    assert (task._wanted(None).partition, task._wanted(None).partitions) == (1, 2)
    assert (wording.message, wording.template, wording.max_segments) == (None, "2026", 3)
    assert wording.smart_encoding is False
    assert task._window(ZoneInfo("Asia/Karachi")) is None
