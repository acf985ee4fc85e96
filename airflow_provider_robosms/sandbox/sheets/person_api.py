"""The control API under ``/sandbox/sheets``: what people do to spreadsheets; faults, quota, settings and counts."""

from __future__ import annotations

import csv
import io

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..bodies import ControlRoute, JsonObject
from ..faults import fault_router
from .errors import Json
from .person import edit
from .render import read
from .service import SheetsService
from .sheet import Sheet
from .spreadsheet import Spreadsheet


def person_router(service: SheetsService) -> APIRouter:
    """Build the control API of *service*."""
    router = APIRouter(tags=["sheets"], route_class=ControlRoute)

    def found(spreadsheet_id: str) -> Spreadsheet:
        book = service.books.get(spreadsheet_id)
        if book is None:
            raise HTTPException(404, f"There is no spreadsheet {spreadsheet_id!r}.")
        return book

    @router.get("")
    async def spreadsheets(request: Request) -> list[Json]:
        return [_entry(book, request) for book in service.books.values()]

    @router.post("")
    async def create(request: Request, body: JsonObject) -> Json:
        return _entry(service.create(body), request)

    # Before the routes that take these words for the id of a spreadsheet.
    _add_controls(router, service)

    @router.get("/{spreadsheet_id}")
    async def spreadsheet(spreadsheet_id: str) -> Json:
        return _content(found(spreadsheet_id))

    @router.post("/{spreadsheet_id}/edit")
    async def edit_spreadsheet(spreadsheet_id: str, body: JsonObject) -> Json:
        book = found(spreadsheet_id)
        return {"id": book.id, "version": edit(book, body)}

    @router.get("/{spreadsheet_id}/csv")
    async def export(spreadsheet_id: str, sheet: str | None = None) -> Response:
        """A tab (the first when none is named) as Google exports it."""
        book = found(spreadsheet_id)
        tab = book.sheets[0] if sheet is None else book.sheet(sheet)
        if tab is None:
            raise HTTPException(404, f"There is no tab {sheet!r}.")
        return Response(_csv(book, tab), media_type="text/csv")

    return router


def _add_controls(router: APIRouter, service: SheetsService) -> None:
    router.include_router(fault_router(service.faults))

    @router.post("/quota")
    async def set_quota(body: JsonObject) -> Json:
        return service.quota.configure(body)

    @router.post("/settings")
    async def set_settings(body: JsonObject) -> Json:
        return service.configure(body)

    @router.get("/calls")
    async def calls() -> Json:
        return _calls(service)

    @router.post("/calls/reset")
    async def reset_calls() -> Json:
        service.calls.clear()
        service.by_status.clear()
        return _calls(service)


def _calls(service: SheetsService) -> Json:
    counts = {kind: service.calls[kind] for kind in ("reads", "writes", "tokens")}
    return counts | {"by_status": dict(service.by_status)}


def _entry(book: Spreadsheet, request: Request) -> Json:
    return {"id": book.id, "title": book.title, "url": f"{request.base_url}spreadsheets/d/{book.id}/edit"}


def _content(book: Spreadsheet) -> Json:
    with book.lock:
        sheets = [
            {
                "sheetId": sheet.sheet_id,
                "title": sheet.title,
                "rows": read(book, sheet, sheet.whole()),
                "rowCount": sheet.row_count,
                "columnCount": sheet.column_count,
            }
            for sheet in book.sheets
        ]
        return {"id": book.id, "title": book.title, "version": book.version, "sheets": sheets}


def _csv(book: Spreadsheet, sheet: Sheet) -> str:
    """A tab as Google's CSV: what the cells show, as wide as the widest row, lines ended by CR LF but for the last.

    A text that looks like a formula is written as it stands: whoever opens the file elsewhere runs it. That is Google's
    behaviour, and the reason to neutralise such texts before they come into a sheet.
    """
    with book.lock:
        rows = read(book, sheet, sheet.whole())
    width = max(map(len, rows), default=0)
    text = io.StringIO()
    csv.writer(text).writerows(row + [""] * (width - len(row)) for row in rows)
    return text.getvalue().removesuffix("\r\n")
