"""What a cell says that holds yes or no: Send, Opt Out, and the Send of a plan."""

from __future__ import annotations

from typing import Any

from ..sms.blank import is_blank
from ..sms.folding import TICKS, as_seen, plain
from ..sms.sendable import is_only_marks
from ..spreadsheet.cells import text_of, value_of

#: What an Opt Out or Send cell may hold for "no"; anything else in Opt Out means that the person is not texted.
NO = frozenset({"", "no", "n", "false", "0", "nahi", "nahin", "نہیں"})
#: What a Send cell may hold for "yes". An x is none: it may cross somebody out.
YES = frozenset({"yes", "y", "true", "1", "haan", "han", "ji", "ہاں", "جی", *TICKS})
#: What a cell for a text may hold instead of one, letters and digits of it: yes or no, and what people note about a row.
_NO_TEXT = (YES | NO) - {""} | frozenset({
    "x", "yn", "yesno", "yep", "yeah", "nope", "ok", "okay", "t", "f", "on", "off", "haanji", "nahee",
    "na", "nil", "tbd", "tba", "tbc", "todo", "blank", "empty", "nothing", "notext", "nomessage",
    "nomsg", "missing", "unknown", "same", "sameasabove", "asabove", "seeabove", "above", "ditto", "do", "asusual",
    "done", "sent", "notsent", "tobesent", "pending", "draft", "hold", "onhold", "wait", "later", "skip", "skipped", "stop",
    "cancel", "cancelled", "canceled", "nosms", "donotsend", "dontsend", "donottext", "donttext", "donotsms", "optout",
    "optedout", "approved", "notapproved", "ready", "ignore", "exclude", "remove", "delete", "deleted",
})  # fmt: skip
_LONGEST_NOTE = 40
_DIGITS = 3


def says_yes(cell: Any) -> bool:
    """Tell whether a Send cell is ticked, or says yes."""
    return says(YES, cell)


def says_no(cell: Any) -> bool:
    """Tell whether a Send cell is not ticked, blank, or says no."""
    return says(NO, cell)


def is_no_text(text: str) -> bool:
    """Tell whether a cell for a text holds none, but yes or no, a tick, a note such as ``N/A``, or up to three digits."""
    if is_only_marks(text):
        return True
    if len(text) > _LONGEST_NOTE:
        return False
    form = "".join(character for character in as_seen(text).casefold() if character.isalnum())
    return form in _NO_TEXT or (form.isdecimal() and len(form) <= _DIGITS)


def says(words: frozenset[str], cell: Any) -> bool:
    """Tell whether a cell says yes or no, by the words for it: both its value and what is shown of it, but for a
    tick's, whose words depend on the language."""
    value = value_of(cell)
    if isinstance(value, bool):
        return text_of(value).casefold() in words
    told = ("" if is_blank(text) else plain(text).strip().casefold() for text in (text_of(value), text_of(cell)))
    return all(word in words for word in told)
