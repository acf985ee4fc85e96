"""One campaign in one thread, without sockets: plan, lock, engine, sheet, as the operator puts them together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_robosms.campaign.campaign import Campaign
from airflow_provider_robosms.campaign.engine import Settings
from airflow_provider_robosms.campaign.journal import Journal, MemoryStore
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.campaign.owner import Owner
from airflow_provider_robosms.campaigns_tab.line import CampaignLine, CampaignsTab, campaign_id
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.outcome import SendResult, Status
from airflow_provider_robosms.recipients.planning import plan_rows
from airflow_provider_robosms.recipients.rows import RowReader
from airflow_provider_robosms.recipients.wording import Wording
from airflow_provider_robosms.recipients.workbook import open_workbook
from airflow_provider_robosms.sheets.lock import Busy, Lock
from airflow_provider_robosms.sheets.plan import SheetPlan, begin
from airflow_provider_robosms.sheets.results import SheetResults
from tests.protocol.google import KEY, Clock, Http, spreadsheet

ZONE = ZoneInfo("Asia/Karachi")
#: Ends with the Ref, by which the judge knows for whom a text was meant.
MESSAGE = "Dear {{ Name }}, your reference is {{ Ref }}"


@dataclass
class Gateway:
    """What was texted, in order; :attr:`before` and :attr:`after` are called around each send."""

    sent: list[Message] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None

    def send(self, message: Message) -> SendResult:
        self.before()
        self.sent.append(message)
        self.after()
        return SendResult(Status.SENT, "000", f"RSMS-{message.to}", "", "code")


@dataclass
class Ended:
    """How a try ended."""

    busy: Busy | None = None
    orphans: list[str] = field(default_factory=list)
    gave_up: str = ""
    calls: int = 0


def run(
    http: Http,
    gateway: Gateway,
    *,
    run_id: str = "first",
    store: Any = None,
    chunk: int = 5,
    concurrency: int = 2,
    partition: int = 0,
    partitions: int = 1,
    map_index: int = -1,
    seed: int = 0,
    is_over: Callable[[Owner], bool | None] = lambda owner: None,
    lines: bool = False,
    tab: str = "Recipients",
    template: str | None = None,
) -> Ended:
    """Make one try of a task. A :class:`Killed` that is raised in between goes through.

    :param lines: whether the campaign has a line in the tab Campaigns.
    :param tab: title of the recipients' tab.
    :param template: name of a template; else the text is :data:`MESSAGE`.
    """
    clock: Clock = http.clock
    rng = random.Random(f"{run_id}/{partition}/{seed}/{clock.now}")
    keeps = store is not None
    store = MemoryStore() if store is None else store
    journal = Journal(store, salt=f"{run_id}/{partition}")
    recovered = journal.load()
    known = str(store.get("journal_id") or "") if keeps else ""
    if keeps and not known:
        known = f"{rng.getrandbits(64):x}"
        store.set("journal_id", known)
    api = spreadsheet(http)
    lock: Lock | None = None
    try:
        for _ in range(5):
            read_at = clock.now
            book = open_workbook(api, tab, "Templates", campaigns="Campaigns" if lines else None)
            wording = Wording(message=MESSAGE, template=template, templates=book.templates)
            reader = RowReader(book.columns, wording, zone=ZONE)
            plan = plan_rows(
                SheetPlan(reader, partition, partitions),
                book.rows,
                now=datetime.fromtimestamp(clock.now, timezone.utc),
                settled=lambda key: recovered.settles(journal.opaque(key)),
            )
            owner = Owner("dag", run_id, "send", map_index, partition, partitions)
            lock = lock or Lock(
                api, KEY, book.tab, owner, journal=known, is_over=is_over, now=clock, sleep=clock.sleep, rng=rng
            )
            lock.plan_read(book.tab, read_at, in_use=book.unsettled)
            if lines:
                where = CampaignsTab("Campaigns", *(book.campaigns or ()))
                facts = {"Started": f"{clock.now:.0f}", "Planned": len(plan.messages)}
                lock.line = CampaignLine(
                    where, campaign_id(owner), facts, lambda: {"Sent": str(len(gateway.sent))}, rng
                )
            first = list(plan.messages)[:chunk]
            begun = begin(lock, plan, first, known)
            if isinstance(begun, Busy):
                return Ended(busy=begun, calls=http.calls)
            if not begun:
                continue
            results = SheetResults(
                api, lock, plan, first, chunk=chunk, most_chunk=chunk, zone=ZONE, sleep=clock.sleep, clock=clock,
            )  # fmt: skip
            if not results.planned_by_hits:
                break
            results.put_right()
        else:
            lock.let_go()
            return Ended(gave_up="columns moved", calls=http.calls)
    except RoboSmsError:
        if lock is not None:
            lock.let_go()
        raise
    campaign = Campaign(Settings(concurrency=concurrency), journal, results, recovered, rng)
    campaign.resume(plan.settled, clock.now, clock.now)
    _drive(campaign, journal, gateway, clock)
    stop = campaign.stop
    if lock.line is not None:
        lock.line.finish({"Sent": str(len(gateway.sent)), "State": "done"}, over=stop is None or stop.permanent)
    if results.settled:
        lock.release()
    else:
        lock.leave()
    return Ended(orphans=results.orphans, gave_up=stop.sentence if stop else "", calls=http.calls)


def _drive(campaign: Campaign, journal: Journal, gateway: Gateway, clock: Clock) -> None:
    """What the threaded driver does, one thing after the other."""
    engine = campaign.engine
    while not campaign.done:
        for request in engine.take_sends(clock.now):
            result = gateway.send(request.messages[0])
            clock.sleep(0.05)
            engine.answered(request, result, clock.now, clock.now)
        if (records := engine.take_commit(clock.now)) is not None:
            journal.commit(records)
            campaign.committed(clock.now)
        if (order := campaign.next_flush(clock.now)) is not None:
            try:
                flushed = campaign.ledger.flush(order.results, order.returned, claim=order.claim, final=order.final)
            except RoboSmsError as error:
                campaign.flush_failed(error, clock.now)
            else:
                campaign.flushed(flushed, clock.now)
        clock.sleep(0.05)
