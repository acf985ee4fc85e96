"""What Airflow knows of the run that holds a sheet's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..campaign.owner import Owner

#: States in which a task can no longer be sending; one that waits for its window or its retry holds no lock of its own.
_OVER = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


def is_over(ti: Any, owner: Owner) -> bool | None:
    """Tell whether the task that holds a lock has ended.

    :param ti: this task's own task instance, by which Airflow is asked.
    :returns: True or False; None where Airflow does not know that run: it may be another Airflow's.
    """
    if not hasattr(ti, "get_task_states"):
        return None
    try:
        runs: dict[str, dict[str, Any]] = ti.get_task_states(dag_id=owner.dag, run_ids=[owner.run])
    except Exception:  # noqa: BLE001 - Airflow cannot say; the lock's age decides then
        return None
    states = {
        str(state)
        for name, state in runs.get(owner.run, {}).items()
        if name == owner.task or name.rpartition("_")[0] == owner.task
    }
    return states <= _OVER if states else None
