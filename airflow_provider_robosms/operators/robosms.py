"""Operator that sends messages from any data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..campaign.ledger import Flushed, ListLedger
from ..campaign.message import Message, Outcome
from ..exceptions import RoboSmsError
from ..gateway.outcome import Status
from ..links.robosms import RoboSmsPortalLink
from ..settings import boolean
from .list_plan import ListPlan, own_texts, same_text
from .sending import Money, SendingOperator, Sent, summary, tell_result
from .state import ListMemory

if TYPE_CHECKING:
    import jinja2
    from airflow.sdk import BaseOperatorLink, Context

#: Numbers of *to* that the rendered field shows, masked.
_SHOWN_NUMBERS = 10

OutcomeHandler = Callable[[list[dict[str, Any]]], None]
MessageSource = Callable[["Context"], Iterable[Mapping[str, Any]]]


class RoboSmsSendOperator(SendingOperator):
    """Send one text to one or many numbers, or a list of personalised messages.

    Give *to* with *message*, or *messages*. Within one DAG run a message is sent at most once, whatever crashes and however
    often the task is retried or cleared: the task's state remembers what may have been sent. What cannot be known is
    UNKNOWN and is never resent. Where Airflow has deleted that state, and before Airflow 3.3, which has none, a task that may
    have sent fails instead of sending again.

    Returns a summary without personal data (see the documentation). The task fails when messages were given and none was
    accepted; otherwise single failures are counted in the summary and logged.

    :param to: a number, or a list of numbers, as people write them. The same number is texted once.
    :param message: the text for all of *to*; with ``bulk_size`` above 1, many numbers share a request.
    :param messages: list of ``{"to": …, "message": …, "key": …}``, or a function that takes the task's context and returns
        it: it is called in :meth:`execute`, so that the numbers of a database reach neither XCom nor the UI. ``key`` is
        optional: what identifies the message across retries, such as a primary key; without it, the number and its
        how-manieth message in the list.
    :param on_outcomes: called with lists of ``{"key", "status", "code", "message_id", "detail", "parts"}`` as outcomes become
        known, to write them back to a database; messages with a key whose number or text cannot be used come as SKIPPED.
        After a crash some come again, and a message that was SENT may come once more as UNKNOWN, when the process died before
        it could store the answer: it must be safe to repeat, and UNKNOWN must not replace another status.
    :param resend_when_cleared: where Airflow no longer knows what an earlier try sent, send everything again. Before Airflow
        3.3 that is so on each retry, too.

    Further parameters are those of :class:`~.sending.SendingOperator`.
    """

    template_fields: Sequence[str] = ("to", "message", "messages", "mask", "robosms_conn_id", "dry_run")
    operator_extra_links: tuple[BaseOperatorLink, ...] = (RoboSmsPortalLink(),)

    def __init__(
        self,
        *,
        to: str | Sequence[str] | None = None,
        message: str | None = None,
        messages: Sequence[Mapping[str, Any]] | MessageSource | None = None,
        on_outcomes: OutcomeHandler | None = None,
        resend_when_cleared: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.message = message
        self.messages = messages
        self.on_outcomes = on_outcomes
        self.resend_when_cleared = resend_when_cleared
        self._rendered: Mapping[str, Any] = {}

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Context,
        jinja_env: jinja2.Environment,
        seen_oids: set[int],
    ) -> None:
        """Render, keep what :meth:`execute` needs, and leave only stand-ins in the fields that Airflow shows to everybody.

        Airflow stores the template fields after rendering. This is the one method that it calls for mapped tasks, too.
        """
        if parent is self and callable(self.messages):
            # Airflow would call it here, and whenever somebody renders the task.
            template_fields = [name for name in template_fields if name != "messages"]
        super()._do_render_template_fields(parent, template_fields, context, jinja_env, seen_oids)
        if parent is self:
            to, messages = _listed(self.to), _listed(self.messages)
            self._rendered = {"to": to, "messages": messages}
            self.to, self.messages = _masked_numbers(to), _described_messages(messages)

    def _execute(self, context: Context) -> dict[str, Any]:
        started = time.monotonic()
        settings, resend = self._settings(), boolean(self.resend_when_cleared, "resend_when_cleared")
        if self.on_outcomes is not None and not callable(self.on_outcomes):
            raise RoboSmsError("on_outcomes must be a function that takes a list of outcomes.", permanent=True)
        store = self._store(context)
        memory = None if self.is_dry_run else ListMemory(context, store)
        plan = self._plan(context)
        messages, skipped = plan.messages, plan.skipped
        for reason, count in skipped.items():
            self.log.warning("Skipped %s: %s", f"{count:,}", reason)
        total = len(messages) + skipped.total()
        parts = sum(message.parts for message in messages)
        if plan.unusable and self.on_outcomes and not self.is_dry_run:
            _hand_over(self.on_outcomes, [_skipped_row(key, reason) for key, reason in plan.unusable])
        if total and not messages:
            raise RoboSmsError(f"Nothing can be sent: {next(iter(skipped))}.", permanent=True)
        if memory is not None:
            memory.compare(message.key for message in messages)
        if messages:
            self.hook.client.account.sender(self.sender_id)
        before = self._balance_before() if messages and (self.checks_balance or self.is_dry_run) else None
        if memory is None:  # a dry run
            self._log_preview(messages)
            return summary(
                Sent(parts=parts),
                Money(parts, before),
                total=total,
                skipped=skipped.total(),
                pending=len(messages),
                seconds=time.monotonic() - started,
            )
        journal = self._journal(store, self._owner(context))
        # Certainly not sent: an Airflow retry is what the user set retries for.
        journal.recovered.forget_failed()
        settled = {message.key for message in messages if journal.settles(message.key)}
        to_send = [message for message in messages if message.key not in settled]
        if to_send:
            memory.check(resend=resend)
        if before is not None and self.checks_balance:
            self._check_affordable(before, sum(message.parts for message in to_send))
        ledger = _ReportingLedger(to_send, self.on_outcomes) if self.on_outcomes else ListLedger(to_send)
        campaign, _ = self._run_campaign(journal, ledger, settings=settings, known=settled, to_send=len(to_send))
        engine = campaign.engine
        result = summary(
            Sent(engine.counts, engine.codes, engine.accepted_parts),
            Money(parts, before, self._balance_after() if before is not None else None),
            total=total,
            skipped=skipped.total(),
            pending=len(messages) - engine.counts.total(),
            seconds=time.monotonic() - started,
            began=campaign.began,
        )
        tell_result(self.log, result, before)
        if campaign.stop and campaign.stop.failure:
            self._leave_summary(context, result)
            raise RoboSmsError(campaign.stop.sentence, permanent=campaign.stop.permanent)
        if total and not engine.counts[Status.SENT]:
            detail = next((outcome.detail for outcome in ledger.outcomes.values()), "see the log")
            raise RoboSmsError(
                f"None of {total:,} messages was accepted; the last: {detail}.",
                permanent=not engine.counts[Status.FAILED],
            )
        return result

    def _plan(self, context: Context) -> ListPlan:
        to, messages = self._rendered.get("to", self.to), self._rendered.get("messages", self.messages)
        if messages is None:
            entries = same_text(_listed(to), self.message)
        elif to is not None or self.message is not None:
            raise RoboSmsError("Set either to and message, or messages, not both.", permanent=True)
        else:
            entries = own_texts(_listed(messages(context) if callable(messages) else messages))
        return ListPlan.of(entries, self.sender_id, one_each=messages is None)

    def _log_preview(self, messages: Sequence[Message]) -> None:
        from ..gateway.amounts import in_parts
        from ..sms.phone import mask

        for one in messages[:3]:
            self.log.info(
                "Sample for %s (%s): %s", mask(one.to), in_parts(one.parts), in_parts(len(one.text), "character")
            )


def _listed(value: Any) -> Any:
    """Return what holds many as a list, and anything else as it is."""
    return list(value) if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)) else value


def _masked_numbers(to: Any) -> Any:
    """Return a stand-in for *to* that shows whose numbers these are to somebody who knows them, and to nobody else."""
    from ..sms.phone import mask

    if not isinstance(to, list):
        return None if to is None else mask(to)
    shown = [mask(number) for number in to[:_SHOWN_NUMBERS]]
    return [*shown, f"and {len(to) - _SHOWN_NUMBERS:,} more"] if len(to) > _SHOWN_NUMBERS else shown


def _described_messages(messages: Any) -> Any:
    """Return a stand-in for *messages*: how many there are."""
    if callable(messages):
        return f"messages of the function {getattr(messages, '__name__', type(messages).__name__)}"
    if not isinstance(messages, list):
        return None if messages is None else "not a list"
    return f"{len(messages):,} messages"


def _outcome_row(key: str, outcome: Outcome) -> dict[str, Any]:
    """Return what *on_outcomes* gets for one message."""
    return {
        "key": key,
        "status": outcome.status.value,
        "code": outcome.code,
        "message_id": outcome.message_id,
        "detail": outcome.detail,
        "parts": outcome.parts,
    }


def _skipped_row(key: str, reason: str) -> dict[str, Any]:
    return {**_outcome_row(key, Outcome(Status.SKIPPED)), "detail": reason}


def _hand_over(handler: OutcomeHandler, rows: list[dict[str, Any]]) -> None:
    try:
        handler(rows)
    except Exception as error:  # noqa: BLE001 - the user's own function
        raise RoboSmsError(f"on_outcomes failed with {type(error).__name__}: fix it and run the task again.") from None


class _ReportingLedger(ListLedger):
    """Hands outcomes to the user's function; what it fails to take is given again."""

    tracks_delivery = True

    def __init__(self, messages: Sequence[Message], handler: OutcomeHandler) -> None:
        super().__init__(messages)
        self._handler = handler
        self._pending: dict[str, Outcome] = {}

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        self._pending.update(results)
        if self._pending:
            rows = [_outcome_row(key.removeprefix("key:"), outcome) for key, outcome in self._pending.items()]
            _hand_over(self._handler, rows)
        delivered, self._pending = self._pending, {}
        return super().flush(delivered, returned, claim=claim, final=final)
