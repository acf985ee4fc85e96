"""The trigger forms of the example DAGs: sending is a deliberate choice, and what must be filled in is in sight."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.exceptions import RoboSmsError

FILES = sorted((Path(__file__).parents[2] / "dags").glob("robosms_*.py"))
CAMPAIGNS = [path for path in FILES if "campaign" in path.stem]
BALANCE = [path for path in FILES if "balance" in path.stem]


def dag_of(path: Path) -> Any:
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    DagContext.autoregistered_dags.clear()
    DagContext.current_autoregister_module_name = __name__
    spec = importlib.util.spec_from_file_location(path.stem, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    [(dag, _)] = DagContext.autoregistered_dags
    return dag


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_that_must_be_filled_in_is_in_a_closed_section(path: Path) -> None:
    dag = dag_of(path)
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert "section" not in schema or "null" in schema["type"], name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_form_chooses_no_connection_but_those_of_a_checked_type(path: Path) -> None:
    # Whoever may trigger must not choose among all connections: of these two the hooks refuse any other type.
    named = {name for name in dag_of(path).params if "conn" in name}
    assert named <= {"robosms_conn_id", "gcp_conn_id"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_has_a_name_for_people(path: Path) -> None:
    assert " " in dag_of(path).dag_display_name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_is_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    [words, *_] = ast.parse(source).body
    assert len(source.splitlines()) - (words.end_lineno - words.lineno + 1) <= 60


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_a_form_sent_as_it_stands_texts_nobody(path: Path) -> None:
    dag = dag_of(path)
    # Either the form must say so, or a person must approve.
    assert dag.params["what_to_do"] == "preview" if "what_to_do" in dag.params else "approve" in dag.task_ids
    send = dag.get_task("send")
    assert "check" in send.get_flat_relative_ids(upstream=True)


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_what_is_sent_stands_first(path: Path) -> None:
    params = list(dag_of(path).params)
    assert params[:2] in (["spreadsheet", "template"], ["spreadsheet", "what_to_do"]) or params[0] == "message"


def test_a_copy_that_sends_every_morning_changes_two_first_values() -> None:
    from airflow_provider_robosms.task_groups.form import campaign_form

    form = campaign_form(template="reminder", what_to_do="send")
    assert (form["template"].value, form["what_to_do"].value, form["send_window"].value) == (
        "reminder",
        "send",
        "09:00-21:00",
    )
    with pytest.raises(TypeError, match="The form has no field 'what'; it has spreadsheet, template, what_to_do"):
        campaign_form(what="send")
    with pytest.raises(TypeError, match="no field 'what_to_do'"):
        campaign_form(approval=True, what_to_do="send")


def test_nobody_is_named_who_would_not_be_asked() -> None:
    from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign

    with pytest.raises(ValueError, match="approver is set without approval=True: nobody would be asked"):
        sheet_campaign(spreadsheet_id="x", approver="0300-1234567")


@pytest.mark.parametrize("approval", [None, "", "maybe", 2, "{{ x }}"])
def test_an_approval_that_came_as_nothing_is_no_no(approval: Any) -> None:
    from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign

    with DAG("bills", schedule=None), pytest.raises(RoboSmsError, match="approval must be"):
        sheet_campaign(spreadsheet_id="x", approval=approval)


def sentences_of(part: str) -> list[tuple[str, str]]:
    """Return where the words of a folder stand that may be sentences, and the words; not those for who writes code."""
    found = []
    for path in (Path(__file__).parents[2] / "airflow_provider_robosms" / part).glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = {
            one.value: one.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in ("ValueError", "TypeError")
            for one in ast.walk(node)
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
        }
        found += [(f"{path.name}:{at}", text) for text, at in words.items()]
    assert found
    return found


@pytest.mark.parametrize("part", ["recipients", "spreadsheet", "sheets", "gateway", "campaign"])
def test_what_the_sheets_owner_reads_names_no_parameter(part: str) -> None:
    """Sentences about a sheet, an answer or a balance are read by people who see the form only."""
    from airflow_provider_robosms.operators.sending import SendingOperator
    from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

    names = {
        name
        for kind in (SendingOperator, GoogleSheetsToRoboSmsOperator)
        for name in inspect.signature(kind.__init__).parameters
        if "_" in name
    }
    assert [one for one in sentences_of(part) if names & set(re.findall(r"\w+", one[1]))] == []


@pytest.mark.parametrize("part", ["transfers", "operators", "task_groups"])
def test_what_a_form_may_be_told_names_its_fields_by_their_titles(part: str) -> None:
    """A parameter with which a sentence begins becomes the title that the form has; one further in would stay as it is."""
    from airflow_provider_robosms.operators.reason import in_words_of_the_form
    from airflow_provider_robosms.task_groups.form import campaign_form

    form = {**campaign_form(), **campaign_form(approval=True)}
    context = {"dag": DAG("bills", schedule=None, params=form)}
    names = {name for name in form if "_" in name}
    # A template, which Airflow fills in, is no sentence.
    told = [(at, in_words_of_the_form(text, context)) for at, text in sentences_of(part) if "{{" not in text]
    assert [one for one in told if names & set(re.findall(r"\w+", one[1]))] == []


@pytest.mark.parametrize("typed", ["0300-12345", "False", "None", "{{ conn.x.password }}", "0300-1234567 0321-7654321"])
def test_an_approver_who_cannot_be_told_is_refused(typed: str) -> None:
    """The campaign would wait for three days, and nobody would hear of it."""
    from airflow_provider_robosms.exceptions import RoboSmsError
    from airflow_provider_robosms.task_groups.approval import check_approver

    with pytest.raises(RoboSmsError, match=r"approver must be a mobile number: .*, so nobody would be told"):
        check_approver(typed)
    for fine in ("", " \u200b", "0300-1234567", "0300-1234567, 0321 7654321;"):
        check_approver(fine)


@pytest.mark.parametrize("typed", ["", None, " ", "\u200b", "\n\t", "\u2060 "])
def test_what_cannot_be_seen_is_no_answer(typed: str | None) -> None:
    """An invisible character hid the opt-out line that the Airflow Variable asks for."""
    from airflow_provider_robosms.task_groups.form import campaign_form, from_form

    template = from_form(campaign_form())["opt_out_line"]
    variable = SimpleNamespace(value=SimpleNamespace(get=lambda *_: "of the Variable"))
    said = "of the Variable"
    for given, wanted in ((typed, said), ("Reply STOP", "Reply STOP"), ("\u0628\u0646\u062f", "\u0628\u0646\u062f")):
        assert jinja2.Template(template).render(params={"opt_out_line": given}, var=variable) == wanted


@pytest.mark.parametrize(
    "conf",
    [{"limits": 1}, {"Limit": 1}, {"dry_run": True}, {"send_windw": "9 am - 9 pm"}, {"test_to ": "x"}, {"plan": ""}],
)
@pytest.mark.parametrize("path", [*CAMPAIGNS, *BALANCE], ids=lambda path: path.stem)
def test_a_field_that_the_form_does_not_have_stops_the_run(
    path: Path, conf: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow takes any, and tells nobody."""
    from airflow_provider_robosms.operators.report import check_form

    dag = dag_of(path)
    context: Any = {
        "dag": dag,
        "params": dict.fromkeys(dag.params, 1),
        "dag_run": SimpleNamespace(conf=conf),
        "ti": SimpleNamespace(xcom_push=lambda **_: None),
    }
    with pytest.raises(AirflowFailException, match=rf"'{next(iter(conf)).strip()}' is no field of this DAG's form"):
        check_form(context)
    for fine in (None, {}, dict.fromkeys(dag.params, 1), {"line": "x", "plan": "y"}, {"openlineage": {}}):
        check_form({**context, "dag_run": SimpleNamespace(conf=fine)})
    monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
    with pytest.raises(AirflowFailException, match="This Airflow ignores what is filled in in forms"):
        check_form({**context, "dag_run": SimpleNamespace(conf=dict.fromkeys(dag.params, 2))})
    for shown in ({}, dict.fromkeys(dag.params, 1)):
        check_form({**context, "dag_run": SimpleNamespace(conf=shown)})
    dag.params = {}
    check_form(context)


