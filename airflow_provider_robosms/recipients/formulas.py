"""Formulas where a row's identity stands: which stay with their row, and which list other rows that move under the results.

A result is a plain value beside a recipient. If a formula lists the recipients (``=Master!A2``, QUERY, IMPORTRANGE), a change
in its source moves the people and leaves the results behind, and somebody is texted twice. What is not clearly a formula of
its own row is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Their result is a list, which spills over the cells below and beside.
_LISTS = _set_of(
    "ARRAYFORMULA ARRAY_CONSTRAIN IMPORTRANGE IMPORTDATA IMPORTHTML IMPORTXML IMPORTFEED QUERY FILTER SORT SORTN "
    "UNIQUE SEQUENCE TRANSPOSE FLATTEN TOCOL TOROW HSTACK VSTACK WRAPROWS WRAPCOLS CHOOSECOLS CHOOSEROWS MAP BYROW "
    "BYCOL MAKEARRAY SCAN REDUCE RANDARRAY EXPAND TAKE DROP"
)
#: Their result depends on where the row stands, or changes by itself.
_UNSTEADY = _set_of("ROW ROWS COLUMN COLUMNS OFFSET INDIRECT CELL ADDRESS RAND RANDBETWEEN NOW TODAY SUBTOTAL")
#: They find one value in a table by what stands in the row.
_LOOKUPS = _set_of("VLOOKUP XLOOKUP HLOOKUP LOOKUP INDEX MATCH XMATCH")
#: Everything else that is known to make one value of its arguments.
_PLAIN = _set_of(
    "TEXT CONCAT CONCATENATE JOIN TEXTJOIN SPLIT SUBSTITUTE REPLACE REGEXREPLACE REGEXEXTRACT REGEXMATCH TRIM CLEAN "
    "LEFT RIGHT MID LEN LEFTB RIGHTB MIDB LENB REPT FIND SEARCH EXACT UPPER LOWER PROPER CHAR CODE UNICHAR UNICODE "
    "ASC T N VALUE NUMBERVALUE FIXED DOLLAR TO_TEXT TO_PURE_NUMBER TO_DATE HYPERLINK ENCODEURL IF IFS IFERROR IFNA "
    "SWITCH CHOOSE AND OR NOT XOR TRUE FALSE NA ISBLANK ISNUMBER ISTEXT ISNONTEXT ISERROR ISERR ISNA ISLOGICAL "
    "ISEMAIL ISEVEN ISODD ROUND ROUNDUP ROUNDDOWN INT TRUNC ABS SIGN MOD QUOTIENT POWER SUM PRODUCT MAX MIN AVERAGE "
    "COUNT COUNTA COUNTBLANK DATE DATEVALUE TIME TIMEVALUE YEAR MONTH DAY HOUR MINUTE SECOND WEEKDAY EDATE EOMONTH "
    "DATEDIF DAYS BASE DECIMAL DEC2HEX HEX2DEC SINGLE"
)

_CELL = r"\$?[A-Za-z]{1,3}\$?\d+"
_COLUMN, _ROW = r"\$?[A-Za-z]{1,3}", r"\$?\d+"
_TOKEN = re.compile(
    rf"""
      "(?:[^"]|"")*"                                                          # text
    | (?P<tab>(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?
      (?P<first>{_CELL}|{_COLUMN}(?=:)|{_ROW}(?=:))(?![\w(.!])
      (?::(?P<last>{_CELL}|{_COLUMN}|{_ROW})(?![\w(]))?                       # a cell or a range
    | (?P<function>[^\W\d][\w.]*)\s*\(
    | (?P<name>(?:'(?:[^']|'')*'!)?[^\W\d][\w.!]*)                            # a named range, TRUE, FALSE
    | (?P<brace>\{{)
    | \d+(?:\.\d*)?(?:[Ee][+-]?\d+)?
    """,
    re.VERBOSE,
)
_PARTS = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")

#: Rows at the top in which formulas that fill a list usually stand.
TOP = 3


class Verdict(NamedTuple):
    """What a formula does.

    :param trouble: why it may not stand where a row's identity does; None for a formula of its own row.
    :param reads: the columns (from 0) of its own row that it reads.
    """

    trouble: str | None
    reads: frozenset[int] = frozenset()


class Spill(NamedTuple):
    """A column whose content a formula elsewhere lists: the first such row, and why."""

    row: int
    trouble: str


def is_formula(typed: Any, value: Any = None) -> bool:
    """Tell whether what was typed into a cell is a formula; a text that merely begins with ``=`` is its own value."""
    return isinstance(typed, str) and typed[:1] == "=" and typed != value


def judge(formula: str, row: int) -> Verdict:
    """Return what *formula* in row *row* (from 1) does."""
    own: set[int] = set()
    lookup = far = False
    for found in _TOKEN.finditer(formula):
        if found["brace"]:
            return Verdict("makes a list ({…})")
        if function := found["function"]:
            function = function.upper().removeprefix("_XLFN.")
            if trouble := _trouble_of_function(function):
                return Verdict(trouble)
            lookup = lookup or function in _LOOKUPS
        elif found["name"]:
            far = far or found["name"].upper() not in ("TRUE", "FALSE")
        elif found["first"]:
            place = _place(found, row)
            if isinstance(place, str):
                return Verdict(place)
            if place is None:
                far = True
            else:
                own |= place
    if far and not (lookup and own):
        return Verdict("takes other rows or another tab for its source")
    return Verdict(None, frozenset(own))


def _trouble_of_function(name: str) -> str | None:
    if name in _LISTS:
        return f"makes a list ({name})"
    if name in _UNSTEADY:
        return f"depends on the row's place, or changes by itself ({name})"
    if name not in _LOOKUPS and name not in _PLAIN:
        return f"uses a function that is not known to stay in its row ({name[:40]})"
    return None


def _place(found: re.Match[str], row: int) -> set[int] | str | None:
    """Return the own-row columns that a reference reads; a text for one that moves; None for one that needs a lookup."""
    first, last = _split(found["first"]), _split(found["last"] or found["first"])
    if found["tab"]:
        if found["last"] or first.fixed_row:
            return None if found["last"] else set()
        return f"takes its rows from another tab ({found[0][:40]})"
    if first.row is not None and last.row is not None and first.fixed_row != last.fixed_row:
        return f"counts the rows above it ({found[0][:40]})"
    if first.row == last.row == row and first.column is not None and last.column is not None:
        return set(range(min(first.column, last.column), max(first.column, last.column) + 1))
    if not found["last"]:
        return set() if first.fixed_row else f"takes its value from another row ({found[0][:40]})"
    return None


class _Address(NamedTuple):
    column: int | None
    row: int | None
    fixed_row: bool


def _split(address: str) -> _Address:
    match = _PARTS.fullmatch(address)
    assert match is not None  # noqa: S101 - the pattern of the token says so
    first_dollar, letters, dollar, digits = match.groups()
    column = None
    for letter in letters.upper():
        column = (column or 0) * 26 + ord(letter) - 64
    fixed = bool(dollar or (first_dollar and not letters))
    return _Address(None if column is None else column - 1, int(digits) if digits else None, fixed)


def spilled(place: int, values: Sequence[Any], typed: Sequence[Any], top: Sequence[Sequence[Any]]) -> Spill | None:
    """Return whether a formula elsewhere fills a column with its list.

    :param place: the column, from 0.
    :param values: its exact values from row 1 on.
    :param typed: what was typed into its cells, from row 1 on.
    :param top: what was typed into the first rows of the tab, all columns.
    """
    for index, value in enumerate(values):
        if value not in (None, "") and (typed[index] if index < len(typed) else "") in (None, ""):
            # Nobody typed it, and still it is there.
            return Spill(index + 1, "is filled by a formula in another cell")
    # In case that Google gives the values of a list where it was asked for what was typed.
    for index, cells in enumerate(top):
        for column, formula in enumerate(cells[:place]):
            if is_formula(formula) and column + _width(formula, column) > place:
                between = [cells[at] if at < len(cells) else "" for at in range(column + 1, place + 1)]
                if not any(is_formula(cell) for cell in between):
                    return Spill(index + 1, _lists(formula) or "makes a list")
    return None


def _lists(formula: str) -> str | None:
    for found in _TOKEN.finditer(formula):
        if found["brace"]:
            return "makes a list ({…})"
        if found["function"] and found["function"].upper() in _LISTS:
            return f"makes a list ({found['function'].upper()})"
    return None


def _width(formula: str, column: int) -> int:
    """Return over how many columns at most the list of a formula in *column* can spill: 1 for one that makes none."""
    if _lists(formula) is None:
        return 1
    width, end = 0, None
    for first, last, local in _ranges(formula):
        width += last - first + 1
        if local and last > column:  # it cannot spill over what it reads
            end = min(first if first > column else column + 1, end if end is not None else first + 10**6)
    width = width or 10**6  # of a source that is not named here
    return max(1, min(width, end - column) if end is not None else width)


def _ranges(formula: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (first column, last column, whether it is in the same tab) of the ranges of a formula, quoted ones among them."""
    quoted = " ".join(re.findall(r'"((?:[^"]|"")*)"', formula))
    for text, here in ((formula, True), (quoted, False)):
        for found in _TOKEN.finditer(text):
            if found["first"]:
                first, last = _split(found["first"]), _split(found["last"] or found["first"])
                if first.column is not None and last.column is not None:
                    yield first.column, last.column, here and not found["tab"]


class Judge:
    """Judges the formulas of many rows: those that were filled down are looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, Verdict] = {}

    def __call__(self, formula: str, row: int) -> Verdict:
        """Return what *formula* in row *row* does."""
        # Formulas that are equal but for their row's number get equal verdicts.
        alike = formula.replace(str(row), "\0")
        verdict = self._known.get(alike)
        if verdict is None:
            verdict = judge(formula, row)
            if len(self._known) < 1000:
                self._known[alike] = verdict
        return verdict
