"""Tags of other tools: nobody is texted with one, and what only looks like one is a text."""

from __future__ import annotations

import contextlib
import time

import pytest

from airflow_provider_robosms.exceptions import MergeError
from airflow_provider_robosms.sms.merge import Headers, fill, render
from airflow_provider_robosms.sms.other_tags import bracketed, has_other_braces, why_no_words

ROW = {
    "Name": "Ali",
    "First Name": "Ali",
    "Blank": "",
    "Nick": "Bunny",
    "Due": "500",
    "نام": "علی",
    "due_date": "1 May",
    "والد کا نام": "x",
    "Phone2": "1",
    "motherName": "x",
}


def refused(template: str, row: dict[str, str] = ROW) -> str:
    with pytest.raises(MergeError) as caught:
        render(template, row)
    assert len(str(caught.value)) < 300
    return str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "default('Customer')", "default: 'Customer'", 'default:"Customer"', "default ('x')", "default Customer",
        "default=Customer", 'fallback="Customer"', "title", "Title", "upper", "lower", "capitalize", "trim", "default",
        "escape", "first", "last", "length", "replace", "safe", "replace('a', 'b')", "truncate(20)", "truncate: 20",
        "join(', ')", "date: '%d'", "strip_html", "my_filter", "obj.method()", "shout()", "shout: 'x'", "pad(width=5)",
        'printf "%s"', "default(“Customer”)", "ｔｉｔｌｅ", "upper\u200b",
    ],
)  # fmt: skip
def test_a_filter_behind_the_bar_is_refused_also_where_the_cell_is_filled(words: str) -> None:
    for tag in ("Blank", "Name"):
        assert "are a filter of another tool, which would be texted" in refused(f"Dear {{{{{tag} | {words}}}}}")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("| Customer", "divided by a second |"),
        ("Customer | Sir", "divided by a second |"),
        ('"Customer"', "in quotation marks"),
        ("'Customer'", "in quotation marks"),
        ("“Customer”", "in quotation marks"),
        ("«Customer»", "in quotation marks"),
        ("#N/A", "a program's word for nothing"),
        ("#REF!", "a program's word for nothing"),
        ("Loading...", "a program's word for nothing"),
        ("None", "a program's word for nothing"),
        ("null", "a program's word for nothing"),
        ("<NA>", "a program's word for nothing"),
        ("First Name", "the name of a column"),
        (" first  name ", "the name of a column"),
        ("FIRST NAME", "the name of a column"),
        ("والد کا نام", "the name of a column"),
        ("phone2", "the name of a column"),
        ("motherName", "the name of a column"),
        ("[Nick]", "names a column: write {{Nick}}"),
        ("<Nick>", "names a column: write {{Nick}}"),
    ],
)
def test_words_that_are_none_for_people(words: str, why: str) -> None:
    assert why in refused(f"Dear {{{{Blank|{words}}}}}")


@pytest.mark.parametrize(
    "words",
    [
        "Customer", "Sir or Madam", "Parent(s)", "dear customer", "Customer (new)", "-", "Rs 0", "0", "valued member",
        "friend!", "title deed", "none", "the last one", "First time buyer", "Ali's shop", "'the' shop", "کسٹمر",
        "items", "Note: ask us", "50% off", "AC/DC", "e-mail", "All", "D", "d", "E", "e", "A", "Nick", "nick",
        "Due", "Date to be told", "our 'best' customer",
    ],
)  # fmt: skip
def test_words_for_people_stay(words: str) -> None:
    assert render(f"Dear {{{{Blank|{words}}}}}, {{{{Name|{words}}}}}", ROW) == f"Dear {words}, Ali"
    assert why_no_words(words) is None


