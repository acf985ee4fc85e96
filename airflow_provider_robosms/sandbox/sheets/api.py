"""The HTTP API: Google's paths, parameters, bodies and errors over the model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import requests, resource, values
from .accounts import TokenError
from .errors import GoogleError, Json, bad_field, invalid, unknown_field
from .faults import enact
from .fieldmask import Mask, below, check_known, parse_mask, select
from .quota import Kind
from .render import Render, as_render
from .service import SheetsService
from .spreadsheet import Spreadsheet

# What every method of a Google API takes, as far as it can be left alone here. (A token in the query is not looked at, so it
# is refused.)
_SYSTEM = "alt fields key prettyPrint $.xgafv"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_VIEW = "valueRenderOption dateTimeRenderOption majorDimension"


class Call:
    """One request: its parameters and its body, both checked against what the method takes."""

    def __init__(self, request: Request, body: Json, user: str | None) -> None:
        self.mask = _mask(request)
        self.path = request.path_params
        self.query = request.query_params
        self.body = body
        self.user = user

    def takes(self, query: str = "", body: str = "") -> None:
        """Refuse parameters and body fields outside these names (separated by blanks)."""
        for name in self.query:
            if name not in query.split() and name not in _SYSTEM.split():
                text = f"Cannot bind query parameter. Field '{name}' could not be found in request message."
                raise bad_field(f'Invalid JSON payload received. Unknown name "{name}": {text}', name)
        if self.query.get("alt", "json") != "json":
            raise invalid("The sandbox answers with alt=json only.")
        for name in self.body:
            if name not in body.split():
                raise unknown_field(name)

    def flag(self, name: str) -> bool:
        """A boolean parameter; false when it is missing."""
        return _flag(self.query.get(name), name)

    def render(self) -> Render:
        """The render option of a read by its URL."""
        return _render(self.query.get)


def _render(get: Callable[[str], Any]) -> Render:
    for name, served in (("majorDimension", "ROWS"), ("dateTimeRenderOption", "SERIAL_NUMBER")):
        if get(name) not in (None, "", served):
            raise invalid(f"The sandbox reads with {name}={served} only.")
    return as_render(get("valueRenderOption"))


def _flag(value: Any, name: str) -> bool:
    text = str(value).lower()
    if value is None or text in ("", "false", "0"):
        return False
    if text in ("true", "1"):
        return True
    raise bad_field(f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"", name)


# The methods, each from a spreadsheet and a call to Google's JSON


def _get(book: Spreadsheet, call: Call) -> Json:
    call.takes("ranges includeGridData excludeTablesInBandedRanges")
    texts = call.query.getlist("ranges")
    found = resource.get(book, texts=texts, grid_data=call.flag("includeGridData"), mask=call.mask)
    call.mask = None  # has been applied
    return found


def _batch_update(book: Spreadsheet, call: Call) -> Json:
    call.takes(body="requests includeSpreadsheetInResponse responseRanges responseIncludeGridData")
    wanted = _flag(call.body.get("includeSpreadsheetInResponse"), "include_spreadsheet_in_response")
    grid_data = _flag(call.body.get("responseIncludeGridData"), "response_include_grid_data")
    texts = call.body.get("responseRanges") or []
    shown: Json = {}

    def look() -> None:
        mask = below(call.mask, "updatedSpreadsheet")
        if mask is not None:
            found = resource.get(book, texts=texts, grid_data=grid_data, mask=mask or None)
            shown["updatedSpreadsheet"] = found

    replies = requests.batch_update(book, call.body.get("requests"), user=call.user, respond=look if wanted else None)
    found: Json = {"spreadsheetId": book.id, "replies": replies}
    if call.mask:
        found, call.mask = select(found, call.mask), None
    return found | shown


def _values_get(book: Spreadsheet, call: Call) -> Json:
    call.takes(_VIEW)
    return values.get(book, call.path["range"], call.render())


def _values_batch_get(book: Spreadsheet, call: Call) -> Json:
    call.takes(f"ranges {_VIEW}")
    return values.batch_get(book, call.query.getlist("ranges"), call.render())


def _values_by_filter(book: Spreadsheet, call: Call) -> Json:
    call.takes(body=f"dataFilters {_VIEW}")
    return values.batch_get_by_filter(book, call.body.get("dataFilters") or [], _render(call.body.get))


class Method(NamedTuple):
    """A method of the API: its kind for quota and counts, and what it does."""

    kind: Kind
    run: Callable[[Spreadsheet, Call], Json]


_VALUES = "/v4/spreadsheets/{id}/values"
_ROUTES: list[tuple[str, str, Method]] = [
    ("GET", "/v4/spreadsheets/{id}", Method("read", _get)),
    ("POST", "/v4/spreadsheets/{id}:batchUpdate", Method("write", _batch_update)),
    ("GET", f"{_VALUES}:batchGet", Method("read", _values_batch_get)),
    ("POST", f"{_VALUES}:batchGetByDataFilter", Method("read", _values_by_filter)),
    ("GET", _VALUES + "/{range:path}", Method("read", _values_get)),
]


def google_router(service: SheetsService) -> APIRouter:
    """Google's paths below ``/v4``, and the token endpoint ``/token``."""
    router = APIRouter()
    for verb, path, method in _ROUTES:
        router.add_route(path, partial(serve, service, method), methods=[verb], include_in_schema=False)

    async def unserved(request: Request) -> Response:
        text = f"The sandbox does not serve {request.method} {request.url.path}"
        return _json(GoogleError(501, "UNIMPLEMENTED", text).body(), 501)

    verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    router.add_route("/v4/{rest:path}", unserved, methods=verbs, include_in_schema=False)
    router.add_route("/token", partial(_token, service), methods=["POST"], include_in_schema=False)
    return router


