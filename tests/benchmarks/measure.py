"""What a contestant of the benchmark costs its process, and whom it texts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def people(count: int) -> list[dict[str, str]]:
    """Return so many personalised messages, with a number and a key of their own."""
    return [
        {"to": f"92300{1_000_000 + i}", "message": f"Dear Name{i}, your order is ready", "key": str(i)}
        for i in range(count)
    ]


def sheet_of(count: int) -> list[list[str]]:
    """Return the same people as the rows of a tab, with its header."""
    return [["First Name", "Phone"], *([f"Name{i}", f"0300-{1_000_000 + i}"] for i in range(count))]


#: The text for rows of :func:`sheet_of`.
TEXT = "Dear {{ First Name }}, your order is ready"


def resident_mb(name: str = "VmRSS") -> float:
    """Return what of this process is in memory, or with ``VmHWM`` the most that ever was (MB)."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024


def measured(work: Callable[[], Any]) -> dict[str, Any]:
    """Do *work* and return what it cost.

    ``started`` (``time.monotonic()``), ``seconds``, ``cpu`` (processor time of this process, s), ``before_mb`` (resident
    before it), ``peak_mb`` (most resident meanwhile), ``result`` (what it returned).
    """
    Path("/proc/self/clear_refs").write_text("5")  # begin the peak anew, see proc(5)
    before, cpu, started = resident_mb(), time.process_time(), time.monotonic()
    result = work()
    return {
        "started": started,
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - cpu,
        "before_mb": before,
        "peak_mb": resident_mb("VmHWM"),
        "result": result,
    }
