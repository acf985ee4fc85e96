"""A small, honest part of what Google's formulas compute; the functions are in :mod:`.functions`.

Numbers, texts, TRUE and FALSE, references, ranges, ``+ - * / & ^``, comparisons, parentheses, ``{…}`` and some
functions. Another function shows ``#NAME?``, anything else that is not understood shows ``#ERROR!``; both are what a person
sees in Google Sheets for a formula that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from .a1 import GridRange
from .cells import CellError, Value, number
from .errors import GoogleError, Json
from .formulas import Reference, reference, tokens
from .functions import ARRAY_FUNCTIONS, FUNCTIONS, PLAIN, Array, Calculation, FormulaError, compare, spread
from .functions import as_number as _number
from .functions import as_text as _text

_tokens = lru_cache(maxsize=4096)(tokens)


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
        imported: Gives the values of a range of another spreadsheet (its id or URL, the range).
    """

    row: int
    col: int
    lookup: Callable[[Reference], Result]
    area: Callable[[Reference], tuple[GridRange, list[list[Value]]]]
    imported: Callable[[str, str], list[list[Value]]]


def evaluate(formula: str, scene: Scene) -> Result:
    """Compute a formula (with its ``=``)."""
    found = _tokens(formula)
    if len(found) == 1 and found[0]["reference"] and reference(found[0]).single:
        return scene.lookup(reference(found[0]))
    try:
        parser = _Parser(found, scene)
        value = parser.compared()
        parser.end()
        value = parser.plain(value)
    except FormulaError as failed:
        return Result(failed.error)
    except RecursionError:
        return Result(CellError("#ERROR!"))
    except OverflowError:
        return Result(CellError("#NUM!"))
    if isinstance(value, Array):
        return Result([[_stored(each) for each in row] for row in value])
    return Result(_stored(value))


def _stored(value: Value) -> Value:
    try:
        return number(value) if isinstance(value, float) else value
    except GoogleError:
        return CellError("#NUM!")


class _Parser:
    """Recursive descent: comparisons bind weakest, then ``&``, then ``+ -``, then ``* /``, then ``^``, then the sign."""

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

    def end(self) -> None:
        """Refuse what is left over."""
        if self._peek():
            raise FormulaError("#ERROR!")

    def plain(self, value: Any) -> Any:
        """Outside an array formula a range means its cell in the formula's own row or column."""
        if self._arrays or not isinstance(value, Array) or value.area is None:
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
        return spread(change, *map(self.plain, values))

    def compared(self) -> Any:
        """The value of an expression."""
        left = self._joined()
        while sign := self._take("=", "<>", "<", ">", "<=", ">="):
            left = self._operate(lambda one, other, sign=sign: compare(sign, one, other), left, self._joined())
        return left

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
        left = self._power()
        while sign := self._take("*", "/"):
            left = self._operate(_times if sign == "*" else _by, left, self._power())
        return left

    def _power(self) -> Any:
        left = self._signed()
        while self._take("^"):
            left = self._operate(lambda one, other: _number(one) ** _number(other), left, self._signed())
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
            return self._referenced(reference(token))
        if kind == "error":
            return CellError(token["error"])
        if kind == "name":
            return self._named(token["name"].upper())
        return self._enclosed(token[0])

    def _referenced(self, ref: Reference) -> Any:
        if not ref.single:
            area, rows = self._scene.area(ref)
            return Array(rows, area)
        value = self._scene.lookup(ref).value
        # ROW(A5) asks where the cell is, not what it holds.
        return Array([[value]], ref.area)

    def _enclosed(self, sign: str) -> Any:
        if sign == "(":
            value = self.compared()
            if self._take(")"):
                return value
        if sign == "{":
            self._arrays += 1
            rows = [self._beside()]
            while self._take(";"):
                rows.append(self._beside())
            self._arrays -= 1
            if self._take("}"):
                return Array([line for row in rows for line in row], None)
        raise FormulaError("#ERROR!")

    def _beside(self) -> Array:
        """Arrays beside each other within braces."""
        parts = [_array(self.compared())]
        while self._take(",", "\\"):
            parts.append(_array(self.compared()))
        if len({len(part) for part in parts}) > 1:
            raise FormulaError("#REF!")
        return Array([[value for line in lines for value in line] for lines in zip(*parts, strict=True)], None)

    def _named(self, name: str) -> Any:
        if self._peek() != "(":
            if name in ("TRUE", "FALSE"):
                return name == "TRUE"
            raise FormulaError("#NAME?")
        function = FUNCTIONS.get(name)
        if function is None:
            raise FormulaError("#NAME?")
        self._at += 1
        self._arrays += name in ARRAY_FUNCTIONS
        values = self._arguments()
        if name in PLAIN:
            values = [self.plain(value) for value in values]
        self._arrays -= name in ARRAY_FUNCTIONS
        try:
            return function(Calculation(self._scene.row, self._scene.col, self._scene.imported), *values)
        except TypeError:
            # Too many or too few arguments.
            return CellError("#N/A")
        except FormulaError as failed:
            return failed.error

    def _arguments(self) -> list[Any]:
        if self._take(")"):
            return []
        values = [None if self._peek() in (",", ";", ")") else self.compared()]
        while self._take(",", ";"):
            values.append(None if self._peek() in (",", ";", ")") else self.compared())
        if not self._take(")"):
            raise FormulaError("#ERROR!")
        return values


def _array(value: Any) -> Array:
    return value if isinstance(value, Array) else Array([[value]], None)


def _times(one: Value, other: Value) -> Value:
    return _number(one) * _number(other)


def _by(one: Value, other: Value) -> Value:
    divisor = _number(other)
    if divisor == 0:
        raise FormulaError("#DIV/0!")
    return _number(one) / divisor
