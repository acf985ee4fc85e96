"""``python -m tests.versions.run [VERSION …]``: what is promised for each Airflow version, shown on that version.

Each version has an environment of its own beside ``.venv`` (``.venv-airflow-<version>``, made by uv from its cache within
seconds and kept), in which ``tests/versions/smoke.py`` runs against a real Airflow of that version and the sandbox. Three at
a time: one waits while others work. Exit code 0 when all have passed.

``--short`` shows all on the oldest and the newest version only, where what Airflow does differs most, and on the others what
must hold on each: imports, DAG files, a sheet campaign with a kill, a list campaign with Clear. It leaves out the version of
``.venv``, on which all other tests run, and says so.

``python -m tests.versions.run --kills [VERSION …] -- [OPTION …]`` runs ``tests.kills.run`` there instead, with its options,
on the oldest and the newest version unless others are named; one at a time, for heartbeats must not be late.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).parents[2]
#: What must hold on each version.
SHORT = ("every_module_imports", "every_dag_parses", "a_killed_sheet_campaign", "a_cleared_list_campaign")


class Version(NamedTuple):
    """A version that is supported.

    :ivar airflow: which Airflow.
    :ivar day: of which day everything beside it is: Airflow names no upper limits, and 3.2.2 does not start with the pydantic
        of today. None for what is newest.
    :ivar options: of ``tests.versions.smoke``.
    :ivar briefly: the scenarios of ``--short``; none named means all.
    """

    airflow: str
    day: str | None
    options: tuple[str, ...] = ()
    briefly: tuple[str, ...] = SHORT


VERSIONS = {
    "3.1": Version("==3.1.8", "2026-04-01", briefly=()),
    "3.2": Version("==3.2.2", "2026-06-15"),
    "3.3.0": Version("==3.3.0", "2026-07-20"),
    "3.3.1": Version("==3.3.1", "2026-08-20", ("--clear-on-success",), (*SHORT, "a_cleared_run")),
    "3.3.2": Version("==3.3.2", "2026-10-01"),
    # A release before a preview.
    "3.4": Version(">=3.4.0b2,<3.5", None, briefly=()),
}
#: The longest ones first, so that none of them is alone at the end.
ORDER = ("3.4", "3.1", "3.2", "3.3.0", "3.3.1", "3.3.2")
#: Seconds for one version, from the start of its Airflow; idle cores need a third of it.
LIMIT = 600.0
KILLS_LIMIT = 1800.0
#: Seconds that a version gets to end its processes in good order.
GRACE = 20.0
#: For the campaigns from a database.
SQLITE = "apache-airflow-providers-sqlite"


class Job:
    """The scenarios of one version, under way. What they print comes in one piece, at their end.

    :param command: a module and its arguments, for the version's Python.
    """

    def __init__(self, name: str, command: Sequence[str], limit: float) -> None:
        self.name = name
        self._began, self._limit = time.monotonic(), limit
        python = environment(name)
        self._told = place_of(name) / "told.txt"
        with self._told.open("wb") as told:
            # A session of its own: Ctrl-C reaches only us, who then end it in order.
            self._child = subprocess.Popen(
                [python, "-m", *command], cwd=ROOT, start_new_session=True, stdout=told, stderr=subprocess.STDOUT
            )

    @property
    def is_over(self) -> bool:
        return self._child.poll() is not None or time.monotonic() - self._began > self._limit

    def end(self) -> bool:
        """End what still runs, print what was told, and return whether all has passed."""
        passed = self._child.poll() == 0
        late = self._child.poll() is None
        _stop(self._child)
        text = self._told.read_text(errors="replace")
        seconds = time.monotonic() - self._began
        print(f"--- Airflow {self.name}\n{text}", end="")
        if late:
            print(f"not done after {seconds:.0f} s")
        print(f"--- Airflow {self.name}: {'passed' if passed else 'FAILED'} after {seconds:.0f} s", flush=True)
        return passed


def main(arguments: Sequence[str]) -> int:
    """Run the versions named, or all, and return the exit code."""
    signal.signal(signal.SIGTERM, _end)
    at = [*arguments, "--"].index("--")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("versions", nargs="*", help=f"of {', '.join(VERSIONS)}; all unless some are named")
    parser.add_argument("--kills", action="store_true", help="run tests.kills.run there, with the options after --")
    parser.add_argument("--short", action="store_true", help="all on the oldest and the newest, a part on the others")
    options = parser.parse_args(arguments[:at])
    if unknown := [name for name in options.versions if name not in VERSIONS]:
        parser.error(f"no such version: {', '.join(unknown)}; there are {', '.join(VERSIONS)}")
    if options.kills:
        names, at_once, limit = options.versions or ["3.1", "3.4"], 1, KILLS_LIMIT
        commands = {name: ["tests.kills.run", *arguments[at + 1 :]] for name in names}
    else:
        wanted = options.versions or ORDER
        if options.short and not options.versions:
            wanted = [name for name in ORDER if VERSIONS[name].airflow != f"=={installed('apache-airflow-core')}"]
            for name in set(ORDER) - set(wanted):
                print(
                    f"Left out: Airflow {name}, that of .venv, on which make test-airflow runs (VERSIONS={name} has it)"
                )
        names, at_once, limit = [name for name in ORDER if name in wanted], 3, LIMIT
        commands = {
            name: ["tests.versions.smoke", *one.options, *(one.briefly if options.short else ())]
            for name, one in ((name, VERSIONS[name]) for name in names)
        }
    passed = list(_run(commands, at_once, limit))
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return 0 if all(passed) else 1


def _run(commands: dict[str, list[str]], at_once: int, limit: float) -> Iterator[bool]:
    """Run so many at once and yield, as each ends, whether it has passed."""
    waiting, running = list(commands), list[Job]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                name = waiting.pop(0)
                try:
                    running.append(Job(name, commands[name], limit))
                except subprocess.CalledProcessError as error:
                    print(f"--- Airflow {name}: FAILED, it cannot be installed: exit code {error.returncode}")
                    yield False
            for job in [job for job in running if job.is_over]:
                running.remove(job)
                yield job.end()
            time.sleep(0.2)
    finally:
        for job in running:
            job.end()


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the scenarios and what they have started; killed itself, the harness's guard ends the rest."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)


def place_of(name: str) -> Path:
    """Return the folder of a version's environment."""
    return ROOT / f".venv-airflow-{name}"


def environment(name: str) -> str:
    """Return the Python of the version's environment; it is made anew when what it is made of has changed."""
    place = place_of(name)
    python, stamp = place / "bin" / "python", place / "stamp"
    version = VERSIONS[name]
    wanted = [
        f"apache-airflow{version.airflow}",
        f"apache-airflow-core{version.airflow}",
        SQLITE,
        *(["--exclude-newer", version.day] if version.day else []),
    ]
    made_of = "\n".join([*wanted, sys.version, (ROOT / "pyproject.toml").read_text()])
    digest = hashlib.sha256(made_of.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)], check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", str(python), "--editable", str(ROOT), *wanted]
        subprocess.run(install, check=True)
        stamp.write_text(digest)
    return str(python)


def _end(*_: Any) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what follows ends the processes
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
