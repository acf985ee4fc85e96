"""The gateway's books: what was accepted, what it cost, what is left, and how many requests were seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from .parts import Parts
from .settings import Settings

OPENING_CREDIT = Decimal("1000.00")
_FIRST_MESSAGE_ID = 100_001


class Ledger:
    """Everything that the gateway remembers until it ends.

    The balance is the credit that was ever put in less the prices of the accepted messages, so that the two can't disagree.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget messages, requests, settings and top-ups."""
        self.settings = Settings()
        self.credit = OPENING_CREDIT
        self.accepted: list[dict[str, Any]] = []
        self.spent, self.parts = Decimal(0), 0
        # How many POSTs came, whatever became of them, in all and for each number.
        self.arrived = 0
        self.posts: Counter[str] = Counter()
        self.balance_checks = 0
        self._next_id = _FIRST_MESSAGE_ID

    @property
    def balance(self) -> Decimal:
        """What can still be spent."""
        return self.credit - self.spent

    def enter(
        self, numbers: Sequence[str], *, mask: str, text: str, parts: Parts, bulk: bool, fault: str | None
    ) -> list[dict[str, Any]]:
        """Accept one request: deduct its price, log it and return its records.

        Every number of a bulk request carries the message id of the one answer; ``group`` then names it, too.
        """
        message_id = f"RSMS-{self._next_id}"
        self._next_id += 1
        price = self.settings.rate * parts.parts
        records = [
            {
                "seq": len(self.accepted) + index,
                "time": now(),
                "to": number,
                "mask": mask,
                "text": text,
                "encoding": parts.encoding,
                "units": parts.units,
                "parts": parts.parts,
                "price": f"{price:.2f}",
                "code": self.settings.accepted_code,
                "message_id": message_id,
                "group": message_id if bulk else None,
                "fault": fault,
            }
            for index, number in enumerate(numbers, start=1)
        ]
        self.accepted += records
        self.spent += price * len(numbers)
        self.parts += parts.parts * len(numbers)
        return records


def now() -> str:
    """The time in UTC with milliseconds, as the records have it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
