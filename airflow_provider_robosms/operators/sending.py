"""What both sending operators share: the journal in Airflow's task state, progress, stopping, and the summary."""

from __future__ import annotations

import contextlib
import gc
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from ..campaign.journal import Journal, Memory, MemoryStore, Store
from ..campaign.owner import Owner
from ..compat import AirflowFailException, task_state_store
from ..exceptions import RoboSmsError
from ..gateway.outcome import Balance, SendResult, Status
from ..hooks.robosms import RoboSmsHook
from ..settings import boolean, optional_number, sender_mask, text, whole
from .progress import Progress
from .reason import tell_reason
from .state import LastingStore

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import Logger

    from ..campaign.campaign import Campaign, Resumed
    from ..campaign.driver import Driver
    from ..campaign.engine import Request, Settings
    from ..campaign.ledger import Ledger


#: Bounds of *max_per_second*. A campaign that is slower than one message in a quarter of an hour is a slip.
SLOWEST, FASTEST = 0.001, 10_000
#: Most requests under way at once (each takes a thread), and most numbers in one request.
MOST_AT_ONCE = 1_000
#: Ends of the names in a result under which there may be much, or words of people's texts.
_LONG = ("_rows", "_at", "samples")
_STOPPED = "The task was stopped; run it again to send the rest."


