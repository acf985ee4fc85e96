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
        ("Nick", "the name of a column"),
        (" nick ", "the name of a column"),
        ("FIRST NAME", "the name of a column"),
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
        "items", "Note: ask us", "50% off", "AC/DC", "e-mail", "All", "Date to be told", "our 'best' customer",
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
        ("Balance?", "Balance"), ("Paid ?", "paid"), ("Paid؟", "Paid"), ("Due #", "Due"), ("#Due", "Due"),
        ("Due №", "Due"), ("Fee %", "Fee"), ("Fee (%)", "Fee"), ("Due ✓", "Due"), ("Due ✔️", "Due"), ("☑ Due", "Due"),
        ("Fee ✅", "fee"), ("Paid ❌", "Paid"), ("Balance?", "Balance!"),
    ],
)  # fmt: skip
def test_a_tag_takes_no_column_that_asks_or_counts(header: str, tag: str) -> None:
    said = refused(f"Rs {{{{{tag}}}}}", {"Phone": "1", header: "yes"})
    assert said == f"tag {{{{{tag}}}}} is not a column: did you mean {{{{{header}}}}}? the columns are Phone, {header}"
    assert render(f"Rs {{{{{header}}}}}", {"Phone": "1", header: "yes"}) == "Rs yes"
    assert render(f"Rs {{{{{tag}}}}}", {tag: "5", header: "yes"}) == "Rs 5"


@pytest.mark.parametrize(
    "header", ["Balance:", "Balance (Rs)", "Balance *", "* Balance", "$ Balance", "Balance 💰", "Balance/", "Balance."]
)
def test_other_punctuation_is_forgiven(header: str) -> None:
    tag = "Balance Rs" if "Rs" in header else "Balance"
    assert render(f"Rs {{{{{tag}}}}}", {header: "5"}) == "Rs 5"


@pytest.mark.parametrize(
    "piece", ["{", "[", "<", "%a", "__a", "%", "((", "{a", "*|", "⦃", "{a:", "%a ", "@ a", "__", "a|", "`"]
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
