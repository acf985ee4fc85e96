"""The tab Campaigns: one line for each campaign, its progress while it runs, and a tick box that stops it.

People sort and edit that tab while we write to it, and nothing here writes to a place. A line is made by ``appendCells``,
which writes after the last row. A cell that still changes ends in a mark such as ``[k7f2qa:s]``, which stands nowhere else,
and ``findReplace`` changes it wherever it is. Whether the line is there, and whether its Stop is ticked, two formulas in the
campaign's own hidden working tab say; Google lets them follow when columns are moved or the tab is renamed.

All of it travels in the batches that are written anyway. A batch that Google refuses because of it is made again without it:
a campaign never fails for its line.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..campaign.owner import Owner
from ..recipients.refs import ref
from ..sms.merge import Headers, normalise_header
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.api import Grid, SpreadsheetApi, Tab
from ..spreadsheet.cells import inert, text_of
from ..spreadsheet.errors import SheetError, TabExists, TabGone
from ..spreadsheet.requests import a1, put

#: The columns, in the order in which they are made.
COLUMNS = (
    "Campaign", "Stop", "Started", "By", "Template", "Planned", "Sent", "Unknown", "Skipped", "Cost", "Balance", "State",
    "Reason", "Run",
)  # fmt: skip
ID, STOP, STATE = "Campaign", "Stop", "State"
_HEADS = [normalise_header(name) for name in (ID, STOP)]
#: Columns that change -> the letter of their mark.
_MARKS = {"Sent": "s", "Unknown": "u", "Cost": "c", "Balance": "b", STATE: "t", "Reason": "r"}
#: Characters of a campaign's name; what follows is the partition.
_NAME = 6
_TICK = {"condition": {"type": "BOOLEAN"}, "showCustomUi": True, "strict": True}
#: Where the formulas stand in the working tab: row 1, beside the record.
_FORMULAS_AT = 2
_ROWS = 100
#: So often a tab is looked for that was made by somebody else in the same moment.
_TRIES = 5


def campaign_id(owner: Owner) -> str:
    """Return what names the line of a task: the same for all its tries, and alike for the partitions of one campaign."""
    name = ref("\n".join(owner.campaign))
    return name if owner.partitions == 1 else f"{name}-{owner.partition + 1}"


@dataclass(frozen=True)
class CampaignsTab:
    """The tab as it was found.

    :param title: its title, or what it shall be called.
    :param tab: None where there is none yet.
    :param header: its first row.
    """

    title: str
    tab: Tab | None = None
    header: Sequence[Any] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it may be used: it is still to be made, or has the columns by which a line is known."""
        names = Headers(map(text_of, self.header))
        return self.tab is None or all(len(names.exactly(name)) == 1 for name in (ID, STOP))


