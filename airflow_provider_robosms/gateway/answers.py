"""The one place where answers become outcomes: whatever a portal said goes through here, and nothing else judges it.

:mod:`.signs` collects what an answer says, wherever it stands; the words and the verdict of each code and reason are tables
in :mod:`.evidence`; :mod:`.transport_errors` judges what comes instead of an answer. Reading is strict: a code counts where
the vendor writes it, and an answer that says two things anywhere, or says one of them unreadably, is UNKNOWN.
"""

from __future__ import annotations

import datetime
import email.utils
import re
from collections.abc import Callable
from typing import Any, TypeVar

from ..exceptions import RoboSmsError
from .amounts import read_decimal
from .codes import MEANINGS, normalise_code
from .evidence import CODE_STATUS, NOT_SERVED, REASONS, sentence
from .outcome import ACCOUNT_ADVICE, PERMANENT_ACCOUNT_CODES, Balance, SendResult, Status
from .signs import Object, Signs, decode, everywhere, squeeze

Value = TypeVar("Value")


def _said(answer: Any, field: str, read: Callable[[Any], Value]) -> set[Value]:
    """Return everything that the answer says in a field, wrapped in ``sms`` or not, as the vendor writes it."""
    answer = answer if isinstance(answer, Object) else Object()
    wrapped = (value for name, value in answer if name == "sms" and isinstance(value, Object))
    return {read(value) for pairs in (answer, *wrapped) for name, value in pairs if name == field}


def _anywhere(answer: Any, field: str, read: Callable[[Any], Value]) -> set[Value]:
    """Return everything that the answer says in a field, however deep and however its name is written."""
    return {read(value) for name, value in everywhere(answer) if name == squeeze(field)}


def _only(values: set[Any]) -> Any:
    """Return what was said, if it was one thing."""
    return next(iter(values)) if len(values) == 1 else None


def _reason(http_status: int, codes: set[str | None], signs: Signs) -> str:
    """Return the reason (a key of :data:`.evidence.REASONS`) that an answer to a send request gives; ``code`` for its code.

    A clear yes has nothing in the answer against it, a clear no nothing for it; the first line of the table that holds wins.

    A 429 (RFC 6585: the request was not processed) proves "not sent"; a 5xx and a redirect leave it open whatever the body
    says. So does 404, 405 or 410 where no API speaks in it: RFC 9110 has these for a resource that is not there or does not
    take POST, and a web server says so before any program runs that could send. It is believed only as long as the answer
    holds neither a code nor an identifier nor a word of success; then somebody did run.

    :param codes: what stands where the vendor has the code.
    """
    code, echo = _only(codes), str(http_status)
    verdict = CODE_STATUS.get(code or "")
    refused = verdict in (Status.FAILED, Status.REJECTED) or http_status == 429
    others = signs.codes - {code, echo}
    table = (
        ("server_error", http_status >= 500),
        ("redirect", 300 <= http_status < 400),
        ("bad_answer", http_status < 200),  # no answer at all, but for another protocol (101)
        ("bad_answer", http_status == 206),  # a part of an answer (RFC 9110): the rest may say something else
        ("bad_answer", 200 < http_status < 300 and code == echo),  # HTTP's own 202 is "accepted", the vendor's is not
        ("contradiction", len(codes) > 1),
        ("contradiction", verdict and any(CODE_STATUS.get(other) is not verdict for other in others)),
        ("contradiction", verdict is Status.SENT and (http_status >= 400 or signs.no)),
        ("contradiction", refused and signs.yes),
        # It failed and is tried again: so nothing beside that may say what is not understood.
        ("contradiction", verdict is Status.FAILED and code not in ACCOUNT_ADVICE and signs.unexplained),
        ("unlisted_code", signs.codes - CODE_STATUS.keys() - {echo}),
        ("rate_limited", http_status == 429),
        ("code", verdict),
        ("not_served", http_status in NOT_SERVED and None not in codes and not (signs.program or signs.yes)),
        ("unlisted_code", code),
        ("bad_answer", http_status < 400),
        ("http_error", True),
    )
    return next(reason for reason, holds in table if holds)


def read_send_answer(
    http_status: int, body: bytes, retry_after: float | None = None, url: str = "", text: str = "", to: str = ""
) -> SendResult:
    """Return what an answer to a send request proves.

    :param retry_after: seconds that the answer asks to wait.
    :param url: what was asked, for the sentence; it holds no secret.
    :param text: what was to be sent: a portal may repeat it.
    :param to: to which number, or numbers with commas between them.
    """
    answer = decode(body)
    signs, codes = Signs(answer, text, to), _said(answer, "code", normalise_code)
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
    """Return the price of a message part, or None for what is no price: nobody sends for nothing, or is paid for it."""
    rate = _money(value)
    return None if rate is None or rate <= 0 else rate


def _name(value: Any) -> str:
    """Return the account's name as it may be shown: one short line."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 100 else ""


def read_balance_answer(http_status: int, body: bytes, url: str = "") -> Balance:
    """Return the balance from an answer to check-balance.

    :param url: what was asked, without the key.
    :raises RoboSmsError: when the gateway refused, or the answer is not one.
    """
    answer = decode(body)
    signs, codes = Signs(answer, of_message=False), _said(answer, "code", normalise_code)
    code = _only(codes)
    amounts = _anywhere(answer, "balance", _money)
    two_things = len(codes | signs.codes) > 1 or len(amounts) > 1
    two_things = two_things or (code in ("204", "205") and any(amount is None or amount > 0 for amount in amounts))
    answered = http_status < 500 and http_status not in NOT_SERVED
    if code in ACCOUNT_ADVICE and answered and not (two_things or signs.yes):
        raise RoboSmsError(ACCOUNT_ADVICE[code], permanent=code in PERMANENT_ACCOUNT_CODES, code=code)
    if not 200 <= http_status < 300 or http_status == 206:  # a part of an answer
        redirect = " (a redirect is never followed: set the portal URL it leads to)" if 300 <= http_status < 400 else ""
        raise RoboSmsError(
            f"The RoboSMS portal answered the balance check with HTTP {http_status}{redirect}: check the connection's host "
            f"({url or 'its address'}), or try later.",
            permanent=300 <= http_status < 500 and http_status not in (408, 425, 429),
        )
    amount, good = _only(_said(answer, "balance", _money)), not codes or CODE_STATUS.get(code or "") is Status.SENT
    if two_things or code in ACCOUNT_ADVICE or (good and signs.no and amount is not None):
        raise RoboSmsError("The RoboSMS portal's answer to the balance check says two different things: try later.")
    if not good:
        raise RoboSmsError(
            f"RoboSMS answered the balance check with code {code or '?'} ({MEANINGS.get(code or '', 'not listed')}).",
            code=code,
        )
    if amount is None:
        raise RoboSmsError(
            "The answer to the balance check holds no balance: check that the connection's host is the RoboSMS portal."
        )
    return Balance(
        amount, _only(_anywhere(answer, "message_rates", _rate)), _only(_said(answer, "username", _name)) or ""
    )
