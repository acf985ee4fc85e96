"""The same engine with and without its journal, alternately, in one task process."""

from __future__ import annotations

import time
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task


class Nowhere:
    """A store that keeps nothing."""

    def get(self, key: str, default: Any = None) -> Any:
        return default

    def set(self, key: str, value: Any) -> None:
        pass


class Counted:
    """Airflow's task state as the operators use it, with a count of its writes and the time they took."""

    def __init__(self, store: Any) -> None:
        from airflow_provider_robosms.operators.state import LastingStore

        self._store = LastingStore(store)
        self.writes = 0
        self.seconds = 0.0

    def get(self, key: str, default: Any = None) -> Any:
        return self._store.get(key, default)

    def set(self, key: str, value: Any) -> None:
        started = time.perf_counter()
        self._store.set(key, value)
        self.seconds += time.perf_counter() - started
        self.writes += 1


def once(store: Any, name: str, url: str, count: int, concurrency: int) -> dict[str, float]:
    """Send *count* messages; return messages a second and processor seconds of this process."""
    from airflow_provider_robosms.campaign.campaign import Campaign
    from airflow_provider_robosms.campaign.driver import Driver
    from airflow_provider_robosms.campaign.engine import Settings
    from airflow_provider_robosms.campaign.journal import Journal
    from airflow_provider_robosms.campaign.ledger import ListLedger
    from airflow_provider_robosms.campaign.message import Message
    from airflow_provider_robosms.gateway.client import GatewayClient
    from airflow_provider_robosms.gateway.outcome import Status
    from airflow_provider_robosms.gateway.protocol import Account

    client = GatewayClient(Account("demo@example.pk", "benchmark-key", host=url, mask="SMS-ALERT", timeout=10))
    messages = [Message(f"tel:{i}", f"92300{1_000_000 + i}", f"Dear {i}, your order is ready") for i in range(count)]
    journal = Journal(store, salt=name, name=name)
    campaign = Campaign(Settings(concurrency=concurrency), journal, ListLedger(messages))
    driver = Driver(
        campaign, journal, lambda request: client.send([m.to for m in request.messages], request.messages[0].text)
    )
    cpu, started = time.process_time(), time.perf_counter()
    driver.run()
    seconds = time.perf_counter() - started
    if campaign.engine.counts[Status.SENT] != count:
        raise RuntimeError(f"only {campaign.engine.counts} of {count}: {campaign.stop}")
    return {"rate": count / seconds, "cpu": time.process_time() - cpu}


with DAG(
    "journal_cost",
    schedule=None,
    params={
        "url": Param("", type="string"),
        "concurrency": Param(20, type="integer"),
        "messages": Param(3000, type="integer"),
        "pairs": Param(5, type="integer"),
    },
):

    @task
    def measure() -> list[dict[str, Any]]:
        """Return one entry for each pair; which of the two goes first alternates."""
        context = get_current_context()
        params = context["params"]
        arguments = params["url"], params["messages"], params["concurrency"]
        once(Nowhere(), "warm", params["url"], 10 * params["concurrency"], params["concurrency"])
        pairs = []
        for pair in range(params["pairs"]):
            store = Counted(context["task_state_store"])
            order = (("with", store), ("without", Nowhere()))
            found = {name: once(one, f"j{pair}", *arguments) for name, one in order[:: 1 if pair % 2 else -1]}
            pairs.append({**found, "writes": store.writes, "write_seconds": store.seconds})
            print(pairs[-1])
        return pairs

    measure()
