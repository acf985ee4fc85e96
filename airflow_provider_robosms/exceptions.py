"""What can be wrong, as one tree: every class carries one sentence for a person, without secrets and numbers.

Some are control flow at first: :class:`TabExists`, :class:`TabGone`, :class:`WriteInDoubt` and :class:`ListedByFormula` say
what one request or one look met, and whoever made it tries another way; only what still stands then reaches a person.
Not of this tree: why a row is skipped (``Skip``, which never leaves ``recipients/rows.py``), and why a campaign ends
(``Stop`` in ``campaign/engine.py``, which may be an ordinary end).
"""

from __future__ import annotations


class RoboSmsError(Exception):
    """Something is wrong that a person can fix.

    :param message: one sentence: what, which row or setting, what to do.
    :param permanent: True when trying again cannot help until a person has acted.
    :param code: the gateway's code, if it answered with one.
    """

    def __init__(self, message: str, *, permanent: bool = False, code: str | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code


# What is to be sent.


class InvalidNumber(RoboSmsError, ValueError):  # noqa: N818 (public name: it is caught and shown like a verdict, not like a failure)
    """Not a number that may be texted. The sentence says why and what to do in a sheet, and does not contain the number."""


class Unreachable(InvalidNumber):
    """Clearly a number, and one that is never texted: a landline, a special service, or another country's."""


class MergeError(RoboSmsError, ValueError):
    """A template does not fit a row; the text says which tag and what to do."""


# Where recipients come from and results go.


class DatabaseError(RoboSmsError):
    """The database did not do what it was asked."""


class SheetError(RoboSmsError):
    """The spreadsheet, or the access to it, cannot be used as it is."""


class ListedByFormula(SheetError):  # noqa: N818 - a state of the sheet, as its siblings are
    """A formula lists the recipients, as far as one look can tell."""


class SheetUnavailable(SheetError):  # noqa: N818 - a state of the world, like requests' ReadTimeout
    """Google did not answer, or not usefully, within the patience there is; trying again later can help."""


class WriteInDoubt(SheetUnavailable):
    """A batch may or may not have been applied, and may still be applied: its holder must be fenced off."""


class TabGone(SheetError):  # noqa: N818 - what Google said, not what went wrong
    """A batch was refused as a whole, because a tab that it names is not there any more.

    :param sheet_id: the tab's id; None for a range by a title that no tab has.
    """

    def __init__(self, sheet_id: int | None) -> None:
        super().__init__("A tab of the spreadsheet is not there any more, or has another name: run the task again.")
        self.sheet_id = sheet_id


class TabExists(SheetError):  # noqa: N818 - what Google said, not what went wrong
    """A batch was refused as a whole, because a tab that it adds exists."""


class LockLost(SheetError):  # noqa: N818 - a state of the world
    """Another campaign took this one's lock over, or a person deleted the working tab: nothing more may be written."""
