"""Operator that sends messages from any data."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..campaign.ledger import Flushed, LedgerError, ListLedger
from ..campaign.message import Message, Outcome
from ..gateway.outcome import Status
from ..gateway.protocol import RoboSmsError
from ..links.robosms import RoboSmsPortalLink
from .sending import SendingOperator, summary

if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context

OutcomeHandler = Callable[[list[dict[str, Any]]], None]


class RoboSmsSendOperator(SendingOperator):
    """Send one text to one or many numbers, or a list of personalised messages.

    Give *to* with *message*, or *messages*. Within one DAG run a message is sent at most once, whatever crashes and however
    often the task is retried or cleared: the task's state remembers what may have been sent. What cannot be known is
    UNKNOWN and is never resent.

    Returns a summary without personal data (see the documentation). The task fails when messages were given and none was
    accepted; otherwise single failures are counted in the summary and logged.

    :param to: a number, or a list of numbers, as people write them. The same number is texted once.
    :param message: the text for all of *to*; with ``bulk_size`` above 1, many numbers share a request.
    :param messages: list of ``{"to": …, "message": …, "key": …}``. ``key`` is optional: what identifies the message across
        retries, such as a primary key; without it, the number and its how-manieth message in the list.
    :param on_outcomes: called with lists of ``{"key", "status", "code", "message_id", "detail", "parts"}`` as outcomes become
        known, to write them back to a database. After a crash some come again: it must be safe to repeat.

    Further parameters are those of :class:`~.sending.SendingOperator`.
    """

    template_fields: Sequence[str] = ("to", "message", "messages", "mask", "robosms_conn_id", "dry_run")
    operator_extra_links: tuple[BaseOperatorLink, ...] = (RoboSmsPortalLink(),)

    def __init__(
        self,
        *,
        to: str | Sequence[str] | None = None,
        message: str | None = None,
        messages: Sequence[Mapping[str, Any]] | None = None,
        on_outcomes: OutcomeHandler | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.message = message
        self.messages = messages
        self.on_outcomes = on_outcomes

    def execute(self, context: Context) -> dict[str, Any]:
        """Send, and return the summary."""
        try:
            return self._execute(context)
        except RoboSmsError as error:
            self._fail_if_permanent(error)
            raise

    def _execute(self, context: Context) -> dict[str, Any]:
        started = time.monotonic()
        messages, skipped = self._plan()
        for reason, count in skipped.items():
            self.log.warning("Skipped %s: %s", f"{count:,}", reason)
        total = len(messages) + skipped.total()
        parts = sum(message.parts for message in messages)
        if total and not messages:
            raise RoboSmsError(f"Nothing can be sent: {next(iter(skipped))}.", permanent=True)
        settings = self._settings()
        before = self._balance_before() if messages and (self.check_balance or self.is_dry_run) else None
        if self.is_dry_run:
            self._log_preview(messages)
            return summary(
                {},
                total=total,
                skipped=skipped.total(),
                pending=len(messages),
                codes={},
                segments=parts,
                planned_parts=parts,
                before=before,
                after=None,
                seconds=time.monotonic() - started,
            )
        store = self._store(context)
        journal, recovered = self._journal(context, store, self._identity(context))
        # Certainly not sent: an Airflow retry is what the user set retries for.
        recovered.forget_failed()
        settled = {message.key for message in messages if recovered.settles(journal.opaque(message.key))}
        to_send = [message for message in messages if message.key not in settled]
        if before is not None and self.check_balance:
            self._check_affordable(before, sum(message.parts for message in to_send))
        ledger = _ReportingLedger(to_send, self.on_outcomes) if self.on_outcomes else ListLedger(to_send)
        campaign, _ = self._run_campaign(
            store=store,
            journal=journal,
            recovered=recovered,
            ledger=ledger,
            settings=settings,
            known=settled,
            to_send=len(to_send),
        )
        engine = campaign.engine
        result = summary(
            engine.counts,
            total=total,
            skipped=skipped.total(),
            pending=len(messages) - engine.counts.total(),
            codes=engine.codes,
            segments=engine.accepted_parts,
            planned_parts=parts,
            before=before,
            after=self._balance_after() if before is not None else None,
            seconds=time.monotonic() - started,
        )
        self.log.info("Summary: %s", result)
        if campaign.stop and campaign.stop.failure:
            raise RoboSmsError(campaign.stop.sentence, permanent=campaign.stop.permanent)
        if total and not engine.counts[Status.SENT]:
            detail = next((outcome.detail for outcome in ledger.outcomes.values()), "see the log")
            raise RoboSmsError(
                f"None of {total:,} messages was accepted; the last: {detail}.",
                permanent=not engine.counts[Status.FAILED],
            )
        return result

    def _plan(self) -> tuple[list[Message], Counter[str]]:
        """Return the messages to send, and the reasons of the others."""
        from ..sms.phone import InvalidNumber, normalise
        from ..sms.segments import measure

        planned: list[Message] = []
        skipped: Counter[str] = Counter()
        seen: set[object] = set()
        nth: Counter[str] = Counter()
        single = self.messages is None
        for entry in self._entries():
            try:
                number = normalise(entry["to"])
            except InvalidNumber as error:
                skipped[f"bad number: {error}"] += 1
                continue
            text = entry["message"]
            if not text.strip():
                skipped["the text is blank"] += 1
                continue
            nth[number] += 1
            key = (
                f"key:{entry['key']}"
                if entry.get("key") is not None
                else f"tel:{number}:{1 if single else nth[number]}"
            )
            same = {key, (number, text)} if entry.get("key") is None else {key}
            if seen & same:
                skipped["duplicate of an earlier message in the list"] += 1
                continue
            seen |= same
            planned.append(Message(key, number, text, measure(text).parts, self.mask))
        return planned, skipped

    def _entries(self) -> list[dict[str, Any]]:
        """Return the input as entries with ``to`` and ``message``.

        :raises RoboSmsError: for input of another shape, naming the entry.
        """
        if self.messages is None:
            if self.to is None or self.message is None:
                raise RoboSmsError("Set to and message, or messages.", permanent=True)
            numbers = [self.to] if isinstance(self.to, (str, int)) else list(self.to)
            return [{"to": number, "message": str(self.message)} for number in numbers]
        if self.to is not None or self.message is not None:
            raise RoboSmsError("Set either to and message, or messages, not both.", permanent=True)
        if isinstance(self.messages, (str, Mapping)):
            raise RoboSmsError(
                "messages must be a list of {'to', 'message'}; a template needs render_template_as_native_obj on the DAG.",
                permanent=True,
            )
        entries = []
        for index, entry in enumerate(self.messages):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("message"), str) or "to" not in entry:
                raise RoboSmsError(f"messages[{index}] must have 'to' and a text 'message'.", permanent=True)
            entries.append(dict(entry))
        return entries

    def _log_preview(self, messages: Sequence[Message]) -> None:
        from ..sms.phone import mask

        for message in messages[:3]:
            self.log.info("Sample for %s (%s parts): %s characters", mask(message.to), message.parts, len(message.text))


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
            rows = [
                {
                    "key": key.removeprefix("key:"),
                    "status": outcome.status.value,
                    "code": outcome.code,
                    "message_id": outcome.message_id,
                    "detail": outcome.detail,
                    "parts": outcome.parts,
                }
                for key, outcome in self._pending.items()
            ]
            try:
                self._handler(rows)
            except Exception as error:  # noqa: BLE001 - the user's own function
                raise LedgerError(
                    f"on_outcomes failed with {type(error).__name__}: mend it and run the task again."
                ) from None
        delivered, self._pending = self._pending, {}
        return super().flush(delivered, returned, claim=claim, final=final)
