"""Formulas where a row's identity stands: those of the row itself are fine, those that list recipients are refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from airflow_provider_robosms.recipients.formulas import Judge, judge
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.grids import formula, opened, spilt

OWN_ROW = [
    '=TEXT(B2,"0")', "=B2&C2", '="92"&B2', "=+B2", "=$B2", "=B$2", "=$E$1&B2", "=Master!$A$1&B2", '=JOIN(" ",A2:C2)',
    "=VLOOKUP(A2,Master!A:C,2,FALSE)", "=VLOOKUP(A2;Master!A:C;2;0)", "=INDEX(Master!B:B,MATCH(A2,Master!A:A,0))",
    "=XLOOKUP(A2,Customers,Phones)", '=IF(B2="","","92"&B2)', '=B2&"=Other!A2"', '=SUBSTITUTE(B2,"{","")', "=923001234567",
    '=REGEXREPLACE(B2&"","[^0-9]","")', '=iferror(text(b2,"0"),"")', "=INDEX(SPLIT(B2,\"-\"),1)", "='My Tab'!$A$1&B2",
    '=HYPERLINK("tel:"&B2,B2)', "=VLOOKUP(A2,$F$1:$G$9,2,0)",
]  # fmt: skip
LISTED = [
    "=Master!A2", "='My Tab'!A2", "=Master!A2:A", "=ARRAYFORMULA(Master!A2:A)", '=IMPORTRANGE("1abc","People!A:C")',
    '=QUERY(Master!A:C,"select A")', "=FILTER(Master!A:A,Master!B:B=1)", "=SORT(Master!A2:A)", "=UNIQUE(Master!A2:A)",
    "={Master!A2:C}", "={1;2;3}", "=A1+1", "=A1", "=COUNTA(A$2:A2)", "=COUNTA(B$2:B5)", "=B:B", "=People",
    "=INDEX(Master!A:A,5)",
    "=OFFSET(A1,1,0)", '=INDIRECT("A"&1)', "=RAND()", "=NOW()", "=TRANSPOSE(Master!A1:Z1)", "=MYFUNCTION(B2)",
    "=IF(TRUE,Master!A2)", "=arrayformula(b2:b)", "=Table1[Phone]", '=ARRAYFORMULA(TEXT(B2:B,"0"))', "=MAP(B2:B,LAMBDA(x,x))",
    "=Master!A2&B2", "=IFERROR(__xludf.DUMMYFUNCTION(\"x\"),1)",
]  # fmt: skip


@pytest.mark.parametrize("text", OWN_ROW)
def test_a_formula_of_its_own_row_is_fine(text: str) -> None:
    assert judge(text, 2).trouble is None
    book = opened([["ID", "Name", "City", "Phone"], ["a", "b", "c", formula(text, "0300-1234567")]])
    assert book.rows[0][3] == "0300-1234567"


@pytest.mark.parametrize("text", LISTED)
def test_a_formula_that_lists_is_refused(text: str) -> None:
    assert judge(text, 2).trouble


@pytest.mark.parametrize("text", ["=ROW()", "=ROW()-1", '="C-"&ROW()', "=ROW(A2)"])
def test_the_rows_number_is_no_key(text: str) -> None:
    assert "place" in (judge(text, 2).trouble or "")
    with pytest.raises(SheetError, match=r"Column 'ID' of tab 'Recipients' \(cell A2\) depends on the row's place"):
        opened([["ID", "Phone"], [formula(text, 1), "0300-1234567"]])


@pytest.mark.parametrize("text", LISTED)
@pytest.mark.parametrize("place", ["key", "phone"])
def test_listed_recipients_stop_before_anything_is_sent(text: str, place: str) -> None:
    cell = formula(text, "0300-1234567")
    rows = [["ID", "Phone"], [cell, "0300-1234567"] if place == "key" else ["A", cell]]
    with pytest.raises(SheetError, match="paste the column as values") as caught:
        opened(rows)
    assert caught.value.permanent
    assert "ID" in str(caught.value)
    assert str(caught.value).count(". ") == 0, "one sentence"


def test_the_same_formulas_in_other_columns_matter_to_nobody() -> None:
    for text in LISTED:
        book = opened([["Phone", "Name"], ["0300-1234567", formula(text, "Ali")]])
        assert book.rows[0][1] == "Ali"


@pytest.mark.parametrize("header", [["Phone", "Name"], ["Name", "Phone"], ["Name", "City", "Phone"]])
def test_a_list_that_spills_over_the_phone_column(header: list[str]) -> None:
    first: list[Any] = [spilt("x") for _ in header]
    first[header.index("Phone")] = spilt("0300-1234567")
    first[0] = formula('=QUERY(Master!A:C,"select *")', first[0].value)
    second = [spilt("0300-1234568") for _ in header]
    with pytest.raises(SheetError, match="paste the column as values"):
        opened([header, first, second])


def test_a_list_that_spills_is_found_where_google_gives_its_values_for_what_was_typed() -> None:
    listing = formula("=SORT(Master!A2:C)", "Ali")
    with pytest.raises(SheetError, match=r"\(cell C2\) makes a list \(SORT\)"):
        opened([["Name", "City", "Phone"], [listing, "Lahore", "0300-1234567"], ["Sara", "Multan", "0300-1234568"]])


@pytest.mark.parametrize(
    "text", ['=ARRAYFORMULA(B2:B&" "&C2:C)', "=UNIQUE(Cities!A2:A)", "=ARRAYFORMULA(VLOOKUP(C2:C,Master!A:B,2,0))"]
)
def test_a_list_beside_the_phone_column_is_fine(text: str) -> None:
    assert opened([["Name", "City", "Phone"], [formula(text, "Ali"), "Lahore", "0300-1234567"]]).rows


def test_a_list_from_the_header_row() -> None:
    header = [formula('={"Phone";Master!A2:A}', "Phone"), "Name"]
    with pytest.raises(SheetError, match=r"\(cell A\d\) (makes a list|is filled by a formula)"):
        opened([header, [spilt("0300-1234567"), "Ali"]])


def test_a_text_that_begins_like_a_formula_is_a_text() -> None:
    assert opened([["ID", "Phone"], ["=Master!A2", "0300-1234567"]]).rows[0][0] == "=Master!A2"


def test_a_phone_found_by_an_id_stays_with_it() -> None:
    book = opened([["ID", "Phone"], ["A", formula("=VLOOKUP(A2,Master!A:B,2,0)", 3001234567)]])
    assert book.rows == [["A", 3001234567]]


@pytest.mark.parametrize(
    ("text", "value"), [('="92"&B2', "92"), ('=IF(B2="","",B2)', ""), ("=B2", 0), ("=B2*1", "#VALUE!")]
)
def test_formulas_filled_far_below_the_data_make_nobody(text: str, value: Any) -> None:
    rows = [["Phone", "Number"], [formula(text, "923001234567"), "3001234567"]]
    rows += [
        [formula(text.replace("2", str(number), 9).replace(f"9{number}", "92"), value), ""] for number in range(3, 9)
    ]
    book = opened(rows)
    assert [row[0] for row in book.rows[1:]] == [""] * (len(book.rows) - 1)


def test_formulas_that_were_filled_down_are_judged_fast() -> None:
    judged = Judge()
    started = time.process_time()
    for row in range(2, 50_002):
        assert judged(f'=TEXT(SUBSTITUTE(B{row},"-",""),"0")', row).trouble is None
    assert time.process_time() - started < 1.0
    assert judged("=B17", 18).trouble, "another row, whatever was judged before"
