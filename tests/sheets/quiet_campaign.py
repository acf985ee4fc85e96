"""One campaign over the model of a spreadsheet, without sockets, senders or time: each claimed message is SENT at once."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from airflow_provider_robosms.campaign.message import Message, Outcome
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.sheets.columns import Columns
from airflow_provider_robosms.sheets.ledger import SheetLedger
from airflow_provider_robosms.sheets.marks import Run
from airflow_provider_robosms.sheets.plan import make_plan
from airflow_provider_robosms.sheets.rows import RowReader, Wording
from airflow_provider_robosms.sheets.snapshot import read_all
from tests.sheets.model import TAB, ModelApi

ZONE = ZoneInfo("Asia/Karachi")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)


def send_all(api: ModelApi, chunk: int) -> tuple[list[Message], list[str]]:
    """Text every recipient of the tab, *chunk* rows at a time; return what was sent, and the keys of results without a row.

    :raises LedgerError: when the campaign gave up, and said so.
    """
    columns, rows = read_all(api, TAB)
    run = Run("run")

    def reader_for(found: Columns) -> RowReader:
        return RowReader(found, Wording(message="{{ Name }}"), key_column="Phone", zone=ZONE)

    plan = make_plan(reader_for(columns), rows, run, now=NOW, read_at=0.0)
    ledger = SheetLedger(
        api, plan, reader_for, run, chunk=chunk, zone=ZONE, now=lambda: NOW, sleep=lambda seconds: None
    )
    sent: list[Message] = []
    results: dict[str, Outcome] = {}
    exhausted = False
    while not exhausted:
        flushed = ledger.flush(results, [], claim=True, final=False)
        sent += flushed.messages
        results = {
            message.key: Outcome(Status.SENT, "000", f"RSMS-{message.to}", "code", 1_795_000_000, 1)
            for message in flushed.messages
        }
        exhausted = flushed.exhausted
    ledger.flush(results, [], claim=False, final=True)
    return sent, ledger.orphans