class CampaignLine:
    """The line of one task, as far as it is known; it talks to Google only when the tab was made by somebody else.

    :param name: :func:`campaign_id` of the task.
    :param facts: what does not change, by column: texts and numbers.
    :param live: returns what the columns that change hold now; called whenever a batch is written.
    """

    def __init__(
        self,
        where: CampaignsTab,
        name: str,
        facts: Mapping[str, str | int],
        live: Callable[[], Mapping[str, str]] = dict,
        rng: random.Random | None = None,
    ) -> None:
        self.name = name
        #: Whether somebody has ticked Stop in this line, or in that of another partition.
        self.stop_asked = False
        #: Why the line is not written, in a sentence; None while it is.
        self.trouble: str | None = None
        if not where.is_ours:
            self.trouble = (
                f"Tab {where.title!r} is left alone because it has no columns {ID!r} and {STOP!r}: rename it, and the next "
                "campaign makes one of its own."
            )
        self._facts, self._live = facts, live
        self._rng = rng or random.SystemRandom()
        self._final: Mapping[str, str] | None = None
        self._over = False
        self._tries = 0
        self._last: Mapping[str, str] = {}
        self._found(where)

    def _found(self, where: CampaignsTab) -> None:
        self._title, self._exists = where.title, where.tab is not None
        self._sheet_id = where.tab.sheet_id if where.tab else self._rng.randrange(1 << 20, 1 << 31)
        self._header = [text_of(cell) for cell in where.header] if where.tab else list(COLUMNS)
        self._seen: int | None = None if where.tab else 0
        self._appending = self._astray = self.stale = False
        self._told_in = 0
        self._written: dict[str, str] = {}
        self._asked: dict[str, str] = {}

    @property
    def stop_sentence(self) -> str:
        """How a campaign ends that is stopped by the tick."""
        return (
            f"Somebody ticked {STOP} for this campaign in tab {self._title!r}, so the rest was not texted: start it again to "
            "go on."
        )

    def finish(self, values: Mapping[str, str], *, over: bool) -> None:
        """Let the line hold these values from now on.

        :param over: whether no later try of the task is expected; then the marks go, but for that of State.
        """
        self._final, self._over = values, over

    def absent(self) -> None:
        """Take in that a read of the tab has shown no line of this name."""
        self._seen = 0

    # What a batch carries.

    def requests(self, working: int) -> list[dict[str, Any]]:
        """Return the requests that make or change the line.

        :param working: id of the campaign's working tab; 0 when the batch deletes it.
        """
        self._asked = self._texts()
        made = [] if self._exists else [_add_tab(self._title, self._sheet_id), put(self._sheet_id, 0, 0, [COLUMNS])]
        self._appending = self._seen == 0
        if self._appending:
            made.append(self._line())
        else:
            changed = {name: text for name, text in self._asked.items() if self._written.get(name) != text}
            made += [self._replaced(name, text) for name, text in changed.items()]
        return made + (self.formulas(working) if working and working != self._told_in else [])

    def formulas(self, working: int) -> list[dict[str, Any]]:
        """Return the request that puts the formulas into a working tab."""
        names = Headers(self._header)
        letters = [column_letters(names.exactly(name)[0]) for name in (ID, STOP)]
        lines, stops = (in_tab(self._title, f"{each}:{each}") for each in letters)
        # The heads show whether these are the columns still; whatever is moved from now on, Google lets the formulas follow.
        heads = "=" + '&"|"&'.join(in_tab(self._title, f"{each}1") for each in letters)
        # Columns that were moved in the second in which the line was made have it beside them: then its mark tells of it.
        every = in_tab(self._title, f"A:{column_letters(len(self._header) - 1)}")
        count = f'=COUNTIF({lines},"{self.name}")+COUNTIF({every},"*[{self.name}:{_MARKS[STATE]}]")'
        # A tick, or whatever somebody typed or pasted instead of one: any text, any number but 0.
        mine = f'{lines},"{self.name[:_NAME]}*",{stops}'
        ticks = "=" + "+".join(f"COUNTIFS({mine},{one})" for one in ("TRUE", '"?*"', '">0"'))
        cells = [{"userEnteredValue": {"formulaValue": formula}} for formula in (count, ticks, heads)]
        start = {"sheetId": working, "rowIndex": 0, "columnIndex": _FORMULAS_AT}
        return [{"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}]

    def is_why(self, error: SheetError) -> bool:
        """Tell whether a batch may have been refused because of the line."""
        if isinstance(error, TabGone):
            return error.sheet_id == self._sheet_id
        return not isinstance(error, TabExists) or not self._exists

    @property
    def can_tell(self) -> bool:
        """Whether there is a tab that formulas can look at."""
        return self._exists and self.trouble is None

    @staticmethod
    def shown(title: str) -> list[str]:
        """Return what a batch's answer shall show: the formulas in the working tab of that title."""
        return [a1(title, 0, 1, _FORMULAS_AT, _FORMULAS_AT + 3)]

    def read(self, title: str, grids: Sequence[Grid]) -> list[Grid]:
        """Take in what the formulas say, and return the rest of a batch's answer.

        :param title: of the working tab.
        """
        rest = []
        for grid in grids:
            if grid.title != title or (grid.row, grid.column) != (0, _FORMULAS_AT):
                rest.append(grid)
                continue
            lines, ticks, heads = (grid.at(0, _FORMULAS_AT + at) for at in range(3))
            self.stale = [normalise_header(head) for head in text_of(heads).split("|")] != _HEADS
            # It is nowhere in the tab, and another one would not be, either.
            self._astray = self._astray or (self._appending and lines == 0)
            self._appending = False
            self._seen = int(lines) if _is_number(lines) and not (self._astray or self.stale) else None
            self.stop_asked = self.stop_asked or (not self.stale and _is_number(ticks) and ticks > 0)
        return rest

    def placed(self, working: int) -> None:
        """Take in that the formulas stand in this new working tab, whatever became of a batch before."""
        self._told_in, self._appending = working, False

    def applied(self, working: int) -> None:
        """Take in that a batch with :meth:`requests` was applied."""
        self._exists = True
        self._told_in = working
        self._written |= self._asked

    def refused(self, error: SheetError, api: SpreadsheetApi) -> None:
        """Take in that a batch was refused with the line and applied without it."""
        self._appending = False
        if isinstance(error, TabExists):
            self.look_again(api)
            return
        self.trouble = (
            f"Tab {self._title!r} was deleted, is protected or is of another kind: this campaign's line is not written any "
            "more."
        )

    def look_again(self, api: SpreadsheetApi) -> None:
        """Look where the tab and its columns are, by two reads: somebody else made it, renamed it or moved its columns."""
        self._tries += 1
        where = None
        with contextlib.suppress(SheetError):  # reads lag: the next batch tries again
            tabs = [tab for tab in api.tabs() if tab.sheet_id == self._sheet_id or tab.title == self._title]
            for tab in tabs[:1]:
                where = CampaignsTab(tab.title, tab, next(iter(api.read([in_tab(tab.title, "1:1")])[0]), []))
        if where is not None and where.is_ours:
            self._found(where)
        elif where is not None or self._tries > _TRIES:
            self.trouble = (
                f"The columns of tab {self._title!r} are not found: this campaign's line is not written any more."
            )

    # The cells.

    def _texts(self) -> dict[str, str]:
        values = self._final
        if values is None:
            with contextlib.suppress(RuntimeError):  # the counts grow in another thread meanwhile
                self._last = self._live()
            values = self._last
        return {name: self._text(name, values.get(name, "")) for name in _MARKS}

    def _text(self, name: str, value: str) -> str:
        value = inert(" ".join(value.split()))
        if self._over and name != STATE:
            return value
        return f"{value or '…'} [{self.name}:{_MARKS[name]}]"

    def _line(self) -> dict[str, Any]:
        names, width = Headers(self._header), len(self._header)
        cells: list[dict[str, Any]] = [{} for _ in range(width)]
        for name, value in {**self._facts, **self._asked, ID: self.name}.items():
            for place in names.exactly(name)[:1]:
                number = isinstance(value, int)
                entered = {"numberValue": value} if number else {"stringValue": inert(str(value))}
                cells[place] = {"userEnteredValue": entered} if value != "" else {}
        cells[names.exactly(STOP)[0]] = {"userEnteredValue": {"boolValue": False}, "dataValidation": _TICK}
        rows = [{"values": cells}]
        return {"appendCells": {"sheetId": self._sheet_id, "rows": rows, "fields": "userEnteredValue,dataValidation"}}

    def _replaced(self, name: str, text: str) -> dict[str, Any]:
        wanted = {
            "find": rf"^.*\[{self.name}:{_MARKS[name]}\]$",
            "replacement": re.sub(r"([\\$])", r"\\\1", text),
            "searchByRegex": True,
            "matchCase": True,
            "sheetId": self._sheet_id,
        }
        return {"findReplace": wanted}


def _add_tab(title: str, sheet_id: int) -> dict[str, Any]:
    grid = {"rowCount": _ROWS, "columnCount": len(COLUMNS), "frozenRowCount": 1}
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
