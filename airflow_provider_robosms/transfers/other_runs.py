"""Which other runs of a task are over, so that what they claimed and never finished is named UNKNOWN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

#: States in which a run of the task can no longer be sending.
_OVER = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


def over_runs(context: Context, task_id: str) -> Callable[[str], bool | None]:
    """Return a function that tells of another run's code whether that run is over, by asking Airflow once."""
    known: dict[str, bool] | None = None

    def is_over(code: str) -> bool | None:
        nonlocal known
        if known is None:
            known = _states_of_runs(context.get("ti"), task_id)
        return known.get(code)

    return is_over


def _states_of_runs(ti: Any, task_id: str) -> dict[str, bool]:
    from ..sheets.marks import run_code

    if not hasattr(ti, "get_task_states"):
        return {}
    try:
        runs = ti.get_task_states(dag_id=ti.dag_id)
    except Exception:  # noqa: BLE001 - Airflow cannot say; the claim's age decides then
        return {}
    over = {}
    for run_id, states in runs.items():
        mine = [state for name, state in states.items() if name == task_id or name.rpartition("_")[0] == task_id]
        over[run_code(f"{ti.dag_id}\n{run_id}\n{task_id}")] = all(str(state) in _OVER for state in mine)
    return over
