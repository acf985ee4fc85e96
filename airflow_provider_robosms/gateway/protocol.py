"""Requests of the RoboSMS HTTP API, as plain data: no I/O here. What answers mean is in :mod:`.answers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import RoboSmsError

DEFAULT_HOST = "https://portal.robosms.pk"
SEND_PATH = "/api/send-message"
BALANCE_PATH = "/api/check-balance"

#: Fields of the send request that are the provider's own: ``send_parameters`` of a connection cannot replace them.
RESERVED_PARAMETERS = frozenset({"email", "key", "mask", "to", "message", "multiple"})


@dataclass(frozen=True)
class Account:
    """What a request needs to know of the account. The key is kept out of ``repr``.

    :param timeout: seconds, for connecting and for reading.
    :param send_parameters: further fields for every send request, as some vendor pages name (``unicode``, ``type``).
    :param is_unicode: tells of a text whether it must travel as Unicode; with it every send request says ``unicode`` 1 or 0.
    """

    email: str
    key: str = field(repr=False)
    host: str = DEFAULT_HOST
    mask: str | None = None
    timeout: float = 30.0
    send_parameters: Mapping[str, Any] = field(default_factory=dict)
    is_unicode: Callable[[str], bool] | None = field(default=None, repr=False)

    def sender(self, mask: str | None) -> str:
        """Return the sender mask of a message that names *mask*, or none.

        :raises RoboSmsError: when neither the message nor the connection names one.
        """
        sender = mask or self.mask
        if not sender:
            raise RoboSmsError(
                "No sender mask is set: name one in the form or the DAG, the Templates tab, or the connection.",
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
        if self.is_unicode is not None:
            body["unicode"] = int(self.is_unicode(message))
        if multiple:
            body["multiple"] = "1"
        return body

    def probe_body(self) -> dict[str, Any]:
        """Return the JSON body of a send request without number and text, which can send nothing."""
        body: dict[str, Any] = {**self.send_parameters, "email": self.email, "key": self.key}
        return {**body, "mask": self.mask} if self.mask else body
