"""The wire: one pooled session per thread, explicit timeouts, no redirects, no automatic resend."""

from __future__ import annotations

import datetime
import email.utils
import logging
import re
import threading
import time
from collections.abc import Sequence

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .evidence import REASONS, reason_of_exception
from .outcome import Balance, SendResult
from .protocol import (
    BALANCE_PATH,
    SEND_PATH,
    Account,
    RoboSmsError,
    read_balance_answer,
    read_send_answer,
)

#: An answer is a few dozen bytes; more than this is not read (bytes).
MAX_ANSWER = 64 * 1024
#: A pooled connection idle for longer than this is not reused (seconds). Servers close idle connections after some five
#: seconds, and a request written into a connection that is just being closed ends as UNKNOWN.
MAX_IDLE = 2.0


class _RedactKey(logging.Filter):
    """Takes the API key out of urllib3's log lines, which show the balance URL (DEBUG, and a WARNING for bad headers)."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                re.sub(r"(?i)([?&]key=)[^&\s\"]+", r"\1***", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


# A filter works only on the logger that a line is written to, so each of those that show URLs gets it.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_RedactKey())


def _retry_after_seconds(value: str | None, now: float) -> float | None:
    """Read a Retry-After header (RFC 9110: delay in seconds, or an HTTP date); None when absent or unreadable."""
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.tzinfo is None:  # the asctime form names no zone; HTTP dates are in UTC
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return max(0.0, moment.timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


class _Session(requests.Session):
    """Never looks at where a redirect leads.

    Even with ``allow_redirects=False`` requests reads a redirect's whole body and parses its address. That could take any
    time, and an error in there (InvalidURL) would look like that of a request that was never made.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class GatewayClient:
    """Sends requests for one account. Safe to use from many threads: each has a session of its own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._local = threading.local()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = _Session()
            adapter = HTTPAdapter(
                pool_connections=1, pool_maxsize=1, max_retries=urllib3.Retry(0, read=False, redirect=0)
            )
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._local.session = session
        elif time.monotonic() - self._local.used > MAX_IDLE:
            session.close()  # drops the pooled connection; the session opens a new one
        self._local.used = time.monotonic()
        return session

    def _request(self, method: str, path: str, **kwargs: object) -> tuple[requests.Response, bytes]:
        """Make one request, once. A body that trickles in is given up after twice the timeout.

        :raises requests.RequestException, urllib3.exceptions.HTTPError, OSError: whatever the wire throws.
        """
        timeout = self.account.timeout
        deadline = time.monotonic() + 2 * timeout  # connecting and reading, each
        response = self._session().request(
            method,
            self.account.host + path,
            timeout=(timeout, timeout),
            allow_redirects=False,
            stream=True,
            **kwargs,  # type: ignore[arg-type]
        )
        try:
            body = b""
            # Not iter_content(), which waits until its piece is full: a socket's timeout limits each silence, not their sum.
            while piece := response.raw.read1(8192, decode_content=True):
                body += piece
                if len(body) > MAX_ANSWER:
                    raise requests.exceptions.ContentDecodingError("answer too long")
                if time.monotonic() > deadline:
                    raise requests.exceptions.ReadTimeout("answer too slow")
        except BaseException:
            response.close()
            raise
        finally:
            self._local.used = time.monotonic()
        return response, body

    def send(
        self, to: Sequence[str], message: str, mask: str | None = None, *, multiple: bool | None = None
    ) -> SendResult:
        """Make one send request and return what is known of it. One attempt: it never resends.

        :param to: numbers in international form without plus; more than one goes with ``multiple=1``.
        :raises RoboSmsError: for a missing sender mask, before anything is sent.
        """
        bulk = len(to) > 1 if multiple is None else multiple
        body = self.account.send_body(to, message, mask, multiple=bulk)
        try:
            response, answer = self._request("POST", SEND_PATH, json=body)
        except Exception as exc:  # noqa: BLE001 - every class is mapped by the evidence table; its text may hold secrets
            reason = reason_of_exception(exc)
            status, detail = REASONS[reason]
            return SendResult(status, None, None, detail, reason)
        retry_after = _retry_after_seconds(response.headers.get("Retry-After"), time.time())
        return read_send_answer(response.status_code, answer, retry_after)

    def balance(self) -> Balance:
        """Return the account's balance.

        :raises RoboSmsError: when the portal cannot be reached or refuses; the sentence never holds the URL.
        """
        try:
            response, answer = self._request("GET", BALANCE_PATH, params={"key": self.account.key})
        except Exception as exc:  # noqa: BLE001 - the exception's own text holds the URL with the key
            reason = reason_of_exception(exc)
            words = REASONS[reason][1].split(": ", 1)[1]
        else:
            return read_balance_answer(response.status_code, answer)
        raise RoboSmsError(
            f"The RoboSMS balance could not be read: {words}. Check the connection's host and this machine's network.",
            permanent=reason in {"certificate", "invalid_request"},
        )
