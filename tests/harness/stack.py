"""A real Airflow in a throw-away home on free loopback ports: what a user runs, in about ten seconds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

import jwt
import psutil

from tests.harness.api import AirflowApi
from tests.harness.processes import MARK, Component, ProcessTree, free_port
from tests.harness.settings import environment

START_TIMEOUT = 180.0


@dataclass(frozen=True)
class TaskProcesses:
    """The two processes of a running task.

    :ivar task: runs the operator. Killed alone, Airflow notices at once and retries.
    :ivar supervisor: the executor's worker: it heartbeats for the task and talks to the API server. Killed alone, the
        task runs on until it next asks something of Airflow; the scheduler notices by the missing heartbeats.
    """

    task: psutil.Process
    supervisor: psutil.Process


class LocalAirflow(AirflowApi):
    """A context manager: starts Airflow's own processes, waits until they are healthy, ends them all.

    :param dags_folder: the folder with the DAG files.
    :param env: environment variables for all its processes: ``AIRFLOW_CONN_…``, ``AIRFLOW__SECTION__KEY``, …; they go
        over the harness's own (`settings.QUICK`), so that ``settings.QUICK_DETECTION`` may be merged in.
    :param executor: ``LocalExecutor``, or ``CeleryExecutor`` together with ``database`` and ``broker``.
    :param database: SQLAlchemy URL of the metadata database (default: SQLite in the home).
    :param broker: URL of Celery's broker. Results go to ``database``.
    :param workers: number of Celery workers, named ``worker-1``, ``worker-2``, …, with two task slots each.
    :param person: name of whom the requests are from, and who alone is let in (default: everybody is, called Anonymous).
    """

    def __init__(
        self,
        dags_folder: Path,
        *,
        env: dict[str, str] | None = None,
        executor: str = "LocalExecutor",
        database: str | None = None,
        broker: str | None = None,
        workers: int = 1,
        person: str | None = None,
    ) -> None:
        self._port = free_port()
        super().__init__(f"http://127.0.0.1:{self._port}")
        self._dags_folder = dags_folder.resolve()
        self._workers = [f"worker-{i}" for i in range(1, workers + 1)] if executor == "CeleryExecutor" else []
        self._settings = {"AIRFLOW__CORE__EXECUTOR": executor}
        # In the environment of Python, whose Airflow it is.
        fresh = Path(sys.prefix) / f"airflow-{version('apache-airflow-core')}.db"
        self._fresh = fresh if database is None else None
        if database is not None:
            self._settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database
        if broker is not None:
            self._settings["AIRFLOW__CELERY__BROKER_URL"] = broker
        self._person = person
        if person is not None:
            self._settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] = "False"
        self._settings |= env or {}

    def __enter__(self) -> LocalAirflow:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def home(self) -> Path:
        """``AIRFLOW_HOME``, with one ``<component>.log`` for each process and ``logs/`` of the tasks."""
        return self._tree.directory

    def wait_for_question(
        self, dag_id: str, run_id: str, task_id: str, state: str = "awaiting_input", *, timeout: float = 180
    ) -> None:
        """Wait until a task asks a person, who may answer.

        Airflow fails the task when the answer comes before the scheduler has taken notice that the process which asked has
        ended (https://github.com/apache/airflow/issues/72716): within some seconds, faster than a person reads.
        """
        self.wait_for_task(dag_id, run_id, task_id, state, timeout=timeout)
        noticed = f"TaskInstance Finished: dag_id={dag_id}, task_id={task_id}, run_id={run_id},"
        log = self.home / "scheduler.log"
        self.wait_until(f"{task_id} asks, and its process has ended", lambda: noticed in log.read_text(), timeout)

    def start(self) -> None:
        """Create the home and the database, start the components and wait until all are healthy.

        :raises RuntimeError: when a component ends instead, with the end of its log.
        :raises TimeoutError: when one isn't healthy within three minutes.
        """
        self._tree = ProcessTree("airflow")
        try:
            # SQLite's own five seconds of patience are short where several Airflows share two cores.
            patient = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db?timeout=60"}
            settings = environment(self.home, self._dags_folder, self._port, patient | self._settings)
            self.environment = {**settings, MARK: str(self.home)}
            # With this file there, no process writes its own with keys that the others don't know.
            (self.home / "airflow.cfg").write_text("# All settings come by environment variables.\n")
            # What each program imports stays: to look for garbage among it would be a fifth of what a start costs.
            (self.home / "config").mkdir()
            (self.home / "config" / "airflow_local_settings.py").write_text(
                "import gc\n\ngc.set_threshold(50_000, 20, 50)\n"
            )
            # Before anything else starts: in a fresh environment each process would compile the same modules, all at once.
            if not self._copy_database():
                self._make_database()
            self._start("api-server", "api-server")
            # The log servers of scheduler, triggerer and worker would listen on every interface; the API server
            # reads the logs from the home.
            self._start("scheduler", "scheduler", "--skip-serve-logs")
            self._start("dag-processor", "dag-processor")
            self._start("triggerer", "triggerer", "--skip-serve-logs")
            for name in self._workers:
                self._start(
                    name, "celery", "worker", "--skip-serve-logs", "--without-gossip", "--without-mingle",
                    "--concurrency", "2", "--celery-hostname", f"{name}@%h",
                )  # fmt: skip
            self._wait_healthy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process, orphans included, and remove the home."""
        self._session.close()
        self._tree.close()

    def token(self) -> str:
        if self._person is None:
            return super().token()
        # Signed with the server's own key: as if the person had come through the login.
        now = int(time.time())
        claims = {"sub": self._person, "role": "ADMIN", "jti": uuid.uuid4().hex, "aud": "apache-airflow"}
        claims |= {"iat": now, "nbf": now, "exp": now + 24 * 60 * 60}
        return jwt.encode(claims, self.environment["AIRFLOW__API_AUTH__JWT_SECRET"], "HS512")

    def cli(self, *arguments: str) -> str:
        """Run an ``airflow`` command against this Airflow and return what it printed.

        :raises RuntimeError: when it fails, with what it printed.
        """
        command = [sys.executable, "-m", "airflow", *arguments]
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"airflow {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def component(self, name: str) -> Component:
        """Return ``api-server``, ``scheduler``, ``dag-processor``, ``triggerer`` or ``worker-<n>``."""
        return self._tree.components[name]

    def processes(self) -> list[psutil.Process]:
        """Return every live process of this Airflow, orphans included."""
        return self._tree.alive()

    def diagnosis(self) -> str:
        return self._tree.diagnosis()

    def task_pids(
        self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, timeout: float = 60
    ) -> TaskProcesses:
        """Wait until the task runs and return its processes.

        :raises TimeoutError: when it does not run within ``timeout`` seconds.
        """
        instance = self.wait_for_task(dag_id, run_id, task_id, "running", map_index=map_index, timeout=timeout)
        task = psutil.Process(instance["pid"])
        supervisor = task.parent()
        if supervisor is None or task not in self.processes():
            raise RuntimeError(f"process {task.pid} of task {task_id} has ended already")
        return TaskProcesses(task, supervisor)

    def _copy_database(self) -> bool:
        """Copy the empty database that an Airflow of this version has left before; False where there is none yet."""
        if self._fresh is None or not self._fresh.exists():
            return False
        shutil.copy(self._fresh, self.home / "airflow.db")
        return True

    def _make_database(self) -> None:
        """Make the database, and leave a copy of SQLite's for those that come after: it takes seconds of processor time."""
        self.cli("db", "migrate")
        if self._fresh is not None:
            # Whoever looks meanwhile finds all of it or nothing.
            beside = self._fresh.with_name(f"{self._fresh.name}.{os.getpid()}")
            with closing(sqlite3.connect(self.home / "airflow.db")) as made, closing(sqlite3.connect(beside)) as copy:
                made.backup(copy)
            beside.replace(self._fresh)

    def _start(self, name: str, *arguments: str) -> Component:
        return self._tree.start(name, [sys.executable, "-m", "airflow", *arguments], self.environment)

    def _wait_healthy(self) -> None:
        def healthy() -> bool:
            if ended := self.diagnosis():
                raise RuntimeError(f"Airflow did not start: {ended}")
            if set(self.health().values()) != {"healthy"}:
                return False
            if not all(" ready." in self.component(name).log.read_text() for name in self._workers):
                return False
            # The first request to the API for tasks builds it, for seconds: longer than a busy task would wait.
            return self._session.get(f"{self.url}/execution/health", timeout=60).ok

        self.wait_until("all components are healthy", healthy, START_TIMEOUT)
