"""spreadsheets.batchUpdate: the requests that the sandbox serves, applied in order, all or none.

A request that is not served, or not known, and every field that is not known, is answered with 400.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import attachments, finding, looks, pasting, structure
from .errors import GoogleError, Json, invalid
from .spreadsheet import Spreadsheet

Handler = Callable[[Spreadsheet, Json, str | None], Json]

_HANDLERS: dict[str, Handler] = {
    **structure.HANDLERS,
    **looks.HANDLERS,
    **attachments.HANDLERS,
    **pasting.HANDLERS,
    **finding.HANDLERS,
}


def batch_update(
    book: Spreadsheet, requests: Any, *, user: str | None, respond: Callable[[], Any] | None = None
) -> list[Json]:
    """Apply the requests and return Google's replies, one for each.

    Parameters:
        requests: The ``requests`` of the body.
        user: The caller's e-mail address, for protected ranges.
        respond: Called within the change, after the last request: what it looks at is of the instant of the write, and when
            it refuses nothing is applied.

    Raises:
        GoogleError: 400; then nothing has been applied.
    """
    if not isinstance(requests, list) or not requests:
        raise invalid("Must specify at least one request.")
    with book.change():
        replies = [_one(book, request, index, user) for index, request in enumerate(requests)]
        if respond:
            respond()
        return replies


def _one(book: Spreadsheet, request: Any, index: int, user: str | None) -> Json:
    if not isinstance(request, dict) or len(request) != 1:
        raise invalid(f"Invalid requests[{index}]: Each request must set exactly one kind of request.")
    name, body = next(iter(request.items()))
    place = f"requests[{index}].{name}"
    try:
        if name not in _HANDLERS:
            raise invalid(f"The sandbox does not serve this kind of request. It serves {', '.join(sorted(_HANDLERS))}.")
        return _HANDLERS[name](book, _without_nulls(body) or {}, user)
    except GoogleError as error:
        raise error if error.details else error.within(place) from None
    except (TypeError, AttributeError, KeyError) as error:
        # A body whose fields have the wrong JSON type.
        raise invalid(f"Invalid {place}: {type(error).__name__}: {error}") from error


def _without_nulls(value: Any) -> Any:
    """In Google's JSON a field that is null is a field that is missing."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value
