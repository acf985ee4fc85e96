"""Texts of a campaign and of its rows that would be texted otherwise than meant: the run stops, or the row is skipped."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.recipients.columns import OWNED, Columns
from airflow_provider_robosms.recipients.wording import Template, Wording
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.rows_of import reader, skip, text

GOOD = {"Name": "Ali", "Phone": "0300-1234567", "Nick": "Bunny", "Father Name": "Zaid"}
BLANK = {**GOOD, "Name": ""}

MISTAKES = [
    ("Dear {{Name | default('Customer')}}", "a filter of another tool"),
    ("Dear {{Name|title}}", "a filter of another tool"),
    ("Dear {{Name || Customer}}", "divided by a second |"),
    ("Dear {{Name|'Customer'}}", "in quotation marks"),
    ("Dear {{Name|#N/A}}", "a program's word for nothing"),
    ("Dear {{Name|Father Name}}", "the name of a column"),
    ("Dear «Father_Name»", "write {{Father Name}}"),
    ("Dear %father_name%", "write {{Father Name}}"),
    ("Dear {Name}", "write {{Name}}"),
    ("Dear [name], {{Nick}}", "write {{Name}}"),
    ("Dear <<Name>>", "write {{Name}}"),
    ("Dear *|NAME|*", "write {{Name}}"),
    ("Dear ｛｛Name｝｝", "type tags like {{First Name}} anew"),
    ("Dear {}, {{Name}}", "which nothing fills in"),
    ("Dear %s", "which nothing fills in"),
    ("Dear {customer['name']}", "which nothing fills in"),
]


@pytest.mark.parametrize(("words", "why"), MISTAKES)
def test_a_campaigns_text_stops_the_run(words: str, why: str) -> None:
    columns = reader(list(GOOD)).columns
    for wording in (Wording(message=words), Wording(template="t", templates={"t": Template(words, name="t")})):
        with pytest.raises(SheetError) as caught:
            wording.check(columns)
        assert str(caught.value).startswith("The message text cannot be used: ")
        assert why in str(caught.value)
        assert caught.value.permanent


@pytest.mark.parametrize(("words", "why"), MISTAKES)
def test_a_rows_own_text_skips_the_row(words: str, why: str) -> None:
    why = why.replace("which nothing", "that nothing")
    for row in (GOOD, BLANK):
        said = skip({**row, "Message": words})
        assert why in said or said == "tag {{Name}} is blank"
    assert why in skip({**GOOD, "Template": "t"}, Wording(templates={"t": Template(words, name="t")}))


@pytest.mark.parametrize(
    ("words", "texted"),
    [
        ("Dear {{Name|Customer}}", "Dear Ali"),
        ("Dear {{Name|Sir or Madam}}", "Dear Ali"),
        ("Dear {{Name|Nick}}", "Dear Ali"),
        ("{{Name|Name}} {{Name|D}}", "Ali Ali"),
        ("Classes [9, 10], Rs {1,500}", "Classes [9, 10], Rs {1,500}"),
        ("Will you come? [] Yes [] No", "Will you come? [] Yes [] No"),
        ("[Shop] Sale", "[Shop] Sale"),
        ("{50% off} for {{Name}}", "{50% off} for Ali"),
        ("Rs 5 off {today}", "Rs 5 off {today}"),
        ("Dear {{Name}} <3", "Dear Ali <3"),
        ("(Name) {{Name}}", "(Name) Ali"),
        ("{ {{Name}} } %{{Name}}", "{ Ali } %Ali"),
    ],
)
def test_harmless_texts_stay(words: str, texted: str) -> None:
    Wording(message=words).check(reader(list(GOOD)).columns)
    assert text(GOOD, Wording(message=words)) == text({**GOOD, "Message": words}) == texted


@pytest.mark.parametrize("words", ["Order [Status] is {{Name|ready}}", "[Code], [Detail]", "{{Name|Sent At}} {Parts}"])
def test_the_tools_own_columns_are_not_meant_before_and_after_they_are_there(words: str) -> None:
    first = text(GOOD, Wording(message=words))
    again = {**GOOD, **dict.fromkeys(OWNED, "")}
    Wording(message=words).check(reader(list(again)).columns)
    assert text(again, Wording(message=words)) == text({**again, "Message": words}) == first


@pytest.mark.parametrize("cell", ["[Nick]", "{Nick}", "%Nick%", "{}", "%s"])
def test_brackets_in_a_cell_of_a_tag_are_content(cell: str) -> None:
    assert text({**GOOD, "Name": cell}) == f"Hello {cell}"


# A column Message that holds no text


@pytest.mark.parametrize(
    "cell",
    [
        "Yes", "No", "Y", "n", "YES!", "yes ✓", "TRUE", True, False, 0, 1, "1", "3", 27, "0.00", "✓", "✔️", "☑️", "√",
        "✗", "❌", "x", "X", "-", "--", "—", "_", '"', "〃", "'", "NA", "N/A", "n.a.", "nil", "-nil-", "(Nil)", "TBD",
        "tbc", "To do", "same", "Same as above", "as above", "ditto", "do", "Done", "Sent", "Pending", "HOLD", "Stop",
        "Do not send", "don't text", "(blank)", "no message", "nahi", "نہیں", "جی", "Y/N", "Ok", "#", "Ｎｏ",
        "N\u200bo",
    ],
)  # fmt: skip
def test_a_cell_of_message_that_is_no_text_skips_the_row(cell: Any) -> None:
    for wording in (
        Wording(message="Hello {{Name}}"),
        Wording(template="t", templates={"t": Template("Hi", name="t")}),
    ):
        said = skip({**GOOD, "Message": cell}, wording)
        assert said.startswith("no text: column Message holds ")
        assert said.endswith(": write the text there, or clear the cell")


@pytest.mark.parametrize(
    "cell",
    [
        "No school today",
        "Yes, we are open",
        "Sale",
        "Salam",
        "1234",
        "Done! Your order left.",
        "N",
        "🎉",
        "Eid Mubarak",
        "...",
        "Hi",
    ],
)
def test_a_text_of_few_words_is_one(cell: str) -> None:
    if cell == "N":
        assert skip({**GOOD, "Message": cell})
    else:
        assert text({**GOOD, "Message": cell}) == cell


@pytest.mark.parametrize(
    "header",
    [
        "Message #",
        "#Message",
        "Message ✓",
        "Message (✓)",
        "Message ✔️",
        "☑ Message",
        "Message ✅",
        "Message √",
        "Message ✕",
        "Message 🔲",
        "Message?",
        "Message %",
    ],
)
def test_a_column_beside_the_texts_is_not_the_column_of_texts(header: str) -> None:
    assert Columns("Recipients", ["Phone", header, "Message"]).one("Message") == 2
    for wording in (Wording(message="Hello"), Wording()):
        with pytest.raises(SheetError) as caught:
            reader(["Phone", header], wording)
        assert str(caught.value) == (
            f"Column B of tab 'Recipients' is named {header!r}, which is not taken for 'Message' and would be ignored: "
            "rename it to 'Message' if it holds the texts, or give it a name that cannot be confused with that."
        )
        assert caught.value.permanent


def test_a_choice_beside_the_texts_is_not_the_column_of_texts() -> None:
    assert Columns("Recipients", ["Phone", "Message (Y/N)", "Message №"]).one("Message") is None
    with pytest.raises(SheetError, match="may be meant for 'Send'"):
        reader(["Phone", "Message (Y/N)"])


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (name, form.format(name))
        for name in ("Template", "ID", "Phone", "Name", "Body")
        for form in (
            "{} ✅",
            "✅ {}",
            "{} ✓",
            "{} ✔️",
            "☑ {}",
            "{} √",
            "{} ★",
            "⭐ {}",
            "{} *",
            "*{}*",
            "{}:",
            "({}) ✓ *",
        )
    ],
)
def test_a_decorated_column_is_the_column(name: str, header: str) -> None:
    assert Columns("Recipients", ["x", header]).one(name) == Columns("Recipients", ["x", header]).need(name) == 1
    assert Columns("Recipients", [header, name]).one(name) == 1


@pytest.mark.parametrize("header", ["Template?", "Template %", "ID?", "ID ☐", "Template ❌", "ID %"])
def test_a_template_or_an_id_that_asks_stops_the_run(header: str) -> None:
    name = "ID" if header.startswith("ID") else "Template"
    with pytest.raises(
        SheetError, match=f"which is not taken for '{name}' and would be ignored: rename it to '{name}' if"
    ):
        reader(["Phone", "Name", header])
    reader(["Phone", "Name", header, name])


def test_a_decorated_template_is_heeded() -> None:
    wording = Wording(message="Default", templates={"dues": Template("Pay", name="Dues")})
    assert text({**GOOD, "Template ✅": "Dues"}, wording) == "Pay"


@pytest.mark.parametrize(
    "header", ["Message", "message:", "Message *", "*Message*", "Message 📝", "Message.", "(Message)"]
)
def test_the_column_of_texts_with_other_marks(header: str) -> None:
    assert Columns("Recipients", ["Phone", header]).one("Message") == 1


def test_a_number_sign_counts_nothing_in_a_phone_or_an_id() -> None:
    assert Columns("Recipients", ["Phone #", "ID #"]).one("Phone") == 0
    assert Columns("Recipients", ["Phone #", "ID #"]).one("ID") == 1


@pytest.mark.parametrize("tick", ["✓", "✔", "✔️", "✔︎", "☑", "☑️", "✅", "✅️", "√", "🗸", "yes", " Yes ", "1", True])
def test_every_tick_sends(tick: Any) -> None:
    assert text({**GOOD, "Send": tick}) == "Hello Ali"


@pytest.mark.parametrize("cross", ["❌", "✗", "✖️", "☒", "☐", "x", "?", "✓?", "\ufe0f", ""])
def test_no_cross_sends(cross: str) -> None:
    assert skip({**GOOD, "Send": cross})
