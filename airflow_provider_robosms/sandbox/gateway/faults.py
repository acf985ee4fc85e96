"""Faults of the gateway that a person or a test switches on, and when each of them strikes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from airflow_provider_robosms.gateway.codes import MEANINGS

from ..faults import About, Board, Switched

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

    @model_validator(mode="before")
    @classmethod
    def _accepting(cls, given: Any) -> Any:
        """A code that means accepted is answered for a message that was."""
        if isinstance(given, dict) and given.get("kind") == "code" and given.get("code") in ACCEPTING_CODES:
            if given.get("when") == "before":
                raise ValueError(
                    f"code {given['code']} means accepted, so it can't be answered for a message that was not"
                )
            return {**given, "when": "after"}
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Fault:
        if self.kind == "code" and not self.code:
            raise ValueError("the kind 'code' needs the code to answer, for example {'kind': 'code', 'code': '999'}")
        if self.kind == "refuse" and (self.count or self.numbers or self.probability < 1):
            raise ValueError("the kind 'refuse' closes the port for everybody: it takes 'seconds' and nothing else")
        return self


class Faults(Board[Fault]):
    """The gateway's faults."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def strike(
        self, on: str, numbers: Sequence[str], posted: Counter[str], *, accepted: bool | None = None
    ) -> Fault | None:
        """Return the first fault that strikes this request, and count it.

        The chance of a fault is drawn from its seed, the recipient and how often that one was *posted*, this request
        included, so that a run repeats whatever the order in which its threads arrive. A fault ``after`` needs a
        request that is *accepted*.
        """
        for fault in self.active:
            if fault.on != on or fault.kind == "refuse" or (fault.when == "after" and accepted is False):
                continue
            if fault.numbers is not None and not set(fault.numbers).intersection(numbers):
                continue
            if not _drawn(fault, numbers, posted):
                continue
            return self._strikes(fault)
        return None


def _drawn(fault: Fault, numbers: Sequence[str], posted: Counter[str]) -> bool:
    if fault.probability >= 1:
        return True
    first = numbers[0] if numbers else ""
    text = f"{fault.seed}|{fault.kind}|{first}|{posted[first]}"
    draw = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
    return draw < fault.probability


def meaning(code: str) -> str:
    """What the gateway writes beside *code*."""
    text = MEANINGS.get(code)
    return text[0].upper() + text[1:] if text else "Unknown"
