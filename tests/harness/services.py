"""Private PostgreSQL and Redis servers for the tests that spread Airflow over several workers.

Both listen on 127.0.0.1 only, keep their files in a temporary directory, and are gone afterwards.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.harness.processes import Component, ProcessTree, free_port

START_TIMEOUT = 60.0
# Debian keeps the server's programs out of PATH, one folder for each major version.
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


def postgresql_programs() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres`` (the newest version's), or None."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for path in DEBIAN_POSTGRESQL.glob("*/bin/initdb")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def missing_programs() -> list[str]:
    """Return which of the needed servers are not installed."""
    missing = [] if postgresql_programs() else ["PostgreSQL"]
    return missing if shutil.which("redis-server") else [*missing, "Redis"]


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server with an empty database ``airflow`` and yield its SQLAlchemy URL.

    :raises FileNotFoundError: when PostgreSQL is not installed.
    """
    programs = postgresql_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")
    port = free_port()
    # PostgreSQL refuses to run as root; its Debian package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    # Killed outright, it would leave a shared memory segment behind.
    with closing(ProcessTree("postgresql", grace=10)) as tree:
        data = tree.directory / "data"
        data.mkdir()
        if user is not None:
            tree.directory.chmod(0o711)
            shutil.chown(data, user)
        # Nothing here has to survive a power cut.
        options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        options += ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "max_connections=200"]
        initdb = tree.start(
            "initdb",
            [str(programs / "initdb"), "-D", str(data), "-U", "airflow", "-A", "trust", "-E", "UTF8", "--no-sync"],
            os.environ,
            user=user,
        )
        if initdb.wait(START_TIMEOUT) != 0:
            raise RuntimeError(f"initdb failed:\n{initdb.log_tail()}")
        del tree.components["initdb"]
        arguments = [argument for option in options for argument in ("-c", option)]
        server = tree.start(
            "postgres", [str(programs / "postgres"), "-D", str(data), *arguments], os.environ, user=user
        )
        try:
            _wait_for_port(server, port)
            at = ["-h", "127.0.0.1", "-p", str(port), "-U", "airflow"]
            _wait_until_ready([str(programs / "pg_isready"), "--quiet", *at])
            subprocess.run([str(programs / "createdb"), *at, "airflow"], check=True)
            yield f"postgresql+psycopg2://airflow@127.0.0.1:{port}/airflow"
        finally:
            if server.exit_code is None:
                # "Fast": ends its sessions. On SIGTERM it would wait for clients to leave.
                server.kill(signal.SIGINT)


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis server that keeps nothing, and yield its URL.

    :raises FileNotFoundError: when Redis is not installed.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise FileNotFoundError("Redis is not installed: no redis-server in PATH")
    port = free_port()
    with closing(ProcessTree("redis")) as tree:
        # The process title would overwrite the mark that `processes` looks for.
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--set-proc-title", "no"]
        server = tree.start("redis-server", [program, "--port", str(port), *options], os.environ)
        _wait_for_port(server, port)
        yield f"redis://127.0.0.1:{port}/0"


def _wait_until_ready(command: list[str]) -> None:
    """Wait until PostgreSQL takes connections: it listens already while it refuses them, because it is starting up."""
    deadline = time.monotonic() + START_TIMEOUT
    while subprocess.run(command, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL listens and is not ready")
        time.sleep(0.05)


def _wait_for_port(server: Component, port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        if server.exit_code is not None:
            raise RuntimeError(f"{server.name} has ended with {server.exit_code}:\n{server.log_tail()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{server.name} does not listen on port {port}:\n{server.log_tail()}") from None
            time.sleep(0.05)
        else:
            return
