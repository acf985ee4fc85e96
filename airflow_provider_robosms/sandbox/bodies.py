"""JSON bodies of the control API, and what is said about wrong ones."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body
from pydantic import ValidationError

JsonObject = Annotated[dict[str, Any], Body()]


def first_sentence(error: ValidationError, what: str) -> str:
    """Say what is wrong with the first bad field of *error*, in one sentence."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"There is no {what} named {name!r}."
    if not name:
        return f"{reason[0].upper()}{reason[1:]}."
    return f"The {what} {name!r} can't be {first['input']!r}: {reason}."
