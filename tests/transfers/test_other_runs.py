"""What Airflow says of the other runs of a task."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_robosms.sheets.marks import Run, run_code
from airflow_provider_robosms.transfers.other_runs import OtherRuns


class Airflow:
    """Answers with the states that are set, and counts how often it is asked."""

    def __init__(self, **states: Any) -> None:
        self.states = {run: {"send": state} for run, state in states.items()}
        self.asked = 0

    def others(self) -> OtherRuns:
        ti = SimpleNamespace(dag_id="dag", task_id="send", get_task_states=self.get)
        context: Any = {"ti": ti}
        return OtherRuns(context, "send")

    def get(self, dag_id: str) -> dict[str, dict[str, Any]]:
        assert dag_id == "dag"
        self.asked += 1
        return self.states


def code(run: str) -> str:
    return run_code(f"dag\n{run}\nsend")


def at_work(others: OtherRuns) -> bool:
    return Run("dag\nmine\nsend", at_work=others.at_work).others_at_work()


@pytest.mark.parametrize(
    ("state", "live"),
    [
        ("running", True),
        ("up_for_retry", True),
        ("queued", True),
        ("deferred", True),
        ("success", False),
        ("failed", False),
    ],
)
def test_a_run_is_at_work_until_it_is_over(state: str, live: bool) -> None:
    others = Airflow(mine="running", other=state).others()
    assert at_work(others) is live
    assert others.is_over(code("other")) is not live


def test_a_run_that_has_not_begun_is_not_at_work() -> None:
    assert not at_work(Airflow(mine="running", next=None).others())


def test_a_run_that_was_at_work_when_this_one_began_counts_as_such() -> None:
    airflow = Airflow(mine="running", other="running")
    others = airflow.others()
    assert others.is_over(code("other")) is False
    airflow.states = {"mine": {"send": "running"}, "other": {"send": "failed"}}
    assert at_work(others)


def test_mapped_tasks_belong_to_their_run() -> None:
    airflow = Airflow(mine="running")
    airflow.states["other"] = {"send_0": "success", "send_1": "running", "send_again": "success"}
    others = airflow.others()
    assert at_work(others)
    assert others.is_over(code("other")) is False
    assert others.is_over(code("unheard")) is None


def test_where_airflow_cannot_say_no_run_is_known() -> None:
    def away(dag_id: str) -> Any:
        raise OSError("the API server is away")

    context: Any = {"ti": SimpleNamespace(dag_id="dag", task_id="send", get_task_states=away)}
    for others in (OtherRuns(context, "send"), OtherRuns({}, "send")):
        assert not at_work(others)
        assert others.is_over(code("other")) is None
