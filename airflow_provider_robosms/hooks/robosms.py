"""Hook for the RoboSMS HTTP API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from airflow.sdk import BaseHook

from ..gateway.address import portal_url
from ..gateway.protocol import RESERVED_PARAMETERS, Account, RoboSmsError

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from ..gateway.client import GatewayClient
    from ..gateway.outcome import Balance, SendResult

DEFAULT_TIMEOUT = 30.0


def account_of(conn: Connection) -> Account:
    """Return the account that a ``robosms`` connection describes.

    :raises RoboSmsError: naming the field of the connection that is missing or unusable.
    """
    where = f"Connection {conn.conn_id!r}"
    if not conn.login:
        raise RoboSmsError(
            f"{where} has no e-mail: put the RoboSMS account's e-mail into the login field.", permanent=True
        )
    if not conn.password:
        raise RoboSmsError(f"{where} has no API key: put the key from the RoboSMS dashboard into it.", permanent=True)
    extra: dict[str, Any] = conn.extra_dejson or {}
    host = conn.host
    if host and "://" not in host and conn.schema in ("http", "https"):  # how connections written as a URI arrive
        host = f"{conn.schema}://{host}"
    if host and conn.port:
        host = f"{host.rstrip('/')}:{conn.port}"
    return Account(
        email=conn.login,
        key=conn.password,
        host=portal_url(host),
        mask=str(extra.get("mask") or "").strip() or None,
        timeout=_timeout(where, extra.get("timeout")),
        send_parameters=_send_parameters(where, extra.get("send_parameters")),
    )


def _timeout(where: str, raw: Any) -> float:
    if raw in (None, ""):
        return DEFAULT_TIMEOUT
    try:
        timeout = float(raw)
    except (TypeError, ValueError):
        timeout = 0.0
    if not 0 < timeout <= 600:
        raise RoboSmsError(f"{where}: timeout must be a number of seconds between 0 and 600.", permanent=True)
    return timeout


def _send_parameters(where: str, raw: Any) -> Mapping[str, Any]:
    if raw in (None, ""):
        return {}
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, dict):
        raise RoboSmsError(f'{where}: send_parameters must be a JSON object such as {{"unicode": 1}}.', permanent=True)
    if taken := sorted(RESERVED_PARAMETERS & raw.keys()):
        raise RoboSmsError(f"{where}: send_parameters must not set {', '.join(taken)}.", permanent=True)
    return raw


class RoboSmsHook(BaseHook):
    """Sends SMS and reads the balance through RoboSMS Pakistan.

    Each send is one request and one attempt: nothing is ever resent by the hook, because the gateway has no idempotency key.
    For many messages, crash safety and retries use the operators.

    :param robosms_conn_id: connection of type ``robosms``.
    """

    conn_name_attr = "robosms_conn_id"
    default_conn_name = "robosms_default"
    conn_type = "robosms"
    hook_name = "RoboSMS"

    def __init__(self, robosms_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.robosms_conn_id = robosms_conn_id

    @cached_property
    def client(self) -> GatewayClient:
        """The gateway client; may be used from many threads."""
        return client_of(account_of(self.get_connection(self.robosms_conn_id)))

    def get_conn(self) -> GatewayClient:
        """Return the gateway client."""
        return self.client

    def send(self, to: str, message: str, *, mask: str | None = None) -> SendResult:
        """Send one message to one number, in one attempt.

        :param to: a Pakistani mobile number as people write it; it is normalised.
        :param mask: sender mask; the connection's by default.
        :return: the outcome: SENT, REJECTED, FAILED (certainly not sent) or UNKNOWN (may have been sent).
        :raises InvalidNumber: for a number that cannot be texted, before anything is sent.
        :raises RoboSmsError: when the connection lacks something.
        """
        from ..sms.phone import normalise

        return self.client.send([normalise(to)], message, mask, multiple=False)

    def send_bulk(self, to: list[str], message: str, *, mask: str | None = None) -> SendResult:
        """Send one text to many numbers in one request (``multiple=1``); the one answer holds for the whole group.

        Parameters, result and errors as for :meth:`send`; a number that stands twice in the list is texted once.
        """
        from ..sms.phone import normalise

        if not to:
            raise RoboSmsError("send_bulk needs at least one number.", permanent=True)
        return self.client.send(list(dict.fromkeys(normalise(number) for number in to)), message, mask, multiple=True)

    def get_balance(self) -> Balance:
        """Return the account's balance.

        :raises RoboSmsError: when the portal cannot be reached or refuses.
        """
        return self.client.balance()

    def test_connection(self) -> tuple[bool, str]:
        """Check the connection by reading the balance; sends nothing."""
        try:
            balance = self.get_balance()
        except RoboSmsError as error:
            return False, str(error)
        parts = (
            f", enough for {balance.parts_affordable:,} message parts" if balance.parts_affordable is not None else ""
        )
        return True, f"RoboSMS account {balance.username or '(no name)'}: balance {balance.amount}{parts}."


def client_of(account: Account) -> GatewayClient:
    """Return a client whose API key Airflow masks in logs, also in the form it takes inside a URL."""
    from airflow.sdk.log import mask_secret

    from ..gateway.client import GatewayClient

    for form in {account.key, quote(account.key), quote_plus(account.key)}:
        mask_secret(form)
    return GatewayClient(account)
