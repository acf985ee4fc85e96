"""Hook for the RoboSMS HTTP API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from airflow.sdk import BaseHook

from ..compat import CONNECTION_FORM, AirflowNotFoundException
from ..exceptions import RoboSmsError
from ..gateway.address import portal_url
from ..gateway.amounts import read_decimal, seconds_of
from ..gateway.outcome import Status
from ..gateway.protocol import RESERVED_PARAMETERS, Account
from ..gateway.threshold import words
from ..settings import message as message_of
from ..settings import resembles, sender_mask, shown, text
from ..sms.blank import is_blank

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from ..gateway.client import GatewayClient
    from ..gateway.outcome import Balance, SendResult

DEFAULT_TIMEOUT = 30.0
#: What a connection may say of ``unicode``, beside ``auto``.
_UNICODE = (0, 1, "0", "1")


#: What of a connection's extra is read; notes may stand beside it.
_EXTRA = frozenset({"mask", "timeout", "send_parameters"})
#: What would be missed, if somebody meant it.
_SETTINGS = (
    "mask", "sender", "sendermask", "timeout", "sendparameters", "parameters", "unicode", "countrycode", "multiple", "dryrun",
    "limit", "maxpersecond", "concurrency", "sendwindow",
)  # fmt: skip


def connection_name(conn_id: str) -> str:
    """Return a connection's id for a sentence; what was given instead may hold a password or a number."""
    shown = re.fullmatch(r"[\w. -]{1,100}", conn_id) and not re.search(r"\d[\d .-]{5,}\d", conn_id)
    return repr(conn_id) if shown else "of that name"


def no_connection(conn_id: str) -> RoboSmsError:
    """Return the error for a connection that is not there."""
    return RoboSmsError(
        f"Connection {connection_name(conn_id)} does not exist: create it with the type RoboSMS.", permanent=True
    )


def account_of(conn: Connection) -> Account:
    """Return the account that a ``robosms`` connection describes.

    :raises RoboSmsError: for a connection of another type, whose password is not the portal's to see; naming the field of
        the connection that is missing or unusable.
    """
    where = f"Connection {conn.conn_id!r}"
    if conn.conn_type != RoboSmsHook.conn_type:
        raise RoboSmsError(
            f"{where} is of the type {conn.conn_type!r}, not {RoboSmsHook.conn_type!r}: nothing of it was used; name a "
            "connection of the type RoboSMS.",
            permanent=True,
        )
    email, key = (conn.login or "").strip(), (conn.password or "").strip()  # copied with a line break at the end
    if is_blank(email):
        raise RoboSmsError(
            f"{where} has no e-mail: put the RoboSMS account's e-mail into the login field.", permanent=True
        )
    if is_blank(key):
        raise RoboSmsError(f"{where} has no API key: put the key from the RoboSMS dashboard into it.", permanent=True)
    extra = _extra(where, conn)
    if ignored := [name for name in extra if name not in _EXTRA and resembles(name, _SETTINGS)]:
        raise RoboSmsError(
            f"{where}: {ignored[0]!r} in its extra would be ignored. It may hold {', '.join(sorted(_EXTRA))}; what a send "
            "request is to have besides goes into send_parameters.",
            permanent=True,
        )
    parameters, is_unicode = _send_parameters(where, extra.get("send_parameters"))
    return Account(
        email=email,
        key=key,
        host=portal_url(_host(conn)),
        mask=_mask(where, extra.get("mask")),
        timeout=_timeout(where, extra.get("timeout")),
        send_parameters=parameters,
        is_unicode=is_unicode,
    )


def _host(conn: Connection) -> str | None:
    host, schema = (conn.host or "").strip(), (conn.schema or "").strip().lower()
    # Airflow's form posts port 0 for none (apache/airflow issue 73298).
    port = "" if conn.port in (None, 0, "0", "") else f":{conn.port}"
    if is_blank(host) and (port or schema == "http"):
        raise RoboSmsError(
            f"Connection {conn.conn_id!r} has a port or a scheme, but no host: fill in the host, or leave all three empty "
            "for the usual portal.",
            permanent=True,
        )
    if not host:
        return None
    if "://" not in host and schema in ("http", "https"):  # how connections written as a URI arrive
        host = f"{schema}://{host}"
    return f"{host.rstrip('/')}{port}"


def _extra(where: str, conn: Connection) -> dict[str, Any]:
    try:
        extra = json.loads(conn.extra) if conn.extra else {}
    except ValueError:
        extra = None
    if not isinstance(extra, dict):
        raise RoboSmsError(f"{where}: its extra must be a JSON object, or empty.", permanent=True)
    return extra


def _mask(where: str, raw: Any) -> str | None:
    if not isinstance(raw, (str, type(None))):
        raise RoboSmsError(f"{where}: mask must be text, such as SMS-ALERT.", permanent=True)
    return sender_mask(raw, f"{where}: mask")


def _timeout(where: str, raw: Any) -> float:
    if raw in (None, ""):
        return DEFAULT_TIMEOUT
    return seconds_of(raw, f"{where}: timeout", least=0.1, most=600)


