"""One edit right before each single call of a campaign, without sockets: no moment is left to chance.

A sheet of eight rows is claimed in chunks of three and sent. Every edit is tried before every call that the quiet campaign
makes, and some before every two calls that are near each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from airflow_provider_robosms.campaign.ledger import LedgerError
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.sheets.a1 import column_letters
from airflow_provider_robosms.sheets.columns import OWNED
from tests.sheets.model import ModelApi, book_of, table_of
from tests.sheets.quiet_campaign import send_all

HEADER = ["Ref", "Name", "Phone", "City"]
ROWS = [[f"R{index}", f"Name{7 - index}", f"0300-100000{index}", f"City{index * 3 % 8}"] for index in range(8)]
OWN = set(OWNED)


@dataclass
class Played:
    """What came of one campaign."""

    rows: list[dict[str, str]]
    sent: list[Message]
    orphans: list[str]
    calls: int
    removed: dict[str, str] = field(default_factory=dict)


def play(deed: Callable[[ModelApi], None] | None, *moments: int, own_columns: bool = False) -> Played:
    """Run one campaign in which *deed* happens right before each of the calls number *moments*."""
    header = HEADER + (list(OWNED) if own_columns else [])
    api = ModelApi(book_of(Recipients=[header, *ROWS]))
    before: list[dict[str, str]] = []

    def act(number: int) -> None:
        if number in moments and deed is not None:
            before[:] = before or table_of(api.book)
            deed(api)

    api.before = act
    sent, orphans = send_all(api, chunk=3)
    after = table_of(api.book)
    gone = {row["Ref"]: row.get("Message ID", "") for row in before} if before else {}
    for row in after:
        gone.pop(row.get("Ref", ""), None)
    return Played(after, sent, orphans, len(api.calls), gone)


def to(ref: str) -> str:
    return f"92300100000{ref.removeprefix('R')}"


def judge(played: Played, *, removed_at_most: int = 0) -> None:
    """See that the right rows hold the right results and that a person's cells are as they were."""
    times = Counter(message.to for message in played.sent)
    assert max(times.values()) == 1, "texted twice"
    there = {row.get("Ref", ""): row for row in played.rows}
    assert len(there) == len(played.rows), "a row stands there twice, or the tool wrote into a blank row"
    was = {row[0]: dict(zip(HEADER, row, strict=True)) for row in ROWS}
    assert len(there) >= len(was) - removed_at_most, f"rows are gone: {was.keys() - there.keys()}"
    for ref, row in there.items():
        assert ref in was, f"the tool wrote into a row without a recipient: {row}"
        persons = {name: value for name, value in row.items() if name in HEADER}
        assert persons.items() <= was[ref].items(), "a person's cells were overwritten"
        assert not row["Status"].startswith("SENDING"), "a claim was left"
        expected = ("SENT", f"RSMS-{to(ref)}") if to(ref) in times else ("", "")
        assert (row["Status"], row["Message ID"]) == expected, ref
    # A result that stood there, and whose row was deleted before it was read back, may be reported too.
    removed = {f"tel:{to(ref)}": message_id for ref, message_id in played.removed.items() if to(ref) in times}
    homeless = {key for key, message_id in removed.items() if not message_id}
    assert homeless <= set(played.orphans) <= removed.keys(), "results without a row are not reported exactly"


def quiet_calls(*, own_columns: bool = False) -> int:
    return play(None, -1, own_columns=own_columns).calls


def cut_and_paste(api: ModelApi) -> None:
    """Take the third recipient, with the whole row, below the last: by moving the row, as one edit."""
    api.person("move_rows", at=3, count=1, to=20)


