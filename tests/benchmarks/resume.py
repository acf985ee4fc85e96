"""How long a new try needs until it knows what to send, and how much memory, with most of a large campaign behind it.

python -m tests.benchmarks.resume [--count 100000] [--stored 60000]

On a real Airflow with the journal in its task state. Time runs from ``execute()`` to the first message that leaves; memory is
the task process's peak (VmHWM), less that of a task of the same DAG that does nothing.
"""

from __future__ import annotations

import argparse
import os

from tests.benchmarks.gateway import running_gateway
from tests.benchmarks.journal_cost import DAGS
from tests.harness.settings import connection
from tests.harness.stack import LocalAirflow


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="messages of the campaign")
    parser.add_argument("--stored", type=int, default=60_000, help="outcomes that the journal holds")
    options = parser.parse_args()
    print("load of this machine before:", *(f"{load:.2f}" for load in os.getloadavg()))
    with running_gateway() as gateway:
        account = connection(
            "robosms",
            host=gateway.at(50),
            login="demo@example.pk",
            password="benchmark-key",
            extra={"mask": "SMS-ALERT"},
        )
        with LocalAirflow(DAGS, env={"AIRFLOW_CONN_ROBOSMS_DEFAULT": account}) as airflow:
            airflow.wait_for_dag("resume")
            run_id = airflow.trigger("resume", {"count": options.count, "stored": options.stored})
            run = airflow.wait_for_run("resume", run_id, timeout=900)
            if run["state"] != "success":
                raise SystemExit(
                    airflow.logs("resume", run_id, "resume", 2) or airflow.logs("resume", run_id, "resume")
                )
            found = airflow.xcom("resume", run_id, "resume")
            base = airflow.xcom("resume", run_id, "nothing")
            state = airflow.task_state("resume", run_id, "resume")
            values = [value for key, value in state.items() if key.startswith("journal.")]
            told = [line for line in airflow.logs("resume", run_id, "resume", 2).splitlines() if "earlier try" in line]
    if not any(f"{options.stored:,} reused" in line for line in told):
        raise SystemExit(f"The second try did not find the {options.stored:,} outcomes of the first: {told}")
    print(
        "| campaign | outcomes stored | journal | reading it | until the first message leaves | of it, processor time "
        "| peak memory | a task that does nothing | above it |\n" + "|---" * 9 + "|"
    )
    cells = (
        f"{options.count:,}",
        f"{options.stored:,}",
        f"{len(values)} values, {sum(map(len, values)) / 1e6:.1f} MB, largest {max(map(len, values)):,}",
        f"{found['journal']:.1f} s",
        f"**{found['decided']:.1f} s**",
        f"{found['cpu']:.1f} s",
        f"{found['peak_mb']:.0f} MB",
        f"{base:.0f} MB",
        f"**{found['peak_mb'] - base:.0f} MB**",
    )
    print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
