"""The harness leaves nothing behind, however it ends. No Airflow here: small programs stand in for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.harness.processes import ProcessTree, lives, marked

# Ignores SIGTERM, and leaves an orphan in a session of its own that does so too.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
print("ready", flush=True)
time.sleep(600)
"""

# Opens a tree, starts the program above in it, tells where, and then waits to be killed.
OPENER = f"""
import os, sys, time
from tests.harness.processes import ProcessTree
tree = ProcessTree("test", float(sys.argv[1]))
tree.start("stubborn", [sys.executable, "-c", {STUBBORN!r}], os.environ)
print(tree.directory, flush=True)
time.sleep(600)
"""


def start_stubborn(tree: ProcessTree) -> None:
    component = tree.start("stubborn", [sys.executable, "-c", STUBBORN], os.environ)
    wait_until(lambda: component.log.read_text().count("ready") == 2)


def census(tree: ProcessTree) -> tuple[int, int]:
    """How many processes of the tree are `sleep`, and how many are not."""
    names = [p.name() for p in tree.alive()]
    return names.count("sleep"), len(names) - names.count("sleep")


def wait_until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.05)


@pytest.mark.parametrize("grace", [0, 0.3])
def test_close_ends_orphans_in_other_sessions_that_ignore_sigterm(grace):
    with closing(ProcessTree("test", grace)) as tree:
        start_stubborn(tree)
        processes = tree.alive()
        assert len(processes) == 2
        assert len({os.getsid(p.pid) for p in processes}) == 2
    assert not any(map(lives, processes))
    assert not tree.directory.exists()


def test_close_after_an_exception():
    tree = ProcessTree("test")

    def interrupted() -> None:
        with closing(tree):
            start_stubborn(tree)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert tree.alive() == []
    assert not tree.directory.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("grace", ["0", "0.3"])
def test_the_guard_cleans_up_after_a_killed_opener(number, grace):
    opener = subprocess.Popen([sys.executable, "-c", OPENER, grace], stdout=subprocess.PIPE, text=True)
    directory = opener.stdout.readline().strip()
    log = Path(directory, "stubborn.log")
    wait_until(lambda: log.exists() and log.read_text().count("ready") == 2)
    assert len(marked(directory)) == 2

    opener.send_signal(number)
    opener.wait()
    opener.stdout.close()

    wait_until(lambda: not marked(directory) and not Path(directory).exists())


def test_the_guard_ends_with_an_orderly_close():
    tree = ProcessTree("test")
    guards: list[psutil.Process] = []

    def found() -> bool:
        # For a moment a process that has just been started has no command line.
        guards[:] = [p for p in psutil.Process().children() if str(tree.directory) in p.cmdline()]
        return bool(guards)

    wait_until(found)
    assert len(guards) == 1
    tree.close()
    assert not lives(guards[0])


def test_kill_with_and_without_the_descendants():
    program = "import subprocess, sys; print('ready', flush=True); subprocess.run(['sleep', '600'])"
    with closing(ProcessTree("test")) as tree:
        component = tree.start("parent", [sys.executable, "-c", program], os.environ)
        wait_until(lambda: census(tree) == (1, 1))
        component.kill()
        assert component.exit_code == -signal.SIGKILL
        assert census(tree) == (1, 0)
        assert "parent has ended with -9:\nready" in tree.diagnosis()

        component.restart()
        wait_until(lambda: census(tree) == (2, 1))
        with pytest.raises(RuntimeError, match="parent still runs"):
            component.restart()
        component.kill(tree=True)
        assert census(tree) == (1, 0)
        assert component.log_tail().count("ready") == 2
