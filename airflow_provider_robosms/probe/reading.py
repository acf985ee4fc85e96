"""What deciding rests on: the answer of a batch shows its own instant, and reads are not later than is allowed for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median

from ..sheets.lock import LAG
from ..spreadsheet.a1 import in_tab
from ..spreadsheet.api import GoogleSpreadsheet
from ..spreadsheet.errors import TabGone
from ..spreadsheet.requests import a1, add_tab, delete_tab, put, rename_tab
from .scratch import Scratch, Seen, compare, refusal

#: So often two connections write one cell at the same time.
RACES = 5
#: When a cell is read after it was written, in seconds; the last is later than a read may be.
MOMENTS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.5, LAG + 0.5)


def echo(scratch: Scratch) -> Seen:
    """See that the answer of a batch shows what that batch wrote, while another connection writes the same cell."""
    row = scratch.block(1)
    shown = [a1(scratch.rows, row, row + 1, 0, 1)]

    def write(api: GoogleSpreadsheet, text: str) -> bool:
        grids = api.batch([put(scratch.rows_id, row, 0, [[text]])], shown)
        return bool(grids) and grids[0].at(row, 0) == text

    own = 0
    with ThreadPoolExecutor(2) as pool:
        for number in range(RACES):
            pair = [
                pool.submit(write, api, f"{who} {number}") for api, who in ((scratch.api, "a"), (scratch.rival, "b"))
            ]
            own += sum(future.result() for future in pair)
    text = f"{own} of {2 * RACES} answers showed their own write, two writing at a time"
    return Seen(own == 2 * RACES, text)


def only_asked(scratch: Scratch) -> Seen:
    """See that an answer shows the ranges that were asked for, and of other tabs nothing."""
    row = scratch.block(1)
    requests = [put(scratch.rows_id, row, 0, [["one", "two", "three"]])]
    one, three = ((scratch.rows, row, row + 1, column, column + 1) for column in (0, 2))
    found = scratch.apply(requests, one, three)
    # Titles of people's tabs stay out of the output.
    return compare(
        "as asked",
        other_tabs=(0, len(set(found.tabs) - {scratch.rows})),
        places=([(scratch.rows, row, 0), (scratch.rows, row, 2)], sorted(found.cells)),
        cells=(["one", "three"], [found.value(scratch.rows, row, column) for column in (0, 2)]),
    )


def whole_lines(scratch: Scratch) -> Seen:
    """See that an answer can show a whole row, a whole column and a whole tab, as the batch that takes the lock asks for."""
    row = scratch.block(1)
    requests = [put(scratch.rows_id, row, 0, [["one", "two"]]), put(scratch.work_id, row, 0, [["three"]])]
    ranges = [in_tab(scratch.rows, f"{row + 1}:{row + 1}"), in_tab(scratch.rows, "B:B"), in_tab(scratch.work)]
    found = scratch.apply(requests, *ranges)
    places = [(scratch.rows, row, 0), (scratch.rows, row, 1), (scratch.work, row, 0)]
    return compare("shown", cells=(["one", "two", "three"], [found.value(*place) for place in places]))


def no_such_title(scratch: Scratch) -> Seen:
    """See that a batch that should show a tab which has another title by now is refused."""
    missing = (scratch.title("missing"), 0, 1, 0, 1)
    wrong = refusal(lambda: scratch.look(missing), TabGone)
    return Seen(not wrong, wrong or "refused")


def all_tabs(scratch: Scratch) -> Seen:
    """See that an answer for which no range is asked lists all tabs as the batch left them, also those it did not touch."""
    fresh, brief, renamed = scratch.draw(), scratch.draw(), scratch.title("renamed")
    requests = [add_tab(scratch.title("named"), fresh, 1, 1), rename_tab(fresh, renamed)]
    requests += [add_tab(scratch.title("brief"), brief, 1, 1), delete_tab(brief)]
    titles = {tab.sheet_id: tab.title for tab in scratch.apply_and_list(requests)}
    scratch.gone(brief)
    return compare(
        "listed",
        untouched_tabs=([scratch.rows, scratch.work], [titles.get(scratch.rows_id), titles.get(scratch.work_id)]),
        renamed_tab=(renamed, titles.get(fresh)),
        deleted_tab=(None, titles.get(brief)),
    )


def by_id(scratch: Scratch) -> Seen:
    """See that cells can be read by the tab's id, and that such a read of a deleted tab is refused."""
    row, dead = scratch.block(1), scratch.draw()
    passing = [add_tab(scratch.title("read"), dead, 1, 1), delete_tab(dead)]
    scratch.apply([put(scratch.rows_id, row, 0, [["one", "two"]]), *passing])
    scratch.gone(dead)
    regions = [(row, row + 1, column, column + 1) for column in (1, 0)]
    until = scratch.clock() + 5 * LAG  # how late reads are is measured by :func:`lag`
    while (found := _values(scratch, regions)) != ["two", "one"] and scratch.clock() < until:
        scratch.sleep(1.0)
    wrong = refusal(lambda: scratch.api.look(dead, [(0, 1, 0, 1)]), TabGone)
    return compare("read in order; a deleted tab refused", cells=(["two", "one"], found), deleted_tab=("", wrong))


def _values(scratch: Scratch, regions: list[tuple[int, int, int, int]]) -> list[object]:
    try:
        found = scratch.api.look(scratch.rows_id, [*regions])
    except TabGone:  # the read lags behind the tab itself
        return []
    return [line[0][0] if line and line[0] else None for line in found]


def lag(scratch: Scratch, trials: int) -> Seen:
    """Measure how long after a write a read, and the list of tabs, may still show what was before.

    :param trials: so many writes.
    """
    row, extra = scratch.block(1), scratch.draw()
    title, late, tabs_late = scratch.title("late"), [], 0.0
    for trial in range(trials):
        requests = [put(scratch.rows_id, row, 0, [[f"trial {trial}"]])]
        scratch.apply([add_tab(title, extra, 1, 1), *requests] if trial == 0 else requests)
        written, latest = scratch.clock(), 0.0
        for moment in MOMENTS:
            scratch.sleep(max(0.0, written + moment - scratch.clock()))
            asked = scratch.clock() - written
            if _values(scratch, [(row, row + 1, 0, 1)]) != [f"trial {trial}"]:
                latest = asked
            asked = scratch.clock() - written
            if trial == 0 and title not in {tab.title for tab in scratch.api.tabs()}:
                tabs_late = asked
        late.append(latest)
    text = (
        f"{trials} writes, the last read that was late: least {min(late):.1f} s, median {median(late):.1f} s, largest "
        f"{max(late):.1f} s after the write; list of tabs {tabs_late:.1f} s"
    )
    return Seen(max(*late, tabs_late) < LAG, text)
