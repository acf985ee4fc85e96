"""What can be wrong with a spreadsheet, for a person to mend."""

from __future__ import annotations

from ..gateway.protocol import RoboSmsError


class SheetError(RoboSmsError):
    """The spreadsheet cannot be used as it is; the text is one sentence that says what to do."""


class SheetUnavailable(SheetError):  # noqa: N818 - a state of the world, like requests' ReadTimeout
    """Google did not answer, or not usefully, within the patience there is; trying again later can help."""


class WriteInDoubt(SheetUnavailable):
    """A write may or may not have been applied: the sheet must be read again before anything is repeated."""


class NotNoted(SheetUnavailable):
    """Nothing was written into the sheet, because the task's state could not be told of it before."""


class WriteTooLate(SheetUnavailable):
    """A write was not begun, because what it was decided on is too old by now: look again, then write."""
