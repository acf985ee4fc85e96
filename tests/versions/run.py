"""``python -m tests.versions.run [VERSION …]``: what is promised for each Airflow version, shown on that version.

Each version has an environment of its own beside ``.venv`` (``.venv-airflow-<version>``, made by uv from its cache within
seconds and kept), in which ``tests/versions/smoke.py`` runs against a real Airflow of that version and the sandbox. One at a
time: two cores are enough for one Airflow. Exit code 0 when all have passed.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
#: Name -> which Airflow, and of which day everything beside it is: Airflow names no upper limits, and 3.2.2 does not start
#: with the pydantic of today. The newest 3.4 counts, a release before a preview, with what is newest.
VERSIONS = {
    "3.1": ("==3.1.8", "2026-04-01"),
    "3.2": ("==3.2.2", "2026-06-15"),
    "3.3.0": ("==3.3.0", "2026-07-20"),
    "3.3.1": ("==3.3.1", "2026-08-20"),
    "3.3.2": ("==3.3.2", "2026-10-01"),
    "3.4": (">=3.4.0b2,<3.5", None),
}
#: Seconds for one version, from the start of its Airflow; idle cores need a third of it.
LIMIT = 240.0
#: Seconds that a version gets to end its processes in good order.
GRACE = 20.0


def main(names: Sequence[str]) -> int:
    """Run the versions named, or all, and return the exit code."""
    signal.signal(signal.SIGTERM, _end)
    unknown = [name for name in names if name not in VERSIONS]
    if unknown:
        print(f"no such version: {', '.join(unknown)}; there are {', '.join(VERSIONS)}")
        return 2
    failed = []
    for name in names or VERSIONS:
        began = time.monotonic()
        print(f"--- Airflow {name}", flush=True)
        if not _passes(name):
            failed.append(name)
        print(f"--- Airflow {name}: {'FAILED' if name in failed else 'passed'} after {time.monotonic() - began:.0f} s")
    print(f"{len(names or VERSIONS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _passes(name: str) -> bool:
    try:
        python = _environment(name)
    except subprocess.CalledProcessError as error:
        print(f"cannot be installed: exit code {error.returncode}")
        return False
    # A session of its own: Ctrl-C reaches only us, who then end it in order.
    child = subprocess.Popen([python, "-m", "tests.versions.smoke"], cwd=ROOT, start_new_session=True)
    try:
        return child.wait(LIMIT) == 0
    except subprocess.TimeoutExpired:
        print(f"not done after {LIMIT:g} s")
        return False
    finally:
        _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the smoke test and what it has started; killed itself, the harness's guard ends the rest."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)


def _environment(name: str) -> str:
    """Return the Python of the version's environment; it is made anew when what it is made of has changed."""
    place = ROOT / f".venv-airflow-{name}"
    python, stamp = place / "bin" / "python", place / "stamp"
    airflow, day = VERSIONS[name]
    wanted = [f"apache-airflow{airflow}", f"apache-airflow-core{airflow}", *(["--exclude-newer", day] if day else [])]
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
