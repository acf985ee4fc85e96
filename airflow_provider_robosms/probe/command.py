"""See, once, that Google does what sheet campaigns rest on: tries each assumption out in hidden tabs of its own.

Sends nothing, changes no other tab, and deletes its tabs at the end. Takes a minute or two; run one at a time.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..check import take_from_airflow
from ..exceptions import RoboSmsError
from ..spreadsheet.address import spreadsheet_key
from ..spreadsheet.api import GoogleSpreadsheet
from .assumptions import look_at_all
from .scratch import Scratch

if TYPE_CHECKING:
    from ..hooks.gsheets import GoogleSheetsHook

#: How often the lag of reads is measured unless told otherwise, and at most: each takes seven seconds.
TRIALS, MOST_TRIALS = 5, 100
#: All that Google allows: nothing else of ours is at work while one tries things out, and what is refused is asked for again.
_CALLS_PER_MINUTE = 60
#: Passing errors are waited out for so long (seconds): longer than the minute of which Google counts the calls.
_PATIENCE = 90.0
_LEFT = (
    "A hidden tab that begins with 'robosms probe' may be left in the spreadsheet: run the probe again, which removes it, or "
    "delete it under View > Hidden sheets."
)


def probe(
    api: GoogleSpreadsheet,
    rival: GoogleSpreadsheet,
    trials: int,
    say: Callable[[str], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Look at all assumptions; True when each holds.

    :param api: the spreadsheet.
    :param rival: the same through a connection of its own.
    :param trials: how often the lag of reads is measured.
    :param say: takes one line.
    :raises SheetError: when the spreadsheet cannot be used at all.
    """
    scratch = Scratch(api, rival, clock, sleep)
    if swept := scratch.sweep():
        say(f"Removed {swept} hidden tab(s) of a probe that was killed.")
    count = crosses = unknown = 0
    finished = False
    try:
        scratch.begin()
        for assumption, seen in look_at_all(scratch, trials):
            count, crosses, unknown = count + 1, crosses + (seen.ok is False), unknown + (seen.ok is None)
            say(f"{'✓' if seen.ok else '?' if seen.ok is None else '✗'} {assumption.text}: {seen.text}")
            if seen.ok is False:
                say(f"    That means: {assumption.means}.")
        finished = True
    finally:
        with _undisturbed():
            if not finished:
                say("Stopping: the probe's tabs are deleted first.")
            try:
                scratch.end(interrupted=not finished)
            except BaseException:
                say(_LEFT)
                raise
    again = f" {unknown} not known: run the probe again in a few minutes." if unknown else ""
    say(f"{count - crosses - unknown} of {count} hold; the probe's tabs are deleted.{again}")
    return not crosses and not unknown


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no further Ctrl-C stop the cleaning up."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread, where no Ctrl-C arrives
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _spreadsheet(hook: GoogleSheetsHook, key: str) -> GoogleSpreadsheet:
    client: Any = hook.get_conn()
    return GoogleSpreadsheet(
        client.http_client, key, share_with=hook.account_email, patience=_PATIENCE, per_minute=_CALLS_PER_MINUTE
    )


def main(arguments: Sequence[str]) -> int:
    """Print a line for each assumption; return 0 when each holds, 130 after Ctrl-C, else 1."""
    parser = argparse.ArgumentParser(prog="python -m airflow_provider_robosms probe", description=__doc__)
    parser.add_argument("--spreadsheet", required=True, help="address or key of a spreadsheet, best an empty one")
    parser.add_argument("--gcp-conn-id", default="google_cloud_default", help="the Google connection")
    parser.add_argument(
        "--trials", type=int, default=TRIALS, choices=range(1, MOST_TRIALS + 1), metavar=f"1…{MOST_TRIALS}",
        help="how often the lag of reads is measured (%(default)s); each takes seven seconds",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    take_from_airflow(options.gcp_conn_id)
    from ..hooks.gsheets import GoogleSheetsHook

    def say(line: str) -> None:
        print(line, flush=True)

    # A probe that is told to end cleans up, as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        hook = GoogleSheetsHook(options.gcp_conn_id)
        key = spreadsheet_key(options.spreadsheet)
        return 0 if probe(_spreadsheet(hook, key), _spreadsheet(hook, key), options.trials, say) else 1
    except RoboSmsError as error:
        say(f"✗ {error}")
    except KeyboardInterrupt:
        say("Stopped; the probe's tabs are deleted.")
        return 130
    except Exception as error:  # noqa: BLE001 - Airflow has several ways to say that there is no such connection
        say(
            f"✗ {type(error).__name__}: see that the connection {options.gcp_conn_id} is there, under Admin > Connections."
        )
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1
