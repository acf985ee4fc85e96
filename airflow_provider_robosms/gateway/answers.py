"""The one place where answers become outcomes: whatever a portal said goes through here, and nothing else judges it.

The words and the verdict of each code and reason are tables in :mod:`.evidence`, which also judges the exceptions that
come instead of an answer. Reading is strict: an answer that says two things, or says one of them unreadably, is UNKNOWN.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from .amounts import read_decimal
from .codes import MEANINGS, normalise_code
from .evidence import CODE_STATUS, NOT_SERVED, REASONS, sentence
from .outcome import ACCOUNT_ADVICE, PERMANENT_ACCOUNT_CODES, Balance, SendResult, Status
from .protocol import RoboSmsError

Value = TypeVar("Value")

#: Fields beside the code that may say in words, or as true and false, what became of the message.
_WORDY = ("status", "success", "message", "response", "result")
#: Words in them that agree with acceptance, or with refusal, when they stand alone. Other words say nothing.
_GOOD_WORDS = frozenset({
    "success", "successful", "ok", "true", "sent", "queued", "accepted", "submitted", "delivered", "message sent",
    "message queued", "message accepted", "sent successfully", "queued successfully", "message sent successfully",
    "message queued successfully",
})  # fmt: skip
_BAD_WORDS = frozenset({"error", "fail", "failed", "failure", "false", "rejected", "invalid"})


class _Object(list[tuple[str, Any]]):
    """A JSON object with every key that it has: a dict would keep the last of two equal ones."""


def _objects(body: bytes) -> list[_Object]:
    """Return the answer's object and what it wraps in ``sms``; empty when it is no JSON."""
    try:
        answer = json.loads(body, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return []
    if not isinstance(answer, _Object):
        answer = _Object([("", answer)])  # it says nothing where it should, and perhaps something where it should not
    return [answer, *(value for name, value in answer if name == "sms" and isinstance(value, _Object))]


def _everywhere(objects: Sequence[_Object]) -> Iterator[tuple[str, Any]]:
    """Yield each key with its value, however deep: an answer may speak where nobody expects it to."""
    waiting: list[Any] = list(objects[:1])  # the rest is within it
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Object):
            yield from value
            waiting += (inner for _, inner in value)
        elif isinstance(value, list):
            waiting += value


def _said(objects: Sequence[_Object], field: str, read: Callable[[Any], Value]) -> set[Value]:
    """Return everything that the answer says in a field, wrapped or not."""
    return {read(value) for pairs in objects for name, value in pairs if name == field}


def _only(values: set[Any]) -> Any:
    """Return what was said, if it was one thing."""
    return next(iter(values)) if len(values) == 1 else None


