"""One sheet of some recipients, and whoever sends from it."""

from __future__ import annotations

import random

from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import Ended, Gateway, run
from tests.protocol.google import Clock, Http, book_of
from tests.protocol.people import HEADER, People, dress, rows_of


class Stage:
    """One sheet of ten recipients, and whoever sends from it."""

    def __init__(self, count: int = 10, lag: float = 0.0) -> None:
        self.clock = Clock()
        self.book = book_of(self.clock, lag=lag, seed=1, Recipients=[HEADER, *rows_of(count)])
        dress(self.book)
        self.clock.sleep(10)
        self.gateway = Gateway()
        self.people = People(self.book, random.Random(1))

    def http(self, **hooks: object) -> Http:
        return Http(self.book, self.clock, **hooks)  # type: ignore[arg-type]

    def tabs(self) -> list[str]:
        return [sheet.title for sheet in self.book.sheets if sheet.title.startswith("robosms ")]


def texted_twice(stage: Stage) -> set[str]:
    """Return the numbers that were texted more than once."""
    numbers = [message.to for message in stage.gateway.sent]
    return {number for number in numbers if numbers.count(number) > 1}


def tries(stage: Stage, run_id: str, **settings: object) -> Ended | SheetError:
    """Run a task as Airflow does: again after what passes, not after what is permanent."""
    ended: Ended | SheetError = Ended(gave_up="not begun")
    for _ in range(3):
        try:
            ended = run(stage.http(), stage.gateway, run_id=run_id, **settings)  # type: ignore[arg-type]
        except SheetError as error:
            ended = error
            if error.permanent:
                break
        else:
            if not ended.gave_up or "give it its" in ended.gave_up:
                break
        stage.clock.sleep(60)
    return ended