@pytest.mark.parametrize(
    "tag",
    [
        "{Name}", "{ name }", "[Name]", "[[Name]]", "<Name>", "<<Name>>", "«Name»", "‹Name›", "《Name》", "【Name】",
        "${Name}", "#{Name}", "%{Name}", "%Name%", "%%NAME%%", "#Name#", "@Name@", "__Name__", "*|NAME|*", "((Name))",
        "{ {Name} }", "{ { Name } }", "{$Name}", "{%Name%}", "<%= Name %>", "[%Name%]", "{Name|Customer}",
        "[Name|Customer]", "{Name:>10}", "{Name!r}", "{first name}", "[First Name]", "<<first  name>>", "{due date}",
        "{نام}", "[نام]", "｛Name｝", "［Name］", "＜Name＞", "％Name％", "{Na\u200bme}", "[\u200bName\u200b]",
        "{.Name}", "❴Name❵",
    ],
)  # fmt: skip
def test_other_brackets_around_the_name_of_a_column(tag: str) -> None:
    assert "would be texted as it stands, but names a column: write {{" in refused(f"Dear {tag}, hello")
    assert "would be texted as it stands" in refused(f"{{{{Nick}}}} has 50% off, dear {tag}")


def test_the_sentence_shows_what_was_written_and_what_to_write() -> None:
    assert (
        refused("Dear «first name»,")
        == "«first name» would be texted as it stands, but names a column: write {{First Name}}"
    )


@pytest.mark.parametrize(
    "tag",
    [
        "｛｛Name｝｝",
        "﹛﹛Name﹜﹜",
        "{\u200b{Name}\u200b}",
        "{\u00ad{Name}}",
        "{{Name}\u2060}",
        "⦃Name⦄",
        "｛{Name}｝",
        "{\ufe0f{Nobody}\ufe0f}",
    ],
)
def test_double_braces_that_only_look_so(tag: str) -> None:
    assert has_other_braces(tag)
    with pytest.raises(MergeError):
        fill(f"Dear {tag}, hello", lambda name: "x")


@pytest.mark.parametrize(
    "text",
    [
        "[Shop] Sale", "[Shop] Dear {{Name}}", "{Today only}", "<Sale>", "50% Due 20%", "Rs 5 (Due)", "(Name)",
        "'Name'", "“Name”", "Name: ____ Due: ____", "#Due #Name", "*Due* today", "a@b.pk, c@d.pk", "[Name of shop]",
        "Home | Due | Name", "I <3 Name", "{{Name}} [new]", "Sale 🎉 {{Name}} \u200b", "« Sale »", "$5 Name $6",
        "-Name-", "Rs 100~Due~", "{ {50% off} }", "😀｛Sale｝",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_tag_is_a_text(text: str) -> None:
    row = {**ROW, "x": "y"}
    if "~" in text:
        row.pop("Due")
    assert render(text, row) == text.replace("{{Name}}", "Ali")


def test_what_a_cell_holds_is_not_looked_at() -> None:
    assert render("Dear {{Name}}", {**ROW, "Name": "[Nick] {Due} %Due%"}) == "Dear [Nick] {Due} %Due%"


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("Balance?", "Balance"), ("Paid ?", "paid"), ("Paid؟", "Paid"), ("Fee %", "Fee"),
        ("Fee (%)", "Fee"), ("Due ✓", "Due"), ("Due ✔️", "Due"), ("☑ Due", "Due"),
        ("Fee ✅", "fee"), ("Paid ❌", "Paid"), ("Balance?", "Balance!"),
    ],
)  # fmt: skip
def test_a_tag_takes_no_column_that_asks(header: str, tag: str) -> None:
    said = refused(f"Rs {{{{{tag}}}}}", {"Phone": "1", header: "yes"})
    assert said == f"tag {{{{{tag}}}}} is not a column: did you mean {{{{{header}}}}}? the columns are Phone, {header}"
    assert render(f"Rs {{{{{header}}}}}", {"Phone": "1", header: "yes"}) == "Rs yes"
    assert render(f"Rs {{{{{tag}}}}}", {tag: "5", header: "yes"}) == "Rs 5"


@pytest.mark.parametrize(
    "header",
    ["Order #", "House #", "Reg#", "# Invoice", "Bill #", "Token #", "Room #", "Flat ＃", "Due #"],
)
def test_a_number_sign_hides_no_column(header: str) -> None:
    tag = header.strip("# ＃")
    assert render(f"No. {{{{{tag}}}}}", {header: "5", "Other": "x"}) == "No. 5"
    assert render(f"No. {{{{{tag}}}}}", {header: "5", tag: "x"}) == "No. x"


