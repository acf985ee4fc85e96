"""A small, honest part of what Google's formulas compute.

Numbers, texts, TRUE and FALSE, references, ranges, ``+ - * / &``, parentheses, and the functions in :data:`_FUNCTIONS`.
A range outside an array formula shows ``#VALUE!``, another function shows ``#NAME?``, anything else that is not understood
shows ``#ERROR!``; the latter two are what a person sees in Google Sheets for a formula that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from .cells import CellError, Value, number
from .errors import GoogleError, Json
from .formats import general
from .formulas import Reference, reference, spills, tokens

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
    """What a formula sees: the value of a referenced cell, and those of a range, row by row; errors are values."""

    lookup: Callable[[Reference], Result]
    area: Callable[[Reference], list[list[Value]]]


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
    if not isinstance(value, list):
        return Result(_stored(value))
    return Result([[_stored(each) for each in row] for row in value] if spills(formula) else CellError("#VALUE!"))


def _stored(value: Value) -> Value:
    try:
        return number(value) if isinstance(value, float) else value
    except GoogleError:
        return CellError("#NUM!")


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


def _by(one: Value, other: Value) -> Value:
    divisor = _number(other)
    if divisor == 0:
        raise FormulaError("#DIV/0!")
    return _number(one) / divisor


# Operators: how tightly each binds, and what it makes of two values
_OPERATORS: dict[str, tuple[int, Callable[[Value, Value], Value]]] = {
    "&": (1, lambda one, other: _text(one) + _text(other)),
    "+": (2, lambda one, other: _number(one) + _number(other)),
    "-": (2, lambda one, other: _number(one) - _number(other)),
    "*": (3, lambda one, other: _number(one) * _number(other)),
    "/": (3, _by),
}


def _spread(change: Callable[..., Value], *values: Any) -> Any:
    """*change* of the values, cell by cell where there are arrays (lists of rows); errors are values."""
    if not any(isinstance(value, list) for value in values):
        return _one(change, list(values))
    arrays = [value if isinstance(value, list) else [[value]] for value in values]
    height, width = max(map(len, arrays)), max(len(rows[0]) for rows in arrays)
    return [
        [_one(change, [_element(rows, row, col) for rows in arrays]) for col in range(width)] for row in range(height)
    ]


def _one(change: Callable[..., Value], values: list[Value]) -> Value:
    try:
        return change(*values)
    except FormulaError as failed:
        return failed.error


def _element(rows: list[list[Value]], row: int, col: int) -> Value:
    row, col = row if len(rows) > 1 else 0, col if len(rows[0]) > 1 else 0
    return rows[row][col] if row < len(rows) and col < len(rows[0]) else CellError("#N/A")


# Functions


def _countifs(*pairs: Any) -> int:
    """How many places hold what each range must hold: a number, TRUE or FALSE, ``>0``, or a text with ``*`` and ``?``."""
    columns, wanted = pairs[::2], pairs[1::2]
    if len(columns) != len(wanted) or not all(isinstance(column, list) for column in columns):
        raise FormulaError("#VALUE!")
    flat = [[value for row in column for value in row] for column in columns]
    if len({len(column) for column in flat}) != 1:
        raise FormulaError("#VALUE!")
    return sum(all(map(_fits, values, wanted)) for values in zip(*flat, strict=True))


def _fits(value: Value, goal: Any) -> bool:
    if goal == ">0":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    if not isinstance(goal, str):
        return isinstance(value, bool) == isinstance(goal, bool) and value == goal
    return isinstance(value, str) and _pattern(goal).fullmatch(value) is not None


@lru_cache(maxsize=64)  # a range has many cells and one goal
def _pattern(goal: str) -> re.Pattern[str]:
    pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in goal)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "COUNTIF": _countifs,
    "COUNTIFS": _countifs,
    "LEN": lambda value: _spread(lambda one: len(_text(one)), value),
    "ARRAYFORMULA": lambda value: value,
}


class _Parser:
    """Precedence climbing over :data:`_OPERATORS`; a sign binds tightest."""

    def __init__(self, found: list[re.Match[str]], scene: Scene) -> None:
        self._tokens = found
        self._scene = scene
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        sign = self._peek()
        if sign not in signs:
            return ""
        self._at += 1
        return sign

    def whole(self) -> Any:
        """The value of the formula; rows of values for an array."""
        value = self._operation()
        if self._peek():
            raise FormulaError("#ERROR!")
        return value

    def _operation(self, least: int = 1) -> Any:
        left = self._signed()
        while (found := _OPERATORS.get(self._peek())) and found[0] >= least:
            self._at += 1
            left = _spread(found[1], left, self._operation(found[0] + 1))
        return left

    def _signed(self) -> Any:
        sign = self._take("+", "-")
        if not sign:
            return self._primary()
        value = self._signed()
        return _spread(lambda one: -_number(one), value) if sign == "-" else value

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
            return self._scene.lookup(ref).value if ref.single else self._scene.area(ref)
        if kind == "error":
            return CellError(token["error"])
        if kind == "name":
            return self._named(token["name"].upper())
        if token[0] == "(":
            value = self._operation()
            if self._take(")"):
                return value
        raise FormulaError("#ERROR!")

    def _named(self, name: str) -> Any:
        if not self._take("("):
            if name in ("TRUE", "FALSE"):
                return name == "TRUE"
            raise FormulaError("#NAME?")
        if name not in _FUNCTIONS:
            raise FormulaError("#NAME?")
        values = self._arguments()
        try:
            return _FUNCTIONS[name](*values)
        except TypeError:
            # Too many or too few arguments.
            return CellError("#N/A")

    def _arguments(self) -> list[Any]:
        if self._take(")"):
            return []
        values = [self._operation()]
        while self._take(",", ";"):
            values.append(self._operation())
        if not self._take(")"):
            raise FormulaError("#ERROR!")
        return values
