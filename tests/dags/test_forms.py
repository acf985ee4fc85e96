"""The trigger forms of the example DAGs: sending is a deliberate choice, and what must be filled in is in sight."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported

FILES = sorted((Path(__file__).parents[2] / "dags").glob("robosms_*.py"))
CAMPAIGNS = [path for path in FILES if "campaign" in path.stem]
OTHERS = {"robosms_balance_alert"}  # has no friendly name yet


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
def test_a_dag_has_a_name_for_people(path: Path) -> None:
    assert path.stem in OTHERS or " " in dag_of(path).dag_display_name


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
    assert params[:2] == ["spreadsheet", "template"] or params[0] == "message"


@pytest.mark.parametrize(
    ("what", "number", "sends"),
    [
        ("preview", "", False),
        ("preview", "0300-1234567", False),
        ("test", "0300-1234567", False),
        ("send", " ", True),
        ("send", None, True),
    ],
)
def test_sending_is_asked_for_by_one_word(what: str, number: Any, sends: bool) -> None:
    from airflow_provider_robosms.operators.report import asks_to_send

    assert asks_to_send({"what_to_do": what, "test_to": number}) is sends


@pytest.mark.parametrize(("what", "number"), [("test", ""), ("test", " "), ("send", "0300-1234567")])
def test_a_test_and_a_campaign_are_not_mixed_up(what: str, number: str) -> None:
    from airflow_provider_robosms.operators.report import asks_to_send

    with pytest.raises(Exception, match=f"What to do is {what.title()}, but Mobile for the test") as caught:
        asks_to_send({"what_to_do": what, "test_to": number})
    assert type(caught.value).__name__ == "AirflowFailException"
    assert "1234567" not in str(caught.value)
