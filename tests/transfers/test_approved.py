"""What a person has approved bounds what is sent, whatever becomes of the sheet while they read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.task_groups.approval import approval_page
from tests.sheets.campaigns import Store, environment, operator, recipients, run

FULL = {"messages": 3, "parts": 3, "texts": ["x"]}
TEMPLATES = [["Name", "Body"], ["bill", "Dear {{ First Name }}"], ["other", "Bye {{ First Name }}"]]


def made(sandbox: RunningSandbox, rows: list[list[Any]] | None = None) -> str:
    return sandbox.create_sheet("Campaign", {"Recipients": rows or recipients(3), "Templates": TEMPLATES})


def shown(sheet: str, **settings: Any) -> dict[str, Any]:
    """Return what a person approves who sees the preview."""
    preview = run(sheet, dry_run=True, message=None, template="bill", **settings)
    told = {name: preview[name] for name in ("spreadsheet", "texts")}
    return {**told, "messages": preview["pending"], "parts": preview["segments"]}


def send(sheet: str, approved: Any, **settings: Any) -> dict[str, Any]:
    return run(sheet, message=None, template="bill", approved=approved, run_id="second", **settings)


def test_what_was_approved_is_sent(sandbox: RunningSandbox) -> None:
    sheet = made(sandbox)
    approved = shown(sheet)
    assert approved == {"spreadsheet": sheet, "messages": 3, "parts": 3, "texts": [approved["texts"][0]]}
    # Another template that nobody is sent, and one person fewer.
    sandbox.edit_sheet(sheet, "set", sheet="Templates", cell="B3", value="Win a prize")
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="C3", value="")
    assert send(sheet, approved)["sent"] == 2


def test_no_more_people_than_were_approved(sandbox: RunningSandbox) -> None:
    sheet = made(sandbox)
    approved = shown(sheet)
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A5", values=recipients(5, first=10)[1:])
    assert send(sheet, approved)["sent"] == 3
    assert len(sandbox.accepted()) == 3
    other = made(sandbox)
    assert send(other, {**approved, "spreadsheet": other, "messages": 2})["sent"] == 2


@pytest.mark.parametrize(("before", "after"), [("Reply STOP", "Call 0900"), ("Reply STOP", None), (None, "Reply STOP")])
def test_another_opt_out_line_stops(sandbox: RunningSandbox, before: str | None, after: str | None) -> None:
    """A Variable may give another one by the time that the hours begin."""
    sheet = made(sandbox)
    approved = shown(sheet, opt_out_line=before)
    with pytest.raises(AirflowFailException, match="is not what was approved any more: a text was changed"):
        send(sheet, approved, opt_out_line=after)
    assert not sandbox.accepted()


@pytest.mark.parametrize("body", ["{{ First Name }}", " {{First Name|Customer}}\n{{ City }}"])
def test_a_text_that_is_all_tags_is_bound_as_it_is_filled_in(sandbox: RunningSandbox, body: str) -> None:
    sheet = made(sandbox)
    sandbox.edit_sheet(sheet, "set", sheet="Templates", cell="B2", value=body)
    approved = shown(sheet)
    assert len(approved["texts"]) == 3
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B2", value="You won a prize")
    with pytest.raises(AirflowFailException, match="is not what was approved any more: a text was changed"):
        send(sheet, approved)
    assert not sandbox.accepted()


LONG = "Dear {{ First Name }}, the office will be closed from Monday until further notice, so please call us instead"
MANY = "School is closed on Monday and on Tuesday, so please come on Wednesday instead"
DUE, VOTE = "The fee is due on Monday", "Vote for X on Sunday morning"


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ("{{ First Name }} - Al-Noor School", DUE, VOTE),
        ("{{ First Name }} - Al-Noor School", DUE, "Win"),  # what may be said so shortly is another text, too
        ("Dear {{ Ref }}, {{ First Name }}", DUE, VOTE),
        (LONG, "https://noor.edu.pk/a", "https://noor.edu.pk/b"),
        (LONG, "noor.com", "bit.ly/win"),
        (LONG, "Ali", "www.win.example"),
        ("({{ First Name }}).", "Paid", "Due"),
        (LONG, MANY, MANY.replace("School", "Shop")),
        (LONG, "Ali", MANY),
    ],
)
def test_what_cells_say_in_place_of_the_template_is_bound(
    sandbox: RunningSandbox, body: str, before: str, after: str
) -> None:
    sheet = made(sandbox, [[*row[:1], before, *row[2:]] if at else row for at, row in enumerate(recipients(3))])
    sandbox.edit_sheet(sheet, "set", sheet="Templates", cell="B2", value=body)
    approved = {**shown(sheet), "parts": 99}
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B2", value=after)
    with pytest.raises(AirflowFailException, match="is not what was approved any more: a text was changed"):
        send(sheet, approved)
    assert not sandbox.accepted()


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("Eid Mubarak {{ First Name }}", "Muhammad Ali"),
        ("Eid Mubarak {{ First Name }}", "Syed Muhammad Ali"),
        ("Dear {{ First Name }}, fee due", "Syed Muhammad Ali Raza Shah"),
        (LONG, "House Twelve, Street Four, Block B, Gulberg Three, Lahore"),
        (LONG, "ali.raza@noor.com"),
        ("Dear {{ First Name }}, your fee is due", "Syed Muhammad Ali Raza"),
        ("Dear {{ First Name }}, your fee is due", "Rs 1,234.50 by 30 November 2026"),
        (LONG, "House 12, Street 4, Block B, Gulberg III, Lahore"),
        (LONG, "Rupees twenty five thousand four hundred only"),
    ],
)
def test_a_corrected_cell_is_still_what_was_approved(sandbox: RunningSandbox, body: str, after: str) -> None:
    sheet = made(sandbox)
    sandbox.edit_sheet(sheet, "set", sheet="Templates", cell="B2", value=body)
    approved = {**shown(sheet), "parts": 99}
    assert len(approved["texts"]) == 1
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B2", value=after)
    # Somebody else takes the place of one who has gone.
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A4", values=[["R9", after, "0300-1999999"]])
    assert send(sheet, approved)["sent"] == 3


def test_another_spreadsheet_is_not_the_one_that_was_approved(sandbox: RunningSandbox) -> None:
    approved = shown(made(sandbox))
    with pytest.raises(AirflowFailException, match="is not what was approved any more: it is another spreadsheet"):
        send(made(sandbox), approved)
    assert not sandbox.accepted()


@pytest.mark.parametrize(
    ("tab", "cell", "value", "why"),
    [
        (
            "Templates",
            "B2",
            "WIN {{ First Name }}",
            "a text was changed, or its sender mask, or another template is used",
        ),
        (
            "Recipients",
            "E1",
            [["Template"], ["other"]],
            "a text was changed, or its sender mask, or another template is used",
        ),
        (
            "Recipients",
            "E1",
            [["Message"], ["WIN"]],
            "a text was changed, or its sender mask, or another template is used",
        ),
        ("Recipients", "B2", "x" * 200, "the texts take 4 message parts now, and 3 were approved"),
    ],
)
def test_another_text_stops(sandbox: RunningSandbox, tab: str, cell: str, value: Any, why: str) -> None:
    sheet = made(sandbox)
    approved = shown(sheet)
    sandbox.edit_sheet(sheet, "set", sheet=tab, cell=cell, **({"values": value} if cell == "E1" else {"value": value}))
    with pytest.raises(AirflowFailException, match=f"is not what was approved any more: {why}"):
        send(sheet, approved)
    assert not sandbox.accepted()


def own_texts(count: int) -> list[list[Any]]:
    rows = [[*row, f"Text {at}"] for at, row in enumerate(recipients(count))]
    rows[0][-1] = "Message"
    return rows


@pytest.mark.parametrize("count", [3, 150])
def test_texts_of_the_rows_own_are_bound_too(sandbox: RunningSandbox, count: int) -> None:
    sheet = made(sandbox, own_texts(count))
    approved = shown(sheet)
    assert len(approved["texts"]) == count
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="E3", value="Text ?")
    with pytest.raises(AirflowFailException, match="is not what was approved any more"):
        send(sheet, approved)
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="E3", value="Text 2")
    # One who has opted out meanwhile, and one who was added and has a text of their own, stop nobody.
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="C2", value="")
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A400", values=[["R", "New", "0300-1999999", "", "Mine"]])
    first = {**approved, "messages": count - 1}
    assert send(sheet, first)["sent"] == count - 1


def test_a_retry_goes_on_under_its_approval_and_spends_no_more_parts(sandbox: RunningSandbox) -> None:
    sheet, store = made(sandbox, own_texts(150)), Store()
    approved = shown(sheet)
    few = operator(sheet, message=None, template="bill", approved=approved, limit=60)
    few.execute({"ti": task_instance(0), "run_id": "second", "task_state_store": store})  # type: ignore[typeddict-item]
    assert len(sandbox.accepted()) == 60
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="E100", value="Text 99 " + "x" * 400)
    with pytest.raises(AirflowFailException, match="a text was changed"):
        attempt(sheet, approved, store, tried=1)
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="E100", value="Text 99")
    with pytest.raises(AirflowFailException, match="the texts take 150 message parts now, and 149 were approved"):
        attempt(sheet, {**approved, "parts": 149}, store, tried=1)
    attempt(sheet, approved, store, tried=1)
    assert len({one["to"] for one in sandbox.accepted()}) == len(sandbox.accepted()) == 150


def test_the_mask_of_a_template_is_bound(sandbox: RunningSandbox) -> None:
    templates = [["Name", "Body", "Mask"], ["bill", "Dear {{ First Name }}", "SMS-ALERT"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3), "Templates": templates})
    approved = shown(sheet)
    sandbox.edit_sheet(sheet, "set", sheet="Templates", cell="C2", value="OTHER")
    with pytest.raises(
        AirflowFailException, match="a text was changed, or its sender mask, or another template is used"
    ):
        send(sheet, approved)
    assert not sandbox.accepted()


def connect(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, mask: str | None) -> None:
    account = environment(sandbox, robosms={"extra": {"mask": mask, "timeout": 10}})
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", account["AIRFLOW_CONN_ROBOSMS_DEFAULT"])


@pytest.mark.parametrize("now", ["RoboSMS", None])
def test_the_mask_of_the_connection_is_bound(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, now: str | None
) -> None:
    """Who approves is shown it."""
    sheet = made(sandbox)
    approved = shown(sheet)
    connect(sandbox, monkeypatch, now)
    with pytest.raises(AirflowFailException, match="a text was changed, or its sender mask, or another template"):
        send(sheet, approved)
    assert not sandbox.accepted()
    # That the campaign names it now does not make it another.
    assert send(sheet, approved, mask="SMS-ALERT")["sent"] == 3
    assert {one["mask"] for one in sandbox.accepted()} == {"SMS-ALERT"}


def test_a_mask_of_the_connection_that_no_text_has_is_not_bound(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = [["Name", "Body", "Mask"], ["bill", "Dear {{ First Name }}", "SMS-ALERT"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3), "Templates": templates})
    approved = shown(sheet)
    connect(sandbox, monkeypatch, "RoboSMS")
    assert send(sheet, approved)["sent"] == 3


def test_what_the_page_calls_the_sender_is_what_is_bound(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection may be edited between the preview and the page, too."""
    preview = run(made(sandbox), dry_run=True, message=None, template="bill")
    connect(sandbox, monkeypatch, "RoboSMS")
    page = approval_page(preview, None, preview["spreadsheet"], "Sara")
    assert "- From: `SMS-ALERT`, unless a template names another" in page