ROW_EDITS: dict[str, Callable[[ModelApi], None]] = {
    "sort by name": lambda api: api.person("sort", column="Name"),
    "sort by phone, down": lambda api: api.person("sort", column="Phone", descending=True),
    "sort by city": lambda api: api.person("sort", column="City"),
    "sort a part": lambda api: api.person("sort", column="B", range="A3:Z6", descending=True),
    "insert a row on top": lambda api: api.person("insert_rows", at=1),
    "insert two rows in the middle": lambda api: api.person("insert_rows", at=4, count=2),
    "move the first two rows down": lambda api: api.person("move_rows", at=1, count=2, to=6),
    "move the last rows up": lambda api: api.person("move_rows", at=6, count=3, to=1),
    "cut and paste a row": cut_and_paste,
}
DELETES: dict[str, Callable[[ModelApi], None]] = {
    "delete the first": lambda api: api.person("delete_rows", at=1),
    "delete two in the middle": lambda api: api.person("delete_rows", at=3, count=2),
    "delete the last": lambda api: api.person("delete_rows", at=8),
}
COLUMN_EDITS: dict[str, Callable[[ModelApi], None]] = {
    "insert a column on the left": lambda api: api.person("insert_columns", at=0),
    "insert a column in the middle": lambda api: api.person("insert_columns", at=2),
    "delete another column": lambda api: api.person("delete_columns", at=3),
    "move a column to the front": lambda api: api.person("move_columns", at=3, to=0),
    "move the name behind the phone": lambda api: api.person("move_columns", at=1, to=3),
    "move one of ours among ours": lambda api: api.person("move_columns", at=5, to=8),
    "rename another column": lambda api: api.person("rename_column", column="City", to="Town"),
}


def both(*names: str) -> Callable[[ModelApi], None]:
    """Return an edit that does several at once."""

    def deed(api: ModelApi) -> None:
        for name in names:
            (ROW_EDITS | COLUMN_EDITS)[name](api)

    return deed


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("row_edit", ["insert a row on top", "sort by name", "move the last rows up"])
@pytest.mark.parametrize(
    "column_edit",
    [
        "insert a column on the left",
        "delete another column",
        "move a column to the front",
        "move one of ours among ours",
    ],
)
def test_rows_and_columns_move_before_every_single_call(column_edit: str, row_edit: str, own_columns: bool) -> None:
    for moment in range(quiet_calls(own_columns=own_columns) + 2):
        judge(play(both(column_edit, row_edit), moment, own_columns=own_columns))


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("name", ROW_EDITS)
def test_rows_move_before_every_single_call(name: str, own_columns: bool) -> None:
    for moment in range(quiet_calls(own_columns=own_columns) + 2):
        played = play(ROW_EDITS[name], moment, own_columns=own_columns)
        assert len(played.sent) == 8, moment
        judge(played)


def clear_details(api: ModelApi) -> None:
    """Somebody does not want to read them."""
    header = [str(name) for name in api.book.sheets[0].rows[0]]
    if "Detail" in header:
        letter = column_letters(header.index("Detail"))
        api.person("clear", range=f"{letter}2:{letter}20")


@pytest.mark.parametrize("row_edit", ["sort by name", "insert a row on top", "move the last rows up"])
def test_details_are_cleared_and_rows_move_before_every_single_call(row_edit: str) -> None:
    def deed(api: ModelApi) -> None:
        ROW_EDITS[row_edit](api)
        clear_details(api)

    for moment in range(quiet_calls(own_columns=True) + 2):
        for own in (clear_details, deed):
            played = play(own, moment, own_columns=True)
            assert len(played.sent) == 8, moment
            judge(played)


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("name", DELETES)
def test_rows_are_deleted_before_every_single_call(name: str, own_columns: bool) -> None:
    for moment in range(quiet_calls(own_columns=own_columns) + 2):
        judge(play(DELETES[name], moment, own_columns=own_columns), removed_at_most=2)


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("name", COLUMN_EDITS)
def test_columns_move_before_every_single_call(name: str, own_columns: bool) -> None:
    for moment in range(quiet_calls(own_columns=own_columns) + 2):
        played = play(COLUMN_EDITS[name], moment, own_columns=own_columns)
        assert len(played.sent) == 8, moment
        judge(played)


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize(
    "name", [*ROW_EDITS, "move a column to the front", "insert a column on the left", "move one of ours among ours"]
)
def test_the_sheet_moves_before_any_two_calls(name: str, own_columns: bool) -> None:
    deed = (ROW_EDITS | COLUMN_EDITS)[name]
    calls = quiet_calls(own_columns=own_columns) + 3
    for first in range(calls):
        for second in range(first + 1, min(first + 7, calls)):
            played = play(deed, first, second, own_columns=own_columns)
            # Whom a moved column kept from being claimed is sent by the next run.
            assert len(played.sent) == 8 or name in COLUMN_EDITS, (first, second)
            judge(played)


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("name", ["sort by name", "insert a row on top", "move the last rows up"])
def test_rows_move_before_any_three_calls(name: str, own_columns: bool) -> None:
    calls = quiet_calls(own_columns=own_columns) + 3
    for first in range(calls):
        for second in range(first + 1, min(first + 5, calls)):
            for third in range(second + 1, min(second + 4, calls)):
                played = play(ROW_EDITS[name], first, second, third, own_columns=own_columns)
                assert len(played.sent) == 8, (first, second, third)
                judge(played)


