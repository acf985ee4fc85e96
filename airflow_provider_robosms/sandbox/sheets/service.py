"""The web service: spreadsheets, accounts, quota and faults together, kept in a folder."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .accounts import DEMO_ACCOUNT, Accounts
from .errors import Json
from .faults import Faults
from .lagging import ReadLag
from .person import add_tab
from .quota import Calls, Quota
from .spreadsheet import Spreadsheet
from .store import load_all, save

# A change is on the disk this long after it was made, or when the service is closed. A large spreadsheet takes longer to
# write; then the pauses are longer too, so that saving takes a tenth of the time at most.
SAVE_AFTER = 1.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}\Z")


_SETTINGS: dict[str, Callable[[Any], bool]] = {
    "allow_anonymous": lambda value: isinstance(value, bool),
    "expire_tokens": lambda value: isinstance(value, bool),
    "read_lag": lambda value: type(value) in (int, float) and 0 <= value <= 3600,
    "read_lag_seed": lambda value: type(value) is int,
}


class SheetsService:
    """The stand-in for Google Sheets.

    Parameters:
        data_dir: Where spreadsheets and the service-account key are kept; None keeps everything in memory.
        clock: Seconds, for quotas and the life of tokens.

    Attributes:
        books: The spreadsheets by id.
        allow_anonymous: Whether requests without a token reach every spreadsheet, as an Airflow connection with
            ``is_anonymous`` makes them.
    """

    def __init__(self, data_dir: Path | None, *, clock: Callable[[], float] = time.time) -> None:
        self.data_dir = data_dir
        self.accounts = Accounts(data_dir / "service-account.pem" if data_dir else None, clock)
        self.quota = Quota(clock)
        self.faults = Faults()
        self.lag = ReadLag(clock)
        self.calls = Calls()
        self.allow_anonymous = True
        self.books: dict[str, Spreadsheet] = {}
        self._saved: dict[str, int] = {}
        self._saving: asyncio.Task[None] | None = None
        # Two threads must not write the same file.
        self._disk = threading.Lock()
        for book in load_all(data_dir) if data_dir else []:
            self._saved[book.id] = book.version
            self._keep(book)

    def create(
        self,
        title: str,
        *,
        sheets: Sequence[Mapping[str, Any]] | None = None,
        id: str | None = None,
        shared_with: Sequence[str] | Mapping[str, str] | None = None,
    ) -> Spreadsheet:
        """Make a spreadsheet, as a person does.

        Parameters:
            title: The document's name.
            sheets: Tabs, each with ``title`` and ``rows`` (lists of str, number, bool or None); one empty tab when missing.
            id: Its id; random, as Google's, when missing.
            shared_with: E-mail addresses (as writers), or address → ``writer`` or ``reader``. The demo service account
                when missing.

        Raises:
            ValueError: The id is taken or not fit for a URL, a role is unknown, a tab has no title.
            GoogleError: A tab's title is taken, or its rows are no lists of values.
        """
        spreadsheet_id = id or "1" + secrets.token_urlsafe(32)[:43]
        if not _ID.match(spreadsheet_id):
            raise ValueError(f"A spreadsheet's id has letters, digits, - and _, not {spreadsheet_id!r}.")
        if spreadsheet_id in self.books:
            raise ValueError(f"There is a spreadsheet {spreadsheet_id!r} already.")
        shared = _roles([DEMO_ACCOUNT] if shared_with is None else shared_with)
        book = Spreadsheet(spreadsheet_id, title, shared=shared)
        with book.change():
            for sheet in [{"title": "Sheet1"}] if sheets is None else sheets:
                if set(sheet) - {"title", "rows"} or not isinstance(sheet.get("title"), str):
                    raise ValueError("A tab has a title and rows.")
                add_tab(book, sheet["title"], sheet.get("rows", []), raw=True)
            if not book.sheets:
                raise ValueError("A spreadsheet needs at least one tab.")
        self._keep(book)
        self._changed()
        return book

    def key_file(self, base_url: str, *, account: str = DEMO_ACCOUNT) -> Json:
        """A service-account key file (the JSON that Google's console downloads).

        Parameters:
            base_url: Where this service answers; the key's ``token_uri`` is there.
            account: Its e-mail address, for tests with several users; it must end with the sandbox project's domain.
        """
        return self.accounts.key_file(base_url, account)

    def settings(self) -> Json:
        """What :meth:`configure` changes."""
        return {
            "allow_anonymous": self.allow_anonymous,
            "read_lag": self.lag.seconds,
            "read_lag_seed": self.lag.seed,
        }

    def configure(self, changes: Mapping[str, Any]) -> Json:
        """Change ``allow_anonymous`` (true or false), ``read_lag`` (how many seconds reads may lie behind, 0 for not at all)
        with ``read_lag_seed`` (a whole number), or expire all tokens (``expire_tokens``: true); return all settings.

        Raises:
            ValueError: A setting that does not exist or a value that does not fit.
        """
        for name, value in changes.items():
            if name not in _SETTINGS or not _SETTINGS[name](value):
                raise ValueError(
                    "The settings are allow_anonymous and expire_tokens (true or false), read_lag (up to 3600 seconds) "
                    f"and read_lag_seed (a whole number), not {name}: {value!r}."
                )
        if "read_lag" in changes or "read_lag_seed" in changes:
            self.lag.configure(changes.get("read_lag", self.lag.seconds), changes.get("read_lag_seed", self.lag.seed))
        self.allow_anonymous = changes.get("allow_anonymous", self.allow_anonymous)
        if changes.get("expire_tokens"):
            self.accounts.expire_all()
        return self.settings()

    def close(self) -> None:
        """Write what is not on the disk yet."""
        if self.data_dir is None:
            return
        with self._disk:
            for book in list(self.books.values()):
                if self._saved.get(book.id) != book.version:
                    self._saved[book.id] = save(self.data_dir, book)

    def _keep(self, book: Spreadsheet) -> None:
        book.listeners.append(self._changed)
        self.lag.watch(book)
        self.books[book.id] = book

    def _changed(self) -> None:
        if self.data_dir is None or (self._saving and not self._saving.done()):
            return
        try:
            # Outside an event loop (a simulation) only close() writes.
            self._saving = asyncio.get_running_loop().create_task(self._save_soon())
        except RuntimeError:
            self._saving = None

    async def _save_soon(self) -> None:
        took = 0.0
        while any(self._saved.get(book.id) != book.version for book in list(self.books.values())):
            await asyncio.sleep(max(SAVE_AFTER, 9 * took))
            start = time.monotonic()
            await asyncio.to_thread(self.close)
            took = time.monotonic() - start


def _roles(shared_with: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    roles = dict(shared_with) if isinstance(shared_with, Mapping) else dict.fromkeys(shared_with, "writer")
    for who, role in roles.items():
        if role not in ("reader", "writer") or "@" not in who:
            raise ValueError(f"shared_with takes e-mail addresses as reader or writer, not {who!r}: {role!r}.")
    return roles
