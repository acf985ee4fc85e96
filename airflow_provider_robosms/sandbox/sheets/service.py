"""The web service: spreadsheets, accounts, quota and faults together."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..bodies import changed, validated
from ..faults import Board
from .accounts import DEMO_ACCOUNT, Accounts
from .errors import Json
from .faults import Fault
from .lagging import ReadLag
from .person import add_tab
from .quota import Quota
from .spreadsheet import Spreadsheet


class _Tab(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    rows: list[Any] = []


class NewSpreadsheet(BaseModel):
    """What a person says of a new spreadsheet: its id is random, as Google's, when missing; it is shared with e-mail
    addresses (as writers), or address → role.
    """

    model_config = ConfigDict(extra="forbid")

    title: str = "Untitled spreadsheet"
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,120}$")] | None = None
    sheets: Annotated[list[_Tab], Field(min_length=1)] = [_Tab(title="Sheet1")]
    shared_with: list[str] | dict[str, Literal["writer", "reader"]] = [DEMO_ACCOUNT]


class Settings(BaseModel):
    """What can be set.

    Attributes:
        allow_anonymous: Whether requests without a token reach every spreadsheet, as an Airflow connection with
            ``is_anonymous`` makes them.
        expire_tokens: Makes all tokens expire at once, each time that it is set.
        read_lag: How many seconds reads may lie behind.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    allow_anonymous: bool = True
    expire_tokens: bool = False
    read_lag: Annotated[float, Field(ge=0, le=3600)] = 0
    read_lag_seed: int = 0


class SheetsService:
    """The stand-in for Google Sheets, with its spreadsheets by id in ``books``.

    Quotas and the life of tokens go by *clock*, in seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.accounts = Accounts(clock)
        self.quota = Quota(clock)
        self.faults = Board(Fault)
        self.lag = ReadLag(clock)
        # How many requests were made: reads, writes and tokens; and the answers by status, 0 for a connection without one.
        self.calls: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.settings = Settings()
        self.books: dict[str, Spreadsheet] = {}

    def create(self, body: Json) -> Spreadsheet:
        """Make a spreadsheet, as a person does; a ValueError says in one sentence why it can't be made."""
        wanted = validated(NewSpreadsheet, body, "field")
        spreadsheet_id = wanted.id or "1" + secrets.token_urlsafe(32)[:43]
        if spreadsheet_id in self.books:
            raise ValueError(f"There is a spreadsheet {spreadsheet_id!r} already.")
        shared = wanted.shared_with
        roles = shared if isinstance(shared, dict) else dict.fromkeys(shared, "writer")
        book = Spreadsheet(spreadsheet_id, wanted.title, shared=dict(roles))
        with book.change():
            for sheet in wanted.sheets:
                add_tab(book, sheet.title, sheet.rows, raw=True)
        self.lag.watch(book)
        self.books[book.id] = book
        return book

    def configure(self, changes: Json) -> Json:
        """Change settings and return all; a ValueError says in one sentence what is no setting."""
        self.settings = changed(self.settings, {"expire_tokens": False, **changes}, "setting")
        if "read_lag" in changes or "read_lag_seed" in changes:
            self.lag.configure(self.settings.read_lag, self.settings.read_lag_seed)
        if self.settings.expire_tokens:
            self.accounts.expire_all()
        return self.settings.model_dump()