@pytest.mark.parametrize(
    ("what", "number", "sends"),
    [
        ("preview", "", False),
        ("preview", "0300-1234567", False),
        ("test", "0300-1234567", False),
        ("send", " ", True),
        ("send", None, True),
        ("send", "\u200b", True),
    ],
)
def test_sending_is_asked_for_by_one_word(
    what: str, number: Any, sends: bool, caplog: pytest.LogCaptureFixture
) -> None:
    from airflow_provider_robosms.operators.report import asks_to_send

    with caplog.at_level("INFO", logger="airflow_provider_robosms"):
        assert asks_to_send({"what_to_do": what, "test_to": number}) is sends
    assert ("This was a preview: none of these people was texted" in caplog.text) is not sends


@pytest.mark.parametrize(("what", "number"), [("test", ""), ("test", " "), ("send", "0300-1234567")])
def test_a_test_and_a_campaign_are_not_mixed_up(what: str, number: str) -> None:
    from airflow_provider_robosms.operators.report import asks_to_send

    with pytest.raises(Exception, match=f"What to do is {what.title()}, but Mobile for the test") as caught:
        asks_to_send({"what_to_do": what, "test_to": number})
    assert type(caught.value).__name__ == "AirflowFailException"
    assert "1234567" not in str(caught.value)