class SendingOperator(BaseOperator):
    """Base of the operators that send; use one of them.

    :param robosms_conn_id: connection of type ``robosms``.
    :param mask: sender mask; the connection's by default.
    :param concurrency: requests under way at once. A crash leaves at most twice as many in doubt.
    :param max_per_second: messages per second; None for as fast as the portal answers.
    :param bulk_size: most numbers that get an identical text in one request (``multiple=1``); 1 for one request each.
    :param max_attempts: attempts for a message that was certainly not sent.
    :param check_balance: before the first message, see that the balance pays for all of them.
    :param dry_run: plan everything, send and write nothing.
    """

    ui_color = "#d7f0e1"

    def __init__(
        self,
        *,
        robosms_conn_id: str = RoboSmsHook.default_conn_name,
        mask: str | None = None,
        concurrency: int = 20,
        max_per_second: float | None = None,
        bulk_size: int = 1,
        max_attempts: int = 3,
        check_balance: bool = True,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.robosms_conn_id = robosms_conn_id
        self.mask = mask
        self.concurrency = concurrency
        self.max_per_second = max_per_second
        self.bulk_size = bulk_size
        self.max_attempts = max_attempts
        self.check_balance = check_balance
        self.dry_run = dry_run  # type: ignore[method-assign,assignment]  # the parameter's name is BaseOperator's method's too
        self.portal_url = ""
        self._driver: Driver | None = None
        self._progress: Progress | None = None
        self._stop_asked = False
        self._run_id = uuid.uuid4().hex  # of a plain execute() outside Airflow
        # What the DAG's author set must come out as something: a template that gives nothing is no "no limit".
        self._given = {"mask": mask is not None, "max_per_second": max_per_second is not None}

    @cached_property
    def hook(self) -> RoboSmsHook:
        """The RoboSMS hook."""
        return RoboSmsHook(text(self.robosms_conn_id, "robosms_conn_id"))

    def on_kill(self) -> None:
        """End in good order: what is in flight is waited for briefly, everything known is written down."""
        self._stop_asked = True  # also when it comes before the first message
        if self._driver is not None:
            self._driver.request_stop(_STOPPED)

    # For the operators.

    def execute(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Run the campaign, or go on with it after waiting, and return the summary."""
        # What Airflow has loaded lasts as long as this process. Scanned for garbage each time a campaign's lists have grown,
        # it costs more than planning them.
        gc.freeze()
        self._note_portal()
        try:
            return self._execute(context)
        except RoboSmsError as error:
            self._fail_if_permanent(error)
            raise

    def _execute(self, context: Context) -> dict[str, Any]:
        raise NotImplementedError

    def _note_portal(self) -> None:
        """Note where the link on the task leads: also of a task that then fails, or that sends nothing."""
        with contextlib.suppress(Exception):  # what is wrong with the connection is said when it is used
            self.portal_url = self.hook.client.account.host

    @property
    def is_dry_run(self) -> bool:
        """The setting *dry_run*; what is neither yes nor no is an error."""
        return boolean(self.dry_run, "dry_run")

    @property
    def checks_balance(self) -> bool:
        """The setting *check_balance*; what is neither yes nor no is an error."""
        return boolean(self.check_balance, "check_balance")

    @property
    def sender_id(self) -> str | None:
        """The setting *mask*; None for the connection's."""
        return sender_mask(self.mask, given=self._given["mask"])

    def _settings(self, share: int = 1) -> Settings:
        """Return the engine's settings; the pace is shared between *share* tasks.

        :raises RoboSmsError: for any setting of this class that is not clearly understood.
        """
        from ..campaign.engine import Settings

        _ = text(self.robosms_conn_id, "robosms_conn_id")
        _ = self.is_dry_run, self.checks_balance, self.sender_id  # wrong ones stop before anything is done, too
        given = self._given["max_per_second"]
        rate = optional_number(self.max_per_second, "max_per_second", least=SLOWEST, most=FASTEST, given=given)
        return Settings(
            concurrency=whole(self.concurrency, "concurrency", least=1, most=MOST_AT_ONCE),
            max_per_second=rate / share if rate is not None else None,
            bulk_size=whole(self.bulk_size, "bulk_size", least=1, most=MOST_AT_ONCE),
            max_attempts=whole(self.max_attempts, "max_attempts", least=1, most=100),
        )

    def _owner(self, context: Context, partition: int = 0, partitions: int = 1) -> Owner:
        """Return who sends: this task instance, the same for all its tries, and its share of the rows."""
        ti = context.get("ti")
        run_id = getattr(ti, "run_id", None) or context.get("run_id") or self._run_id
        index = getattr(ti, "map_index", None)
        return Owner(
            str(getattr(ti, "dag_id", None) or ""),
            str(run_id),
            self.task_id,
            -1 if index is None else int(index),
            partition,
            partitions,
        )

    def _store(self, context: Context) -> Store:
        store = task_state_store(context)
        if store is None:
            self.log.warning(
                "There is no Airflow task state here: if this process dies, what it sent is not remembered."
            )
            return MemoryStore()
        return LastingStore(store)

    @staticmethod
    def _leave_summary(context: Context, result: dict[str, Any]) -> None:
        """Push the summary of a task that is about to fail under ``summary``: it has no return value."""
        push = getattr(context.get("ti"), "xcom_push", None)
        if push is not None:
            push(key="summary", value=result)

    @staticmethod
    def _journal(store: Store, owner: Owner) -> Memory:
        """Open the journal and read what earlier tries left in it."""
        journal = Journal(store, salt="\n".join((*owner.campaign, str(owner.map_index))))
        return Memory(store, journal, journal.load())

    def _run_campaign(
        self,
        memory: Memory,
        ledger: Ledger,
        *,
        settings: Settings,
        known: Iterable[str],
        overwritten: Collection[str] = (),
        to_send: int,
        deadline: float | None = None,
    ) -> tuple[Campaign, Resumed]:
        """Send everything the ledger hands out.

        :param known: keys that the journal may know something of.
        :param overwritten: those of them whose result must be written again.
        :param to_send: messages that are to be sent, for the progress line.
        :param deadline: when the send window closes (``time.monotonic()``).
        :raises RoboSmsError: for an end that is a failure; the journal then holds what happened.
        """
        from ..campaign.campaign import Campaign
        from ..campaign.driver import Driver

        campaign = Campaign(settings, memory.journal, ledger, memory.recovered)
        resumed = campaign.resume(known, time.monotonic(), time.time(), set(overwritten))
        if memory.recovered:
            self.log.info(
                "An earlier try left its journal: %s reused, %s in doubt (UNKNOWN), %s still to send.",
                *(f"{n:,}" for n in (resumed.reused, resumed.in_doubt, to_send)),
            )
        progress = self._progress = Progress(campaign.engine, to_send, resumed.reused + resumed.in_doubt, memory.store)
        client, sender_id = self.hook.client, self.sender_id

        def transport(request: Request) -> SendResult:
            first = request.messages[0]
            numbers = [message.to for message in request.messages]
            return client.send(numbers, first.text, first.mask or sender_id)

        self._driver = Driver(
            campaign,
            memory.journal,
            transport,
            on_progress=lambda: self.log.info("%s", progress.line()),
            after_commit=progress.publish,
            deadline=deadline,
        )
        if self._stop_asked:
            self._driver.request_stop(_STOPPED)
        try:
            self._driver.run()
        finally:
            self._driver = None
            progress.publish(force=True)
        return campaign, resumed

    def _check_affordable(self, balance: Balance, parts: int) -> None:
        """See that a balance pays for so many message parts.

        :raises RoboSmsError: when it does not; permanent, for Airflow's retries top nothing up.
        """
        from ..campaign.report import in_money
        from ..gateway.amounts import in_parts

        if not parts:
            return
        if balance.rate is None:
            self.log.warning(
                "The portal names no price of a message part that can be read: whether the balance of %s pays for %s is "
                "not known.",
                in_money(balance.amount),
                in_parts(parts),
            )
            return
        cost = balance.rate * parts
        if cost > balance.amount:
            raise RoboSmsError(
                f"The balance of {in_money(balance.amount)} does not pay for this campaign: "
                f"{in_parts(parts, 'message part')} at Rs {balance.rate:,} cost {in_money(cost)}. Top up, or send fewer.",
                permanent=True,
            )

    def _balance_before(self) -> Balance:
        """Read the balance: it also proves that portal, key and account work before anything is sent."""
        return self.hook.get_balance()

    def _balance_after(self) -> Balance | None:
        try:
            return self.hook.get_balance()
        except RoboSmsError as error:
            self.log.warning("The balance after sending is not known: %s", error)
            return None

    def _fail_if_permanent(self, error: RoboSmsError) -> None:
        """Leave the reason for the report; raise what ends the task without Airflow's retries, where these could not help."""
        told = tell_reason(self.log, str(error))
        if error.permanent:
            raise AirflowFailException(told) from None


@dataclass(frozen=True)
class Sent:
    """What was sent.

    :param counts: messages by status.
    :param codes: answers by the gateway's code.
    :param parts: message parts that were accepted (in a dry run: that would be sent).
    """

    counts: Mapping[Status, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    parts: int = 0


@dataclass(frozen=True)
class Money:
    """What a campaign costs.

    :param planned_parts: message parts of everything that was to be sent, for the estimate.
    :param before: the balance before sending; None where it was not read, as in *after*.
    """

    planned_parts: int
    before: Balance | None
    after: Balance | None = None


def summary(
    sent: Sent, money: Money, *, total: int, skipped: int, pending: int, seconds: float, began: int | None = None
) -> dict[str, Any]:
    """Return the operators' result: counts and money, nothing personal, plain JSON.

    :param seconds: how long this try took.
    :param began: when sending began, in seconds since the epoch; None where nothing was to be sent.
    """
    counts, before, after = sent.counts, money.before, money.after
    cost = before.rate * money.planned_parts if before and before.rate is not None else None
    return {
        "total": total,
        **{status.value.lower(): counts.get(status, 0) for status in (Status.SENT, Status.REJECTED, Status.FAILED)},
        "unknown": counts.get(Status.UNKNOWN, 0),
        "skipped": skipped,
        "pending": pending,
        "codes": dict(sorted(sent.codes.items())),
        "segments": sent.parts,
        "estimated_cost": _text(cost),
        "balance_before": _text(before.amount if before else None),
        "balance_after": _text(after.amount if after else None),
        "seconds": round(seconds, 1),
        "began": began,
    }


def tell_result(log: Logger, result: Mapping[str, Any], before: Balance | None) -> None:
    """Log a summary in words, and all of it for who looks for an error.

    :param before: the balance before sending, for the price of a message part; None where it was not read.
    """
    from ..campaign.report import headline

    rate = before.rate if before else None
    tell_words(log, f"Summary: {headline(result)}", result, None if rate is None else rate * result["segments"])


def tell_words(log: Logger, words: str, result: Mapping[str, Any], cost: object) -> None:
    """Log *words* about a result with what its message parts cost.

    :param cost: an amount; None where it is not known.
    """
    from ..campaign.report import broken, in_money
    from ..gateway.amounts import in_parts

    money = f" Cost: {in_money(cost)} for {in_parts(result['segments'])}." if result["segments"] else ""
    log.info("%s", broken(f"{words}.{money}"))
    log.debug("The whole result: %s", {name: value for name, value in result.items() if not name.endswith(_LONG)})


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
