"""Sensor that waits for a balance."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from ..compat import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    conf,
    task_state_store,
)
from ..exceptions import RoboSmsError
from ..gateway.amounts import seconds_of
from ..gateway.threshold import (
    CONDITIONS,
    LONGEST_WAIT,
    SHORTEST_POLL,
    Condition,
    Threshold,
    poll_balance,
    report,
    words,
)
from ..hooks.robosms import RoboSmsHook
from ..links.robosms import RoboSmsPortalLink
from ..settings import boolean, choice, whole

if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context

    from ..gateway.outcome import Balance

#: The trigger ends by itself at the deadline; Airflow's own timeout comes this much later, in case no triggerer runs (s).
BACKSTOP_SECONDS = 300.0
_FAILED_POLLS = "failed_polls"


class RoboSmsBalanceSensor(BaseSensorOperator):
    """Wait until the account's balance is at least, or below, a threshold.

    Give exactly one of *min_balance* and *min_messages*. All modes work: ``poke``, ``reschedule``, and deferrable, which
    polls once on the worker and then in the triggerer. ``timeout``, ``soft_fail`` and ``never_fail`` are Airflow's own and
    mean the same in each mode; ``exponential_backoff`` does not apply to the deferrable mode. ``soft_fail`` skips only where
    the balance was read and the time was up: as long as it cannot be read, nobody knows that it is fine.

    Returns (XCom) ``{"balance": "12.50", "rate": "0.50", "messages": 25, "username": "…"}``: money as decimal strings,
    ``messages`` as the message parts that the balance pays for, None where the portal names no rate.

    What only a person can fix (a refused API key, a suspended account, a missing connection) fails the task at once and
    without retries, also with ``soft_fail``. Passing failures (no answer, HTTP 5xx) are tolerated.

    :param min_balance: money, in the account's currency: a Decimal, a decimal string or a number.
    :param min_messages: message parts, at the account's own rate.
    :param condition: ``at_least`` to wait for enough balance, ``below`` to wait for a low one.
    :param poke_interval: seconds between two polls, or a timedelta; less than 1 second counts as 1.
    :param timeout: seconds to wait, or a timedelta. Default: ``[sensors] default_timeout``.
    :param max_failed_polls: how many passing failures in a row are tolerated; the next one fails the task.
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``.
    :param robosms_conn_id: connection of type ``robosms``.
    :raises RoboSmsError: for a parameter that cannot be used, naming it; a template's value is checked when the task runs.
    """

    template_fields: Sequence[str] = ("min_balance", "min_messages", "robosms_conn_id")
    operator_extra_links: tuple[BaseOperatorLink, ...] = (RoboSmsPortalLink(),)
    ui_color = "#d7f0e1"

    def __init__(
        self,
        *,
        min_balance: Decimal | str | float | None = None,
        min_messages: int | str | None = None,
        condition: str = "at_least",
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        max_failed_polls: int = 3,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        robosms_conn_id: str = RoboSmsHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        interval = _seconds(poke_interval, "poke_interval")
        super().__init__(
            poke_interval=max(SHORTEST_POLL, interval),
            timeout=None if timeout is None else _seconds(timeout, "timeout"),
            **kwargs,
        )
        self.min_balance = min_balance
        self.min_messages = min_messages
        self.condition = choice(condition, "condition", CONDITIONS)
        self.max_failed_polls = whole(max_failed_polls, "max_failed_polls")
        self.deferrable = boolean(deferrable, "deferrable")
        # Airflow's own, which any text would switch on: a balance that is not fine would be skipped.
        for name in ("soft_fail", "never_fail", "silent_fail"):
            setattr(self, name, boolean(getattr(self, name), name))
        self.robosms_conn_id = robosms_conn_id
        self.portal_url = ""
        self._failed_polls = 0
        self._hopeless = ""
        self._unanswered = False
        if not any(_comes_later(value) for value in (min_balance, min_messages)):
            Threshold.parse(min_balance, min_messages)

    @cached_property
    def hook(self) -> RoboSmsHook:
        """The RoboSMS hook."""
        return RoboSmsHook(self.robosms_conn_id)

    def execute(self, context: Context) -> Any:
        """Wait for the balance."""
        with self._no_skip_without_a_balance():
            return super().execute(context)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Go on after the deferral."""
        self._unanswered = True  # until the trigger's event says otherwise: it may have failed, or never have run
        with self._no_skip_without_a_balance():
            return super().resume_execution(next_method, next_kwargs, context)

    @contextlib.contextmanager
    def _no_skip_without_a_balance(self) -> Iterator[None]:
        """Let ``soft_fail`` skip only what is known: else a refused key would look like a balance that is fine."""
        try:
            yield
        except AirflowSkipException:
            if self.never_fail:
                raise
            if self._hopeless:
                raise AirflowFailException(self._hopeless) from None
            if self._unanswered or self._failed_polls:
                raise AirflowSensorTimeout("The RoboSMS balance could not be read when the time was up.") from None
            raise

    def _fail(self, sentence: str) -> NoReturn:
        self._hopeless = sentence
        raise AirflowFailException(sentence) from None

    def poke(self, context: Context) -> bool | PokeReturnValue:
        """Read the balance once; in deferrable mode, leave the rest to the trigger."""
        try:
            threshold = Threshold.parse(self.min_balance, self.min_messages)
            balance = self._poll(context)
            if balance is not None:
                self.log.info("The RoboSMS balance is %s.", words(balance))
                if threshold.is_met(balance) == (self.condition == Condition.AT_LEAST):
                    return PokeReturnValue(is_done=True, xcom_value=report(balance))
        except RoboSmsError as error:
            if error.permanent:
                self._fail(str(error))
            raise
        if self.deferrable:
            self._defer(threshold)
        return False

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Take the trigger's event: return the balance, or fail as the other modes do."""
        with contextlib.suppress(Exception):  # the link in the UI is worth no failure
            self.portal_url = self.hook.client.account.host
        event = event if isinstance(event, dict) else {}
        status, balance = event.get("status"), event.get("balance")
        detail = str(
            event.get("detail") or "The trigger ended without the RoboSMS balance: look into the triggerer's log."
        )
        if status == "met" and balance:
            return dict(balance)
        if status == "timeout":
            self._unanswered = False
            raise AirflowSensorTimeout(detail)
        if event.get("permanent"):
            self._fail(detail)
        if self.never_fail:
            raise AirflowSkipException(f"Skipping due to never_fail is set to True: {detail}")
        if event.get("over"):  # as in the other modes, a retry would wait all over again
            raise AirflowSensorTimeout(detail)
        raise RoboSmsError(detail)

    def _poll(self, context: Context) -> Balance | None:
        """Return the balance, or None for a tolerated failure."""
        failed = self._recall(context)
        self._unanswered = True  # what ends the task while it waits for the answer has no balance
        try:
            client = self.hook.client
            self.portal_url = client.account.host
            balance = poll_balance(client)
            self._unanswered = False
        except RoboSmsError as error:
            if error.permanent:
                raise
            self._remember(context, failed + 1)
            if failed >= self.max_failed_polls:
                raise
            self.log.warning("%s Failed polls in a row: %s of %s tolerated.", error, failed + 1, self.max_failed_polls)
            return None
        if failed:
            self._remember(context, 0)
        return balance

    def _defer(self, threshold: Threshold) -> None:
        # Imported late: the triggers load Airflow's triggerer side, which parsing a DAG need not.
        from ..triggers.robosms import RoboSmsBalanceTrigger

        amount = threshold.min_balance
        self.defer(
            trigger=RoboSmsBalanceTrigger(
                robosms_conn_id=self.robosms_conn_id,
                min_balance=None if amount is None else f"{amount:f}",
                min_messages=threshold.min_messages,
                condition=self.condition,
                poll_interval=self.poke_interval,
                deadline=time.time() + self.timeout,
                max_failed_polls=None if self.silent_fail else self.max_failed_polls,
                failed_polls=self._failed_polls,
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=self.timeout + BACKSTOP_SECONDS),
        )

    # In reschedule mode each poke is a process of its own: the count is kept in the task's state, for this try.

    def _recall(self, context: Context) -> int:
        if self.reschedule and not self.deferrable and (store := task_state_store(context)):
            note: Any = store.get(_FAILED_POLLS)
            # A note that is damaged costs some polls more; nothing is sent on it.
            ours = isinstance(note, dict) and note.get("try") == context["ti"].try_number
            count = note.get("count") if ours else 0
            self._failed_polls = count if type(count) is int else 0
        return self._failed_polls

    def _remember(self, context: Context, count: int) -> None:
        self._failed_polls = count
        if self.reschedule and not self.deferrable and (store := task_state_store(context)):
            store.set(_FAILED_POLLS, {"try": context["ti"].try_number, "count": count})


def _seconds(value: timedelta | float, name: str) -> float:
    raw = value.total_seconds() if isinstance(value, timedelta) else value
    return seconds_of(raw, name, least=0, most=LONGEST_WAIT)


def _comes_later(value: Any) -> bool:
    """Whether a parameter has its value only when the task runs: a template, or another task's result."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    return not isinstance(value, (int, float, Decimal, type(None)))
