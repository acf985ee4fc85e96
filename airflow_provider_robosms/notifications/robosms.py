"""Notifier that texts people when something happens to a task, a DAG or a deadline."""

from __future__ import annotations

import copy
import hashlib
import hmac
import math
import re
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, BaseNotifier

from ..compat import AirflowNotFoundException, in_thread
from ..exceptions import RoboSmsError
from ..gateway.codes import CODES
from ..gateway.outcome import SendResult, Status
from ..hooks.robosms import RoboSmsHook, account_of, client_of, no_connection
from ..settings import seconds, sender_mask, whole
from ..sms.blank import is_blank
from ..sms.passing import passing_value
from ..sms.sendable import has_address, is_nothing, why_not_sendable, written
from .masking import without_secrets

if TYPE_CHECKING:
    from airflow.sdk import Context

    from ..gateway.client import GatewayClient
    from .claims import Claim

#: Attempts for an alert that was certainly not sent, and the pause before each further one (seconds).
PAUSES = (1.0, 3.0)
#: A further attempt begins only this soon after the first began (seconds): the Dag processor ends what takes too long.
PATIENCE = 15.0


class RoboSmsNotifier(BaseNotifier):
    """Text one alert to one or several people.

    For ``on_failure_callback`` and its siblings on a task or a DAG, and for a deadline:
    ``AsyncCallback(RoboSmsNotifier, kwargs={"to": …, "message": …})``, or ``SyncCallback``.

    It never fails the task or hides its error: what goes wrong here is one line in the log. An alert that was certainly not
    sent is tried three times; one that may have been sent is not repeated.

    **The same alert is texted to the same person at most once in** *min_interval*. Suppressed ones are named in the log. The
    same alert means: the same *message* before its template is rendered, the same *mask* and the same DAG, so that a hundred
    tasks of one DAG that fail at once make one SMS; or, when it is given, the same *dedup_key*, in whatever DAG. How exact
    this is: for all processes that share ``AIRFLOW_HOME`` (one machine), always; across machines, as long as each reaches
    Airflow's API within two seconds (a slower one may text it once more), and not for ``SyncCallback``, which may not
    write Airflow Variables. For this there are Airflow Variables ``robosms_alert_…``, at most 256 for all alerts, which hold
    times and no numbers and forget what is over; and an alert takes two seconds longer.

    **Every templated parameter is code.** Never build one from what somebody else may type: write
    ``to="{{ params.alert_to }}"`` and not ``to=context["params"]["alert_to"]``, whose value would be rendered as a template
    and could read any connection. Secrets that Airflow knows, and what looks like ``password=…`` or ``://user:password@``, go
    out as ``***``; a secret that was cut or encoded is not recognised, so think before you text ``{{ exception }}``.

    What comes out as no text (None, a dict) is not texted: the alert then says only which DAG it is about. A *mask* or
    *dedup_key* that comes out as None counts as not set.

    :param to: a number, a list of numbers, or text with numbers separated by commas, semicolons or lines (so that it can
        come from a Param or a Variable). Templated.
    :param message: the text. Templated.
    :param mask: sender mask; the connection's by default. Templated.
    :param robosms_conn_id: connection of type ``robosms``. Templated.
    :param max_segments: message parts that an alert may cost for each person; a longer text is shortened.
    :param min_interval: seconds or a timedelta; 0 texts each alert.
    :param dedup_key: what makes an alert the same one, such as ``"{{ dag.dag_id }}.{{ ti.task_id }}"`` for one SMS for each
        task. Templated.
    :raises RoboSmsError: for a parameter that cannot be used, naming it.
    """

    template_fields: Sequence[str] = ("to", "message", "mask", "robosms_conn_id", "dedup_key")

    def __init__(
        self,
        to: str | Sequence[str],
        message: str,
        *,
        mask: str | None = None,
        robosms_conn_id: str = RoboSmsHook.default_conn_name,
        max_segments: int = 1,
        min_interval: timedelta | float = timedelta(minutes=10),
        dedup_key: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.message = message
        self.mask = mask
        self.robosms_conn_id = robosms_conn_id
        self.max_segments = max_segments
        self.min_interval = min_interval
        self.dedup_key = dedup_key
        # Rendering replaces the fields.
        self._same = f"{mask or ''}\n{message}"
        self._troubles: list[str] | None = None  # what could not be told, where somebody must be; see tell()
        self._interval = seconds(min_interval, "min_interval")
        self._segments = whole(max_segments, "max_segments", least=1, most=10)

    def __call__(self, *args: Any) -> None:
        """Send the alert (sync); *args* is the context."""
        context: Any = args[0]
        with self._guarded():
            self._rendered(context).notify(context)

    def __await__(self) -> Generator[Any, None, None]:
        """Send the alert (async), with the context that was given to the constructor."""
        return self._call_async().__await__()

    async def _call_async(self) -> None:
        with self._guarded():
            # A template may ask for a Variable, which blocks.
            alert = await in_thread(self._rendered, self.context)
            await alert.async_notify(self.context)

    def notify(self, context: Context) -> None:
        """Send the alert, for callbacks on a worker or in the Dag processor."""
        with self._guarded():
            self._alert(RoboSmsHook(self.robosms_conn_id).client, context)

    async def async_notify(self, context: Context) -> None:
        """Send the alert, for deadlines in the triggerer."""
        with self._guarded():
            try:
                conn = await BaseHook.aget_connection(self.robosms_conn_id)
            except AirflowNotFoundException:
                raise no_connection(self.robosms_conn_id) from None
            await in_thread(lambda: self._alert(client_of(account_of(conn)), context))

    def tell(self, context: Context) -> None:
        """Send the alert in a task whose work it is: what is only logged elsewhere fails here, once all others are told.

        No number at all is none to tell, and only logged.

        Whom an earlier try has told, a retry does not tell again, however long ago that was (up to 30 days). Where nobody
        knows whether the same alert went out, because it was interrupted or got no clear answer, it fails too; one that is
        under way elsewhere is waited for, up to 15 seconds. With *min_interval* 0 nothing is remembered, and a retry tells
        everybody again.

        :raises RoboSmsError: when somebody named could not be told, or nobody can tell whether he was, or there is nothing to
            say.
        """
        try:
            alert = self._rendered(context)
            alert._troubles = []
            alert._alert(RoboSmsHook(alert.robosms_conn_id).client, context)
        except Exception as error:  # noqa: BLE001 - a task may well fail, but in a sentence without numbers and secrets
            raise RoboSmsError(f"The RoboSMS alert was not texted: {_sentence(error)}") from None
        if alert._troubles:  # those who could be told have been
            raise RoboSmsError(f"Not everybody was told: {' '.join(alert._troubles)}")

    def _failed(self, sentence: str, *, error: bool = False) -> None:
        if self._troubles is not None:
            self._troubles.append(sentence)
        (self.log.error if error else self.log.warning)("%s", sentence)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn whatever goes wrong into one line: the failure that the alert is about must stay in sight."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self.log.error("The RoboSMS alert was not texted: %s", _sentence(error))  # noqa: TRY400 - not its traceback

    def _rendered(self, context: Any) -> RoboSmsNotifier:
        """Return a copy with its templates rendered: one notifier serves many tasks, and a process several callbacks."""
        from airflow.sdk.execution_time.context import VariableAccessor

        # A deadline's context, and a DAG's without a task, is all but empty; numbers usually come from a Variable.
        var = {"value": VariableAccessor(deserialize_json=False), "json": VariableAccessor(deserialize_json=True)}
        context = {"var": var, "params": {}, **(context or {})}
        alert = copy.copy(self)
        environment = self.get_template_env(dag=context.get("dag"))
        for name in self.template_fields:
            try:
                value = self.render_template(getattr(self, name), context, environment)
            except Exception as error:
                if name != "message":
                    raise
                self.log.warning("The alert's text could not be rendered: %s", _sentence(error))
                value = _instead(context, "a text that cannot be rendered")
            setattr(alert, name, value)
        return alert

    def _alert(self, client: GatewayClient, context: Any) -> None:
        from ..sms.segments import truncate
        from . import claims

        numbers = self._numbers()
        text = self._text(context)
        if not numbers or not text:
            if not numbers:
                self.log.warning("No RoboSMS alert is texted: there is no number.")
            else:
                self._failed("No RoboSMS alert is texted: its text is blank.")
            return
        sender_id = sender_mask(_given(self.mask))  # refused before anything is claimed
        ids = {number: self._id(client, context, number) for number in numbers}
        claim = claims.Claim(self._interval, self._tries(client, context))
        text, began = truncate(text, self._segments), time.monotonic()
        while True:
            self._claim_and_send(client, claim, ids, text, sender_id)
            ids = {number: one for number, one in ids.items() if one in claim.met and claim.met[one].sent is None}
            if not ids or self._troubles is None or time.monotonic() - began > PATIENCE:
                break
            time.sleep(claims.SETTLE_SECONDS)  # another process is about to know
        self._say_held_back(claim, ids, under_way=True)

    def _claim_and_send(
        self, client: GatewayClient, claim: Claim, ids: Mapping[str, str], text: str, sender_id: str | None
    ) -> None:
        """Text those whom nobody's claim holds back. Whatever ends this, each claim is told how its alert ended."""
        from ..sms.phone import mask

        results: dict[str, SendResult] = {}
        try:
            claim.take(ids.values())
            self._say_held_back(claim, ids, under_way=False)
            due = [number for number in ids if ids[number] in claim.held]
            try:
                for asked, result in self._send(client, due, text, sender_id):
                    results |= dict.fromkeys(asked, result)
            except RoboSmsError:  # a request that is not made at all
                results = {number: one for number, one in results.items() if one is not _UNDER_WAY}
                raise
            except Exception as error:  # noqa: BLE001 - the portal may have it already
                self.log.error("The RoboSMS alert was interrupted: %s", _sentence(error))  # noqa: TRY400 - not its traceback
        finally:
            # What was certainly not sent, the next alert may try.
            begun = {number: one.status for number, one in results.items() if one.status not in _NOT_SENT}
            claim.end({ids[number]: status is Status.SENT for number, status in begun.items()})
        for number, result in results.items():
            if result.status is Status.SENT:
                self.log.info("RoboSMS alert texted to %s (code %s).", mask(number), result.code)
            else:
                self._failed(f"RoboSMS alert to {mask(number)}: {result.detail.rstrip('.')}.", error=True)

    def _say_held_back(self, claim: Claim, ids: Mapping[str, str], *, under_way: bool) -> None:
        """Say what is known of each alert that a claim holds back: one that is under way, or one that has ended."""
        from ..sms.phone import mask

        for number, (sent, earlier) in ((one, claim.met[alert]) for one, alert in ids.items() if alert in claim.met):
            if under_way is not (sent is None):
                continue
            when = "by an earlier try of this task" if earlier else f"in the last {self._interval:g} s (min_interval)"
            sentence = f"RoboSMS alert to {mask(number)} suppressed: the same one {_KNOWN[sent]} {when}."
            if sent:
                self.log.info("%s", sentence)
            else:
                self._failed(sentence)

    def _text(self, context: Any) -> str:
        """Return the text to send, without secrets; blank when there is nothing to say."""
        text: Any = self.message
        if isinstance(text, str):
            if is_blank(text):
                return ""
            # An alert with a question mark in it is better than none: paths in exceptions may hold half characters.
            text = text.encode("utf-8", "replace").decode().strip()
        if reason := why_not_sendable(text, tags=True):  # an exception may quote one
            self.log.warning("The alert's text %s.", reason)
            return _instead(context, "no text")
        try:
            return without_secrets(text)
        except ImportError as error:
            self.log.warning("The alert's text is not sent, because its secrets cannot be masked: %s.", error)
            return _instead(context, "a text that may hold secrets")

    def _send(
        self, client: GatewayClient, numbers: Sequence[str], text: str, sender_id: str | None
    ) -> Iterator[tuple[Sequence[str], SendResult]]:
        """Send one text to everybody in one request: it takes no longer for many, and the task waits for it.

        What becomes of a request is yielded before it is made, as :data:`_UNDER_WAY`, and when it is known.
        """
        result = _UNDER_WAY
        for result in self._attempts(client, numbers, text, sender_id) if numbers else ():
            yield numbers, result
        if len(numbers) > 1 and _is_about_one_number(result.code) and result.status is Status.REJECTED:
            # Nobody got it, because of one number that the portal does not take.
            for number in numbers:
                for result in self._attempts(client, [number], text, sender_id):
                    yield [number], result

    def _attempts(
        self, client: GatewayClient, numbers: Sequence[str], text: str, sender_id: str | None
    ) -> Iterator[SendResult]:
        started = time.monotonic()
        for pause in (*PAUSES, math.inf):
            yield _UNDER_WAY
            result = client.send(numbers, text, sender_id)
            yield result
            hopeless = result.status is not Status.FAILED or result.account_level
            if hopeless or time.monotonic() - started + pause > PATIENCE:
                break
            time.sleep(pause)

    def _numbers(self) -> list[str]:
        """Return the numbers to text, each once; one that cannot be texted is logged and left out."""
        from ..exceptions import InvalidNumber
        from ..sms.phone import elsewhere, normalise

        to: Any = self.to  # a DAG that renders native objects may have made a number of it
        if isinstance(to, (str, Mapping, bytes)) or not isinstance(to, Iterable):
            to = [to]
        numbers: dict[str, None] = {}
        for person in (one for entry in to for one in (apart(entry) if isinstance(entry, str) else [entry])):
            if _given(person) is None and not (
                self._troubles is not None and isinstance(person, str) and not is_blank(person)
            ):
                continue
            try:
                numbers[normalise(person)] = None
            except InvalidNumber as error:
                self._failed(f"The RoboSMS alert leaves out one of its numbers: {elsewhere(error)}.")
        return list(numbers)

    def _id(self, client: GatewayClient, context: Any, number: str) -> str:
        """Return the id of this alert to this person; with the API key in it, nobody can find the number by trying."""
        key = _given(self.dedup_key)  # None would make one alert of all that lack a key
        word = "" if isinstance(key, (bool, Mapping, list, tuple, set)) else written(key)
        if has_address(word) or not word or passing_value(word) or word.strip().casefold() in _NO_KEYS:
            self.log.warning(
                "dedup_key came out as a value that cannot identify an alert, or that differs each time: it is ignored."
            )
            key = None
        same = f"dag\n{_dag_id(context)}\n{self._same}" if key is None else f"key\n{word}"
        return _opaque(client, f"{number}\n{same}")

    def _tries(self, client: GatewayClient, context: Any) -> list[str | None]:
        """Return an opaque id for each try of this task since its run was started or cleared, this one last.

        None for a callback: it is not tried again.
        """
        if self._troubles is None:
            return [None]
        ti, run = ((context or {}).get(name) for name in ("ti", "dag_run"))
        task = [_dag_id(context), *(getattr(ti, name, "") for name in ("task_id", "map_index"))]
        one = [str(part) for part in (*task, getattr(run, "run_id", ""), getattr(run, "start_date", ""))]
        return [_opaque(client, f"try\n{one}\n{number + 1}") for number in range(getattr(ti, "try_number", None) or 1)]


def apart(numbers: str) -> list[str]:
    """Return what somebody wrote as several numbers: separated by commas or semicolons, Urdu ones too, or lines.

    The brackets and quotes of a list that became text count as such marks, too.
    """
    text = numbers.strip()
    if text[:1] + text[-1:] in ("()", "{}"):
        text = text[1:-1]
    return re.split(r"[,;،؛\n\[\]\"']", text)


#: What is known of the same alert that somebody has claimed before.
_KNOWN = {True: "went out", False: "may have been sent", None: "was begun, and may have been sent,"}
#: A request that is made, and not answered yet.
_UNDER_WAY = SendResult(Status.UNKNOWN, detail="may have been sent: it was interrupted before the portal answered")
#: What has certainly not reached anybody.
_NOT_SENT = (Status.FAILED, Status.REJECTED)
#: What a template gives where an id was meant: one for all.
_NO_KEYS = frozenset({"true", "false", "0", "{}", "[]", "()"})


def _is_about_one_number(code: str | None) -> bool:
    return code in CODES and CODES[code].one_number


def _given(value: Any) -> Any:
    """Return what a template came out as; None where that is nothing."""
    if isinstance(value, float) and math.isnan(value):
        return None
    nothing = isinstance(value, str) and (is_blank(value) or is_nothing(value) or not value.strip(" -"))
    return None if nothing else value


def _instead(context: Any, what: str) -> str:
    """Return the text of an alert that has none: that something happened is still worth an SMS."""
    return f"Airflow: an alert of DAG {_dag_id(context) or '(unknown)'} has {what}."


def _opaque(client: GatewayClient, text: str) -> str:
    return hmac.new(client.account.key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _dag_id(context: Any) -> str:
    """Return the DAG's id; a deadline's context holds its run as a dict."""
    for name in ("dag", "dag_run"):
        holder = (context or {}).get(name)
        dag_id = holder.get("dag_id") if isinstance(holder, Mapping) else getattr(holder, "dag_id", None)
        if dag_id:
            return str(dag_id)
    return ""


def _sentence(error: Exception) -> str:
    """Return an error for the log, without numbers that somebody could be reached at."""
    from ..sms.phone import mask

    if isinstance(error, RoboSmsError):
        return str(error)
    text = re.sub(r"\+?\d[\d\s().-]{6,}\d", lambda number: mask(number[0]), str(error).strip().partition("\n")[0])
    return f"{type(error).__name__}: {text[:300]}"
