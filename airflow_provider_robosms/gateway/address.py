"""The one place where an address from a connection becomes a URL that is called.

URL parsers differ: what one takes for the host, another takes for a user name (``http://127.0.0.1:80\\@elsewhere``). So
nothing is repaired or guessed here. An address is scheme, host, port and path in plain letters, or it is refused before a
secret is near it, with a sentence that does not repeat it: it may hold a password.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from ..exceptions import RoboSmsError
from .protocol import DEFAULT_HOST

#: What a slip of the pen, or a program without a value, leaves: ``https//portal.robosms.pk``, ``None``.
_NO_HOSTS = frozenset(
    {"http", "https", "none", "null", "nan", "nil", "undefined", "na", "tbd", "true", "false", "yes", "no"}
)
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~%+,=-]*)*)",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Address:
    """An address whose parts every parser reads alike.

    :param host: a name or an address, without brackets.
    :param port: None for the scheme's own.
    :param path: empty, or beginning with a slash; without one at its end.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.path

    @property
    def is_loopback(self) -> bool:
        """Whether this is the machine itself."""
        return is_loopback(self.host)


def parse_address(text: str) -> Address | None:
    """Return the address that *text* is, or None: no other form, no user name, no query, nothing invisible."""
    found = _URL.fullmatch(text.strip(" "))
    if found is None:
        return None
    host, port = found["host"].lower(), int(found["port"]) if found["port"] else None
    if host.startswith("["):
        try:
            host = str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError:
            return None
    if port is not None and not 0 < port < 65536:
        return None
    return Address(found["scheme"].lower(), host, port, found["path"].rstrip("/"))


def is_loopback(host: str) -> bool:
    """Tell whether *host* (a name or an address, without port) is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def portal_url(raw: str | None) -> str:
    """Return the portal's base URL without a trailing slash; HTTPS only, except on loopback.

    :param raw: as the connection's host has it, with or without scheme; None or blank for the usual portal.
    :raises RoboSmsError: when it is no usable URL; the sentence does not repeat it.
    """
    text = (raw or "").strip(" ") or DEFAULT_HOST
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) is None:
        text = f"https://{text}"
    elif re.match(r"https?://", text, re.IGNORECASE) is None:
        raise _unencrypted()
    address = parse_address(text)
    if address is None or address.host in _NO_HOSTS or len(address.host) == 1:  # N/A, as host and path
        raise RoboSmsError(
            "The connection's host is not a portal URL such as https://portal.robosms.pk: write scheme, name, port and path "
            "only, without a user name, a query or blanks.",
            permanent=True,
        )
    if address.scheme != "https" and not address.is_loopback:
        raise _unencrypted()
    return address.url


def loopback_url(raw: object, setting: str) -> Address:
    """Return the address of a local stand-in.

    :param setting: the connection and its field, for the sentence.
    :raises RoboSmsError: unless it is an address of this machine; the sentence does not repeat it.
    """
    address = parse_address(raw) if isinstance(raw, str) else None
    if address is None or not address.is_loopback:
        raise RoboSmsError(
            f"{setting} must be a loopback address such as http://127.0.0.1:8099; it is meant for the sandbox, and "
            "credentials must not go elsewhere.",
            permanent=True,
        )
    return address


def _unencrypted() -> RoboSmsError:
    return RoboSmsError(
        "The connection's host must be an https:// URL: the API key would travel unencrypted otherwise.", permanent=True
    )
