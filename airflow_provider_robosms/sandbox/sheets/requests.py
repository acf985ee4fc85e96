"""spreadsheets.batchUpdate: the requests that the sandbox serves, applied in order, all or none.

A request that is not served, or not known, and every field that is not known, is answered with 400.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import attachments, finding, looks, pasting, structure
from .errors import GoogleError, Json, invalid
from .fieldmask import Mask, checked, parse_mask
from .spreadsheet import Spreadsheet
from .structure import GRID_RANGE

Handler = Callable[[Spreadsheet, Json, str | None], Json]

_SHEET = "properties(sheetId,title,index,hidden,gridProperties(rowCount,columnCount,frozenRowCount))"
_RULE = "condition,inputMessage,strict,showCustomUi"
_FORMAT = """numberFormat(type,pattern),backgroundColor,backgroundColorStyle,horizontalAlignment,verticalAlignment,
    wrapStrategy,textDirection,padding,borders,hyperlinkDisplayType,textRotation,textFormat(foregroundColor,
    foregroundColorStyle,fontFamily,fontSize,bold,italic,strikethrough,underline)"""
_VALUE = "userEnteredValue(numberValue,stringValue,boolValue,formulaValue)"
_CELL = f"{_VALUE},userEnteredFormat({_FORMAT}),note,dataValidation({_RULE})"
_ROWS = f"rows(values({_CELL}))"
# What serves each request, and what it takes; below a name without parentheses anything goes, and is kept as it is.
_SERVED: dict[str, tuple[Handler, Mask]] = {
    name: (handler, parse_mask(fields))
    for name, handler, fields in (
        ("addSheet", structure.add_sheet, _SHEET),
        ("deleteSheet", structure.delete_sheet, "sheetId"),
        ("duplicateSheet", structure.duplicate_sheet, "sourceSheetId,insertSheetIndex,newSheetId,newSheetName"),
        ("updateSheetProperties", structure.update_sheet, f"{_SHEET},fields"),
        ("insertDimension", structure.insert, "range(sheetId,dimension,startIndex,endIndex),inheritFromBefore"),
        ("deleteDimension", structure.delete, "range(sheetId,dimension,startIndex,endIndex)"),
        ("updateCells", looks.update_cells, f"{_ROWS},fields,start(sheetId,rowIndex,columnIndex),range({GRID_RANGE})"),
        ("appendCells", finding.append_cells, f"sheetId,{_ROWS},fields"),
        ("repeatCell", looks.repeat_cell, f"range({GRID_RANGE}),cell({_CELL}),fields"),
        ("copyPaste", pasting.copy_paste, f"source({GRID_RANGE}),destination({GRID_RANGE}),pasteType"),
        ("findReplace", finding.find_replace, "find,replacement,matchCase,searchByRegex,sheetId"),
        ("setBasicFilter", attachments.set_filter, f"filter(range({GRID_RANGE}),sortSpecs,criteria,filterSpecs)"),
        ("clearBasicFilter", attachments.clear_filter, "sheetId"),
        ("mergeCells", attachments.merge, f"range({GRID_RANGE}),mergeType"),
        ("unmergeCells", attachments.unmerge, f"range({GRID_RANGE})"),
        ("setDataValidation", attachments.validate, f"range({GRID_RANGE}),rule({_RULE})"),
    )
}


def batch_update(
    book: Spreadsheet, requests: Any, *, user: str | None, respond: Callable[[], Any] | None = None
) -> list[Json]:
    """Apply the requests of *user* (None: anonymous), all or none, and return Google's replies, one for each.

    *respond* is called within the change, after the last request: what it looks at is of the instant of the write, and
    when it refuses nothing is applied.
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
        if name not in _SERVED:
            raise invalid(f"The sandbox does not serve this kind of request. It serves {', '.join(sorted(_SERVED))}.")
        handler, known = _SERVED[name]
        return handler(book, checked(body or {}, known, place), user)
    except GoogleError as error:
        raise error if error.details else error.within(place) from None
    except (TypeError, AttributeError, KeyError) as error:
        # A body whose fields have the wrong JSON type.
        raise invalid(f"Invalid {place}: {type(error).__name__}: {error}") from error