@pytest.mark.parametrize(
    "approved",
    ["None", "", {}, [], 3, {"messages": 3, "parts": 3}, {"messages": 3, "texts": ["x"]}, {**FULL, "spreadsheet": ""}],
)
def test_an_approval_that_is_not_understood_is_none(sandbox: RunningSandbox, approved: Any) -> None:
    with pytest.raises(AirflowFailException, match=r"What was approved is not known|approved\['\w+'\] must be"):
        send(made(sandbox), approved)
    assert not sandbox.accepted()


def test_what_was_sent_under_an_approval_is_not_forgotten(sandbox: RunningSandbox) -> None:
    """Airflow 3.4's Clear deletes the task's state, and before 3.3 there is none: others would be texted in their place."""
    sheet, store = made(sandbox), Store()
    approved = shown(sheet)
    assert attempt(sheet, approved, store, tried=0)["sent"] == 3
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A5", values=recipients(5, first=10)[1:])
    attempt(sheet, approved, store, tried=1)
    with pytest.raises(AirflowFailException, match=r"deleted the record of whom it texted.*have it approved"):
        attempt(sheet, approved, Store(), tried=1)
    with pytest.raises(AirflowFailException, match=r"not the task.s first try.*have it approved"):
        attempt(sheet, approved, None, tried=1)
    assert len(sandbox.accepted()) == 3


def attempt(sheet: str, approved: Any, store: Store | None, *, tried: int) -> dict[str, Any]:
    context: Any = {"ti": task_instance(tried), "run_id": "second", "task_state_store": store}
    return operator(sheet, message=None, template="bill", approved=approved).execute(context)


def task_instance(tried: int) -> Any:
    return SimpleNamespace(
        try_number=tried + 1,
        max_tries=5,
        map_index=-1,
        dag_id="d",
        run_id="second",
        task_id="send",
        xcom_push=lambda **_: None,
    )


def test_an_approval_that_came_out_as_nothing_is_none(sandbox: RunningSandbox) -> None:
    task = operator(made(sandbox), message="Hello", approved={"messages": 1})
    task.approved = None  # as Airflow leaves it where the task that asks has left nothing
    with pytest.raises(AirflowFailException, match="What was approved is not known"):
        task.execute({"run_id": "first", "task_state_store": None})
    assert not sandbox.accepted()
