"""What a cell says that holds yes or no: Send, Opt Out, and the Send of a plan."""

from __future__ import annotations

from typing import Any

from ..sms.blank import is_blank
from ..sms.folding import plain
from ..spreadsheet.cells import text_of, value_of

#: What an Opt Out or Send cell may hold for "no"; anything else in Opt Out means that the person is not texted.
NO = frozenset({"", "no", "n", "false", "0", "nahi", "nahin", "نہیں"})
#: What a Send cell may hold for "yes". An x is none: it may cross somebody out.
YES = frozenset({"yes", "y", "true", "1", "haan", "han", "ji", "ہاں", "جی", "✓", "✔", "✔️", "☑", "✅"})


def says_yes(cell: Any) -> bool:
    """Tell whether a Send cell is ticked, or says yes."""
    return says(YES, cell)


def says_no(cell: Any) -> bool:
    """Tell whether a Send cell is not ticked, blank, or says no."""
    return says(NO, cell)


def says(words: frozenset[str], cell: Any) -> bool:
    """Tell whether a cell says yes or no, by the words for it: both its value and what is shown of it, but for a
    tick's, whose words depend on the language."""
    value = value_of(cell)
    if isinstance(value, bool):
        return text_of(value).casefold() in words
    told = ("" if is_blank(text) else plain(text).strip().casefold() for text in (text_of(value), text_of(cell)))
    return all(word in words for word in told)