@pytest.mark.parametrize("words", ["Customer", "customer", "First Name", "FIRST NAME", "Sir"])
def test_words_that_are_the_tags_own_column_or_a_plain_word(words: str) -> None:
    row = {"First Name": "", "Customer": "x"}
    assert render(f"Dear {{{{First Name|{words}}}}}", row) == f"Dear {words}"
    assert render("{{Customer|Customer}}", {"Customer": ""}) == "Customer"


def test_the_sentence_on_words_that_are_another_column_says_what_to_write() -> None:
    said = refused("Dear {{Name|Father Name}}", {"Name": "Ali", "Father Name": "Zaid"})
    assert said.endswith("are the name of a column, which would be texted: write other words, such as valued customer")


FORMS = {
    "First Name": "Ali", "DUE_DATE": "1 May", "Name *": "Ali", "Roll No.": "5", "Paid?": "yes", "Order #": "7", "Fee:": "9",
    "Half Day": "x", "10": "x", "Sale": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    "tag",
    [
        "«First_Name»", "‹first_name›", "<<First_Name>>", "<<first-name>>", "${first_name}", "${FIRST-NAME}", "{Fee}",
        "*|FIRST_NAME|*", "*|DUE DATE|*", "%First_Name%", "%due-date%", "%DUE_DATE%", "__DUE_DATE__", "__First_Name__",
        "((First_Name))", "<First_Name>", "[First_Name]", "[first_name]", "[First-Name]", "[FirstName]", "[Due Date]",
        "«Name»", "[Name]", "<Name>", "%Name%", "*|NAME|*", "[Roll No]", "[Roll_No]", "«Roll_No_»", "[Fee]", "[Order]",
        "«Paid»", "%Paid%", "${paid}", "[[First_Name]]", "《First_Name》", "$first_name$",
    ],
)  # fmt: skip
def test_the_name_of_a_column_as_other_tools_write_it(tag: str) -> None:
    assert "would be texted as it stands, but names a column: write {{" in refused(f"Dear {tag}, hello", FORMS)


@pytest.mark.parametrize(
    "text",
    [
        "[Paid]", "<Paid>", "[Sale now]", "[Half, day]", "[Half/Day]", "[First (Name)]", "[Roll]", "[Nick_Name]",
        "#First_Name#x", "5%-10% off", "[10th]", "Rs 5%_10%", "[Last Name]", "«Last_Name»", "*|LNAME|*", "%Off%", "[]",
        "__ Name __",
    ],
)  # fmt: skip
def test_what_merely_resembles_a_column_is_a_text(text: str) -> None:
    assert render(text, FORMS) == text


@pytest.mark.parametrize("own", ["Status", "Code", "Sent At"])
def test_columns_that_are_not_meant(own: str) -> None:
    headers = Headers([own, "Name", f"Late {own}"])
    for text in (
        f"[{own}]",
        f"{{{own}}}",
        f"«{own.replace(' ', '_')}»",
        f"{{{{Name|{own}}}}}",
        f"{{{{Name|[{own}]}}}}",
    ):
        Headers(headers.names).check(text, [own.upper()])
        if own == "Sent At" or "|" not in text or "[" in text:
            with pytest.raises(MergeError):
                Headers(headers.names).check(text)
    with pytest.raises(MergeError):
        headers.check(f"[Late {own}]", [own])


@pytest.mark.parametrize(
    "header", ["Balance:", "Balance (Rs)", "Balance *", "* Balance", "$ Balance", "Balance 💰", "Balance/", "Balance."]
)
def test_other_punctuation_is_forgiven(header: str) -> None:
    tag = "Balance Rs" if "Rs" in header else "Balance"
    assert render(f"Rs {{{{{tag}}}}}", {header: "5"}) == "Rs 5"


@pytest.mark.parametrize(
    "piece",
    ["{", "[", "<", "%a", "__a", "__a_", "_a", "%", "((", "{a", "*|", "⦃", "{a:", "%a ", "@ a", "__", "a|", "`"],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    headers = Headers(["a", "b"])
    began = time.process_time()
    for text in (
        piece * (50_000 // len(piece)),
        piece + " " * 50_000 + "x",
        piece + "w" * 50_000,
        "«" + piece * 10_000,
    ):
        list(bracketed(text))
        has_other_braces(text)
        why_no_words(text)
        with contextlib.suppress(MergeError):
            headers.check(text)
    assert time.process_time() - began < 1
