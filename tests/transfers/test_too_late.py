"""A moment after which nothing is sent any more: for a DAG that was paused, or a task that is cleared days later."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import Store, operator, recipients, run, statuses, table

NOW = datetime.now(timezone.utc)
PAST, FUTURE = NOW - timedelta(minutes=1), NOW + timedelta(days=1)


@pytest.mark.parametrize("last", [PAST, f"{PAST}", "2026-01-01 09:00"], ids=["moment", "zoned", "text"])
def test_past_it_nothing_is_sent_and_no_retry_helps(sandbox: RunningSandbox, last: Any) -> None:
    sheet = sandbox.create_sheet("Late", {"Recipients": recipients(2)})
    with pytest.raises(
        AirflowFailException, match=r"It was to be sent by 20.* at the latest, so nothing more was sent"
    ):
        run(sheet, not_after=last)
    assert statuses(table(sandbox, sheet)) == {"": 2}
    assert run(sheet, not_after=last, dry_run=True)["pending"] == 2


@pytest.mark.parametrize(
    "last", [FUTURE, f"{FUTURE:%Y-%m-%dT%H:%M}", "", None], ids=["moment", "text", "blank", "none"]
)
def test_before_it_is_sent(sandbox: RunningSandbox, last: Any) -> None:
    sheet = sandbox.create_sheet("In time", {"Recipients": recipients(2)})
    assert run(sheet, not_after=last)["sent"] == 2


def test_a_run_that_waited_for_its_hours_looks_again(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = sandbox.create_sheet("Waited", {"Recipients": recipients(2)})
    closed = datetime.now(timezone.utc) + timedelta(hours=14)  # Karachi is five hours ahead
    hours = f"{closed:%H:%M}-{closed + timedelta(hours=1):%H:%M}"
    task = operator(sheet, not_after=FUTURE, send_window=hours)
    with pytest.raises(TaskDeferred):
        task.execute({"task_state_store": Store()})

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=3)

    monkeypatch.setattr("airflow_provider_robosms.transfers.hours.datetime", Later)
    with pytest.raises(AirflowFailException, match="at the latest"):
        task.execute({"task_state_store": Store()})
    assert statuses(table(sandbox, sheet)) == {"": 2}


class NotATime(datetime):
    """What pandas gives where a moment is missing: a datetime that is neither equal to, before nor after any."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


@pytest.mark.parametrize(
    "last",
    [
        NotATime(2026, 1, 1),
        "tomorrow",
        "2026-11-23",
        "20261123",
        "23/11/2026 14:00",
        20261123,
        True,
        "2026-13-01 10:00",
    ],
)
def test_what_is_no_moment_stops(sandbox: RunningSandbox, last: Any) -> None:
    sheet = sandbox.create_sheet("Unclear", {"Recipients": recipients(2)})
    with pytest.raises(AirflowFailException, match="not_after must be a moment such as 2026-11-23 14:00"):
        run(sheet, not_after=last)
    assert statuses(table(sandbox, sheet)) == {"": 2}
