"""The one place where answers become outcomes: whatever a portal said goes through here, and nothing else judges it.

The words and the verdict of each code and reason are tables in :mod:`.evidence`, which also judges the exceptions that
come instead of an answer. Reading is strict: an answer that says two things, or says one of them unreadably, is UNKNOWN.
"""

from __future__ import annotations

import datetime
import email.utils
import re
from collections.abc import Callable
from typing import Any, TypeVar

from .amounts import read_decimal
from .codes import MEANINGS, normalise_code
from .evidence import CODE_STATUS, NOT_SERVED, REASONS, sentence
from .outcome import ACCOUNT_ADVICE, PERMANENT_ACCOUNT_CODES, Balance, SendResult, Status
from .protocol import RoboSmsError
from .signs import Object, Signs, decode, everywhere

Value = TypeVar("Value")


def _said(answer: Any, field: str, read: Callable[[Any], Value]) -> set[Value]:
    """Return everything that the answer says in a field, wrapped in ``sms`` or not, as the vendor writes it."""
    answer = answer if isinstance(answer, Object) else Object()
    wrapped = (value for name, value in answer if name == "sms" and isinstance(value, Object))
    return {read(value) for pairs in (answer, *wrapped) for name, value in pairs if name == field}


def _only(values: set[Any]) -> Any:
    """Return what was said, if it was one thing."""
    return next(iter(values)) if len(values) == 1 else None


def _contradicts_itself(http_status: int, codes: set[str | None], signs: Signs) -> bool:
    """Tell whether not all can be true: a clear yes has nothing against it, a clear no (a refusal, a 429) nothing for it."""
    code = _only(codes)
    verdict = CODE_STATUS.get(code or "")
    if len(codes) > 1 or (verdict is not None and signs.codes - {code, str(http_status)}):
        return True
    if verdict is Status.SENT:
        return http_status >= 400 or signs.no
    return signs.yes and (http_status == 429 or verdict in (Status.FAILED, Status.REJECTED))


def _reason(http_status: int, codes: set[str | None], signs: Signs) -> str:
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
    code = _only(codes)
    if _contradicts_itself(http_status, codes, signs):
        return "contradiction"
    if http_status == 429:
        return "rate_limited"
    if code in CODE_STATUS:
        return "code"
    if http_status in NOT_SERVED and codes <= {str(http_status)} and not (signs.program or signs.yes):
        return "not_served"
    if code:
        return "unlisted_code"
    return "bad_answer" if http_status < 400 else "http_error"


def read_send_answer(http_status: int, body: bytes, retry_after: float | None = None, url: str = "") -> SendResult:
    """Return what an answer to a send request proves.

    :param retry_after: seconds that the answer asks to wait.
    :param url: what was asked, for the sentence; it holds no secret.
    """
    answer = decode(body)
    signs, codes = Signs(answer), _said(answer, "code", normalise_code)
    code, message_id = _only(codes) or _only(signs.codes), signs.message_id
    reason = _reason(http_status, codes, signs)
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
    answer = decode(body)
    codes = _said(answer, "code", normalise_code)
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
    amounts = {_money(value) for name, value in everywhere(answer) if name == "balance"}
    signs = Signs(answer)
    if len(codes | signs.codes) > 1 or len(amounts) > 1 or (signs.no and CODE_STATUS.get(code or "") is Status.SENT):
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
    return Balance(amount, _only(_said(answer, "message_rates", _rate)), _only(_said(answer, "username", _name)) or "")
