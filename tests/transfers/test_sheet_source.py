"""The sheet of one task: its lock is held only while something is sent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.campaign.owner import Owner
from airflow_provider_robosms.recipients.wording import Wording
from airflow_provider_robosms.sheets.plan import SheetPlan
from airflow_provider_robosms.spreadsheet.errors import SheetError
from airflow_provider_robosms.transfers.sheet_source import Chunks, SheetSettings, SheetSource
from tests.protocol.campaigns import MESSAGE
from tests.protocol.google import KEY, spreadsheet
from tests.protocol.stage import Stage


def test_a_lock_that_was_taken_for_a_plan_that_is_refused_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else other campaigns wait for it, and what it announced is taken for texts that may have been sent."""
    stage, zone, held = Stage(), ZoneInfo("Asia/Karachi"), list[str]()

    def refused(self: SheetPlan, *given: object) -> bool:
        held.extend(stage.tabs())
        raise SheetError("A run that ended knew the recipients by another column.", permanent=True)

    monkeypatch.setattr(SheetPlan, "confirm", refused)
    wanted = SheetSettings(
        KEY,
        "Recipients",
        "Templates",
        None,
        None,
        0,
        1,
        None,
        same_number=False,
        wording=Wording(message=MESSAGE),
        zone=zone,
    )
    owner = Owner("dag", "run", "send")

    def begins() -> None:
        with SheetSource(spreadsheet(stage.http()), wanted, owner, None, lambda owner: None) as sheet:
            book = sheet.open()
            sheet.take(book, sheet.plan(book), None, "", Chunks.of(2, None, MemoryStore()))

    with pytest.raises(SheetError, match="another column"):
        begins()
    assert len(held) == 2, "the lock and a working tab"
    assert stage.tabs() == []