@pytest.mark.parametrize("own_columns", [False, True], ids=["new columns", "own columns there"])
@pytest.mark.parametrize("ref", ["R0", "R4", "R7"])
def test_a_row_is_cut_without_what_we_wrote(ref: str, own_columns: bool) -> None:
    """A result is written where its recipient is now, unless it stood in the row that the person left behind."""
    left_behind: list[str] = []

    def cut(api: ModelApi) -> None:
        rows = table_of(api.book)
        at = next(index for index, row in enumerate(rows) if row["Ref"] == ref)
        left_behind.append(rows[at].get("Message ID", ""))
        persons = [[rows[at][name] for name in HEADER]]
        api.person("clear", range=f"A{at + 2}:D{at + 2}")
        api.person("set", cell="A12", values=persons, raw=True)

    for moment in range(quiet_calls(own_columns=own_columns) + 2):
        left_behind.clear()
        played = play(cut, moment, own_columns=own_columns)
        assert max(Counter(message.to for message in played.sent).values()) == 1
        row = next(row for row in played.rows if row["Ref"] == ref)
        if to(ref) in {message.to for message in played.sent} and not any(left_behind):
            assert row["Message ID"] == f"RSMS-{to(ref)}", f"before call {moment}: texted, and the row does not say so"


@pytest.mark.parametrize("name", ["Status", "Code", "Message ID", "Detail"])
def test_one_of_our_columns_is_deleted_before_every_single_call(name: str) -> None:
    """What stood in the column is gone; nobody is texted twice for it in this run, and a person's cells are as they were."""

    def delete(api: ModelApi) -> None:
        header = api.book.sheets[0].rows[0]
        api.person("delete_columns", at=list(header).index(name), count=1)

    refusals: set[str] = set()
    for moment in range(quiet_calls(own_columns=True) + 2):
        try:
            played = play(delete, moment, own_columns=True)
        except LedgerError as error:
            refusals.add(str(error).partition(":")[0])
            continue
        assert max(Counter(message.to for message in played.sent).values(), default=1) == 1, moment
        for row in played.rows:
            was = dict(zip(HEADER, next(one for one in ROWS if one[0] == row["Ref"]), strict=True))
            assert {header: row[header] for header in HEADER} == was, moment
            assert not row["Status"].startswith("SENDING"), f"before call {moment}: a claim was left"
    assert all("Status" in sentence for sentence in refusals), refusals


@pytest.mark.parametrize("row_edit", ["insert a row on top", "sort by name", "move the last rows up"])
def test_a_number_is_corrected_while_rows_move(row_edit: str) -> None:
    """A result that was seen in its row stays when the number is corrected; one that was not has no row, and is told."""
    calls = quiet_calls(own_columns=True) + 3
    for first in range(calls):
        for second in range(first + 1, min(first + 6, calls)):
            edits = iter([ROW_EDITS[row_edit], correct_a_number])
            played = play(lambda api, edits=edits: next(edits)(api), first, second, own_columns=True)  # type: ignore[misc]
            results = {f"RSMS-{message.to}" for message in played.sent}
            written = {row["Message ID"] for row in played.rows} - {""}
            told = {f"RSMS-{key.removeprefix('tel:')}" for key in played.orphans}
            assert written <= results, (first, second)
            assert results - written == told, (first, second)
            assert max(Counter(message.to for message in played.sent).values()) == 1


def correct_a_number(api: ModelApi) -> None:
    """Type another number for the sixth recipient, wherever the row is."""
    rows = api.book.sheets[0].rows
    at = next(index for index, row in enumerate(rows) if row and next(iter(row)) == "R5")
    api.person("set", cell=f"C{at + 1}", values=[["0300-1999999"]], raw=True)
