"""What became of a message: the statuses, and the results that the hook returns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from .codes import CODES


class Status(str, Enum):
    """The outcome of one message; the value is what stands in the sheet's Status column."""

    SENT = "SENT"  #: the gateway accepted it (codes 000, 100, 102, 200); never resent
    REJECTED = "REJECTED"  #: this message or this number is wrong; never resent
    FAILED = "FAILED"  #: certainly not sent, and the attempts are used up
    UNKNOWN = "UNKNOWN"  #: may have been sent; never resent by itself
    SKIPPED = "SKIPPED"  #: not attempted, with the reason

    def __str__(self) -> str:
        return self.value


#: Account-level codes -> the sentence that a failed task shows: no message of this account can be sent now, so a campaign
#: stops at once.
ACCOUNT_ADVICE: dict[str, str] = {code: known.advice for code, known in CODES.items() if known.advice}
ACCOUNT_CODES = frozenset(ACCOUNT_ADVICE)
#: Those that do not clear by waiting: an Airflow retry cannot help, a person must act.
PERMANENT_ACCOUNT_CODES = frozenset(code for code, known in CODES.items() if known.permanent)


@dataclass(frozen=True)
class SendResult:
    """The outcome of one request to the gateway, for one number or a whole bulk group.

    :param status: SENT, REJECTED, FAILED (certainly not sent) or UNKNOWN (may have been sent).
    :param code: the gateway's three-digit code, or None when no code was read.
    :param message_id: the gateway's message identifier, or None.
    :param detail: one sentence for a person; never contains the key, a number or the text.
    :param reason: short stable word for *why*, a key of :data:`.evidence.REASONS`.
    :param retry_after: seconds the gateway asked to wait, or None.
    :param address_advice: what to do where the portal's address is wrong, so that no message can be sent there at all.
    """

    status: Status
    code: str | None = None
    message_id: str | None = None
    detail: str = ""
    reason: str = ""
    retry_after: float | None = None
    address_advice: str | None = None

    @property
    def account_level(self) -> bool:
        """Whether this message was refused for what holds for all: the account, or the portal's address."""
        return self.status is Status.FAILED and self.stop is not None

    @property
    def stop(self) -> str | None:
        """The sentence with which a campaign must end here, because no other message can succeed now; None to go on."""
        if self.status is Status.FAILED and self.code in ACCOUNT_CODES:
            return ACCOUNT_ADVICE[str(self.code)]
        return self.address_advice

    @property
    def permanent(self) -> bool:
        """Whether a person must act before another try can help, where :attr:`stop` says something."""
        return self.address_advice is not None or self.code in PERMANENT_ACCOUNT_CODES


@dataclass(frozen=True)
class Balance:
    """The account's balance.

    :param amount: money left, in the account's currency.
    :param rate: price of one message part, or None when the gateway does not say.
    :param username: the account's user name.
    """

    amount: Decimal
    rate: Decimal | None
    username: str

    @property
    def parts_affordable(self) -> int | None:
        """How many message parts the balance pays for; None without a positive rate, unless it pays for none at all."""
        if self.amount <= 0:
            return 0
        if self.rate is None or self.rate <= 0:
            return None
        return int((self.amount / self.rate).to_integral_value(rounding=ROUND_FLOOR))
