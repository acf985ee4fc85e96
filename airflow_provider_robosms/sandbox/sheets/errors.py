"""Errors as Google answers them: ``{"error": {"code", "message", "status", "details"?}}``."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class GoogleError(ValueError):
    """A request that Google would refuse: HTTP status, Google's name of the error (``INVALID_ARGUMENT``), its sentence,
    and the objects of ``error.details``.
    """

    def __init__(self, code: int, status: str, message: str, details: list[Json] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details or []

    def body(self) -> Json:
        """The JSON body of the answer."""
        error: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def within(self, place: str) -> GoogleError:
        """The same error as Google words it inside a batch, with the *place* in front (``data[2]``)."""
        return GoogleError(self.code, self.status, f"Invalid {place}: {self.message}", self.details)


def invalid(message: str) -> GoogleError:
    """A 400 INVALID_ARGUMENT."""
    return GoogleError(400, "INVALID_ARGUMENT", message)


def bad_field(message: str, field: str = "", description: str | None = None) -> GoogleError:
    """A 400 for a request whose JSON does not fit, with the field violation that Google adds."""
    violation = {"field": field, "description": description or message}
    if not field:
        del violation["field"]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return GoogleError(400, "INVALID_ARGUMENT", message, [detail])


def unknown_field(name: str, place: str = "") -> GoogleError:
    """A 400 for a JSON field that the API does not have."""
    at = f" at '{place}'" if place else ""
    return bad_field(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.', place)


def protected() -> GoogleError:
    """A 400 for an edit of a protected range, as Google words it in an English document."""
    return invalid(
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if "
        "you need to edit."
    )
