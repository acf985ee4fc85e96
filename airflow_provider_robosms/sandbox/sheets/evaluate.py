"""A small, honest part of what Google's formulas compute.

Numbers, texts, TRUE and FALSE, references, ranges, ``+ - * / &``, parentheses, and the functions in :data:`_FUNCTIONS`.
Another function shows ``#NAME?``, anything else that is not understood shows ``#ERROR!``; both are what a person sees in
Google Sheets for a formula that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from .a1 import GridRange
from .cells import CellError, Value, number
from .errors import GoogleError, Json
from .formats import general
from .formulas import Reference, reference, tokens

_tokens = lru_cache(maxsize=4096)(tokens)


class FormulaError(Exception):
    """Computing has ended with an error value such as ``#VALUE!``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.error = CellError(code)


class Result(NamedTuple):
    """A computed value (rows of values for an array), and the number format of the cell if the formula is nothing but a
    reference."""

    value: Any
    number_format: Json | None = None


class Scene(NamedTuple):
    """Where a formula stands and what it sees.

    Attributes:
        row, col: Its own cell, counted from 0.
        lookup: Gives the value of a referenced cell; errors are values.
        area: Gives the values of a referenced range, row by row, and the cells that it is cut to.
    """

    row: int
    col: int
    lookup: Callable[[Reference], Result]
    area: Callable[[Reference], tuple[GridRange, list[list[Value]]]]


def evaluate(formula: str, scene: Scene) -> Result:
    """Compute a formula (with its ``=``)."""
    found = _tokens(formula)
    if len(found) == 1 and found[0]["reference"] and reference(found[0]).single:
        return scene.lookup(reference(found[0]))
    try:
        value = _Parser(found, scene).whole()
    except FormulaError as failed:
        return Result(failed.error)
    except RecursionError:
        return Result(CellError("#ERROR!"))
    if isinstance(value, _Array):
        return Result([[_stored(each) for each in row] for row in value])
    return Result(_stored(value))


def _stored(value: Value) -> Value:
    try:
        return number(value) if isinstance(value, float) else value
    except GoogleError:
        return CellError("#NUM!")


# Values and arrays of them


class _Array(list[list[Value]]):
    """Rows of values, and the cells that they come from, if they come from cells."""

    def __init__(self, rows: list[list[Value]], area: GridRange | None = None) -> None:
        super().__init__(rows)
        self.area = area


def _number(value: Value) -> float:
    if isinstance(value, CellError):
        raise FormulaError(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise FormulaError("#VALUE!") from None
    return float(value or 0)


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        raise FormulaError(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else "" if value is None else general(value)


def _spread(change: Callable[..., Value], *values: Any) -> Any:
    """*change* of the values, cell by cell where there are arrays; errors are values."""
    if not any(isinstance(value, _Array) for value in values):
        return _one(change, list(values))
    arrays = [value if isinstance(value, _Array) else _Array([[value]]) for value in values]
    height, width = max(map(len, arrays)), max(len(rows[0]) if rows else 0 for rows in arrays)
    return _Array(
        [[_one(change, [_element(rows, row, col) for rows in arrays]) for col in range(width)] for row in range(height)]
    )


def _one(change: Callable[..., Value], values: list[Value]) -> Value:
    try:
        return change(*values)
    except FormulaError as failed:
        return failed.error


def _element(rows: _Array, row: int, col: int) -> Value:
    row, col = row if len(rows) > 1 else 0, col if len(rows[0] if rows else ()) > 1 else 0
    return rows[row][col] if row < len(rows) and col < len(rows[row]) else CellError("#N/A")


def _flat(values: tuple[Any, ...]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, _Array):
            for row in value:
                yield from row
        else:
            yield value


# Functions


def _sum(*values: Any) -> float:
    found = list(_flat(values))
    for value in found:
        if isinstance(value, CellError):
            raise FormulaError(value)
    return float(sum(value for value in found if isinstance(value, int | float) and not isinstance(value, bool)))


def _countifs(*pairs: Any) -> int:
    """How many places hold what each range must hold: a number, TRUE or FALSE, or a text with ``*`` and ``?``."""
    columns = [list(_flat((cells,))) for cells in pairs[::2]]
    wanted = [next(_flat((goal,)), None) for goal in pairs[1::2]]
    if not columns or len(columns) != len(wanted) or len({len(column) for column in columns}) > 1:
        raise FormulaError("#VALUE!")
    return sum(all(map(_fits, values, wanted)) for values in zip(*columns, strict=True))


def _fits(value: Value, goal: Value) -> bool:
    if not isinstance(goal, str):
        return isinstance(value, bool) == isinstance(goal, bool) and value == goal
    pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in goal)
    return isinstance(value, str) and re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None


def _length(value: Any) -> Any:
    return _spread(lambda one: len(_text(one)), value)


def _array_formula(value: Any) -> Any:
    return _Array(value) if isinstance(value, _Array) else value


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": _sum,
    "COUNTIF": _countifs,
    "COUNTIFS": _countifs,
    "LEN": _length,
    "ARRAYFORMULA": _array_formula,
}


