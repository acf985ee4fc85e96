"""A small client of Airflow's public REST API (``/api/v2``), with the waits that tests need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import requests

FINISHED = frozenset({"success", "failed"})
POLL_SECONDS = 0.25


class ApiError(Exception):
    """The API answered with an error; the text has the method, the path, the status and Airflow's detail.

    :ivar status: the HTTP status.
    """

    def __init__(self, method: str, path: str, response: requests.Response) -> None:
        super().__init__(f"{method} {path}: {response.status_code} {response.text[:2000]}")
        self.status = response.status_code


class AirflowApi:
    """Talks to the API server at ``url``, which must let everybody in (``simple_auth_manager_all_admins``)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between us and the loopback address

    def token(self) -> str:
        """Return a token for the REST API (``Authorization: Bearer …``), valid for a day."""
        response = self._session.get(f"{self.url}/auth/token", timeout=30)
        if response.status_code != requests.codes.created:
            raise ApiError("GET", "/auth/token", response)
        return response.json()["access_token"]

    def api(self, method: str, path: str, *, params: dict[str, Any] | None = None, json: Any = None) -> Any:
        """Call ``/api/v2<path>`` and return the decoded answer (None when it is empty).

        :raises ApiError: for every status of 400 and above.
        :raises requests.RequestException: when the server can't be reached.
        """
        if "Authorization" not in self._session.headers:
            self._session.headers["Authorization"] = f"Bearer {self.token()}"
        response = self._session.request(method, f"{self.url}/api/v2{path}", params=params, json=json, timeout=60)
        if response.status_code >= requests.codes.bad_request:
            raise ApiError(method, path, response)
        return response.json() if response.content else None

    def pages(self, path: str, field: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the entries of a paged collection, all pages."""
        offset = 0
        while True:
            page = self.api("GET", path, params={**params, "limit": 100, "offset": offset})
            yield from page[field]
            offset += len(page[field])
            if not page[field] or offset >= page["total_entries"]:
                return

    def diagnosis(self) -> str:
        """Return what else a person should know when a wait has failed."""
        return ""

    def wait_until(self, what: str, condition: Callable[[], Any], timeout: float) -> Any:
        """Call ``condition`` until it returns something true, and return that.

        While the API server can't be reached, or answers with a server error, the wait goes on: tests kill it.

        :param what: the awaited state, for the message.
        :param timeout: seconds.
        :raises TimeoutError: with ``what`` and :meth:`diagnosis`.
        """
        deadline = time.monotonic() + timeout
        last = None
        while True:
            try:
                if result := condition():
                    return result
            except (requests.ConnectionError, requests.Timeout) as error:
                last = error
            except ApiError as error:
                if error.status < requests.codes.server_error:
                    raise
                last = error
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout:g} s: {what} (last error: {last}){self.diagnosis()}")
            time.sleep(POLL_SECONDS)

    def health(self) -> dict[str, str | None]:
        """Return the status (``healthy``, ``unhealthy`` or None) of metadatabase, scheduler, triggerer, dag_processor."""
        return {name: part["status"] for name, part in self.api("GET", "/monitor/health").items()}

    def import_errors(self) -> dict[str, str]:
        """Return the stack trace of each DAG file that could not be imported, by file."""
        return {e["filename"]: e["stack_trace"] for e in self.pages("/importErrors", "import_errors")}

    def wait_for_dag(self, dag_id: str, timeout: float = 60) -> None:
        """Wait until the DAG is known, then unpause it.

        :raises TimeoutError: after ``timeout`` seconds, with the import errors there are.
        """

        def known() -> bool:
            try:
                self.api("GET", f"/dags/{quote(dag_id)}")
            except ApiError as error:
                if error.status != requests.codes.not_found:
                    raise
                return False
            return True

        try:
            self.wait_until(f"DAG {dag_id} is parsed", known, timeout)
        except TimeoutError as error:
            traces = "".join(f"\n{file}:\n{trace}" for file, trace in self.import_errors().items())
            raise TimeoutError(f"{error}\nimport errors: {traces or 'none'}") from error
        self.api("PATCH", f"/dags/{quote(dag_id)}", json={"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Pause the DAG: none of its runs goes on."""
        self.api("PATCH", f"/dags/{quote(dag_id)}", json={"is_paused": True})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run with ``conf`` as its params and return the run id."""
        body = {"logical_date": None, "conf": conf or {}}
        return self.api("POST", f"/dags/{quote(dag_id)}/dagRuns", json=body)["dag_run_id"]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return the run: ``state``, ``start_date``, ``end_date``, …"""
        return self.api("GET", f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}")

    def wait_for_run(
        self,
        dag_id: str,
        run_id: str,
        timeout: float = 120,
        on_progress: Callable[[list[dict[str, Any]]], None] | None = None,
    ) -> dict[str, Any]:
        """Wait until the run has succeeded or failed, and return it.

        :param on_progress: called with the task instances at each look (four times a second).
        """

        def finished() -> dict[str, Any] | None:
            if on_progress is not None:
                on_progress(self.task_instances(dag_id, run_id))
            run = self.run(dag_id, run_id)
            return run if run["state"] in FINISHED else None

        return self.wait_until(f"run {run_id} of {dag_id} has finished", finished, timeout)

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the task instances of a run: ``task_id``, ``map_index``, ``state``, ``try_number``, ``pid``, …"""
        path = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}/taskInstances"
        return list(self.pages(path, "task_instances"))

    def task_instance(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """Return one task instance."""
        path = self._task(dag_id, run_id, task_id)
        return self.api("GET", path if map_index < 0 else f"{path}/{map_index}")

    def wait_for_task(
        self, dag_id: str, run_id: str, task_id: str, state: str, *, map_index: int = -1, timeout: float = 60
    ) -> dict[str, Any]:
        """Wait until a task instance is in ``state`` (``running``, ``deferred``, …), and return it."""

        def reached() -> dict[str, Any] | None:
            try:
                instance = self.task_instance(dag_id, run_id, task_id, map_index)
            except ApiError as error:
                # A mapped instance doesn't exist before its task is expanded.
                if error.status != requests.codes.not_found:
                    raise
                return None
            return instance if instance["state"] == state else None

        return self.wait_until(f"task {task_id}[{map_index}] of run {run_id} is {state}", reached, timeout)

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        """Return an XCom value; an :class:`ApiError` with status 404 when there is none."""
        path = f"{self._task(dag_id, run_id, task_id)}/xcomEntries/{quote(key, safe='')}"
        return self.api("GET", path, params={"map_index": map_index, "stringify": False})["value"]

    def task_state(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """Return all that the task has put into its ``task_state_store``."""
        path = f"{self._task(dag_id, run_id, task_id)}/state-store"
        return {e["key"]: e["value"] for e in self.pages(path, "task_state_store", map_index=map_index)}

    def logs(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, map_index: int = -1) -> str:
        """Return the log of one try, a line for each message: time, level, text and all further fields as JSON."""
        path = f"{self._task(dag_id, run_id, task_id)}/logs/{try_number}"
        messages = self.api("GET", path, params={"map_index": map_index, "full_content": True})["content"]
        return "\n".join(_log_line(message) for message in messages)

    def _task(self, dag_id: str, run_id: str, task_id: str) -> str:
        return f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}/taskInstances/{quote(task_id)}"


def _log_line(message: dict[str, Any]) -> str:
    rest = {k: v for k, v in message.items() if k not in ("timestamp", "level", "event") and v is not None}
    parts = (message.get("timestamp"), message.get("level"), message["event"], json.dumps(rest) if rest else None)
    return " ".join(part for part in parts if part)
