"""The functions of formulas that the sandbox computes, over single values and arrays."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .a1 import GridRange
from .cells import CellError, Value, sort_key
from .formats import display, general


class FormulaError(Exception):
    """Computing has ended with an error value such as ``#VALUE!``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.error = CellError(code)


class Array(list[list[Value]]):
    """Rows of values, and the cells that they come from, if they come from cells."""

    def __init__(self, rows: list[list[Value]], area: GridRange | None = None) -> None:
        super().__init__(rows)
        self.area = area


class Calculation(NamedTuple):
    """Where the formula stands (counted from 0), and its view of other spreadsheets."""

    row: int
    col: int
    imported: Callable[[str, str], list[list[Value]]]


def as_number(value: Value) -> float:
    """The value as a number.

    Raises:
        FormulaError: It is an error, or a text that is no number.
    """
    if isinstance(value, CellError):
        raise FormulaError(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise FormulaError("#VALUE!") from None
    return float(value or 0)


def as_text(value: Value) -> str:
    """The value as a text.

    Raises:
        FormulaError: It is an error.
    """
    if isinstance(value, CellError):
        raise FormulaError(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else "" if value is None else general(value)


def compare(sign: str, one: Value, other: Value) -> bool:
    """Compare as Google does: numbers before texts before booleans, texts whatever their case."""
    for value in (one, other):
        if isinstance(value, CellError):
            raise FormulaError(value)
    left, right = (_comparable(value, beside) for value, beside in ((one, other), (other, one)))
    tests = {"=": left == right, "<>": left != right, "<": left < right, ">": left > right}
    return tests.get(sign, left <= right if sign == "<=" else left >= right)


def _comparable(value: Value, beside: Value) -> tuple[int, Any]:
    if value is None:
        # An empty cell is equal to "", to 0 and to FALSE.
        value = "" if isinstance(beside, str) else False if isinstance(beside, bool) else 0
    return sort_key(value)


def spread(change: Callable[..., Value], *values: Any) -> Any:
    """*change* of the values, cell by cell where there are arrays; errors are values."""
    if not any(isinstance(value, Array) for value in values):
        return _one(change, list(values))
    arrays = [value if isinstance(value, Array) else Array([[value]]) for value in values]
    height, width = max(map(len, arrays)), max(len(rows[0]) if rows else 0 for rows in arrays)
    return Array(
        [[_one(change, [_element(rows, row, col) for rows in arrays]) for col in range(width)] for row in range(height)]
    )


def _one(change: Callable[..., Value], values: list[Value]) -> Value:
    try:
        return change(*values)
    except FormulaError as failed:
        return failed.error
    except OverflowError:
        return CellError("#NUM!")


def _element(rows: Array, row: int, col: int) -> Value:
    row, col = row if len(rows) > 1 else 0, col if len(rows[0] if rows else ()) > 1 else 0
    return rows[row][col] if row < len(rows) and col < len(rows[row]) else CellError("#N/A")


def _flat(values: tuple[Any, ...]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, Array):
            for row in value:
                yield from row
        else:
            yield value


def _scalar(value: Any) -> Value:
    if isinstance(value, Array):
        return value[0][0] if value and value[0] else None
    return value


def _rows(value: Any) -> Array:
    return value if isinstance(value, Array) else Array([[value]])


# Of single values


def _row(at: Calculation, value: Any = None) -> Any:
    if value is None:
        return at.row + 1
    if not isinstance(value, Array) or value.area is None:
        raise FormulaError("#N/A")
    if len(value) == 1:
        return value.area.top + 1
    return Array([[value.area.top + row + 1] for row in range(len(value))])


def _concatenate(_: Calculation, *values: Any) -> str:
    return "".join(as_text(value) for value in _flat(values))


def _text(_: Calculation, value: Any, pattern: Any) -> Any:
    def shown(one: Value, form: Value) -> Value:
        if isinstance(one, str):
            return as_text(one)
        words = as_text(form)
        kind = "DATE" if re.search(r"[ymdhs]", words, re.IGNORECASE) else "NUMBER"
        return display(as_number(one), {"type": kind, "pattern": words})

    return spread(shown, value, pattern)


def _if(_: Calculation, test: Any, yes: Any = True, no: Any = False) -> Any:
    def chosen(which: Value, one: Value, other: Value) -> Value:
        return one if as_number(which) else other

    return spread(chosen, test, yes, no)


def _iferror(_: Calculation, value: Any, instead: Any = None) -> Any:
    return spread(lambda one, other: other if isinstance(one, CellError) else one, value, instead)


def _word(change: Callable[[str], Value]) -> Callable[..., Any]:
    return lambda _, value: spread(lambda one: change(as_text(one)), value)


def _isblank(_: Calculation, value: Any) -> Any:
    return spread(lambda one: one is None, value)


# Of ranges


def _sum(_: Calculation, *values: Any) -> float:
    found = list(_flat(values))
    for value in found:
        if isinstance(value, CellError):
            raise FormulaError(value)
    return float(sum(value for value in found if isinstance(value, int | float) and not isinstance(value, bool)))


def _counta(_: Calculation, *values: Any) -> int:
    return sum(value is not None for value in _flat(values))


def _countifs(_: Calculation, *pairs: Any) -> int:
    """How many places hold what each range must hold: a number, TRUE or FALSE, or a text with ``*`` and ``?``."""
    columns = [list(_flat((cells,))) for cells in pairs[::2]]
    wanted = [_scalar(goal) for goal in pairs[1::2]]
    if not columns or len(columns) != len(wanted) or len({len(column) for column in columns}) > 1:
        raise FormulaError("#VALUE!")
    return sum(all(map(_fits, values, wanted)) for values in zip(*columns, strict=True))


def _fits(value: Value, goal: Value) -> bool:
    if not isinstance(goal, str):
        return isinstance(value, bool) == isinstance(goal, bool) and value == goal
    pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in goal)
    return isinstance(value, str) and re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None


def _array_formula(_: Calculation, value: Any) -> Any:
    return Array(_rows(value)) if isinstance(value, Array) else value


def _filter(_: Calculation, value: Any, *conditions: Any) -> Array:
    rows, tests = _rows(value), [list(_flat((condition,))) for condition in conditions]
    if not tests or any(len(test) != len(rows) for test in tests):
        raise FormulaError("#N/A")
    kept = [row for row, *marks in zip(rows, *tests, strict=True) if all(_holds(mark) for mark in marks)]
    if not kept:
        raise FormulaError("#N/A")
    return Array(kept)


def _holds(value: Value) -> bool:
    return isinstance(value, bool | int | float) and bool(value)


def _sort(_: Calculation, value: Any, *orders: Any) -> Array:
    rows: list[list[Value]] = list(_rows(value))
    wanted = list(orders) or [1, True]
    for column, ascending in reversed(list(zip(wanted[::2], wanted[1::2], strict=True))):
        keys = list(_flat((column,))) if isinstance(column, Array) and len(column) > 1 else None
        at = 0 if keys else int(as_number(_scalar(column))) - 1
        if not keys and not 0 <= at < len(rows[0] if rows else ()):
            raise FormulaError("#VALUE!")
        order = sorted(
            range(len(rows)),
            key=lambda row, keys=keys, at=at: sort_key(keys[row] if keys else rows[row][at]),  # type: ignore[misc]
            reverse=not as_number(_scalar(ascending)),
        )
        order.sort(key=lambda row, keys=keys, at=at: (keys[row] if keys else rows[row][at]) is None)  # type: ignore[misc]
        rows = [rows[row] for row in order]
    return Array(rows)


def _unique(_: Calculation, value: Any) -> Array:
    return Array([list(row) for row in dict.fromkeys(tuple(row) for row in _rows(value))])


def _import_range(at: Calculation, address: Any, cells: Any) -> Array:
    return Array(at.imported(as_text(_scalar(address)), as_text(_scalar(cells))))


_CLAUSE = re.compile(
    r"\s*select\s+(?P<columns>\*|[A-Z]+(?:\s*,\s*[A-Z]+)*)"
    r"(?:\s+where\s+(?P<where>[A-Z]+)\s*(?P<sign><=|>=|<>|!=|[=<>])\s*(?P<value>'[^']*'|\"[^\"]*\"|[\d.]+))?"
    r"(?:\s+order\s+by\s+(?P<order>[A-Z]+)(?:\s+(?P<way>asc|desc))?)?\s*\Z",
    re.IGNORECASE,
)


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _query(at: Calculation, value: Any, clause: Any, headers: Any = None) -> Array:
    """``select`` columns or ``*``, one ``where`` with a text or number, ``order by`` one column; one header by default."""
    found = _CLAUSE.match(as_text(_scalar(clause)))
    source = _rows(value)
    if not found or source.area is None:
        raise FormulaError("#VALUE!")
    first, width = source.area.left, len(source[0])

    def column(letters: str) -> int:
        index = (
            sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters.upper()))) - 1 - first
        )
        if not 0 <= index < width:
            raise FormulaError("#VALUE!")
        return index

    top = 1 if headers is None else max(int(as_number(_scalar(headers))), 0)
    heads, rows = source[:top], [row for row in source[top:] if any(each is not None for each in row)]
    if found["where"]:
        key, sign = column(found["where"]), found["sign"].replace("!=", "<>")
        text = found["value"]
        goal: Value = text[1:-1] if text[0] in "'\"" else float(text)
        # A column of a query has one type, and its texts are told apart by their case, too.
        rows = [row for row in rows if isinstance(row[key], str) == isinstance(goal, str) and row[key] is not None]
        rows = [row for row in rows if _SIGNS[sign](row[key], goal)]
    if found["order"]:
        key = column(found["order"])
        rows = _sort(at, Array(rows), key + 1.0, (found["way"] or "asc").lower() == "asc") if rows else rows
    picked = range(width) if found["columns"] == "*" else [column(part.strip()) for part in found["columns"].split(",")]
    return Array([[row[index] for index in picked] for row in [*heads, *rows]] or [[None]])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ROW": _row,
    "CONCATENATE": _concatenate,
    "TEXT": _text,
    "IF": _if,
    "IFERROR": _iferror,
    "UPPER": _word(str.upper),
    "LOWER": _word(str.lower),
    "TRIM": _word(lambda text: " ".join(text.split())),
    "LEN": _word(len),
    "ISBLANK": _isblank,
    "SUM": _sum,
    "COUNTA": _counta,
    "COUNTIF": _countifs,
    "COUNTIFS": _countifs,
    "ARRAYFORMULA": _array_formula,
    "FILTER": _filter,
    "SORT": _sort,
    "UNIQUE": _unique,
    "QUERY": _query,
    "IMPORTRANGE": _import_range,
}
# Functions that take a range for one of its cells unless they are within an array formula.
PLAIN = frozenset(["TEXT", "IF", "IFERROR", "UPPER", "LOWER", "TRIM", "LEN", "ISBLANK"])
# Functions whose arguments are computed as arrays.
ARRAY_FUNCTIONS = frozenset(["ARRAYFORMULA", "FILTER", "SORT", "UNIQUE", "QUERY", "IMPORTRANGE"])