class _Parser:
    """Recursive descent: ``&`` binds weakest, then ``+ -``, then ``* /``, then the sign."""

    def __init__(self, found: list[re.Match[str]], scene: Scene) -> None:
        self._tokens = found
        self._scene = scene
        self._at = 0
        self._arrays = 0

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        sign = self._peek()
        if sign not in signs:
            return ""
        self._at += 1
        return sign

    def whole(self) -> Any:
        """The value of the formula."""
        value = self._joined()
        if self._peek():
            raise FormulaError("#ERROR!")
        return self._plain(value)

    def _plain(self, value: Any) -> Any:
        """Outside an array formula a range means its cell in the formula's own row or column."""
        if self._arrays or not isinstance(value, _Array) or value.area is None:
            return value
        area, scene = value.area, self._scene
        if len(value) == 1 and len(value[0]) == 1:
            return value[0][0]
        down, right = scene.row - area.top, scene.col - area.left
        if len(value[0] if value else ()) == 1 and 0 <= down < len(value):
            return value[down][0]
        if len(value) == 1 and 0 <= right < len(value[0]):
            return value[0][right]
        return CellError("#VALUE!")

    def _operate(self, change: Callable[..., Value], *values: Any) -> Any:
        return _spread(change, *map(self._plain, values))

    def _joined(self) -> Any:
        left = self._sum()
        while self._take("&"):
            left = self._operate(lambda one, other: _text(one) + _text(other), left, self._sum())
        return left

    def _sum(self) -> Any:
        left = self._product()
        while sign := self._take("+", "-"):
            factor = 1 if sign == "+" else -1
            left = self._operate(
                lambda one, other, factor=factor: _number(one) + factor * _number(other), left, self._product()
            )
        return left

    def _product(self) -> Any:
        left = self._signed()
        while sign := self._take("*", "/"):
            left = self._operate(_times if sign == "*" else _by, left, self._signed())
        return left

    def _signed(self) -> Any:
        sign = self._take("+", "-")
        if not sign:
            return self._primary()
        value = self._signed()
        return self._operate(lambda one: -_number(one), value) if sign == "-" else value

    def _primary(self) -> Any:
        if self._at >= len(self._tokens):
            raise FormulaError("#ERROR!")
        token = self._tokens[self._at]
        self._at += 1
        kind = token.lastgroup
        if kind == "text":
            return token["text"][1:-1].replace('""', '"')
        if kind == "number":
            return float(token["number"])
        if kind == "reference":
            ref = reference(token)
            if ref.single:
                return self._scene.lookup(ref).value
            area, rows = self._scene.area(ref)
            return _Array(rows, area)
        if kind == "error":
            return CellError(token["error"])
        if kind == "name":
            return self._named(token["name"].upper())
        if token[0] == "(":
            value = self._joined()
            if self._take(")"):
                return value
        raise FormulaError("#ERROR!")

    def _named(self, name: str) -> Any:
        if self._peek() != "(":
            if name in ("TRUE", "FALSE"):
                return name == "TRUE"
            raise FormulaError("#NAME?")
        function = _FUNCTIONS.get(name)
        if function is None:
            raise FormulaError("#NAME?")
        self._at += 1
        self._arrays += name == "ARRAYFORMULA"
        values = self._arguments()
        if name == "LEN":
            values = [self._plain(value) for value in values]
        self._arrays -= name == "ARRAYFORMULA"
        try:
            return function(*values)
        except TypeError:
            # Too many or too few arguments.
            return CellError("#N/A")
        except FormulaError as failed:
            return failed.error

    def _arguments(self) -> list[Any]:
        if self._take(")"):
            return []
        values = [self._joined()]
        while self._take(",", ";"):
            values.append(self._joined())
        if not self._take(")"):
            raise FormulaError("#ERROR!")
        return values


def _times(one: Value, other: Value) -> Value:
    return _number(one) * _number(other)


def _by(one: Value, other: Value) -> Value:
    divisor = _number(other)
    if divisor == 0:
        raise FormulaError("#DIV/0!")
    return _number(one) / divisor
