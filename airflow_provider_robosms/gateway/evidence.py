"""What a gateway code proves about a message, and the words for each reason: tables only.

Who reads an answer by them is :mod:`.answers`; what came instead of one is judged in :mod:`.transport_errors`.

The one rule: a message is FAILED (certainly not sent) only where that is proven; once the request may have reached the
gateway's socket, anything short of a listed answer is UNKNOWN. Nothing is "probably not sent": the gateway has no
idempotency key and no message query, so a wrong guess texts a person twice.
"""

from __future__ import annotations

from .codes import CODES, MEANINGS
from .outcome import ACCOUNT_ADVICE, Status

#: reason -> (status, the sentence for Detail). The journal stores the reason, so the words stay out of it.
REASONS: dict[str, tuple[Status, str]] = {
    "refused": (Status.FAILED, "not sent: no connection to the RoboSMS portal could be made"),
    "dns": (Status.FAILED, "not sent: the name of the RoboSMS portal could not be resolved"),
    "connect_timeout": (Status.FAILED, "not sent: the RoboSMS portal did not accept a connection in time"),
    "certificate": (Status.FAILED, "not sent: the portal's TLS certificate could not be verified"),
    "ca_bundle": (
        Status.FAILED,
        "not sent: the file of certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be used",
    ),
    "proxy": (Status.FAILED, "not sent: the proxy refused to connect to the RoboSMS portal"),
    "proxy_login": (Status.FAILED, "not sent: the proxy asks for a user name and password (HTTP 407)"),
    "invalid_request": (
        Status.FAILED,
        "not sent: the request could not be built from the connection's settings",
    ),
    "not_served": (Status.FAILED, "not sent: the portal does not serve sending at this address"),
    "rate_limited": (Status.FAILED, "not sent: the portal asked to slow down (HTTP 429)"),
    "read_timeout": (Status.UNKNOWN, "may have been sent: the portal did not answer in time"),
    "connection_lost": (Status.UNKNOWN, "may have been sent: the connection broke before the answer arrived"),
    "tls_error": (Status.UNKNOWN, "may have been sent: the encrypted connection failed"),
    "bad_answer": (Status.UNKNOWN, "may have been sent: the portal's answer could not be read"),
    "unlisted_code": (
        Status.UNKNOWN,
        "may have been sent: the portal answered with a code its documentation does not list",
    ),
    "server_error": (
        Status.UNKNOWN,
        "may have been sent: the portal answered with a server error (HTTP 5xx)",
    ),
    "redirect": (
        Status.UNKNOWN,
        "may have been sent: the portal answered with a redirect, which is never followed",
    ),
    "contradiction": (
        Status.UNKNOWN,
        "may have been sent: the portal's answer says two different things",
    ),
    "http_error": (Status.UNKNOWN, "may have been sent: the portal answered with an HTTP error and no code"),
    "error": (Status.UNKNOWN, "may have been sent: an unforeseen error came up while sending"),
    "crash": (Status.UNKNOWN, "may have been sent: the task was interrupted before the answer was stored"),
    "stopped": (Status.UNKNOWN, "may have been sent: the task was stopped before the portal answered"),
    "code": (Status.UNKNOWN, ""),  # the gateway's own code decides: see CODE_STATUS
}

#: HTTP statuses that say: there is nothing here that takes this request.
NOT_SERVED = frozenset({404, 405, 410})

#: The gateway's code -> status, for a readable answer with HTTP 2xx or 4xx (429 aside).
CODE_STATUS: dict[str, Status] = {code: Status(known.verdict) for code, known in CODES.items()}


def sentence(reason: str, code: str | None = None) -> str:
    """Return the sentence for a reason and, if the gateway's code decided, for that code."""
    if reason != "code" or code is None:
        return REASONS.get(reason, REASONS["error"])[1]
    meaning = MEANINGS[code]
    status = CODE_STATUS[code]
    if status is Status.SENT:
        return meaning
    if status is Status.UNKNOWN:
        return f"may have been sent: {meaning} (code {code})"
    return ACCOUNT_ADVICE.get(code, f"not sent: {meaning} (code {code})")
