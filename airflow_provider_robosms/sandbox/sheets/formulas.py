"""A small, honest part of Google's formulas.

Computed: numbers, texts, TRUE and FALSE, references to single cells (also on other tabs), ``+ - * / &``, parentheses and
``CONCATENATE``. Another function shows ``#NAME?``, anything else that is not understood (ranges, comparisons, ``^``)
shows ``#ERROR!``; both are what a person sees in Google Sheets for a formula that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .a1 import column_index, column_letters, quote_title
from .cells import CellError, Value, number
from .errors import Json
from .formats import general

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<reference>(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<tab>[^\W\d]\w*))!)?(?P<ca>\$?)(?P<col>[A-Za-z]{1,3})(?P<ra>\$?)(?P<row>[1-9][0-9]*)(?![\w(]))
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<error>\#(?:N/A|[A-Z0/]+[!?]))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


class Reference(NamedTuple):
    """A reference to one cell, counted from 0; *sheet* is None for the formula's own tab."""

    sheet: str | None
    row: int
    col: int
    fixed_row: bool
    fixed_col: bool


class Result(NamedTuple):
    """A computed value, and the number format of the cell if the formula is nothing but a reference."""

    value: Value
    number_format: Json | None = None


Lookup = Callable[[Reference], Result]


class _FormulaError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.error = CellError(code)


def _reference(found: re.Match[str]) -> Reference:
    sheet = found["quoted"].replace("''", "'") if found["quoted"] else found["tab"]
    return Reference(sheet, int(found["row"]) - 1, column_index(found["col"]), bool(found["ra"]), bool(found["ca"]))


def rewrite(formula: str, change: Callable[[Reference], tuple[int, int] | None]) -> str:
    """Give the references of a formula new places.

    Parameters:
        formula: With its ``=``.
        change: From a reference to its new row and column; None writes ``#REF!``.
    """

    def replaced(found: re.Match[str]) -> str:
        if not found["reference"]:
            return found[0]
        place = change(_reference(found))
        if place is None:
            return "#REF!"
        prefix = found["reference"].rpartition("!")
        return f"{prefix[0]}{prefix[1]}{found['ca']}{column_letters(place[1])}{found['ra']}{place[0] + 1}"

    return "=" + _TOKEN.sub(replaced, formula[1:])


def renamed(formula: str, old: str, new: str) -> str:
    """The formula after the tab *old* has got the title *new*."""

    def replaced(found: re.Match[str]) -> str:
        named = _reference(found).sheet if found["reference"] else None
        if named is None or named.casefold() != old.casefold():
            return found[0]
        return f"{quote_title(new)}!{found['reference'].rpartition('!')[2]}"

    return "=" + _TOKEN.sub(replaced, formula[1:])


def copied(formula: str, rows: int, cols: int) -> str:
    """The formula as it stands after being copied *rows* down and *cols* to the right: references without $ move along."""

    def moved(ref: Reference) -> tuple[int, int] | None:
        row, col = ref.row + (0 if ref.fixed_row else rows), ref.col + (0 if ref.fixed_col else cols)
        return (row, col) if row >= 0 and col >= 0 else None

    return rewrite(formula, moved) if rows or cols else formula


def evaluate(formula: str, lookup: Lookup) -> Result:
    """Compute a formula.

    Parameters:
        formula: With its ``=``.
        lookup: Gives the value of a referenced cell; errors are values.
    """
    tokens = [found for found in _TOKEN.finditer(formula[1:]) if found.lastgroup != "space"]
    if len(tokens) == 1 and tokens[0]["reference"]:
        return lookup(_reference(tokens[0]))
    try:
        parser = _Parser(tokens, lookup)
        value = parser.joined()
        parser.end()
    except _FormulaError as failed:
        return Result(failed.error)
    except RecursionError:
        return Result(CellError("#ERROR!"))
    return Result(number(value) if isinstance(value, float) else value)


class _Parser:
    """Recursive descent: ``&`` binds weakest, then ``+ -``, then ``* /``, then the sign."""

    def __init__(self, tokens: list[re.Match[str]], lookup: Lookup) -> None:
        self._tokens = tokens
        self._lookup = lookup
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        sign = self._peek()
        if sign not in signs:
            return ""
        self._at += 1
        return sign

    def end(self) -> None:
        if self._peek():
            raise _FormulaError("#ERROR!")

    def joined(self) -> Value:
        left = self._sum()
        while self._take("&"):
            left = _text(left) + _text(self._sum())
        return left

    def _sum(self) -> Value:
        left = self._product()
        while sign := self._take("+", "-"):
            right = _number(self._product())
            left = _number(left) + (right if sign == "+" else -right)
        return left

    def _product(self) -> Value:
        left = self._signed()
        while sign := self._take("*", "/"):
            right = _number(self._signed())
            if sign == "/" and right == 0:
                raise _FormulaError("#DIV/0!")
            left = _number(left) * right if sign == "*" else _number(left) / right
        return left

    def _signed(self) -> Value:
        sign = self._take("+", "-")
        if not sign:
            return self._primary()
        value = self._signed()
        return -_number(value) if sign == "-" else value

    def _primary(self) -> Value:
        if self._at >= len(self._tokens):
            raise _FormulaError("#ERROR!")
        token = self._tokens[self._at]
        self._at += 1
        if token["text"]:
            return token["text"][1:-1].replace('""', '"')
        if token["number"]:
            return float(token["number"])
        if token["reference"]:
            return self._lookup(_reference(token)).value
        if token["error"]:
            raise _FormulaError(token["error"])
        if token["name"]:
            return self._named(token["name"].upper())
        if token[0] == "(":
            value = self.joined()
            if self._take(")"):
                return value
        raise _FormulaError("#ERROR!")

    def _named(self, name: str) -> Value:
        if name in ("TRUE", "FALSE"):
            return name == "TRUE"
        if name != "CONCATENATE" or not self._take("("):
            raise _FormulaError("#NAME?")
        text = _text(self.joined())
        while self._take(","):
            text += _text(self.joined())
        if not self._take(")"):
            raise _FormulaError("#ERROR!")
        return text


def _number(value: Value) -> float:
    if isinstance(value, CellError):
        raise _FormulaError(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise _FormulaError("#VALUE!") from None
    return float(value or 0)


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        raise _FormulaError(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else "" if value is None else general(value)
