"""Sends requests for one account: one wire per thread, no redirects, no automatic resend."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..exceptions import RoboSmsError
from .answers import read_balance_answer, read_send_answer, retry_after_seconds
from .evidence import REASONS
from .outcome import Balance, SendResult
from .protocol import BALANCE_PATH, SEND_PATH, Account
from .transport_errors import NEEDS_A_PERSON, reason_of_exception, trouble_on_the_way
from .wire import Wire

log = logging.getLogger(__name__)

#: A pooled connection idle for longer than this is not reused (seconds). Servers close idle connections after some five
#: seconds, and a request written into a connection that is just being closed ends as UNKNOWN.
MAX_IDLE = 2.0
#: So long is a portal given for a second answer before any connection is used again (seconds). TCP holds a small second write
#: back until the first is acknowledged, which takes up to 0.04 s beside the way there and back.
PROBATION = 0.25


class GatewayClient:
    """Sends requests for one account. Safe to use from many threads: each has a wire of its own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._local = threading.local()
        # Both are only ever set, so that no thread takes back what another has seen.
        self._was_silent = False  #: behind an answer, for as long as it was listened to
        self._spoke_twice = False  #: more than one answer came to a request
        # Held while one connection is listened to; until then none is used twice.
        self._listening = threading.Lock()

    @property
    def _is_known(self) -> bool:
        return self._was_silent or self._spoke_twice

    @property
    def _keeps_step(self) -> bool:
        """Whether the portal is known to say one answer to each request."""
        return self._was_silent and not self._spoke_twice

    def _wire(self) -> Wire:
        wire: Wire | None = getattr(self._local, "wire", None)
        if wire is None:
            wire = self._local.wire = Wire()
        elif not self._keeps_step or time.monotonic() - self._local.used > MAX_IDLE:
            wire.close()
        return wire

    def _request(self, method: str, path: str, **kwargs: Any) -> tuple[int, Mapping[str, str], bytes]:
        """Make one request, once.

        :raises requests.RequestException, urllib3.exceptions.HTTPError, OSError: whatever the wire throws.
        """
        wire = self._wire()
        try:
            return wire.request(method, self.account.host + path, timeout=self.account.timeout, **kwargs)
        finally:
            self._local.used = time.monotonic()
            unheard = method == "POST" and wire.is_connected and not self._is_known
            if wire.is_out_of_step:
                self._distrust()
            elif unheard and self._listening.acquire(blocking=False):
                del self._local.wire  # this one is only listened to from now on, so that no message waits for it
                threading.Thread(target=self._listen, args=(wire,), name="robosms-listen", daemon=True).start()

    def _listen(self, wire: Wire) -> None:
        """Learn whether the portal says one answer to each request, from a connection that is used for nothing else."""
        try:
            silent = wire.listen(PROBATION)
            if silent is False:
                self._distrust()
            self._was_silent |= bool(silent)
        finally:
            self._listening.release()
            wire.close()

    def _distrust(self) -> None:
        if not self._spoke_twice:
            self._spoke_twice = True
            log.warning(
                "The RoboSMS portal, or a proxy before it, sent more than one answer to a request: each message has a "
                "connection of its own now."
            )

    def _post(self, body: Mapping[str, Any]) -> SendResult:
        try:
            status, headers, answer = self._request("POST", SEND_PATH, json=body)
        except Exception as exc:  # noqa: BLE001 - every class is mapped by the evidence table; its text may hold secrets
            reason = reason_of_exception(exc)
            outcome, detail = REASONS[reason]
            return SendResult(outcome, None, None, detail, reason)
        retry_after = retry_after_seconds(headers.get("Retry-After"), time.time())
        text, to = str(body.get("message", "")), str(body.get("to", ""))
        return read_send_answer(status, answer, retry_after, self.account.host + SEND_PATH, text, to)

    def send(
        self, to: Sequence[str], message: str, mask: str | None = None, *, multiple: bool | None = None
    ) -> SendResult:
        """Make one send request and return what is known of it. One attempt: it never resends.

        :param to: numbers in international form without plus; more than one goes with ``multiple=1``.
        :raises RoboSmsError: for a missing sender mask, before anything is sent.
        """
        bulk = len(to) > 1 if multiple is None else multiple
        return self._post(self.account.send_body(to, message, mask, multiple=bulk))

    def probe(self) -> SendResult:
        """Make a send request that names no number and no text, and return what the portal says of it.

        It can send nothing. Code 202 ("required parameters missing") shows that the address takes POST.
        """
        return self._post(self.account.probe_body())

    def balance(self) -> Balance:
        """Return the account's balance.

        :raises RoboSmsError: when the portal cannot be reached or refuses; the sentence never holds the URL with the key.
        """
        try:
            status, _, answer = self._request("GET", BALANCE_PATH, params={"key": self.account.key})
        except Exception as exc:  # noqa: BLE001 - the exception's own text holds the URL with the key
            permanent = reason_of_exception(exc) in NEEDS_A_PERSON
            trouble = trouble_on_the_way(exc, "the RoboSMS portal")
        else:
            return read_balance_answer(status, answer, self.account.host + BALANCE_PATH)
        raise RoboSmsError(f"The RoboSMS balance could not be read: {trouble}.", permanent=permanent)
