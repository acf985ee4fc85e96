"""A test to a number of one's own, and the line that every text ends with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_robosms.campaign.report import preview_page
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import Store, google_calls, operator, recipients, run, table

MINE = "0321-7654321"
TO = "923217654321"


def sheet_of(sandbox: RunningSandbox, count: int = 5) -> str:
    return sandbox.create_sheet("Campaign", {"Recipients": recipients(count)})


@pytest.mark.parametrize("texts", [1, 3, "2"])
def test_only_the_own_number_is_texted_and_nothing_is_written(sandbox: RunningSandbox, texts: Any) -> None:
    sheet = sheet_of(sandbox)
    before, store = sandbox.sheet(sheet), Store()
    result = run(sheet, store=store, dry_run=True, test_to=MINE, test_messages=texts)
    assert {message["to"] for message in sandbox.accepted()} == {TO}
    expected = [f"Dear Name{i}, your reference is R{i:05d}" for i in range(int(texts))]
    assert sorted(message["text"] for message in sandbox.accepted()) == expected
    assert (sandbox.sheet(sheet), google_calls(sandbox)["writes"]) == (before, 0)
    assert (result["test"], result["pending"]) == ({"to": "92321****321", "texts": int(texts), "sent": int(texts)}, 5)
    assert "Test: " in preview_page(result)
    assert "7654321" not in json.dumps([result, store.values])
    # The campaign itself has lost nobody.
    assert run(sheet, run_id="second")["sent"] == 5


def test_rows_that_would_not_be_texted_are_not_in_the_test(sandbox: RunningSandbox) -> None:
    rows = [["Name", "Phone", "Opt Out"], ["A", "0300-1000001", "yes"], ["B", "0300-1", ""], ["C", "0300-1000003", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    run(sheet, message="Hi {{Name}}", dry_run=True, test_to=MINE, test_messages=3)
    assert [message["text"] for message in sandbox.accepted()] == ["Hi C"]


def test_nobody_to_text_is_no_test(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [["Phone"], ["0300-1"]]})
    result = run(sheet, message="Hi", dry_run=True, test_to=MINE)
    assert result["test"] == {"to": "92321****321", "texts": 0, "sent": 0}
    assert sandbox.received()["posts"] == 0


def test_a_retry_repeats_no_test(sandbox: RunningSandbox) -> None:
    sheet, store = sheet_of(sandbox), Store()
    for _ in range(2):
        result = run(sheet, store=store, dry_run=True, test_to=MINE, test_messages=2)
        assert result["test"]["sent"] == 2
    assert len(sandbox.accepted()) == 2


@pytest.mark.parametrize(
    ("fault", "sentence", "permanent"),
    [("215", r"did not accept the test \(1 REJECTED\)", True), ("205", r"balance is used up \(code 205\)", False)],
)
def test_a_test_that_fails_is_told(sandbox: RunningSandbox, fault: str, sentence: str, permanent: bool) -> None:
    sandbox.set_fault("code", code=fault)
    with pytest.raises(Exception, match=sentence) as caught:
        run(sheet_of(sandbox), dry_run=True, test_to=MINE)
    assert (type(caught.value).__name__ == "AirflowFailException") is permanent
    assert "7654321" not in str(caught.value)


@pytest.mark.parametrize(
    "number",
    [
        "0321-765",
        "nobody",
        "042-35761234",
        "0321-7654321, 0300-1000000",
        "+1 202 555 0123",
        True,
        pytest.param(10**5000, id="huge"),
        float("nan"),
        1e300,
    ],
)
def test_what_is_no_mobile_number_stops_before_anything(sandbox: RunningSandbox, number: Any) -> None:
    with pytest.raises(Exception, match="test_to must be") as caught:
        run(sheet_of(sandbox), dry_run=True, test_to=number)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert (sandbox.received()["posts"], google_calls(sandbox)["reads"]) == (0, 0)
    assert "7654321" not in str(caught.value)


@pytest.mark.parametrize("dry_run", [False, "no"])
def test_beside_a_real_send_it_stops_before_anything(sandbox: RunningSandbox, dry_run: Any) -> None:
    with pytest.raises(Exception, match="this task would text everybody: set dry_run=True") as caught:
        run(sheet_of(sandbox), dry_run=dry_run, test_to=MINE)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert (sandbox.received()["posts"], google_calls(sandbox)["reads"]) == (0, 0)


@pytest.mark.parametrize("count", [0, 4, "many", None])
def test_a_test_is_of_one_to_three_texts(sandbox: RunningSandbox, count: Any) -> None:
    with pytest.raises(Exception, match="test_messages must be a whole number from 1 to 3"):
        run(sheet_of(sandbox), dry_run=True, test_to=MINE, test_messages=count)
    assert sandbox.received()["posts"] == 0


def test_what_was_to_give_the_number_and_gave_nothing_is_no_preview(sandbox: RunningSandbox) -> None:
    task = operator(sheet_of(sandbox), dry_run=True, test_to="{{ ti.xcom_pull('mine') }}")
    task.test_to = None  # as rendering leaves it with native objects
    with pytest.raises(Exception, match="test_to came out as None"):
        task.execute({"task_state_store": Store(), "run_id": "first"})  # type: ignore[arg-type,typeddict-unknown-key]


@pytest.mark.parametrize("given", [MINE, 3217654321, "{{ params.mine }}"])
def test_airflow_shows_the_number_masked(sandbox: RunningSandbox, given: Any) -> None:
    context: Any = {"params": {"mine": MINE}, "task_state_store": Store(), "run_id": "first"}
    task = operator(sheet_of(sandbox), dry_run=True, test_to=given, message="Hello").prepare_for_execution()
    task.render_template_fields(context)
    assert "7654321" not in str(task.test_to)
    assert task.execute(context)["test"]["sent"] == 1
    assert [message["to"] for message in sandbox.accepted()] == [TO]


# The opt-out line

LINE = "Reply STOP for no more texts"


def test_every_text_ends_with_the_line(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Message"], ["0300-1000001", ""], ["0300-1000002", "My own"], ["0300-1000003", f"Sale!\n{LINE}."]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    preview = run(sheet, message="For all ", opt_out_line=f" {LINE} ", dry_run=True)
    assert preview["samples"][0]["text"] == f"For all\n{LINE}"
    page = preview_page(preview)
    assert f"Every text ends with: `{LINE}`" in page
    assert "name no way to opt out" not in page
    run(sheet, message="For all ", opt_out_line=LINE)
    texts = {message["to"][-1]: message["text"] for message in sandbox.accepted()}
    assert texts == {"1": f"For all\n{LINE}", "2": f"My own\n{LINE}", "3": f"Sale!\n{LINE}."}


def test_the_line_counts_in_parts(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Message"], ["0300-1000001", "x" * 160], ["0300-1000002", "short"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message=None, dry_run=True)["segments"] == 2
    assert run(sheet, message=None, opt_out_line=LINE, dry_run=True)["segments"] == 3
    result = run(sheet, message=None, opt_out_line=LINE, max_segments=1)
    assert (result["sent"], result["segments"], result["skipped"]) == (1, 1, 1)
    assert table(sandbox, sheet)[0]["Detail"].startswith("too long: 2 parts over the limit of 1")


def test_the_line_is_no_text(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [["Phone", "Message"], ["0300-1000001", ""]]})
    assert run(sheet, message=None, opt_out_line=LINE)["skipped"] == 1
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("line", ["Reply {{ Stop }}", "two\nlines", "None", {"a": 1}, 8655])
def test_a_line_that_is_none_stops_before_anything(sandbox: RunningSandbox, line: Any) -> None:
    with pytest.raises(Exception, match="opt_out_line") as caught:
        run(sheet_of(sandbox), opt_out_line=line)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0
