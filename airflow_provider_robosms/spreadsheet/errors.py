"""What can be wrong with a spreadsheet, for a person to mend."""

from __future__ import annotations

from ..gateway.protocol import RoboSmsError


class SheetError(RoboSmsError):
    """The spreadsheet cannot be used as it is; the text is one sentence that says what to do."""


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
