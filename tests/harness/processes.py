"""Start processes so that each of them, and all that they start, can be found and ended again.

A process is recognised by a mark in its environment, which its children inherit. Airflow needs this: the workers of
a LocalExecutor outlive a killed scheduler, tasks move to process groups and BashOperator to sessions of their own,
and orphans get a new parent, so neither process trees nor groups nor sessions name them all.

Run as a script, this file is the guard of one :class:`ProcessTree`: it waits for the process that opened the tree and,
when that one has gone in any way (SIGTERM and SIGKILL included), ends what it left behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "ROBOSMS_HARNESS"
GUARD_POLL_SECONDS = 0.5


def free_port() -> int:
    """Return a TCP port that nobody listened on at 127.0.0.1 a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def marked(mark: str) -> list[psutil.Process]:
    """Return the live processes that carry ``mark``, this one excepted."""
    return [p for p in psutil.process_iter() if p.pid != os.getpid() and _mark(p) == mark]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.Error:  # gone meanwhile, a zombie, or another user's
        return None


def lives(process: psutil.Process) -> bool:
    """Tell whether a process runs; a zombie, which only waits for its parent to notice, does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_marked(mark: str, grace: float) -> None:
    """End all processes that carry ``mark``: SIGTERM and ``grace`` seconds to leave (if any), then SIGKILL.

    :raises RuntimeError: when some survive SIGKILL for ten seconds.
    """
    if grace:
        signal_all(marked(mark), signal.SIGTERM)
        deadline = time.monotonic() + grace
        while marked(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
    deadline = time.monotonic() + 10
    # Repeated, because a process may fork between being listed and being killed.
    while survivors := marked(mark):
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes survive SIGKILL: {survivors}")
        signal_all(survivors, signal.SIGKILL)
        time.sleep(0.05)


def signal_all(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that still exists."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


class Component:
    """One started program with its log; made by :meth:`ProcessTree.start`."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._user = user
        self._popen = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C in the terminal reaches only us, who then end it in order.
                start_new_session=True,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs."""
        return self._popen.poll()

    def kill(self, number: signal.Signals = signal.SIGKILL, *, tree: bool = False) -> None:
        """Send a signal and, when it is SIGKILL, wait until those who got it have ended.

        :param tree: its descendants too, as when a container or a whole machine dies; without it only the program
            itself, which leaves a scheduler's LocalExecutor workers, and the tasks in them, running.
        """
        targets = [psutil.Process(self.pid)]
        if tree:
            targets += targets[0].children(recursive=True)
        signal_all(targets, number)
        if number == signal.SIGKILL:
            while any(map(lives, targets)):
                time.sleep(0.01)
            self._popen.wait()

    def wait(self, timeout: float) -> int:
        """Wait for the program to end by itself and return its exit code."""
        return self._popen.wait(timeout)

    def restart(self) -> None:
        """Start the program again, with the same command, environment and log.

        :raises RuntimeError: when it still runs.
        """
        if self.exit_code is None:
            raise RuntimeError(f"{self.name} still runs (pid {self.pid}): kill it before you restart it")
        self._popen = self._spawn()

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class ProcessTree:
    """A temporary directory and the programs that run in it; both are gone after :meth:`close`.

    Also gone, a moment later, when this process dies without closing it.

    :param name: how the directory's name begins.
    :param grace: seconds that the programs get to leave in order, for those that leave something behind otherwise.
    """

    def __init__(self, name: str, grace: float = 0) -> None:
        self._grace = grace
        self.directory = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self.components: dict[str, Component] = {}
        self._guard = subprocess.Popen(
            [sys.executable, __file__, str(os.getpid()), str(self.directory), str(grace)],
            # Whoever ends another tree, to which this process may belong, must leave this one's guard alone.
            env={name: value for name, value in os.environ.items() if name != MARK},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, user: str | None = None
    ) -> Component:
        """Start a program; its output goes to ``<directory>/<name>.log``.

        :param environment: the whole environment of the program; the mark is added.
        :param user: the user to run it as, for programs that refuse to run as root.
        """
        log = self.directory / f"{name}.log"
        component = Component(name, command, {**environment, MARK: str(self.directory)}, log, user)
        self.components[name] = component
        return component

    def alive(self) -> list[psutil.Process]:
        """Return every live process of this tree, orphans included."""
        return marked(str(self.directory))

    def diagnosis(self) -> str:
        """Return, for a person, which programs have ended and the end of their logs."""
        ended = [c for c in self.components.values() if c.exit_code is not None]
        return "".join(f"\n{c.name} has ended with {c.exit_code}:\n{c.log_tail()}" for c in ended)

    def close(self) -> None:
        """End every process of the tree and remove the directory."""
        end_marked(str(self.directory), self._grace)
        for component in self.components.values():
            component.wait(10)
        shutil.rmtree(self.directory)
        self._guard.terminate()
        self._guard.wait()


def guard(parent: int, directory: str, grace: float) -> None:
    """Wait until the parent process has gone, then end what carries the mark and remove the directory."""
    while os.getppid() == parent:
        time.sleep(GUARD_POLL_SECONDS)
    end_marked(directory, grace)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    guard(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
