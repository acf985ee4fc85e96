"""What of a Phone cell can be read, where its row has opted out: all of its numbers, or the run stops."""

from __future__ import annotations

import time

import pytest

from airflow_provider_robosms.recipients.phone_cells import numbers_of
from airflow_provider_robosms.recipients.wording import Wording
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.rows_of import plan, reader

ALI, SARA = "923001234567", "923211111111"


@pytest.mark.parametrize(
    "cell",
    ["0300-1234567 / +300 1111111", "0300-1234567 / 1234568", "0300-1234567/68", "0300-1234567, 0321-111111I",
     "0300-1234567 & 8", "0300-1234567\n0321-111111", "0300-1234567 or 68", "0300-1234567 aur 68", "Ali 0300-1234567/68",
     "Ali 0300-1234567-68", "0300-1234567 to 70", "0300-1234567, O32l-llll11", "0300-1234567 (Ali) 0321-11111",
     "0300-1234567 Ali 0321", "0300-1234567 0321-11111111", "0300-1234567 12", "0300-1234567 / 00300 1111111",
     "0300-1234567, 0321-1111111, 0333", "0300-1234567 / \u0661\u0662\u0663", "0300-12345 / 021-34567890",
     "0300-1234567/8", "0300-1234567 / 8", "0300-1234567 or 7654321", "0300-1234567 or8", "0300-1234567 or 8B",
     "0300-1234567 / 8 kids", "0300-1234567 12345", "0300-1234567 PTA 12345", "0300-1234567 id 12345",
     "0300-1234567 3520212345671", "0300-1234567 35202-1234567-12", "0300-1234567 Ali 4568", "0300-1234567 #12345",
     "0300-1234567 Nov 51111"],
)  # fmt: skip
def test_a_number_beside_one_that_cannot_be_read_stops(cell: str) -> None:
    with pytest.raises(SheetError, match=r"Row 2 of tab .* has opted out, and its number cannot be read"):
        reader(["Phone", "Opt Out"]).heed([[cell, "yes"]])


@pytest.mark.parametrize(
    "cell",
    ["0300-1234567 (Ali)", "0300-1234567 WhatsApp", "0300-1234567 / home", "+92 300 1234567 ext", "0300-1234567 ext 12",
     "0300-1234567 (class 5)", "0300-1234567 Class 5-B", "2nd: 0300-1234567", "0300-1234567 (batch 2026)", "O300-1234567",
     "0300-1234567 (opted out 26-11-2026)", "0300-1234567 called on 2026-11-26 at 12:30", "0092 (0) 300 1234567 Ali",
     # Nobody texts a landline, nor a number of another country.
     "0300-1234567 / 042-35761234", "0300-1234567\n042-35761234", "0300-1234567 / +971501234567"],
)  # fmt: skip
def test_harmless_words_beside_a_number_do_not(cell: str) -> None:
    assert numbers_of(cell) == [ALI]


@pytest.mark.parametrize(
    "note",
    ["(5-B)", "#2", "flat 3B", "after 5pm", "do not call before 10am", "Roll 1023", "2 kids", "(2 SIMs)", "Rs. 5,000",
     "Rs 50,000/-", "35202-1234567-1", "CNIC 3520212345671", "opted out Nov 5, 2026", "5 Nov 2026", "on 5/11", "G-9/1",
     "Jazz 4G", "session 2024-2025", "house 12-A"],
)  # fmt: skip
def test_a_short_number_that_counts_something_does_not(note: str) -> None:
    for cell in (f"{ALI} {note}", f"0300-1234567 ({note})", f"0300-1234567, {note}", f"0300-1234567\n{note}"):
        assert numbers_of(cell) == [ALI], cell


@pytest.mark.parametrize(
    "cell",
    ["1: 0300-1234567, 2: 0321-1111111", "1) 0300-1234567 2) 0321-1111111", "0300-1234567 / 0321-1111111",
     "0300-1234567|0321-1111111", "0300-1234567 321 1111111", "0300-1234567\n0321-1111111",
     "Mobile 1: 0300-1234567, Mobile 2: 0321-1111111", "0300-1234567(Ali)0321-1111111(Sara)", "0300-1234567, O321-1111111",
     "0300-1234567 (Ali), 0321-1111111 (Sara) & 042-35761234 home"],
)  # fmt: skip
def test_all_its_numbers_are_protected(cell: str) -> None:
    rows = [[cell, "yes"], [ALI, ""], [SARA, ""], ["0333-1112223", ""]]
    planned = plan(["Phone", "Opt Out"], *rows, wording=Wording(message="Hi"))
    assert [message.to for message in planned.messages.values()] == ["923331112223"]


@pytest.mark.parametrize("cell", ["", "n/a", "same as above", "021-34567890 (office)"])
def test_what_is_nobodys_mobile_protects_nobody(cell: str) -> None:
    reader(["Phone", "Opt Out"]).heed([[cell, "yes"]])


def test_long_cells_are_read_fast() -> None:
    started = time.process_time()
    for piece in (
        "0300 ",
        "a " * 9 + "  " * 9,
        "0300-1234567 ",
        "12-",
        "a1",
        "O|",
        "a#",
        "Nov 5, ",
        "Rs 5,000,",
        "roll  ",
        "5 ",
        ";1:",
    ):
        numbers_of(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 2
