"""The table of a campaign: the few statements that claim its rows and write their results, through any DB-API hook.

What a row says, in the columns of the campaign:

======================  ===========================================================================================
status NULL             nobody has claimed it
status SENDING          claimed by the try that the column *run* names, which may be sending it
any other status        its result; only a person sets it to NULL again
======================  ===========================================================================================

Each public method is one transaction. All may be done again: a claim that was made stays made, and a result that was written
is written again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from ..campaign.message import Outcome
from ..compat import redact
from ..exceptions import DatabaseError, RoboSmsError
from ..gateway.outcome import Status
from ..settings import text
from ..sms.blank import is_blank
from ..sms.folding import as_seen

#: What a claimed row says until its result is known.
SENDING = "SENDING"
#: Columns that hold the results, behind the prefix.
RESULTS = ("status", "run", "code", "message_id", "parts", "sent_at", "detail")
#: Keys in one statement; some databases take no thousand parameters.
_KEYS = 400
_NAME = r"[A-Za-z_][A-Za-z0-9_$]{0,62}"
#: What may be a phone number in an error of the database.
_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
_LONGEST_ERROR = 200
_NOT_TEXTED = frozenset(status.value for status in (Status.REJECTED, Status.FAILED, Status.SKIPPED))

Value = TypeVar("Value")


def identifier(value: Any, name: str, *, parts: int = 1) -> str:
    """Return the name of a column, or with *parts* above 1 of a table with its schema: it stands in SQL as it is.

    :raises RoboSmsError: for anything but letters, digits and ``_``; permanent.
    """
    word = text(value, name)
    if not re.fullmatch(rf"{_NAME}(?:\.{_NAME}){{0,{parts - 1}}}", word):
        kind = "the name of a table, such as customers or crm.customers" if parts > 1 else "the name of a column"
        raise RoboSmsError(f"{name} must be {kind}: letters, digits and _ only.", permanent=True)
    return word


@dataclass(frozen=True)
class Names:
    """The names of the table and of its columns, which have been checked; see :func:`identifier`.

    :param prefix: what the columns for results begin with.
    """

    table: str
    key: str
    phone: str
    prefix: str

    @property
    def columns(self) -> list[str]:
        """All the columns that the campaign reads or writes."""
        return [self.key, self.phone, *(f"{self.prefix}{name}" for name in RESULTS)]

    def __getattr__(self, name: str) -> str:
        if name not in RESULTS:
            raise AttributeError(name)
        return f"{self.prefix}{name}"


class Spoken(NamedTuple):
    """A row whose number must not be texted from another one. A tuple: all of them are read again with each chunk."""

    key: Any
    phone: Any
    status: str


class CampaignTable:
    """The table, seen by one try of one campaign.

    :param hook: a DB-API hook of common-sql.
    :param run: what this try writes into the column *run* of the rows that it claims.
    """

    def __init__(self, hook: Any, names: Names, run: str) -> None:
        if hook.placeholder not in ("%s", "?"):
            raise RoboSmsError(
                f"sql_conn_id: this database wants parameters as {hook.placeholder}, which the campaign cannot write.",
                permanent=True,
            )
        self._hook = hook
        self._n = names
        #: What this try writes into the column *run*.
        self.run = run
        self._p = hook.placeholder
        self._texted = [Status.SENT.value, Status.UNKNOWN.value, SENDING]

    # Reading.

    def select(self, sql: str, parameters: Any, what: str) -> tuple[list[str], list[Sequence[Any]]]:
        """Return the columns and the rows of a query of the DAG's author.

        :param what: the setting that holds the query, for the sentence.
        """

        def work(cursor: Any) -> tuple[list[str], list[Sequence[Any]]]:
            cursor.execute(sql, *([parameters] if parameters else []))
            if cursor.description is None:
                raise RoboSmsError(f"{what} gives no rows: it must be a SELECT.", permanent=True)
            return [column[0] for column in cursor.description], cursor.fetchall()

        return self._transaction(work, f"ran {what}", keep=False)

    def check(self) -> None:
        """See that the table has all the columns.

        :raises RoboSmsError: naming the columns that a campaign needs.
        """
        names = [self._n.key, self._n.phone, *(self._n.prefix + name for name in RESULTS)]
        sql = f"SELECT {', '.join(names)} FROM {self._n.table} WHERE 1 = 0"
        try:
            self._transaction(lambda cursor: cursor.execute(sql), "looked for the columns", keep=False)
        except DatabaseError as error:
            raise DatabaseError(f"{error} The table {self._n.table} needs the columns {', '.join(names)}.") from None

    def counts(self) -> dict[str | None, int]:
        """Return how many rows there are of each status."""
        sql = f"SELECT {self._n.status}, count(*) FROM {self._n.table} GROUP BY {self._n.status}"
        return {status: int(count) for status, count in self._rows(sql, ())}

    def claimed(self) -> list[tuple[Any, str | None]]:
        """Return key and run of each row that is SENDING, whoever has claimed it."""
        sql = f"SELECT {self._n.key}, {self._n.run} FROM {self._n.table} WHERE {self._n.status} = {self._p}"
        return [(key, run) for key, run in self._rows(sql, (SENDING,))]

    def claimed_as(self, start: str) -> list[tuple[Any, str, str]]:
        """Return key, status and run of each row whose run begins with *start*."""
        n = self._n
        # The wildcards of LIKE may stand in it, too.
        sql = f"SELECT {n.key}, {n.status}, {n.run} FROM {n.table} WHERE {n.run} LIKE {self._p}"
        found = self._rows(sql, (f"{start}%",))
        return [(key, status, run) for key, status, run in found if status is not None and run.startswith(start)]

    def spoken_for(self, *, own: bool) -> list[Spoken]:
        """Return the rows that were texted or may have been, and those that another run has claimed.

        A status that somebody has made of SENT, such as DELIVERED, is looked for when a campaign begins (*own*).

        :param own: also those that this run has texted.
        """
        n, p = self._n, self._p
        if own:
            self._texted += [
                word for word in self.counts() if word and word not in self._texted and _may_be_texted(word)
            ]
        texted = tuple(self._texted)
        places = ", ".join([p] * len(texted))
        rows = f"SELECT {n.key}, {n.phone}, {n.status} FROM {n.table} WHERE {n.status} IN ({places}) AND "
        if own:
            sql = f"{rows}({n.status} <> {p} OR {n.run} IS NULL OR {n.run} <> {p})"
            found = self._rows(sql, (*texted, SENDING, self.run))
        else:
            # Not <>, for which databases read all that this run has texted, with each chunk: these three look into an index
            # over status and run.
            sql = " UNION ALL ".join(f"{rows}{n.run} {other}" for other in ("IS NULL", f"< {p}", f"> {p}"))
            found = self._rows(sql, (*texted, *texted, self.run, *texted, self.run))
        return [Spoken(key, phone, str(status)) for key, phone, status in found]

    # Writing.

    def claim(self, keys: Sequence[Any]) -> list[tuple[Any, Any]]:
        """Claim those of the rows that nobody has claimed, and return key and number of each that is this run's now.

        That a row is still free is asked in the UPDATE itself: a database looks at a row again that another run has claimed
        meanwhile.
        """
        n, p = self._n, self._p

        def work(cursor: Any) -> list[tuple[Any, Any]]:
            mine: list[tuple[Any, Any]] = []
            for some in _batches(keys, _KEYS):
                those = f"{n.key} IN ({', '.join([p] * len(some))})"
                cursor.execute(
                    f"UPDATE {n.table} SET {n.status} = {p}, {n.run} = {p}, {n.code} = NULL, {n.message_id} = NULL, "
                    f"{n.parts} = NULL, {n.sent_at} = NULL, {n.detail} = NULL WHERE {n.status} IS NULL AND {those}",
                    (SENDING, self.run, *some),
                )
                cursor.execute(
                    f"SELECT {n.key}, {n.phone} FROM {n.table} WHERE {n.status} = {p} AND {n.run} = {p} AND {those}",
                    (SENDING, self.run, *some),
                )
                mine += cursor.fetchall()
            if len({key for key, _ in mine}) < len(mine):
                raise RoboSmsError(
                    f"{n.key} is not unique in {n.table}: two rows have the same value. Name a unique column in key_column.",
                    permanent=True,
                )
            return mine

        return self._transaction(work, "claimed rows")

    def release(self, claims: Iterable[tuple[Any, str]]) -> None:
        """Give back rows that were certainly not sent, by key and the run that has claimed them."""
        n, p = self._n, self._p
        sql = (
            f"UPDATE {n.table} SET {n.status} = NULL, {n.run} = NULL, {n.detail} = NULL "
            f"WHERE {n.key} = {p} AND {n.run} = {p} AND {n.status} IN ({p}, {p})"
        )
        self._each(sql, [(key, run, SENDING, Status.UNKNOWN.value) for key, run in claims], "gave rows back")

    def skip(self, reasons: Iterable[tuple[Any, str]]) -> None:
        """Write why rows are not texted, into those that nobody has claimed and those that this run has."""
        n, p = self._n, self._p
        sql = (
            f"UPDATE {n.table} SET {n.status} = {p}, {n.run} = {p}, {n.detail} = {p} "
            f"WHERE {n.key} = {p} AND ({n.status} IS NULL OR ({n.status} = {p} AND {n.run} = {p}))"
        )
        rows = [(Status.SKIPPED.value, self.run, why, key, SENDING, self.run) for key, why in reasons]
        self._each(sql, rows, "wrote who is left out")

    def adopt(self, runs: Iterable[str]) -> None:
        """Make the rows that these runs have texted this run's, so that :meth:`spoken_for` gives them no more.

        Only what is SENT: any other row may still be written by the run that has claimed it. What such a run texts from now
        on stays its own, and is seen.
        """
        n, p = self._n, self._p
        sql = f"UPDATE {n.table} SET {n.run} = {p} WHERE {n.run} = {p} AND {n.status} = {p}"
        self._each(
            sql, [(self.run, run, Status.SENT.value) for run in runs], "took over what an earlier try has texted"
        )

    def doubt(self, claims: Iterable[tuple[Any, str | None]], detail: str) -> None:
        """Name UNKNOWN what an earlier run has claimed without a result. A result that it still writes replaces that."""
        n, p = self._n, self._p
        set_to = (
            f"UPDATE {n.table} SET {n.status} = {p}, {n.detail} = {p} WHERE {n.key} = {p} AND {n.status} = {p} AND "
        )
        rows = [(Status.UNKNOWN.value, detail, key, SENDING, run) for key, run in claims]
        self._each(f"{set_to}{n.run} = {p}", [row for row in rows if row[-1] is not None], "named rows UNKNOWN")
        self._each(f"{set_to}{n.run} IS NULL", [row[:-1] for row in rows if row[-1] is None], "named rows UNKNOWN")

    def write(
        self, results: Mapping[tuple[Any, str], Outcome], sent_at: Callable[[Outcome], str | None]
    ) -> list[tuple[Any, str]]:
        """Write results, by key and the run that has claimed the row, and return those that have no such row any more."""
        n, p = self._n, self._p
        columns = (n.status, n.code, n.message_id, n.parts, n.sent_at, n.detail)
        # Also where somebody has blanked the status meanwhile: what was sent must not be sent again without their knowing.
        sql = (
            f"UPDATE {n.table} SET {', '.join(f'{name} = {p}' for name in columns)} WHERE {n.key} = {p} "
            f"AND {n.run} = {p} AND ({n.status} IS NULL OR {n.status} IN ({p}, {p}, {p}))"
        )
        rows = [
            (
                outcome.status.value,
                outcome.code,
                outcome.message_id,
                outcome.parts or None,
                sent_at(outcome),
                outcome.detail,
                key,
                run,
                SENDING,
                Status.UNKNOWN.value,
                outcome.status.value,
            )
            for (key, run), outcome in results.items()
        ]
        hits = self._each(sql, rows, "wrote results")
        return [claim for claim, hit in zip(results, hits, strict=True) if not hit]

    # Inside.

    def _rows(self, sql: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        def work(cursor: Any) -> list[Sequence[Any]]:
            cursor.execute(sql, *([values] if values else []))
            return list(cursor.fetchall())

        return self._transaction(work, "read the table", keep=False)

    def _each(self, sql: str, rows: Sequence[Sequence[Any]], what: str) -> list[int]:
        """Execute one statement for each of *rows* and return how many rows of the table each has hit."""

        def work(cursor: Any) -> list[int]:
            hits = []
            for values in rows:
                cursor.execute(sql, values)
                hits.append(cursor.rowcount)
            return hits

        return self._transaction(work, what) if rows else []

    def _transaction(self, work: Callable[[Any], Value], what: str, *, keep: bool = True) -> Value:
        """Do *work* with a cursor, in a transaction and a connection of its own: threads share neither.

        :param keep: whether it is committed.
        :raises DatabaseError: whatever the database says; nothing is kept then.
        """
        try:
            with closing(self._hook.get_conn()) as connection:
                if self._hook.supports_autocommit:
                    self._hook.set_autocommit(connection, False)
                try:
                    with closing(connection.cursor()) as cursor:
                        done = work(cursor)
                except BaseException:
                    connection.rollback()
                    raise
                if keep:
                    connection.commit()
                else:
                    connection.rollback()
                return done
        except RoboSmsError:
            raise
        except Exception as error:  # noqa: BLE001 - each driver has errors of its own
            raise DatabaseError(f"The database failed while the campaign {what}: {said(error)}.") from None


def _may_be_texted(status: str) -> bool:
    """Tell whether a row with a status may have been texted, as far as that is not known: ``DELIVERED``, ``Sent``."""
    return not is_blank(str(status)) and as_seen(str(status)).upper() not in _NOT_TEXTED


def said(error: BaseException) -> str:
    """Return what a database's error says, in one line, without phone numbers and without the secrets that Airflow knows."""
    line = (str(error).strip().splitlines() or [""])[0]
    return _NUMBER.sub("***", redact(f"{type(error).__name__}: {line}"[:_LONGEST_ERROR])).rstrip(". ")


def _batches(keys: Sequence[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(keys)
    while some := list(islice(rest, size)):
        yield some
