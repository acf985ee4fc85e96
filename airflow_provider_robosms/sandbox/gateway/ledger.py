"""The gateway's books: what was accepted, what it cost, what is left, and how many requests were seen."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..private import append_private, write_private
from .parts import Parts
from .settings import Settings

OPENING_CREDIT = Decimal("1000.00")
_FIRST_MESSAGE_ID = 100_001


class Ledger:
    """Everything that the gateway remembers, in three files of one folder.

    * ``accepted.jsonl``: one line for each accepted message and recipient, written before the answer leaves;
    * ``received.jsonl``: one line for each POST to send-message, whatever became of it;
    * ``account.json``: the settings and the credit that was ever put in.

    The balance is never stored: it is the credit less the prices of the accepted messages, so that no kill can make the
    two disagree.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._account_file = folder / "account.json"
        self.settings = Settings()
        self.credit = OPENING_CREDIT
        if self._account_file.exists():
            account = json.loads(self._account_file.read_text())
            self.settings = Settings.model_validate(account["settings"])
            self.credit = Decimal(account["credit"])
        self.accepted: list[dict[str, Any]] = list(read_lines(folder / "accepted.jsonl"))
        self.received: list[dict[str, Any]] = list(read_lines(folder / "received.jsonl"))
        self.spent = sum((Decimal(record["price"]) for record in self.accepted), Decimal(0))
        self.parts = sum(record["parts"] for record in self.accepted)
        self.posts: Counter[str] = Counter(number for record in self.received for number in record["to"])
        self.arrived = len(self.received)
        self.balance_checks = 0
        self._next_id = 1 + max(
            (int(record["message_id"].rpartition("-")[2]) for record in self.accepted), default=_FIRST_MESSAGE_ID - 1
        )
        self._accepted_log = append_private(folder / "accepted.jsonl")
        self._received_log = append_private(folder / "received.jsonl")

    @property
    def balance(self) -> Decimal:
        """What can still be spent."""
        return self.credit - self.spent

    def save(self) -> None:
        """Put settings and credit on the disk, whole or not at all."""
        account = {"settings": self.settings.model_dump(mode="json"), "credit": str(self.credit)}
        write_private(self._account_file, json.dumps(account, indent=2))

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
        # One write for all: a kill leaves all of them or none, whatever has been answered.
        os.write(self._accepted_log, b"".join(map(_line, records)))
        self.accepted += records
        self.spent += price * len(numbers)
        self.parts += parts.parts * len(numbers)
        return records

    def note_received(self, record: dict[str, Any]) -> None:
        """Write down what became of a POST that was counted in :attr:`posts` when it arrived."""
        self.received.append(record)
        os.write(self._received_log, _line(record))

    def reset(self) -> None:
        """Forget messages, requests, settings and top-ups."""
        for log in (self._accepted_log, self._received_log):
            os.ftruncate(log, 0)
        self.accepted, self.received = [], []
        self.posts.clear()
        self.spent, self.parts = Decimal(0), 0
        self.arrived = self.balance_checks = 0
        self._next_id = _FIRST_MESSAGE_ID
        self.settings, self.credit = Settings(), OPENING_CREDIT
        self.save()

    def close(self) -> None:
        """Close the logs."""
        os.close(self._accepted_log)
        os.close(self._received_log)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of *path* and cut off a torn last line, which a kill can leave and which nobody was told about."""
    if not path.exists():
        return
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            yield json.loads(line)
    os.truncate(path, end)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def now() -> str:
    """The time in UTC with milliseconds, as the logs write it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
