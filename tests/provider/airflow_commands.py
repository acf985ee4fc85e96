"""Runs several commands of Airflow's command line in one process, which takes seconds to start::

    python -m tests.provider.airflow_commands 'providers list -o json' 'providers hooks -o json'

Prints, as JSON, the exit code and the output of each.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from airflow.__main__ import main


def run(command: str) -> dict[str, object]:
    """Return what ``airflow <command>`` would exit with and print."""
    code: object = 0
    with contextlib.redirect_stdout(io.StringIO()) as output:
        sys.argv = ["airflow", *command.split()]
        try:
            main()
        except SystemExit as error:
            code = error.code or 0
    return {"code": code, "output": output.getvalue()}


if __name__ == "__main__":
    print(json.dumps({command: run(command) for command in sys.argv[1:]}))