def _send_parameters(where: str, raw: Any) -> tuple[Mapping[str, Any], Callable[[str], bool] | None]:
    """Return the further fields of a send request, and what decides ``unicode`` where that is ``auto``."""
    if raw in (None, ""):
        return {}, None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, dict):
        raise RoboSmsError(
            f'{where}: send_parameters must be a JSON object such as {{"unicode": "auto"}}.', permanent=True
        )
    if taken := sorted(name for name in raw if name.strip().casefold() in RESERVED_PARAMETERS):
        raise RoboSmsError(f"{where}: send_parameters must not set {', '.join(taken)}.", permanent=True)
    for name, value in raw.items():
        if isinstance(value, bool) or not (isinstance(value, str) or read_decimal(value) is not None):
            raise RoboSmsError(f"{where}: {name} in send_parameters must be text or a number.", permanent=True)
    spellings = [name for name in raw if name.strip().casefold() == "unicode"]
    unicode = raw.get("unicode", 0)
    if spellings == ["unicode"] and isinstance(unicode, str) and unicode.strip().casefold() == "auto":
        return {name: value for name, value in raw.items() if name != "unicode"}, _is_unicode
    if spellings not in ([], ["unicode"]) or isinstance(unicode, bool) or unicode not in _UNICODE:
        raise RoboSmsError(f'{where}: unicode in send_parameters must be 0, 1 or "auto".', permanent=True)
    return raw, None


def _is_unicode(text: str) -> bool:
    from ..sms.segments import measure

    return measure(text).encoding == "UCS-2"


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

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        """Return what the connection's form shows on Airflow 3.1; see :data:`~..compat.CONNECTION_FORM`."""
        return CONNECTION_FORM

    def __init__(self, robosms_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.robosms_conn_id = robosms_conn_id

    @cached_property
    def client(self) -> GatewayClient:
        """The gateway client; may be used from many threads."""
        conn_id = text(self.robosms_conn_id, "robosms_conn_id")
        try:
            conn = self.get_connection(conn_id)
        except AirflowNotFoundException:
            raise no_connection(conn_id) from None
        return client_of(account_of(conn))

    def get_conn(self) -> GatewayClient:
        """Return the gateway client."""
        return self.client

    def send(self, to: str, message: str, *, mask: str | None = None) -> SendResult:
        """Send one message to one number, in one attempt.

        :param to: a Pakistani mobile number as people write it; it is normalised.
        :param mask: sender mask; the connection's by default.
        :return: the outcome: SENT, REJECTED, FAILED (certainly not sent) or UNKNOWN (may have been sent).
        :raises InvalidNumber: for a number that cannot be texted, before anything is sent.
        :raises RoboSmsError: when the connection lacks something, or *message* is no text that anybody means to send.
        """
        from ..sms.phone import normalise

        number, body = normalise(to), message_of(message)
        return self.client.send([number], body, sender_mask(mask), multiple=False)

    def send_bulk(self, to: list[str], message: str, *, mask: str | None = None) -> SendResult:
        """Send one text to many numbers in one request (``multiple=1``); the one answer holds for the whole group.

        Parameters, result and errors as for :meth:`send`; a number that stands twice in the list is texted once.
        """
        from ..sms.phone import normalise

        if not isinstance(to, (list, tuple, set, frozenset)):
            raise RoboSmsError(f"send_bulk needs a list of numbers, not {shown(to)}.", permanent=True)
        if not to:
            raise RoboSmsError("send_bulk needs at least one number.", permanent=True)
        numbers, body = list(dict.fromkeys(normalise(number) for number in to)), message_of(message)
        return self.client.send(numbers, body, sender_mask(mask), multiple=True)

    def get_balance(self) -> Balance:
        """Return the account's balance.

        :raises RoboSmsError: when the portal cannot be reached or refuses.
        """
        return self.client.balance()

    def test_connection(self) -> tuple[bool, str]:
        """Check the connection as far as that can be done without sending.

        Reads the balance, which proves the key, and makes one send request that names no number and no text. The portal must
        answer that parameters are missing (code 202), which proves that this address takes messages. Whether the account may
        use its sender mask, and whether messages arrive, only a first message shows.
        """
        try:
            balance = self.get_balance()
        except RoboSmsError as error:
            return False, str(error)
        account = f"RoboSMS account {balance.username or '(no name)'}: balance {words(balance)}."
        result = self.client.probe()
        if result.stop:
            return False, result.stop
        if result.status is not Status.REJECTED:
            what = f"code {result.code}" if result.reason == "code" else result.detail.partition(": ")[2]
            return False, (
                f"{account} Sending could not be checked: a request without number and text should be answered with code "
                f"202, and here it was: {what}. Check the connection's host."
            )
        mask = self.client.account.mask
        unproven = (
            f"that the account may use the sender mask {mask!r}" if mask else "a sender mask, for none is set here"
        )
        return (
            True,
            f"{account} The portal takes messages here. Not proven without a message: {unproven}, and delivery.",
        )


def client_of(account: Account) -> GatewayClient:
    """Return a client whose API key Airflow masks in logs, also in the form it takes inside a URL."""
    from airflow.sdk.log import mask_secret

    from ..gateway.client import GatewayClient

    for form in {account.key, quote(account.key), quote_plus(account.key)}:
        mask_secret(form)
    return GatewayClient(account)
