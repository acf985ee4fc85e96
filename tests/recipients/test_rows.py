"""One row: its message, or the reason why there is none, in words for the person who owns the sheet."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from airflow_provider_robosms.recipients.rows import partition_of
from airflow_provider_robosms.recipients.wording import Template, Wording
from airflow_provider_robosms.spreadsheet.cells import Exact, exact_text
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.rows_of import NOW, TEMPLATES, plan, planned, reader, skip, text

GOOD = {"Name": "Ali", "Phone": "0300-1234567"}


@pytest.mark.parametrize(
    "phone",
    [
        "0300-1234567", "(0300) 1234567", "+92 300 1234567", "0092 300 1234567", "923001234567", "3001234567",
        "+92 (0) 300 1234567", "۰۳۰۰۱۲۳۴۵۶۷", "٠٣٠٠١٢٣٤٥٦٧", "\u200b0300 1234567\ufeff", "'03001234567",
        3001234567, 923001234567, 923001234567.0, 3001234567.0, "923001234567.0",
    ],
)  # fmt: skip
def test_numbers_as_people_and_spreadsheets_hold_them(phone: Any) -> None:
    found = planned({"Name": "Ali", "Phone": phone}).message
    assert found is not None
    assert found.to == "923001234567"


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("", "bad number: the phone number is blank"),
        (None, "bad number: the phone number is blank"),
        ("   ", "bad number: the phone number is blank"),
        ("0300-12345", "bad number: the wrong number of digits"),
        ("0300-12345678", "bad number: the wrong number of digits"),
        (30012345, "bad number: the wrong number of digits"),
        ("9.23E+11", "bad number: scientific notation has lost the number's last digits"),
        ("03oo-1234567", "bad number: the letter O in the phone number"),
        ("0300-1234567 (office)", "bad number: letters in the phone number"),
        ("0300-1234567 ext 5", "bad number: letters in the phone number"),
        ("ask Ali", "bad number: no digits in the phone number"),
        ("0300-1234567 / 0301-1234567", "bad number: two or more numbers in one cell"),
        ("0300-1234567, 0301-1234567", "bad number: two or more numbers in one cell"),
        ("03001234567 03011234567", "bad number: two or more numbers in one cell"),
        ("+1 202 555 0123", "bad number: a number of another country (+1)"),
        ("042-35761234", "bad number: a landline"),
        ("0399-1234567", "bad number: no Pakistani mobile number begins like this"),
        ("2026-11-23", "bad number: a date is not a phone number"),
        (True, "bad number: a tick box (TRUE or FALSE) is not a phone number"),
        (False, "bad number: a tick box (TRUE or FALSE) is not a phone number"),
        (3001234567.5, "bad number: a number with a fraction is not a phone number"),
        (-3001234567, "bad number: a negative number is not a phone number"),
        ("#N/A", "bad number: the formula error #N/A in place of a number"),
        ("#REF!", "bad number: the formula error #REF! in place of a number"),
        ("0300*1234567", "bad number: the character * in the phone number"),
    ],
)
def test_bad_numbers_each_with_its_way(phone: Any, reason: str) -> None:
    told = skip({"Name": "Ali", "Phone": phone})
    assert told.startswith(reason)
    if isinstance(phone, str) and sum(map(str.isdigit, phone)) > 6:
        assert phone not in told  # the detail is read by many


@pytest.mark.parametrize(
    "mark", ["yes", "Y", "x", "TRUE", True, 1, "ہاں", "stop", "2026-11-01", "?", "\u2116", "\u24ea"]
)
def test_opted_out_by_column(mark: Any) -> None:
    assert skip({**GOOD, "Opt Out": mark}) == "opted out: column Opt Out is set"


@pytest.mark.parametrize(
    "mark", ["", None, "  ", "no", "No", "N", "FALSE", False, 0, "nahi", "نہیں", "\u200eNo\u200f", "\uff2e\uff4f"]
)
def test_not_opted_out(mark: Any) -> None:
    assert text({**GOOD, "opt out ": mark}) == "Hello Ali"


@pytest.mark.parametrize(
    "mark",
    [
        "yes",
        "Y",
        "TRUE",
        True,
        1,
        1.0,
        "1",
        "ہاں",
        "جی",
        "✓",
        "✔️",
        "☑",
        " Yes ",
        Exact(True, "WAHR"),
        Exact(True, "VRAI"),
        Exact(True, "VERDADERO"),
        "\u200fYes\u200f",
        "Yes\u200b",
        "\uff39\uff45\uff53",
        "\uff11",
        "\u06f1",
        "ہاں\u200f",
    ],
)
def test_chosen_by_a_tick(mark: Any) -> None:
    assert text({**GOOD, "Send": mark}) == "Hello Ali"


@pytest.mark.parametrize(
    "mark", ["", None, "  ", "no", "No", "N", "FALSE", False, 0, "nahi", "نہیں", Exact(False, "FALSCH")]
)
def test_not_chosen(mark: Any) -> None:
    assert skip({**GOOD, "Send": mark}) == "not chosen: column Send is not ticked"


@pytest.mark.parametrize(
    "mark",
    [
        "x",
        "✗",
        "?",
        "maybe",
        "later",
        "WAHR",
        "VRAI",
        "VERDADERO",
        "\u2460",
        "\xb9",
        "0300-7654321",
        2,
        -1,
        Exact(1, "no"),
        Exact(0, "yes"),
        Exact(46000.0, "1"),
    ],
)
def test_a_choice_that_is_not_clear_is_none(mark: Any) -> None:
    assert skip({**GOOD, "Send": mark}) == "column Send holds neither a tick nor yes or no: tick it to text this row"


def test_who_opted_out_is_not_chosen_by_a_tick() -> None:
    assert skip({**GOOD, "Send": True, "Opt Out": "yes"}).startswith("opted out")


def test_opted_out_by_tab() -> None:
    out = frozenset({"923001234567"})
    assert skip(GOOD, opted_out=out) == "opted out: the number is on the Opt-outs tab"
    assert text({**GOOD, "Phone": "0300-1234568"}, opted_out=out) == "Hello Ali"


@pytest.mark.parametrize("name", ["", None, "  ", "\u200b"])
def test_a_blank_tag_is_no_text_with_a_hole(name: Any) -> None:
    assert skip({"Name": name, "Phone": "03001234567"}) == "tag {{Name}} is blank"


def test_an_unknown_tag_in_the_rows_own_words() -> None:
    told = skip({**GOOD, "Message": "Dear {{ Nme }}"})
    assert told.startswith("tag {{Nme}} is not a column: did you mean {{Name}}?")


@pytest.mark.parametrize("body", ["Dear {{ Name", "Dear Name }}", "Dear {{ }}", "{{ {Name} }}"])
def test_broken_braces_in_the_rows_own_words(body: str) -> None:
    assert "{{" in skip({**GOOD, "Message": body})


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
def test_an_error_cell_is_not_texted(error: str) -> None:
    assert skip({"Name": error, "Phone": "03001234567"}) == f"tag {{{{Name}}}} holds the error {error}: fix the formula"
    assert skip({**GOOD, "Message": error}) == f"column Message holds the error {error}: fix the formula"


def test_an_error_cell_that_no_tag_uses_does_not_matter() -> None:
    assert text({**GOOD, "Due": "#N/A"}) == "Hello Ali"


def test_a_tag_that_two_columns_answer_to() -> None:
    one = reader(["Name", "Phone", "name "])
    row = ["Ali", "03001234567", "Other"]
    assert "fits 2 columns" in (one.plan(row, "k", __import__("datetime").datetime.now()).skip or "")


def test_too_long() -> None:
    wording = Wording(message="x" * 161, max_segments=1)
    assert skip(GOOD, wording) == "too long: 2 parts over the limit of 1"
    assert text(GOOD, Wording(message="x" * 160, max_segments=1)) == "x" * 160


def test_smart_encoding_makes_a_text_cheaper() -> None:
    body = "“Quoted” – " + "x" * 100
    plain, smart = planned(GOOD, Wording(message=body)).message, planned(
        GOOD, Wording(message=body, smart_encoding=True, max_segments=1)
    ).message  # fmt: skip
    assert plain is not None
    assert smart is not None
    assert (plain.parts, smart.parts) == (2, 1)
    assert smart.text.startswith('"Quoted" - ')


def test_not_due() -> None:
    found = planned({**GOOD, "Send At": "2026-11-23 14:01"})
    assert found.skip == "not due until 2026-11-23 14:01"
    assert text({**GOOD, "Send At": "2026-11-23 14:00"}) == "Hello Ali"
    assert text({**GOOD, "send at": ""}) == "Hello Ali"


def test_an_ambiguous_date_and_one_that_is_none() -> None:
    assert "two ways" in skip({**GOOD, "Send At": "03/04/2026"})
    assert skip({**GOOD, "Send At": "soon"}).startswith("Send At is not a date and time")
    assert skip({**GOOD, "Send At": 46349}).startswith("Send At is not a date and time")


# Where the text comes from


def test_message_goes_before_template_before_the_campaigns_own() -> None:
    wording = Wording(message="own {{ Name }}", templates=TEMPLATES)
    row = {**GOOD, "Due": "Rs 5", "Message": "", "Template": ""}
    assert text(row, wording) == "own Ali"
    assert text({**row, "Template": " REMINDER "}, wording) == "Pay Rs 5, Ali"
    assert text({**row, "Template": "reminder", "Message": "Mine, {{ name }}"}, wording) == "Mine, Ali"
    assert text(row, Wording(message="x", template="Urdu", templates=TEMPLATES)) == "سلام Ali"


def test_a_missing_template_row() -> None:
    told = skip({**GOOD, "Template": "Remindr"}, Wording(message="x", templates=TEMPLATES))
    assert told == "template 'Remindr' is not on the Templates tab"


def test_no_text_at_all() -> None:
    told = skip({**GOOD, "Message": ""}, Wording())
    assert told == "no text: column Message is blank, and neither a template nor a message is set"


def test_the_mask_of_the_template_goes_first() -> None:
    wording = Wording(message="x", templates=TEMPLATES, mask="SMS-ALERT")
    mine, theirs = planned(GOOD, wording).message, planned({**GOOD, "Template": "urdu"}, wording).message
    assert mine is not None
    assert theirs is not None
    assert (mine.mask, theirs.mask) == ("SMS-ALERT", "RoboSMS")


# Cells of every kind in tags


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (2450, "2450"),
        (2450.0, "2450"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        ("2026-11-23", "2026-11-23"),
        (" x ", "x"),
    ],
)
def test_cells_in_tags(cell: Any, shown: str) -> None:
    assert text({**GOOD, "Due": cell}, Wording(message="Due: {{due}}")) == f"Due: {shown}"


@pytest.mark.parametrize("cell", ["{0}", "%s", "${x}", "=1+1", "`id`", "'; DROP TABLE", "\\n"])
def test_what_a_cell_holds_is_never_run(cell: str) -> None:
    assert text({**GOOD, "Due": cell}, Wording(message="<{{ Due }}>")) == f"<{cell}>"


@pytest.mark.parametrize("cell", ["{{ Phone }}", "{% raw %}", "{{7*7}}"])
def test_a_tag_in_a_cell_is_neither_run_nor_texted(cell: str) -> None:
    told = "no text: it holds a tag such as {{ name }} that nothing has filled in"
    assert skip({**GOOD, "Due": cell}, Wording(message="<{{ Due }}>")) == told


def test_a_cell_of_50_000_characters() -> None:
    assert skip({"Name": "x" * 50_000, "Phone": "03001234567"}, Wording(message="{{Name}}", max_segments=3)) == (
        "too long: 327 parts over the limit of 3"
    )


# Keys


def test_keys() -> None:
    by_phone = reader(["Name", "Phone"])
    assert by_phone.key(["Ali", "0300-1234567"]) == by_phone.key(["B", 3001234567]) == "tel:923001234567"
    assert by_phone.key(["Ali", " 0300-12 "]) == "raw:0300-12"
    assert by_phone.key(["Ali"]) is by_phone.key(["Ali", "  "]) is None
    by_id = reader(["ID", "Phone"])
    assert by_id.key([" C-1 ", "0300-1234567"]) == "id:C-1"
    assert by_id.key([1001.0, "0300-1234567"]) == "id:1001"
    assert by_id.key(["", "0300-1234567"]) == "tel:923001234567"


@pytest.mark.parametrize(
    "nothing",
    [
        "nan",
        "NaN",
        "None",
        " null ",
        "N/A",
        "n/a",
        "<NA>",
        "\u200b",
        "None\u200b",
        "\uff2eone",
        "nULL",
        "#Ref!",
        "Err:502",
    ],
)
def test_what_an_export_leaves_for_no_id_is_none(nothing: str) -> None:
    by_id = reader(["ID", "Phone"])
    assert by_id.key([nothing, "0300-1234567"]) == "tel:923001234567"
    assert by_id.key([nothing, "0300-1234568"]) == "tel:923001234568"


@pytest.mark.parametrize(
    "own",
    [
        "None",
        "nan",
        "null",
        "{'text': 'Salam'}",
        "[]",
        "<X object at 0x7f00>",
        "None\u200b",
        "[{'a': nan}]",
        "Row(a=1)",
    ],
)
def test_what_a_program_writes_for_nothing_is_no_message(own: str) -> None:
    assert skip({**GOOD, "Message": own}).startswith("no text: it is ")
    assert skip({**GOOD, "Gift": own, "Message": "{{ Gift }}"}).startswith("no text: it is ")
    assert text({**GOOD, "Gift": "None", "Message": "Dues: {{ Gift }}"}) == "Dues: None"
    with_line = Wording(message="Hello", opt_out_line="Reply STOP")
    assert skip({**GOOD, "Message": own}, with_line).startswith("no text: it is ")
    assert skip({**GOOD, "Gift": own, "Message": "{{ Gift }}"}, with_line).startswith("no text: it is ")


@pytest.mark.parametrize(
    "passing", ["#REF!\u200b", "\uff03N/A", "#Ref!", "#NOMBRE !", "Err:502", "########", "Loading...\u200e"]
)
def test_a_passing_value_with_what_cannot_be_seen_is_no_content(passing: str) -> None:
    for row in (
        {**GOOD, "Due": passing, "Message": "Pay {{ Due }}"},
        {**GOOD, "Message": passing},
        {**GOOD, "Send": passing},
    ):
        why = skip(row)
        assert ("wait until the sheet" if "oading" in passing else "fix the formula") in why
        assert why.isprintable()


@pytest.mark.parametrize(
    "own", ["\U0001f389", "!", "...", "?", "[Shop] Dear {{ Name }}", "{{ Name }}, hello", "[Shop] [new]"]
)
def test_what_is_a_text_however_odd_is_texted(own: str) -> None:
    assert text({**GOOD, "Message": own}) == own.replace("{{ Name }}", "Ali")


@pytest.mark.parametrize(
    ("body", "ended"),
    [
        ("Hello", "Hello\nReply STOP"),
        ("Reply STOPWATCH", "Reply STOPWATCH\nReply STOP"),
        ("Hello\nReply STOPWATCH to win", "Hello\nReply STOPWATCH to win\nReply STOP"),
        ("Do not Reply STOP", "Do not Reply STOP\nReply STOP"),
        ("Hello\nReply STOP", "Hello\nReply STOP"),
        ("Reply STOP.\nHello", "Reply STOP.\nHello"),
        ("Hello\r\n Reply STOP ", "Hello\r\n Reply STOP"),
    ],
)
def test_the_opt_out_line_is_missing_only_where_a_whole_line_is_it(body: str, ended: str) -> None:
    assert text({**GOOD, "Message": body}, Wording(opt_out_line="Reply STOP")) == ended


def test_the_key_column_can_be_chosen() -> None:
    header = ["ID", "Customer", "Phone"]
    row = ["1", "c7", "0300-1234567"]
    assert reader(header, key_column="Phone").key(row) == "tel:923001234567"
    assert reader(header, key_column=" customer ").key(row) == "id:c7"
    with pytest.raises(SheetError, match="no column 'Badge'"):
        reader(header, key_column="Badge")


@pytest.mark.parametrize(
    "row", [["", "", False], ["", "", "No", "SENT"], ["", "Ali"], ["\u200b", "", True], ["#N/A", ""], []]
)
def test_a_row_without_phone_and_id_is_nobodys(row: list[Any]) -> None:
    assert reader(["ID", "Phone", "Paid", "Status"]).key([*row[:1], "", *row[1:]]) is None


def test_an_id_that_cannot_be_hashed_is_written_out() -> None:
    one = reader(["ID", "Phone"])
    keys = {one.key(["a\ud83d", "0300-1234567"]), one.key(["a\ud83e", "0300-1234567"]), one.key(["", "0300\ud83d"])}
    assert len(keys) == 3
    assert {partition_of(key or "", 5) for key in keys} <= set(range(5))


# What is passing, invisible or broken is no content


PASSING = [
    "Loading...",
    "Loading\u2026",
    " loading... ",
    "Wird geladen...",
    "\u0644\u0648\u0688 \u06c1\u0648 \u0631\u06c1\u0627 \u06c1\u06d2...",
    "#N/A",
    "#REF!",
    "#\u00a1VALOR!",
    "#WERT!",
]


def test_a_number_that_may_be_rounded_is_not_texted() -> None:
    assert "six zeros may have lost its last digits" in skip({**GOOD, "Phone": 923001000000})


@pytest.mark.parametrize("value", PASSING)
@pytest.mark.parametrize("column", ["Name", "Message", "Template", "Send At", "Send", "Opt Out", "ID"])
def test_a_passing_value_is_never_taken_for_content(column: str, value: str) -> None:
    told = skip({**GOOD, column: value})
    assert re.match(rf"(tag \{{\{{{column}\}}\}}|column {column}) holds ", told), told
    assert told.endswith(("fix the formula", "wait until the sheet has calculated it"))


@pytest.mark.parametrize("value", ["Loading", "Loading dock B", "Ali...", "#1", "#hashtag", "Waiting...", "# N/A"])
def test_what_only_looks_like_one_is_content(value: str) -> None:
    assert text({**GOOD, "Name": value}) == f"Hello {value}"


def test_a_template_that_holds_a_passing_value() -> None:
    broken = Wording(template="bill", templates={"bill": Template("#N/A", name="Bill", trouble="#N/A")})
    with pytest.raises(SheetError, match="Template 'Bill' holds #N/A in place of a text: fix its formula"):
        broken.check(reader(["Name", "Phone"]).columns)
    rowwise = Wording(message="x", templates=broken.templates)
    assert skip({**GOOD, "Template": "bill"}, rowwise) == "template 'bill' holds the error #N/A: fix the formula"


INVISIBLE = ["\u200b", " \u200b\u2060 ", "\ufeff", "\u00a0", "\u3164", "\u2800", "\u200e\u200f", "\t\n"]


@pytest.mark.parametrize("blank", INVISIBLE)
def test_what_cannot_be_seen_is_no_message(blank: str) -> None:
    told = "no text: column Message is blank, and neither a template nor a message is set"
    assert skip({**GOOD, "Message": blank}, Wording()) == told
    assert skip(GOOD, Wording(message=blank)) == told
    assert skip({"Phone": "0300-1234567", "Name": blank}, Wording(message="{{Name|}}")) == (
        "no text: nothing of it can be seen"
    )
    with pytest.raises(SheetError, match="There is no text to send"):
        Wording(message=blank).check(reader(["Name", "Phone"]).columns)


def test_half_a_character_is_not_sent() -> None:
    assert skip({**GOOD, "Name": "Ali \ud83d"}).startswith("the text holds half a character")
    assert text({**GOOD, "Name": "Ali \U0001f600"}) == "Hello Ali \U0001f600"


# What the sheet shows is what is texted; what identifies, protects or dates a row is exact


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Exact(1234.5, "Rs 1,234.50"), "Rs 1,234.50"),
        (Exact(46349.5, "23 Nov 2026"), "23 Nov 2026"),
        (Exact(0.15, "15%"), "15%"),
        (Exact(True, "VRAI"), "VRAI"),
        (Exact(1001, "INV-1001"), "INV-1001"),
    ],
)
def test_tags_are_texted_as_shown(cell: Exact, shown: str) -> None:
    assert text({**GOOD, "Due": cell}, Wording(message="{{due}}")) == shown
    assert reader(["ID", "Phone"]).key([cell, ""]) == f"id:{exact_text(cell)}"


def test_numbers_are_read_exactly() -> None:
    found = planned({"Name": "Ali", "Phone": Exact(923001234567, "9.23E+11")}).message
    assert found is not None
    assert found.to == "923001234567"


@pytest.mark.parametrize(("cell", "out"), [
    (Exact(False, "FAUX"), False), (Exact(True, "VRAI"), True), (Exact(0, "No"), False), (Exact(1, "No"), True),
    (Exact(0, "Yes"), True), (Exact("x", ""), True), (Exact(0, ""), False), ("\u200b", False),
])  # fmt: skip
def test_an_opt_out_says_no_only_if_all_of_it_does(cell: Any, out: bool) -> None:
    assert (planned({**GOOD, "Opt Out": cell}).skip is not None) is out


@pytest.mark.parametrize(
    "shown",
    [
        "23/11/2026",
        "11/23/26",
        "Mon 23 Nov",
        "14:01",
        "2026-11",
        "23. November 2026",
        "\u06f2\u06f3 \u0646\u0648\u0645\u0628\u0631",
    ],
)
def test_a_real_date_is_exact_whatever_it_shows(shown: str) -> None:
    assert skip({**GOOD, "Send At": Exact(46349 + 841 / 1440, shown)}) == "not due until 2026-11-23 14:01"
    assert text({**GOOD, "Send At": Exact(46349 + 840 / 1440, shown)}) == "Hello Ali"


@pytest.mark.parametrize(
    "cell",
    [
        46349,
        Exact(46349, "46,349.00"),
        Exact(46349, "Rs 46349"),
        Exact(0.5, "12:00"),
        Exact(2026, "2,026"),
        Exact(True, "JA"),
    ],
)
def test_a_number_is_no_date(cell: Any) -> None:
    assert skip({**GOOD, "Send At": cell}).startswith("Send At is not a date and time")


# Sizes


def test_30_headers_of_50_000_letters_and_8_000_equal_ones() -> None:
    started = time.process_time()
    huge = reader(["Phone", *("\ufdfa" * 50_000 + str(number) for number in range(30))], Wording(message="{{Nobody}}"))
    told = huge.plan(["0300-1234567"], "k", NOW).skip or ""
    assert len(told) < 600
    equal = reader(["Phone", *["Name"] * 8_000], Wording(message="{{Name}}"))
    assert equal.plan(["0300-1234567", *["x"] * 8_000], "k", NOW).skip == (
        "tag {{Name}} fits 8000 columns: rename all but one of them"
    )
    assert time.process_time() - started < 2.0


def test_a_header_with_line_breaks_stays_on_one_line() -> None:
    told = skip(
        {"Phone": "0300-1234567", "# Big\n\n![x](http://x)": "#N/A"}, Wording(message="{{# Big ![x](http://x)}}")
    )
    assert "\n" not in told
    with pytest.raises(SheetError) as caught:
        reader(["a\n\n# b", "Name"])
    assert "\n" not in str(caught.value)


def test_wrong_tags_in_every_row_stay_fast() -> None:
    one = reader(["Phone", "Message", *(f"Column {number}" for number in range(300))])
    started = time.process_time()
    for number in range(3_000):
        assert one.plan(["0300-1234567", f"{{{{Nobody {number}}}}}"], "k", NOW).skip
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize("name", ["Phone", "ID", "Message", "Template", "Send At", "Send", "Opt Out"])
def test_a_column_that_decides_must_be_the_only_one_of_its_name(name: str) -> None:
    header = ["Phone", name, name.upper()] if name != "Phone" else ["Phone", "PHONE"]
    with pytest.raises(SheetError, match="rename all but one"):
        reader(header)


# The campaign's own text is checked before anything is sent


@pytest.mark.parametrize(
    ("wording", "sentence"),
    [
        (
            Wording(template="Remindr", templates=TEMPLATES),
            "no template 'Remindr': tab 'Templates' has Reminder, Urdu",
        ),
        (Wording(template="x"), "no template 'x': tab 'Templates' has no line with a Name and a Body"),
        (
            Wording(template="x", templates_tab="Nope", has_templates_tab=False),
            "no template 'x': the spreadsheet has no tab 'Nope' with templates",
        ),
        (Wording(message="Dear {{ Surname }}"), r"cannot be used: tag \{\{Surname\}\} is not a column"),
        (Wording(message="Dear {{ Name"), "cannot be used"),
        (Wording(), "no text to send: name a template, write a message, or add a column 'Message' or 'Template'"),
        (Wording(template="t", templates={"t": Template("{{ Due }}", name="t")}), r"tag \{\{Due\}\} is not a column"),
    ],
)
def test_a_campaign_text_that_cannot_be_used(wording: Wording, sentence: str) -> None:
    with pytest.raises(SheetError, match=sentence) as caught:
        wording.check(reader(["Name", "Phone"]).columns)
    assert caught.value.permanent
    assert str(caught.value).count(". ") == 0, "one sentence"


def test_rows_with_words_of_their_own_need_no_campaign_text() -> None:
    Wording().check(reader(["Phone", "Message"]).columns)
    Wording().check(reader(["Phone", "Template"]).columns)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (["Name", "Phone", "Opt Out"], [["Ali", "03001234567", ""], ["Ali", "0300-1234567", "Yes"]]),
        (["Name", "Phone", "Opt Out"], [["Ali", "0300-1234567", "x"], ["Ali", "03001234567", "no"]]),
        (["ID", "Name", "Phone", "Opt Out"], [["1", "Ali", "03001234567", ""], ["2", "Bano", "+92 300 1234567", True]]),
        (["ID", "Name", "Phone", "Opt Out"], [["1", "Ali", "03001234567", ""], ["", "", "+92 300 1234567", True]]),
    ],
)
@pytest.mark.parametrize("same_number", [False, True])
def test_who_has_opted_out_in_one_row_is_texted_by_none(
    header: list[str], rows: list[list[Any]], same_number: bool
) -> None:
    found = plan(header, *rows, ["3", "Sana", "03011234567", ""][-len(header) :], same_number=same_number)
    assert [message.to for message in found.messages.values()] == ["923011234567"]
    assert any(reason.startswith("opted out") for reason in found.skipped)
