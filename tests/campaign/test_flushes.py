"""When results go to the ledger: with each claim, at the end, and before it when many are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_robosms.campaign.campaign import MANY_RESULTS, Campaign
from airflow_provider_robosms.campaign.engine import Settings, Stop
from airflow_provider_robosms.campaign.journal import Journal, MemoryStore, Recovered
from airflow_provider_robosms.campaign.ledger import Flushed
from airflow_provider_robosms.campaign.message import Message, Outcome
from airflow_provider_robosms.gateway.outcome import SendResult, Status

SENT = SendResult(Status.SENT, "000", "M", "queued", "code")
CONCURRENCY = 20


class Told:
    """A ledger that hands out *count* messages at once, and remembers its flushes: results, claim, final."""

    tracks_delivery = False

    def __init__(self, count: int) -> None:
        self.chunk = count
        self.flushes: list[tuple[int, bool, bool]] = []

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        self.flushes.append((len(results), claim, final))
        messages = [Message(f"k{i}", f"9230000{i:05d}", "hi") for i in range(self.chunk)] if claim else []
        return Flushed(messages, exhausted=claim)


def flushes_of(count: int, *, stop_after: int | None = None) -> list[tuple[int, bool, bool]]:
    """Return the flushes of a campaign in which each answer comes at once."""
    ledger, journal = Told(count), Journal(MemoryStore(), salt="s")
    campaign = Campaign(Settings(concurrency=CONCURRENCY), journal, ledger)
    engine, sent, now = campaign.engine, 0, 0.0
    while not campaign.done:
        now += 0.01
        for request in engine.take_sends(now):
            engine.answered(request, SENT, now, now)
            sent += 1
        if stop_after is not None and sent >= stop_after and engine.stop is None:
            engine.halt(Stop("The task was stopped."), now)
        if (records := engine.take_commit(now)) is not None:
            journal.commit(records)
            campaign.committed(now)
        if (order := campaign.next_flush(now)) is not None:
            campaign.flushed(ledger.flush(order.results, order.returned, claim=order.claim, final=order.final), now)
    return ledger.flushes


def test_sending_began_with_the_first_try_that_is_known() -> None:
    journal = Journal(MemoryStore(), salt="s")
    earlier = Recovered(outcomes={key: Outcome(Status.SENT, at=at) for key, at in (("a", 70), ("b", 50))})
    for recovered, began in ((None, 100), (Recovered(), 100), (earlier, 50)):
        campaign = Campaign(Settings(), journal, Told(1), recovered)
        assert campaign.began is None
        campaign.resume([], 0.0, 100.9)
        assert campaign.began == began


def test_most_results_are_written_before_the_end():
    begin, early, end = flushes_of(4_000)
    assert begin == (0, True, False)
    assert early[1:] == (False, False)
    assert early[0] >= MANY_RESULTS
    assert end == (4_000 - early[0], False, True)
    assert end[0] <= 4_000 // 8 + 2 * CONCURRENCY


def test_few_are_written_at_once():
    assert flushes_of(MANY_RESULTS // 2) == [(0, True, False), (MANY_RESULTS // 2, False, True)]


def test_a_campaign_that_is_stopped_writes_only_once_more():
    assert [flush[1:] for flush in flushes_of(4_000, stop_after=3_800)].count((False, False)) == 1
    assert [flush[1:] for flush in flushes_of(4_000, stop_after=2_000)] == [(True, False), (False, True)]
