"""What a user could send with instead, and what this provider does in a plain process: one campaign each, measured.

Run as a program, it takes the name, the gateway's address, the number of messages and the concurrency as JSON, and prints
what :func:`.measure.measured` says.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.benchmarks.measure import TEXT, measured, people
from tests.sheets.campaigns import Store, operator

PATH = "/api/send-message"
#: What a write to Airflow's task state takes (seconds); `journal_cost` measures it.
STORE_SECONDS = 0.012
#: Google allows a user so many writes a minute.
WRITES_A_MINUTE = 60


def body_of(one: dict[str, str]) -> dict[str, str]:
    """Return the body of a send request, as the vendor's pages show it."""
    account = {"email": "demo@example.pk", "key": "benchmark-key", "mask": "SMS-ALERT"}
    return {**account, "to": one["to"], "message": one["message"]}


class RealisticStore(Store):
    """A task state whose writes take as long as Airflow's do, in other processes."""

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        json.dumps(value)
        time.sleep(STORE_SECONDS)
        super().set(key, value)


def loop(url: str, count: int, concurrency: int) -> None:
    """One ``requests.post`` after another, as the vendor advises."""
    for one in people(count):
        assert requests.post(url + PATH, json=body_of(one), timeout=30).json()["code"] == "000"


def threads(url: str, count: int, concurrency: int) -> None:
    """One session and a pool of threads; nothing is remembered."""
    with requests.Session() as session, ThreadPoolExecutor(concurrency) as pool:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=concurrency))

        def send(one: dict[str, str]) -> str:
            code: str = session.post(url + PATH, json=body_of(one), timeout=30).json()["code"]
            return code

        assert set(pool.map(send, people(count))) <= {"000"}


def threads_tuned(url: str, count: int, concurrency: int) -> None:
    """The same, tuned: a session a thread, which does not look into the environment for each message."""
    own = threading.local()

    def send(one: dict[str, str]) -> str:
        if not hasattr(own, "session"):
            own.session = requests.Session()
            own.session.trust_env = False
        code: str = own.session.post(url + PATH, json=body_of(one), timeout=30).json()["code"]
        return code

    with ThreadPoolExecutor(concurrency) as pool:
        assert set(pool.map(send, people(count))) <= {"000"}


def aiohttp(url: str, count: int, concurrency: int) -> None:
    """The same with aiohttp in one thread."""
    import aiohttp as http

    async def send_all() -> None:
        rest = iter(people(count))
        async with http.ClientSession(connector=http.TCPConnector(limit=concurrency)) as session:

            async def sender() -> None:
                for one in rest:
                    async with session.post(url + PATH, json=body_of(one)) as answer:
                        assert (await answer.json())["code"] == "000"

            await asyncio.gather(*(sender() for _ in range(concurrency)))

    asyncio.run(send_all())


def probe(url: str, count: int, concurrency: int) -> None:
    """Bytes made beforehand over plain sockets: what the stand-in itself allows."""
    host, port, path = url.removeprefix("http://").replace("/", ":", 1).split(":")
    requests_ = []
    for one in people(count):
        body = json.dumps(body_of(one)).encode()
        head = f"POST /{path}{PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        requests_.append(head.encode() + body)

    async def sender() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        while requests_:
            writer.write(requests_.pop())
            assert b'"000"' in await reader.read(4096)
        writer.close()

    async def send_all() -> None:
        await asyncio.gather(*(sender() for _ in range(concurrency)))

    asyncio.run(send_all())


def list_plain(url: str, count: int, concurrency: int) -> dict[str, int]:
    """The list operator as a plain call."""
    from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator

    store = RealisticStore()
    task = RoboSmsSendOperator(task_id="send", messages=people(count), concurrency=concurrency)
    summary = task.execute({"task_state_store": store, "run_id": "benchmark"})  # type: ignore[arg-type,typeddict-unknown-key]
    assert summary["sent"] == count, summary
    return {"state_writes": store.writes}


def sheet_plain(sheet: str, count: int, concurrency: int) -> dict[str, int]:
    """The sheet operator as a plain call."""
    store = RealisticStore()
    summary = operator(sheet, message=TEXT, concurrency=concurrency).execute(
        {"task_state_store": store, "run_id": "benchmark"}  # type: ignore[arg-type,typeddict-unknown-key]
    )
    assert summary["sent"] == count, summary
    return {"state_writes": store.writes}


def script(url: str, sheet: str, count: int, writes_a_minute: int | None = WRITES_A_MINUTE) -> None:
    """gspread and requests: send, and write that row.

    :param writes_a_minute: Google's quota, to which it keeps by a pause; None for a script that takes no care of it.
    """
    from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook

    tab = GoogleSheetsHook().get_conn().open_by_key(sheet).sheet1
    rows = tab.get_all_records()
    assert len(rows) == count
    due = 0.0
    for number, row in enumerate(rows):
        time.sleep(max(0.0, due - time.monotonic()))
        due = time.monotonic() + (60 / writes_a_minute if writes_a_minute else 0.0)
        one = {"to": "92" + str(row["Phone"]).replace("-", "")[1:], "message": f"Dear {row['First Name']}"}
        answer = requests.post(url + PATH, json=body_of(one), timeout=30).json()
        values = [
            {"userEnteredValue": {"stringValue": word}} for word in ("SENT", answer["code"], answer["message_id"])
        ]
        start = {"sheetId": tab.id, "rowIndex": number + 1, "columnIndex": 2}
        write = {"start": start, "rows": [{"values": values}], "fields": "userEnteredValue"}
        tab.spreadsheet.batch_update({"requests": [{"updateCells": write}]})


OVER_HTTP: dict[str, Callable[[str, int, int], Any]] = {
    "loop": loop, "threads": threads, "threads-tuned": threads_tuned, "aiohttp": aiohttp, "probe": probe,
    "list-plain": list_plain,
}  # fmt: skip


#: What a DAG file, or a script's head, has loaded before the first line of work.
_LOADED = {
    "aiohttp": ["aiohttp"],
    "list-plain": ["airflow_provider_robosms.operators.robosms"],
    "sheet-plain": ["airflow_provider_robosms.transfers.gsheets_to_robosms"],
    "script": ["airflow_provider_robosms.hooks.gsheets", "gspread"],
    "script-careless": ["airflow_provider_robosms.hooks.gsheets", "gspread"],
}


def main() -> None:
    """The command line."""
    name, url, sheet, count, concurrency = json.loads(sys.argv[1])
    for module in _LOADED.get(name, ()):
        importlib.import_module(module)
    if name in OVER_HTTP:
        found = measured(lambda: OVER_HTTP[name](url, count, concurrency))
    elif name == "sheet-plain":
        found = measured(lambda: sheet_plain(sheet, count, concurrency))
    else:
        pace = WRITES_A_MINUTE if name == "script" else None
        found = measured(lambda: script(url, sheet, count, pace))
    sys.stdout.flush()
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
