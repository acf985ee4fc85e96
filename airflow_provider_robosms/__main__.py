"""``python -m airflow_provider_robosms COMMAND``: looks at an installation from the command line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

#: Command -> (module of this package, what it does). Each module has ``main(arguments)``, which returns the exit code.
COMMANDS = {
    "check": (
        "check",
        "check that the RoboSMS account, the Google credentials and a spreadsheet are ready; sends nothing",
    ),
    "probe": (
        "probe.command",
        "check, once, that Google behaves as sheet campaigns need it to, in a hidden tab of its own; sends nothing",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    if name in COMMANDS:
        return int(importlib.import_module(f"airflow_provider_robosms.{COMMANDS[name][0]}").main(rest))
    print("Usage: python -m airflow_provider_robosms COMMAND [--help]\n")
    for command, (_, what) in COMMANDS.items():
        print(f"  {command:<8} {what}")
    return 0 if name in ("-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main())