def _identifier(value: Any) -> str | None:
    """Return a message identifier, or None for prose and other things."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**64:
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,64}", value.strip()):
        return value.strip()
    return None


def _message_id(objects: Sequence[_Object]) -> str | None:
    """Return the message identifier: ``message_id``, or ``response`` where it reads like an identifier, not like a word."""
    response = _only(_said(objects, "response", _identifier))
    return _only(_said(objects, "message_id", _identifier)) or (
        response if response and any(character.isdigit() for character in response) else None
    )


def _word(value: Any) -> str:
    return str(value).strip(" .!").casefold() if isinstance(value, (str, bool)) else ""


def _words(objects: Sequence[_Object]) -> set[str]:
    return {word for field in _WORDY for word in _said(objects, field, _word)}


def _verdicts(objects: Sequence[_Object]) -> set[Status]:
    """Return what all listed codes of an answer prove, wherever they stand and however the key is written."""
    found = (normalise_code(value) for name, value in _everywhere(objects) if name.strip().casefold() == "code")
    return {CODE_STATUS[code] for code in found if code in CODE_STATUS}


def _contradicts_itself(http_status: int, objects: Sequence[_Object]) -> bool:
    """Tell whether codes, HTTP status and words cannot all be true."""
    codes, words, verdicts = _said(objects, "code", normalise_code), _words(objects), _verdicts(objects)
    verdict = CODE_STATUS.get(_only(codes) or "")
    if len(codes) > 1 or (verdict is not None and verdicts != {verdict}):
        return True
    if verdict is Status.SENT:
        return http_status >= 400 or bool(words & _BAD_WORDS)
    if http_status == 429:  # not processed: nobody can know of it as sent, or not confirmed, or by an identifier
        open_ends = verdicts & {Status.SENT, Status.UNKNOWN}
        return bool(open_ends or words & _GOOD_WORDS or _message_id(objects))
    return verdict not in (None, Status.UNKNOWN) and bool(words & _GOOD_WORDS)


def _tells_of_a_message(objects: Sequence[_Object]) -> bool:
    """Tell whether an answer without a listed code holds a sign that a program which could send has run."""
    return bool(
        _said(objects, "message_id", repr)
        or _message_id(objects)
        or _verdicts(objects)
        or _words(objects) & _GOOD_WORDS
    )


def _reason(http_status: int, objects: Sequence[_Object]) -> str:
    """Return the reason (a key of :data:`.evidence.REASONS`) that an answer to a send request gives; ``code`` for its code.

    A 429 (RFC 6585: the request was not processed) proves "not sent"; a 5xx and a redirect leave it open whatever the body
    says. So does 404, 405 or 410 where no API speaks in it: RFC 9110 has these for a resource that is not there or does not
    take POST, and a web server says so before any program runs that could send. It is believed only as long as the answer
    holds neither a code nor an identifier nor a word of success; then somebody did run.
    """
    if http_status >= 500:
        return "server_error"
    if 300 <= http_status < 400:
        return "redirect"
    if http_status < 200:  # no answer at all, but for another protocol (101)
        return "bad_answer"
    codes = _said(objects, "code", normalise_code)
    code = _only(codes)
    if _contradicts_itself(http_status, objects):
        return "contradiction"
    if http_status == 429:
        return "rate_limited"
    if code in CODE_STATUS:
        return "code"
    if http_status in NOT_SERVED and codes <= {str(http_status)} and not _tells_of_a_message(objects):
        return "not_served"
    if code:
        return "unlisted_code"
    return "bad_answer" if http_status < 400 else "http_error"


def read_send_answer(http_status: int, body: bytes, retry_after: float | None = None, url: str = "") -> SendResult:
    """Return what an answer to a send request proves.

    :param retry_after: seconds that the answer asks to wait.
    :param url: what was asked, for the sentence; it holds no secret.
    """
    objects = _objects(body)
    code = _only(_said(objects, "code", normalise_code))
    message_id = _message_id(objects)
    reason = _reason(http_status, objects)
    if reason == "code":
        return SendResult(CODE_STATUS[str(code)], code, message_id, sentence("code", code), "code")
    status, detail = REASONS[reason]
    advice = None
    if reason == "not_served":
        code = None  # at most the HTTP status once more
        advice = (
            f"The portal does not serve sending at {url or 'this address'} (HTTP {http_status} to POST): set the "
            "connection's host to the portal of this account, or ask RoboSMS which address takes POST."
        )
    return SendResult(status, code, message_id, detail, reason, retry_after, advice)


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """Read a Retry-After header (RFC 9110: delay in seconds, or an HTTP date); None when absent or unreadable.

    :param now: seconds since the epoch.
    """
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text := value.strip()):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.tzinfo is None:  # the asctime form names no zone; HTTP dates are in UTC
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return max(0.0, moment.timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def _money(value: Any) -> Any:
    return read_decimal(value, grouped=True)


def _rate(value: Any) -> Any:
    """Return the price of a message part, or None for what is no price: nobody is paid for sending."""
    rate = _money(value)
    return None if rate is None or rate < 0 else rate


def _name(value: Any) -> str:
    """Return the account's name as it may be shown: one short line."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 100 else ""


def read_balance_answer(http_status: int, body: bytes, url: str = "") -> Balance:
    """Return the balance from an answer to check-balance.

    :param url: what was asked, without the key.
    :raises RoboSmsError: when the gateway refused, or the answer is not one.
    """
    objects = _objects(body)
    codes = _said(objects, "code", normalise_code)
    code = _only(codes)
    if code in ACCOUNT_ADVICE:
        raise RoboSmsError(ACCOUNT_ADVICE[code], permanent=code in PERMANENT_ACCOUNT_CODES, code=code)
    if not 200 <= http_status < 300:
        redirect = " (a redirect is never followed: set the portal URL it leads to)" if 300 <= http_status < 400 else ""
        raise RoboSmsError(
            f"The RoboSMS portal answered the balance check with HTTP {http_status}{redirect}: check the connection's host "
            f"({url or 'its address'}), or try later.",
            permanent=300 <= http_status < 500 and http_status not in (408, 425, 429),
        )
    amounts = _said(objects, "balance", _money)
    if len(codes) > 1 or len(amounts) > 1:
        raise RoboSmsError("The RoboSMS portal's answer to the balance check says two different things: try later.")
    if codes and CODE_STATUS.get(code or "") is not Status.SENT:
        raise RoboSmsError(
            f"RoboSMS answered the balance check with code {code or '?'} ({MEANINGS.get(code or '', 'not listed')}).",
            code=code,
        )
    amount = _only(amounts)
    if amount is None:
        raise RoboSmsError(
            "The answer to the balance check holds no balance: check that the connection's host is the RoboSMS portal."
        )
    return Balance(
        amount, _only(_said(objects, "message_rates", _rate)), _only(_said(objects, "username", _name)) or ""
    )
