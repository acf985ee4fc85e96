"""What can be set on the stand-in gateway: the account, how answers look, how long they take."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

# The gateway shows money with two decimals. An amount that it could not show exactly is refused, not rounded.
Money = Annotated[Decimal, Field(ge=0, decimal_places=2, max_digits=12, allow_inf_nan=False)]


class Settings(BaseModel):
    """The account and the manners of the gateway. The defaults are those of the demo account.

    Attributes:
        rate: Price of one message part.
        suspended: Every request is answered 206.
        ip_whitelisted: When false, every request is answered 210.
        max_characters: A longer text is answered 213. The vendor names no figure; ten GSM parts is our choice.
        answer_shape: ``flat``, or wrapped in ``sms`` with the id in ``response`` or in ``message_id``.
        latency_ms: Shortest and longest time that an answer takes, in milliseconds. One number sets both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Annotated[str, Field(min_length=1)] = "demo@example.pk"
    key: Annotated[str, Field(min_length=1)] = "sandbox-key"
    masks: tuple[Annotated[str, Field(min_length=1, max_length=11)], ...] = ("SMS-ALERT", "RoboSMS")
    username: str = "demo"
    rate: Money = Decimal("0.50")
    suspended: bool = False
    ip_whitelisted: bool = True
    max_characters: Annotated[int, Field(ge=1)] = 1530
    answer_shape: Literal["flat", "wrapped-response", "wrapped-message_id"] = "flat"
    code_type: Literal["string", "integer"] = "string"
    accepted_code: Literal["000", "100", "102", "200"] = "000"
    latency_ms: tuple[float, float] = (0.0, 0.0)

    @field_validator("latency_ms", mode="before")
    @classmethod
    def _one_number_is_both_ends(cls, value: Any) -> Any:
        return (value, value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("latency_ms")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        shortest, longest = value
        if not 0 <= shortest <= longest <= 600_000:
            raise ValueError("give one number, or the shortest and the longest, between 0 and 600000")
        return value
