"""Requests and answers of the RoboSMS HTTP API, as plain data: no I/O here."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from .codes import MEANINGS, normalise_code
from .evidence import CODE_STATUS, REASONS, reason_of_http_status, sentence
from .outcome import Balance, SendResult, Status

DEFAULT_HOST = "https://portal.robosms.pk"
SEND_PATH = "/api/send-message"
BALANCE_PATH = "/api/check-balance"

#: Fields of the send request that are the provider's own: ``send_parameters`` of a connection cannot replace them.
RESERVED_PARAMETERS = frozenset({"email", "key", "mask", "to", "message", "multiple"})


class RoboSmsError(Exception):
    """Something is wrong that a person can mend; the text is one sentence and holds no secret and no number.

    :param permanent: True when trying again cannot help until a person has acted.
    :param code: the gateway's code, if it answered with one.
    """

    def __init__(self, message: str, *, permanent: bool = False, code: str | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code


def is_loopback(host: str) -> bool:
    """Tell whether *host* (a name or an address, without port) is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def portal_url(raw: str | None) -> str:
    """Return the portal's base URL without a trailing slash; HTTPS only, except on loopback.

    :raises RoboSmsError: when it is no usable URL.
    """
    text = (raw or "").strip() or DEFAULT_HOST
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        hostname = parts.hostname if parts.port != 0 else None
    except ValueError:  # half an IPv6 address, or a port that is none
        hostname = None
    if not hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise RoboSmsError(
            "The connection's host is not a portal URL such as https://portal.robosms.pk.", permanent=True
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(hostname)):
        raise RoboSmsError(
            "The connection's host must be an https:// URL: the API key would travel unencrypted otherwise.",
            permanent=True,
        )
    return text.rstrip("/")


@dataclass(frozen=True)
class Account:
    """What a request needs to know of the account. The key is kept out of ``repr``.

    :param timeout: seconds, for connecting and for reading.
    :param send_parameters: further fields for every send request, as some vendor pages name (``unicode``, ``type``).
    """

    email: str
    key: str = field(repr=False)
    host: str = DEFAULT_HOST
    mask: str | None = None
    timeout: float = 30.0
    send_parameters: Mapping[str, Any] = field(default_factory=dict)

    def sender(self, mask: str | None) -> str:
        """Return the sender mask of a message that names *mask*, or none.

        :raises RoboSmsError: when neither the message nor the connection names one.
        """
        sender = mask or self.mask
        if not sender:
            raise RoboSmsError(
                "No sender mask is set: name one in the connection's extra 'mask' or in the operator's mask.",
                permanent=True,
            )
        return sender

    def send_body(self, to: Sequence[str], message: str, mask: str | None, *, multiple: bool) -> dict[str, Any]:
        """Return the JSON body of a send request.

        :param to: numbers in international form without plus.
        :param multiple: whether this is one text to many numbers (``multiple=1``).
        :raises RoboSmsError: when neither the call nor the connection names a sender mask.
        """
        body: dict[str, Any] = {
            **self.send_parameters,
            "email": self.email,
            "key": self.key,
            "mask": self.sender(mask),
            "to": ",".join(to),
            "message": message,
        }
        if multiple:
            body["multiple"] = "1"
        return body


def _answer_fields(body: bytes) -> dict[str, Any] | None:
    """Return the fields of an answer, wrapped in ``sms`` or flat, or None when it is no JSON object."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(answer, dict) and isinstance(answer.get("sms"), dict):
        answer = answer["sms"]
    return answer if isinstance(answer, dict) else None


def _message_id(fields: Mapping[str, Any]) -> str | None:
    """Return the message identifier: ``message_id``, or ``response`` where it reads like an identifier, not like prose."""
    for name in ("message_id", "response"):
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,64}", value.strip()):
            return value.strip()
    return None


def read_send_answer(http_status: int, body: bytes, retry_after: float | None = None) -> SendResult:
    """Return what an answer to a send request proves."""
    fields = _answer_fields(body) or {}
    code = normalise_code(fields.get("code"))
    message_id = _message_id(fields)
    reason = reason_of_http_status(http_status)
    if reason == "rate_limited" and code in CODE_STATUS and CODE_STATUS[code] is Status.SENT:
        reason = "contradiction"
    if reason is None:
        if code in CODE_STATUS:
            return SendResult(CODE_STATUS[code], code, message_id, sentence("code", code), "code")
        reason = "unlisted_code" if code else ("bad_answer" if http_status < 400 else "http_error")
    status, detail = REASONS[reason]
    return SendResult(status, code, message_id, detail, reason, retry_after)


def _amount(value: Any) -> Decimal | None:
    """Return a finite decimal from a JSON string or number (floats keep their shortest written form)."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read_balance_answer(http_status: int, body: bytes) -> Balance:
    """Return the balance from an answer to check-balance.

    :raises RoboSmsError: when the gateway refused, or the answer is not one.
    """
    from .outcome import ACCOUNT_ADVICE, PERMANENT_ACCOUNT_CODES

    fields = _answer_fields(body) or {}
    code = normalise_code(fields.get("code"))
    if code in ACCOUNT_ADVICE:
        raise RoboSmsError(ACCOUNT_ADVICE[code], permanent=code in PERMANENT_ACCOUNT_CODES, code=code)
    if not 200 <= http_status < 300:
        hint = " (a redirect is never followed: set the portal URL it leads to)" if 300 <= http_status < 400 else ""
        raise RoboSmsError(
            f"The RoboSMS portal answered the balance check with HTTP {http_status}{hint}: check the connection's host, "
            "or try later.",
            permanent=300 <= http_status < 500 and http_status not in (408, 429),
        )
    amount = _amount(fields.get("balance"))
    if code is not None and CODE_STATUS.get(code) is not Status.SENT:
        raise RoboSmsError(
            f"RoboSMS answered the balance check with code {code} ({MEANINGS.get(code, 'not listed')}).",
            code=code,
        )
    if amount is None:
        raise RoboSmsError(
            "The answer to the balance check holds no balance: check that the connection's host is the RoboSMS portal."
        )
    return Balance(amount, _amount(fields.get("message_rates")), str(fields.get("username") or ""))
