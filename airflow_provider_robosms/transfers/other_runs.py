"""What Airflow knows of a task's other runs.

Which are over, so that what they claimed and never finished is named UNKNOWN; and which are under way, so that a claim that
may cross theirs is not relied on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

#: States in which a run of the task can no longer be sending.
_OVER = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


class OtherRuns:
    """All runs of the task of *context*, itself among them, by the six characters of :func:`~..sheets.marks.run_code`.

    Where Airflow cannot say, no run is known.
    """

    def __init__(self, context: Context, task_id: str) -> None:
        self._ti: Any = context.get("ti")
        self._task_id = task_id
        self._first: dict[str, set[str]] | None = None

    def is_over(self, code: str) -> bool | None:
        """Tell whether that run had ended when this was asked first; None for a run that Airflow does not know."""
        states = self._at_first().get(code)
        return None if states is None else states <= _OVER

    def at_work(self) -> set[str]:
        """Return the runs that have begun and are not over now, or were not when it was asked first."""
        looks = (self._at_first(), self._states())
        return {code for look in looks for code, states in look.items() if states - _OVER - {"None"}}

    def _at_first(self) -> dict[str, set[str]]:
        if self._first is None:
            self._first = self._states()
        return self._first

    def _states(self) -> dict[str, set[str]]:
        """Return the states of the task's instances (``None``: not begun) by run."""
        from ..sheets.marks import run_code

        if not hasattr(self._ti, "get_task_states"):
            return {}
        try:
            runs: dict[str, dict[str, Any]] = self._ti.get_task_states(dag_id=self._ti.dag_id)
        except Exception:  # noqa: BLE001 - Airflow cannot say; the claim's age decides then
            return {}
        task = self._task_id
        return {
            run_code(f"{self._ti.dag_id}\n{run_id}\n{task}"): {
                str(state) for name, state in states.items() if name == task or name.rpartition("_")[0] == task
            }
            for run_id, states in runs.items()
        }
