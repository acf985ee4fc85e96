"""Requests of ``spreadsheets.batchUpdate``, and the ranges that its answer shows.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import column_letters, in_tab


def region(sheet_id: int, top: int, bottom: int, left: int, right: int) -> dict[str, int]:
    """Return a GridRange: rows *top* to *bottom* and columns *left* to *right*, from 0, ends excluded."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def put(sheet_id: int, row: int, column: int, rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the request that writes texts, and nothing but texts (``fields=userEnteredValue``)."""
    data = [{"values": [{"userEnteredValue": {"stringValue": cell}} if cell else {} for cell in line]} for line in rows]
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": data, "fields": "userEnteredValue"}}


def copy(source: dict[str, int], destination: dict[str, int], kind: str) -> dict[str, Any]:
    """Return the request that copies cells on the server; *kind* is ``PASTE_VALUES`` or ``PASTE_NORMAL``."""
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": kind}}


def add_tab(title: str, sheet_id: int, rows: int, columns: int) -> dict[str, Any]:
    """Return the request that adds a hidden tab; it fails when the title or the id exists."""
    grid = {"rowCount": rows, "columnCount": columns}
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "hidden": True, "gridProperties": grid}}}


def delete_tab(sheet_id: int) -> dict[str, Any]:
    """Return the request that deletes a tab; it fails when the tab is gone."""
    return {"deleteSheet": {"sheetId": sheet_id}}


def rename_tab(sheet_id: int, title: str) -> dict[str, Any]:
    """Return the request that gives a tab another title."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "title": title}, "fields": "title"}}


def hide_tab(sheet_id: int) -> dict[str, Any]:
    """Return the request that hides a tab; it changes nothing where that is hidden."""
    return {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "hidden": True}, "fields": "hidden"}}


def append(sheet_id: int, text: str) -> dict[str, Any]:
    """Return the request that writes a text into column A, below the last row of a tab that holds anything."""
    row = {"values": [{"userEnteredValue": {"stringValue": text}}]}
    return {"appendCells": {"sheetId": sheet_id, "rows": [row], "fields": "userEnteredValue"}}


def insert_columns(sheet_id: int, at: int, names: Sequence[str], row: int, width: int) -> list[dict[str, Any]]:
    """Return the requests that insert columns of these names left of column *at*: none for no name.

    :param row: index of the row of headers.
    :param width: columns that the tab has.
    """
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + len(names)}
    insert = {"insertDimension": {"range": span, "inheritFromBefore": at >= width}}
    return [insert, put(sheet_id, row, at, [names])] if names else []


def resize_tab(sheet_id: int, rows: int, columns: int) -> dict[str, Any]:
    """Return the request that sets the size of a tab's grid."""
    grid = {"rowCount": rows, "columnCount": columns}
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": sheet_id, "gridProperties": grid},
            "fields": "gridProperties.rowCount,gridProperties.columnCount",
        }
    }


def a1(title: str, top: int, bottom: int, left: int, right: int) -> str:
    """Return the same region as a range by title, for ``responseRanges``."""
    return in_tab(title, f"{column_letters(left)}{top + 1}:{column_letters(right - 1)}{bottom}")
