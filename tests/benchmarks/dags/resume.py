"""A try that leaves a long journal behind, and the try that resumes from it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator


def messages_of(count: int) -> list[dict[str, str]]:
    """Return so many personalised messages."""
    return [
        {"to": f"+92 300 {1_000_000 + i}", "message": f"Dear {i}, your order is ready", "key": str(i)}
        for i in range(count)
    ]


def peak_mb() -> float:
    """Return the most memory that this process ever had resident (MB)."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


class Resume(RoboSmsSendOperator):
    """Fills its journal on the first try; on the second, measures until the first message leaves, and ends there.

    :param stored: outcomes in the journal.
    """

    def __init__(self, *, stored: int | str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stored = stored

    template_fields = (*RoboSmsSendOperator.template_fields, "stored")

    def execute(self, context: Any) -> dict[str, Any]:
        if context["ti"].try_number == 1:
            self._fill(context)
            raise RuntimeError("The journal is filled; the next try resumes.")
        marks: dict[str, float] = {}
        started, cpu = time.monotonic(), time.process_time()
        client = self.hook.client
        send, load = client.send, self._journal

        def first_send(*arguments: Any) -> Any:
            if "decided" not in marks:
                marks["decided"] = time.monotonic() - started
                marks["cpu"] = time.process_time() - cpu
                marks["peak_mb"] = peak_mb()
                self.on_kill()
            return send(*arguments)

        def timed(*arguments: Any) -> Any:
            begun = time.monotonic()
            try:
                return load(*arguments)
            finally:
                marks["journal"] = time.monotonic() - begun

        client.send = first_send  # type: ignore[method-assign]
        self._journal = timed  # type: ignore[method-assign]
        try:
            super().execute(context)
        except Exception as error:
            if "decided" not in marks:
                raise
            self.log.info("Ended as asked: %s", error)
        return marks

    def _fill(self, context: Any) -> None:
        """Write what a first try leaves behind: intents and outcomes, as the engine writes them."""
        from airflow_provider_robosms.campaign.message import Outcome
        from airflow_provider_robosms.gateway.outcome import Status

        journal = self._journal(self._store(context), self._owner(context)).journal
        keys = [f"key:{i}" for i in range(int(self.stored))]
        now = int(time.time())
        outcomes = {
            key: Outcome(Status.SENT, "000", f"RSMS-{100_000 + i}", at=now, parts=1) for i, key in enumerate(keys)
        }
        for begin in range(0, len(keys), 100):
            group = keys[begin : begin + 100]
            journal.commit(
                [journal.intent(key) for key in group] + [journal.outcome(key, outcomes[key]) for key in group]
            )


with DAG(
    "resume",
    schedule=None,
    params={"count": Param(100_000, type="integer"), "stored": Param(60_000, type="integer")},
    render_template_as_native_obj=True,
    user_defined_macros={"messages_of": messages_of},
):
    Resume(
        task_id="resume",
        messages="{{ messages_of(params.count) }}",  # type: ignore[arg-type]  # rendered to the list itself
        stored="{{ params.stored }}",
        retries=1,
        retry_delay=timedelta(seconds=0),
    )

    @task
    def nothing() -> float:
        """Return what a task that does nothing needs (MB)."""
        return peak_mb()

    nothing()
