"""What safety costs: throughput with the journal in Airflow's task state over the same engine without it.

python -m tests.benchmarks.journal_cost [--pairs 5] [--messages 3000] [--latency 50] [--concurrency 20,50]

On a real Airflow (scheduler, LocalExecutor, API server, SQLite), in one task process that does both in turn, so that what
else the machine does meets both alike. The gateway is a stand-in in a process of its own that costs little (:mod:`.gateway`).
"""

from __future__ import annotations

import argparse
import os
import statistics
from pathlib import Path
from typing import Any

from tests.benchmarks.gateway import running_gateway
from tests.harness.stack import LocalAirflow

DAGS = Path(__file__).parent / "dags"


def lines(concurrency: int, latency: float, pairs: list[dict[str, Any]]) -> list[str]:
    """Return a row of the table, and the ratio of each pair behind it."""
    ratios = sorted(pair["with"]["rate"] / pair["without"]["rate"] for pair in pairs)
    cells = (
        f"{latency:g} ms",
        concurrency,
        f"{statistics.median(pair['without']['rate'] for pair in pairs):.0f}/s",
        f"{statistics.median(pair['with']['rate'] for pair in pairs):.0f}/s",
        f"**{statistics.median(ratios):.2f}**",
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
        f"{statistics.median(pair['writes'] for pair in pairs):.0f}",
        f"{1000 * statistics.median(pair['write_seconds'] / pair['writes'] for pair in pairs):.0f} ms",
        f"{statistics.median(p['without']['cpu'] for p in pairs):.1f} / "
        f"{statistics.median(p['with']['cpu'] for p in pairs):.1f} s",
    )
    return ["| " + " | ".join(map(str, cells)) + " |"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--messages", type=int, default=3000, help="messages of each of a pair's two campaigns")
    parser.add_argument("--latency", type=float, default=50.0, help="the gateway's answer time in milliseconds")
    parser.add_argument("--concurrency", default="20,50")
    options = parser.parse_args()
    print("load of this machine before:", *(f"{load:.2f}" for load in os.getloadavg()))
    print(
        "| latency | concurrency | without | with the journal | ratio (median of pairs) | ratios | writes | a write takes "
        "| the task's processor time |\n" + "|---" * 9 + "|"
    )
    with running_gateway() as gateway, LocalAirflow(DAGS) as airflow:
        airflow.wait_for_dag("journal_cost")
        for concurrency in map(int, options.concurrency.split(",")):
            url = gateway.at(options.latency)
            conf = {"url": url, "concurrency": concurrency, "messages": options.messages, "pairs": options.pairs}
            run_id = airflow.trigger("journal_cost", conf)
            run = airflow.wait_for_run("journal_cost", run_id, timeout=1800)
            if run["state"] != "success":
                raise SystemExit(airflow.logs("journal_cost", run_id, "measure"))
            pairs = airflow.xcom("journal_cost", run_id, "measure")
            print(*lines(concurrency, options.latency, pairs), sep="\n", flush=True)


if __name__ == "__main__":
    main()
