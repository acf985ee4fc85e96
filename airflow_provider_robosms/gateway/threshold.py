"""When a balance counts as enough: an amount of money, or the message parts that it pays for. Pure; money is Decimal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..exceptions import RoboSmsError
from .amounts import decimal_of, in_parts
from .outcome import Balance

if TYPE_CHECKING:
    from .client import GatewayClient


class Condition(str, Enum):
    """What a sensor may wait for, relative to its threshold."""

    AT_LEAST = "at_least"
    BELOW = "below"


#: The setting's words, for DAGs, forms and the trigger's parameters.
CONDITIONS = tuple(condition.value for condition in Condition)

#: The balance is read at most this often (seconds); whoever asks for more gets this.
SHORTEST_POLL = 1.0
#: The longest pause between two polls, and the longest wait, that can be set (seconds).
LONGEST_WAIT = 10_000_000


@dataclass(frozen=True)
class Threshold:
    """A limit that a balance reaches or not; exactly one of both is set.

    :param min_balance: money, in the account's currency.
    :param min_messages: message parts, at the account's own rate.
    """

    min_balance: Decimal | None = None
    min_messages: int | None = None

    @classmethod
    def parse(cls, min_balance: Any = None, min_messages: Any = None) -> Threshold:
        """Return the threshold that a user's settings name; numbers may come as text from a form or a template.

        :raises RoboSmsError: unless exactly one of both is set, to a number above 0 (a whole one for *min_messages*).
        """
        for name, value in (("min_balance", min_balance), ("min_messages", min_messages)):
            if isinstance(value, str) and value.strip() == "None":
                raise RoboSmsError(
                    f"{name} came out as None: what its template gave was nothing; write {{{{ … or '' }}}} in the DAG if it "
                    "may be missing.",
                    permanent=True,
                )
        given = [
            value is not None and not (isinstance(value, str) and not value.strip())
            for value in (min_balance, min_messages)
        ]
        if sum(given) != 1:
            both = "both are" if all(given) else "none is"
            raise RoboSmsError(f"Set either min_balance or min_messages: {both} set.", permanent=True)
        if given[0]:
            return cls(min_balance=decimal_of(min_balance, "min_balance"))
        messages = decimal_of(min_messages, "min_messages")
        if messages != messages.to_integral_value():
            raise RoboSmsError(f"min_messages must be a whole number, not {min_messages!r}.", permanent=True)
        return cls(min_messages=int(messages))

    def is_met(self, balance: Balance, *, margin_percent: Decimal = Decimal(0)) -> bool:
        """Tell whether *balance* is at least the threshold, raised by *margin_percent*.

        :raises RoboSmsError: for *min_messages* when the portal named no price of a message part.
        """
        factor = 1 + margin_percent / 100
        if self.min_balance is not None:
            return balance.amount >= self.min_balance * factor
        if balance.parts_affordable is None or self.min_messages is None:
            raise RoboSmsError(
                "The RoboSMS portal names no price per message part (message_rates), so min_messages cannot be checked: "
                "set min_balance instead.",
                permanent=True,
            )
        return balance.parts_affordable >= self.min_messages * factor

    @property
    def name(self) -> str:
        """The setting as one writes it, such as ``min_messages=500``."""
        if self.min_balance is not None:
            return f"min_balance={self.min_balance:f}"
        return f"min_messages={self.min_messages}"

    def __str__(self) -> str:
        if self.min_balance is not None:
            return f"a balance of {self.min_balance:f}"
        return in_parts(self.min_messages or 0, "message part")


def poll_balance(client: GatewayClient) -> Balance:
    """Return the balance; code 205 ("balance insufficient") as the answer to a balance check is a balance of 0.

    For a campaign 205 is an error; for whoever watches for a low balance it is what was watched for.

    :raises RoboSmsError: when the portal cannot be reached or refuses otherwise.
    """
    try:
        return client.balance()
    except RoboSmsError as error:
        if error.code != "205":
            raise
        return Balance(Decimal(0), None, "")


def report(balance: Balance) -> dict[str, Any]:
    """Return *balance* as plain JSON values, money as decimal strings (for XCom and events)."""
    return {
        "balance": f"{balance.amount:f}",
        "rate": None if balance.rate is None else f"{balance.rate:f}",
        "messages": balance.parts_affordable,
        "username": balance.username,
    }


def words(balance: Balance) -> str:
    """Return *balance* for a log line."""
    parts = balance.parts_affordable
    return f"{balance.amount:f}" + ("" if parts is None else f", enough for {in_parts(parts, 'message part')}")
