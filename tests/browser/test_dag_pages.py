"""Every example DAG opens without an error, and its trigger form shows its Params."""

from __future__ import annotations

import pytest

from tests.browser.stage import DAGS

pytestmark = pytest.mark.browser

DAG_IDS = sorted(path.stem for path in DAGS.glob("robosms_*.py"))


def test_the_list_has_every_dag_and_no_import_error(stage):
    stage.open("/dags", *DAG_IDS)
    assert stage.airflow.import_errors() == {}
    assert "Import Error" not in stage.window.text()
    assert stage.window.problems() == []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_form_shows_every_param(stage, dag_id):
    params = stage.airflow.api("GET", f"/dags/{dag_id}/details")["params"]
    assert params
    stage.open_trigger_form(dag_id)
    in_section = {None: []}
    for param in params.values():
        in_section.setdefault(param["schema"].get("section"), []).append(param)
    assert in_section[None], "the form opens with the Params that are in no section: there must be some"
    for section, members in in_section.items():
        if section is not None:
            stage.section(section)
        for param in members:
            assert param["schema"]["title"]
            stage.window.shows(param["schema"]["title"], param["description"] or "")
    assert stage.window.problems() == []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_documentation_is_shown(stage, dag_id):
    stage.open(f"/dags/{dag_id}", "Overview")
    heading = stage.airflow.api("GET", f"/dags/{dag_id}/details")["doc_md"].strip().splitlines()[0].lstrip("# ")
    stage.window.press_on("button", "Dag Docs")
    stage.window.find("[role=dialog] h3", heading)
    assert stage.window.problems() == []
