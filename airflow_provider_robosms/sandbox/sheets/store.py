"""Spreadsheets in a folder, so that a restarted sandbox has them again.

One JSON file for each. A file is replaced as a whole, so a crash leaves the old one or the new one.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..private import write_private
from .a1 import GridRange
from .cells import AnyCell, Cell, CellError
from .errors import Json
from .sheet import Attached, Sheet
from .spreadsheet import Spreadsheet

_log = logging.getLogger(__name__)
_PLAIN = ("sheet_id", "title", "row_count", "column_count", "frozen_rows", "hidden")


def save(folder: Path, book: Spreadsheet) -> int:
    """Write a spreadsheet and return the version that was written; it may change meanwhile."""
    with book.lock:
        version = book.version
        facts = {name: getattr(book, name) for name in ("id", "title", "shared", "version")}
        sheets = [sheet.clone() for sheet in book.sheets]
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**facts, "sheets": [_dump_sheet(sheet) for sheet in sheets]}, ensure_ascii=False)
    write_private(folder / f"{book.id}.json", text)
    return version


def load_all(folder: Path) -> list[Spreadsheet]:
    """The spreadsheets of a folder, oldest first; a file that can't be read is reported and left alone."""
    books = []
    for path in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime):
        book = _load(path)
        if book:
            books.append(book)
    return books


def _load(path: Path) -> Spreadsheet | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        book = Spreadsheet(data["id"], data["title"], shared=data["shared"])
        book.sheets = [_load_sheet(sheet) for sheet in data["sheets"]]
        book.version = data["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("The spreadsheet in %s can't be read and is left out: %r", path, error)
        return None
    return book


def _dump_sheet(sheet: Sheet) -> Json:
    found = {name: getattr(sheet, name) for name in _PLAIN}
    found["rows"] = [[_dump_cell(cell) for cell in row] for row in sheet.rows]
    found["attached"] = [_dump_attached(item) for item in sheet.attached]
    return found


def _dump_cell(cell: AnyCell) -> Any:
    if isinstance(cell, CellError):
        return {"error": str(cell)}
    if isinstance(cell, Cell):
        found = {"value": _dump_cell(cell.value), "formula": cell.formula, "format": cell.format, "note": cell.note}
        return {name: value for name, value in found.items() if value is not None}
    return cell


def _dump_attached(item: Attached) -> Json:
    return {"kind": item.kind, "range": asdict(item.range), "data": item.data}


def _load_sheet(data: Json) -> Sheet:
    sheet = Sheet(data["sheet_id"], data["title"])
    for name in _PLAIN:
        setattr(sheet, name, data.get(name, getattr(sheet, name)))
    sheet.replace_rows([[_load_cell(cell) if isinstance(cell, dict) else cell for cell in row] for row in data["rows"]])
    sheet.attached = [Attached(item["kind"], GridRange(**item["range"]), item["data"]) for item in data["attached"]]
    return sheet


def _load_cell(data: Json) -> AnyCell:
    if "error" in data:
        return CellError(data["error"])
    value = data.get("value")
    return Cell(
        CellError(value["error"]) if isinstance(value, dict) else value,
        data.get("formula"),
        data.get("format"),
        data.get("note"),
    )
