"""What the campaign operators share: the hours in which people may be texted, and how many of them at most."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from ..exceptions import RoboSmsError
from ..operators.sending import SendingOperator
from ..settings import optional_moment, optional_text, optional_whole
from .window import SendWindow


class WindowedOperator(SendingOperator):
    """Base of the campaign operators, which have the parameters *send_window* and *limit*; use one of them.

    :param not_after: a moment after which the task does not begin to send, nor go on after waiting or in a retry, such as
        ``2026-11-23 14:00``; None for any.
    """

    send_window: str | Sequence[str] | None
    limit: int | None

    def __init__(self, *, not_after: datetime | str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.not_after = not_after
        self._given["not_after"] = not_after is not None

    def _check_not_late(self, zone: ZoneInfo) -> None:
        """See that it is not too late to send: a DAG may have been paused, or a task cleared days later.

        :raises RoboSmsError: when it is; permanent.
        """
        last = optional_moment(self.not_after, "not_after", zone, given=self._given["not_after"])
        if last is not None and datetime.now(timezone.utc) > last and not self.is_dry_run:
            raise RoboSmsError(
                f"It was to be sent by {last.astimezone(zone):%Y-%m-%d %H:%M} at the latest, so nothing more was sent: start "
                "it anew, with another time.",
                permanent=True,
            )

    def _limit(self) -> int | None:
        return optional_whole(self.limit, "limit", least=1, given=self._given["limit"])

    def _window(self, zone: ZoneInfo) -> SendWindow | None:
        """Return the hours; what was to give them and gave nothing must not mean "at any hour".

        :raises RoboSmsError: for what are no hours.
        """
        hours = self.send_window
        if not isinstance(hours, (list, tuple)):
            hours = optional_text(hours, "send_window", given=self._given["send_window"])
        return SendWindow.parse(hours, zone)

    def _begin_in_window(self, zone: ZoneInfo) -> SendWindow | None:
        """Return the hours once it is neither too late to send nor too early.

        :raises RoboSmsError: when it is too late, and for what are no hours.
        """
        self._check_not_late(zone)
        window = self._window(zone)
        self._wait_for_window(window)
        return window

    def _wait_for_window(self, window: SendWindow | None) -> None:
        """Defer the task until the send window opens, unless it is open."""
        now = datetime.now(timezone.utc)
        if window is None or window.is_open(now) or self.is_dry_run:
            return
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        opening = window.next_opening(now)
        self.log.info(
            "Outside the send window: waiting until %s without a worker slot.", f"{opening:%Y-%m-%d %H:%M %Z}"
        )
        self.defer(trigger=DateTimeTrigger(opening.astimezone(timezone.utc)), method_name="execute")

    def _closes_at(self, window: SendWindow | None) -> float | None:
        """Return when the window closes (``time.monotonic()``); None when it never does."""
        now = datetime.now(timezone.utc)
        return time.monotonic() + (window.next_closing(now) - now).total_seconds() if window else None