async def serve(service: SheetsService, method: Method, request: Request) -> Response:
    """Answer a request of the API: who asks, quota, faults, the method, faults again."""
    try:
        response = await _answer(service, method, request)
    except GoogleError as error:
        response = _json(error.body(), error.code)
    service.by_status[str(response.status_code)] += 1
    return response


async def _answer(service: SheetsService, method: Method, request: Request) -> Response:
    header = request.headers.get("authorization")
    caller = service.accounts.caller(header, allow_anonymous=service.settings.allow_anonymous)
    service.calls[f"{method.kind}s"] += 1
    service.quota.take(method.kind, caller)
    body = _parse(await request.body())
    book = service.books.get(request.path_params["id"])
    fault = service.faults.strike(lambda each: each.fits(method.kind))
    instead = await enact(fault, "before", kind=method.kind)
    if instead is None:
        if book is None:
            raise GoogleError(404, "NOT_FOUND", "Requested entity was not found.")
        if caller:
            book.check_access(caller, write=method.kind == "write")
        call = Call(request, body, caller)
        found = method.run(service.lag.view(book) if method.kind == "read" else book, call)
        instead = await enact(fault, "after", kind=method.kind) or _json(
            select(found, call.mask) if call.mask else found
        )
    return instead


def _mask(request: Request) -> Mask | None:
    fields = request.query_params.get("fields")
    if not fields:
        return None
    mask = parse_mask(fields)
    check_known(mask)
    return mask


def _parse(body: bytes) -> Json:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        found = json.loads(body or b"{}", parse_constant=refuse)
        if _SURROGATE.search(body):
            # Half of a surrogate pair can be written in JSON and not be answered in UTF-8.
            json.dumps(found, ensure_ascii=False).encode()
    except ValueError as error:
        raise bad_field(f"Invalid JSON payload received. {error}") from None
    if not isinstance(found, dict):
        raise bad_field("Invalid JSON payload received. The body must be an object.")
    # Null means the same as a missing field.
    return {name: value for name, value in found.items() if value is not None}


async def _token(service: SheetsService, request: Request) -> Response:
    service.calls["tokens"] += 1
    try:
        fault = service.faults.strike(lambda each: each.fits("token"))
        instead = await enact(fault, "before", kind="token")
        if instead is None:
            form = dict(parse_qsl((await request.body()).decode("latin-1")))
            found = service.accounts.grant(form, str(request.url).partition("?")[0])
            instead = await enact(fault, "after", kind="token") or _json(found)
    except TokenError as error:
        instead = _json(error.body, 400)
    service.by_status[str(instead.status_code)] += 1
    return instead


class _Answer(JSONResponse):
    media_type = "application/json; charset=UTF-8"


def _json(content: Json, status: int = 200) -> Response:
    return _Answer(content, status)
