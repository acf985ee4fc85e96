"""Faults of the gateway that a person or a test switches on, and when each of them strikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from airflow_provider_robosms.gateway.codes import MEANINGS

from ..faults import About, Switched

ACCEPTING_CODES = ("000", "100", "102", "200")


class Fault(Switched):
    """One switched-on fault.

    Attributes:
        on: Which request it strikes: ``send`` (POST send-message) or ``balance`` (GET check-balance).
        when: A fault ``after`` strikes only requests that are accepted (logged and paid); others are refused honestly.
        numbers: Strikes only requests to one of these numbers (written as sent: ``923001234567``).
        code: For ``code``: what is answered, one of the codes or any other text.
        retry_after: For ``http-429`` and ``http-503``: the Retry-After header, seconds or an HTTP date.
        status: For ``redirect``.
        seconds: For ``refuse``: how long nobody listens; without it, until the fault is switched off.
    """

    KINDS = {  # noqa: RUF012 - annotated in the base
        "refuse": About("Connection refused", either=False),
        "reset": About("Connection reset"),
        "hang": About("Never answers"),
        "http-429": About("Too many requests (429)", either=False),
        "http-500": About("Server error (500)"),
        "http-502": About("HTML page (502)"),
        "http-503": About("Unavailable (503)"),
        "broken-json": About("Broken JSON", "after"),
        "empty-body": About("Empty answer", "after"),
        "cut-body": About("Answer cut off", "after"),
        "bad-gzip": About("Damaged gzip", "after"),
        "redirect": About("Redirect"),
        "code": About("Answers code"),
    }

    on: Literal["send", "balance"] = "send"
    numbers: tuple[str, ...] | None = None
    code: str | None = None
    retry_after: int | str | None = None
    status: Literal[302, 307] = 302
    seconds: Annotated[float | None, Field(gt=0, le=3600)] = None

    @model_validator(mode="after")
    def _consistent(self) -> Fault:
        if self.kind == "code" and not self.code:
            raise ValueError("the kind 'code' needs the code to answer, for example {'kind': 'code', 'code': '999'}")
        if self.kind == "code" and self.code in ACCEPTING_CODES and self.when == "before":
            raise ValueError(f"code {self.code} means accepted: it needs when='after'")
        if self.kind == "refuse" and (self.count or self.numbers or self.probability < 1):
            raise ValueError("the kind 'refuse' closes the port for everybody: it takes 'seconds' and nothing else")
        return self

    def fits(self, on: str, numbers: Sequence[str], accepted: bool) -> bool:
        """Whether the fault can strike this request; one ``after`` needs a request that is *accepted*."""
        if self.on != on or self.kind == "refuse" or (self.when == "after" and not accepted):
            return False
        return self.numbers is None or not set(self.numbers).isdisjoint(numbers)


def meaning(code: str) -> str:
    """What the gateway writes beside *code*."""
    text = MEANINGS.get(code)
    return text[0].upper() + text[1:] if text else "Unknown"
