"""Templates: what a tag finds, what is an error, and that nothing else is anything but text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import MergeError
from airflow_provider_robosms.sms.merge import Headers, bare_header, normalise_header, render

ROW = {
    "Phone": "923001234567",
    "First Name": "Ali",
    "Amount": "500",
    "نام": "علی",
    "Blank": "",
    "Nothing": "null",
    "Spaces": " \u00a0\u200b",
}


@pytest.mark.parametrize(
    "tag",
    [
        "{{First Name}}",
        "{{ First Name }}",
        "{{first name}}",
        "{{FIRST  NAME}}",
        "{{FirstName}}",
        "{{First\u00a0Name}}",
        "{{\u202fFirst\nName\t}}",
        "{{\ufeffFirst Name}}",
        "{{Ｆｉｒｓｔ\u3000Ｎａｍｅ}}",
    ],
)
def test_case_and_space_are_forgiven(tag: str) -> None:
    assert render(f"Dear {tag}, hello", ROW) == "Dear Ali, hello"


@pytest.mark.parametrize(
    "header", ["First Name", " first  name ", "FIRST\u00a0NAME", "First\nName", "\ufefffirst name"]
)
def test_headers_are_forgiven_as_tags_are(header: str) -> None:
    assert render("{{First Name}}", {header: "Ali"}) == "Ali"


def test_urdu_tags() -> None:
    assert render("{{ نام }}، {{\u200fنام}}", ROW) == "علی، علی"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no tags",
        "{Today only}",
        "{0.__class__}",
        "{% for x in y %}{% endfor %}",
        "{# note #}",
        "${x} $Amount",
        "%(Amount)s %s %%",
        "<<First>> [Shop] Sale",
        "=IMPORTXML(A1)",
        "\\{\\} } {",
        "{ {50% off} }",
        "\ud83d \x00 \x1b[31m",
    ],
)
def test_all_but_double_braces_is_plain_text(text: str) -> None:
    assert render(text, ROW) == text


@pytest.mark.parametrize(
    "value",
    ["{{Amount}}", "{{", "}}", "{{ Missing }}", "{% raw %}", "\\1 \\g<0>", "%s {0}", "=1+1", " kept ", "x" * 50_000],
)
def test_values_are_inserted_and_never_looked_at(value: str) -> None:
    assert render("a {{First Name}} b {{First Name}} c", {**ROW, "First Name": value}) == f"a {value} b {value} c"


@pytest.mark.parametrize(
    "tag",
    ["{{Amount.__class__}}", "{{upper|Amount}}", "{{7*7}}", "{{Amount[0]}}", "{{config}}", "{{__class__}}", "{{0}}"],
)
def test_expressions_reach_nothing(tag: str) -> None:
    with pytest.raises(MergeError, match="is not a column"):
        render(tag, ROW)


@pytest.mark.parametrize("tag", ["Blank", "Spaces", "blank"])
def test_a_blank_cell_is_an_error(tag: str) -> None:
    with pytest.raises(MergeError) as caught:
        render(f"Hello {{{{{tag}}}}}", ROW)
    assert str(caught.value) == f"tag {{{{{tag}}}}} is blank"


def test_an_unknown_tag_names_the_closest_column_and_the_columns() -> None:
    with pytest.raises(MergeError) as caught:
        render("{{Frist  Name}}", {"Phone": "1", "First Name": "Ali", " ": "x"})
    assert str(caught.value) == (
        "tag {{Frist Name}} is not a column: did you mean {{First Name}}? the columns are Phone, First Name"
    )


def test_of_many_columns_some_are_listed() -> None:
    with pytest.raises(MergeError, match=r"is not a column: the columns are c0, c1, .*c7 and 192 more$"):
        render("{{zzz}}", {f"c{number}": "x" for number in range(200)})
    with pytest.raises(MergeError, match="there are no columns"):
        render("{{zzz}}", {})


def test_two_columns_of_one_name_are_not_chosen_between() -> None:
    row = {"Name": "Ali", "NAME": "Zara"}
    assert render("{{Name}} {{NAME}}", row) == "Ali Zara"  # spelt exactly, there is no doubt
    with pytest.raises(MergeError, match=r"\{\{name\}\} fits 2 columns"):
        render("{{name}}", row)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("Dear {{First Name, hello", "{{ stands without }} after it, near 'First Name, hello'"),
        ("Dear {{First Name}, hello", "{{ stands without }} after it"),
        ("Dear {First Name}}, hello", "}} stands without {{ before it"),
        ("{{First Name}} and }}", "}} stands without {{ before it"),
        ("{{{First Name}}}", "has a brace in it"),
        ("{{ {{First Name}} }}", "has a brace in it"),
        ("{{First Name {{Amount}}", "has a brace in it"),
        ("{{}}", "names no column"),
        ("{{ \u00a0 }}", "names no column"),
    ],
)
def test_double_braces_that_make_no_tag_are_explained(template: str, message: str) -> None:
    with pytest.raises(MergeError) as caught:
        render(template, ROW)
    assert message in str(caught.value)


def test_a_single_brace_behind_a_tag_is_text() -> None:
    assert render("{{First Name}}}", ROW) == "Ali}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Dear {{First Name|Customer}}", "Dear Ali"),
        ("Dear {{Blank|Customer}}", "Dear Customer"),
        ("Dear {{Nothing|Customer}}, {{Nothing}}", "Dear Customer, null"),
        ("Dear {{ Spaces | dear customer }}!", "Dear dear customer!"),
        ("Dear {{blank|}}Customer", "Dear Customer"),
        ("{{Blank|Rs 0}} {{Amount|-}}", "Rs 0 500"),
        ("{{Blank|\u06a9\u0633\u0679\u0645\u0631}}", "\u06a9\u0633\u0679\u0645\u0631"),
    ],
)
def test_a_text_for_a_blank_cell(template: str, text: str) -> None:
    assert render(template, ROW) == text


@pytest.mark.parametrize(
    "template", ["{{Nobody|Customer}}", "{{|Customer}}", "{{ \u200b|x}}", "{{Blank|{{Amount}}}}", "{{Blank|a}"]
)
def test_a_text_for_a_blank_cell_hides_no_mistake(template: str) -> None:
    with pytest.raises(MergeError):
        render(template, ROW)


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("Due (Rs)", "due rs"),
        ("First-Name", "First Name"),
        ("First_Name:", "firstname"),
        ("Opt-Out!", "opt_out"),
        ("No.", "no"),
    ],
)
def test_punctuation_is_forgiven(header: str, tag: str) -> None:
    assert bare_header(header) == bare_header(tag)
    assert render(f"{{{{{tag}}}}}", {header: "x", "Other": "y"}) == "x"


def test_punctuation_counts_where_it_tells_two_columns_apart() -> None:
    row = {"Amount": "5", "Amount (%)": "7", "?": "8", "!": "9"}
    assert render("{{amount}} {{AMOUNT (%)}} {{?}} {{!}}", row) == "5 7 8 9"
    with pytest.raises(MergeError, match="fits 2 columns"):
        render("{{amount-}}", row)


@given(st.text())
def test_the_bare_form_is_one_for_all_ways_to_write_a_header(text: str) -> None:
    once = bare_header(text)
    assert bare_header(normalise_header(text)) == bare_header(f" {text}\u00a0") == once
    if any(character.isalnum() for character in once):
        assert bare_header(f"{text}?") == once


def test_many_headers_of_one_name_and_long_ones_take_linear_time() -> None:
    started = time.process_time()
    headers = Headers(["Name"] * 8_000 + ["\ufdfa" * 50_000] * 30)
    with pytest.raises(MergeError, match="fits 8000 columns"):
        headers.find("Name")
    with pytest.raises(MergeError, match="is not a column"):
        headers.find("Nobody")
    assert time.process_time() - started < 1.0


@given(st.text())
def test_normal_form_of_a_header_is_stable(text: str) -> None:
    once = normalise_header(text)
    assert normalise_header(once) == once
    assert normalise_header(f" {text}\u00a0") == once
    assert not any(character.isspace() for character in once)


def failure(template: str, row: dict[str, str]) -> str | None:
    """Return the text of the MergeError, or None when *template* renders."""
    try:
        render(template, row)
    except MergeError as error:
        return str(error)
    return None


@given(st.text(alphabet="{}ab \u00a0\n", max_size=60), st.text(alphabet="{}ab"))
def test_any_template_renders_or_is_a_merge_error(template: str, value: str) -> None:
    row = {"a": value, "b": "x"}
    error = failure(template, row)
    if error is not None:
        assert 10 < len(error) < 300
        return
    if "{{" not in template:
        assert render(template, row) == template


@pytest.mark.parametrize(
    "piece", ["{", "}", "{{", "}}", "{{a", "{{a}}", "{{ ", "{{zz}}", "{{a}} {{", " ", "\u00a0", "{{\u00e9"]
)
def test_hostile_templates_take_linear_time(piece: str) -> None:
    templates = [piece * (50_000 // len(piece)), "{{" + piece * 10_000 + "}}", "{{" + "q" * 50_000 + "}}"]
    started = time.process_time()
    for template in templates:
        error = failure(template, {"a": "1", "b" * 50_000: "2"})
        assert error is None or len(error) < 300
    assert time.process_time() - started < 1
