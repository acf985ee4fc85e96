"""The campaign operator for databases: texts the rows that a query gives and writes each result into the row."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..exceptions import RoboSmsError
from ..links.robosms import RoboSmsPortalLink
from ..settings import message, optional_text, shown, text
from ..settings import timezone as timezone_of
from ..sms.blank import is_blank
from .hours import WindowedOperator
from .sql_hook import db_hook

# What a DAG file does not need is imported where it is used: Airflow parses it often, and a campaign runs now and then.
if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context

    from ..campaign.engine import Settings
    from ..campaign.journal import Store
    from ..campaign.owner import Owner
    from .sql_plan import Others, Texts
    from .sql_table import CampaignTable, Names

#: Rows that are claimed at once, for each request under way; with a pace, at most those of so many seconds.
_CHUNK_REQUESTS, _CHUNK_SECONDS = 5, 10


class SqlToRoboSmsOperator(WindowedOperator):
    """Sends a personalised SMS for each row that a query gives, and writes what became of it into the row.

    The table decides, not Airflow's memory: a row is claimed in the table before it is sent, and only one whose status is
    NULL can be claimed. So nobody is texted twice, whatever crashes, runs at the same time, is retried or cleared. What a run
    that died has claimed without a result is UNKNOWN: the next run says so. One number is texted once, however many rows have
    it. To text somebody again, set the status of the row to NULL.

    The table needs the columns ``sms_status``, ``sms_run``, ``sms_code``, ``sms_message_id``, ``sms_parts``, ``sms_sent_at``
    and ``sms_detail``, or with another prefix.

    :param table: the table whose rows are texted, such as ``customers`` or ``crm.customers``.
    :param sql: query for the rows that are due, with the columns *key_column* and *phone_column* and one for each tag; or the
        path of a ``.sql`` file. Rows whose status is not NULL are left alone even if it gives them.
    :param parameters: values for the placeholders in *sql*.
    :param key_column: column of the table that identifies a row.
    :param phone_column: column of the table with the number.
    :param message: text with tags such as ``{{ name }}``, filled from the row; in a DAG file write it inside
        ``{% raw %}…{% endraw %}``, because this parameter is templated by Airflow first.
    :param message_column: instead, the column of the query that holds the whole text.
    :param opted_out_sql: query whose first column gives the numbers that must not be texted. It is asked again before each
        chunk of rows.
    :param result_prefix: what the names of the columns for results begin with.
    :param limit: send at most so many messages; the rest stays for the next run.
    :param send_window: hours in which messages may be sent, such as ``"09:00-21:00"``; outside, the task waits without a
        worker slot.
    :param timezone: time zone of *send_window* and ``sms_sent_at``.
    :param sql_conn_id: connection to the database, of any type whose hook is a DB-API hook of common-sql.

    Further parameters are those of :class:`~..operators.sending.SendingOperator`.
    """

    template_fields: Sequence[str] = (
        "table",
        "sql",
        "parameters",
        "key_column",
        "phone_column",
        "message",
        "message_column",
        "opted_out_sql",
        "mask",
        "limit",
        "send_window",
        "not_after",
        "max_per_second",
        "concurrency",
        "dry_run",
        "robosms_conn_id",
        "sql_conn_id",
    )
    template_ext: Sequence[str] = (".sql",)
    template_fields_renderers = {"sql": "sql", "opted_out_sql": "sql"}  # noqa: RUF012 - Airflow's own declaration
    operator_extra_links: tuple[BaseOperatorLink, ...] = (RoboSmsPortalLink(),)

    def __init__(
        self,
        *,
        table: str,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        key_column: str = "id",
        phone_column: str = "phone",
        message: str | None = None,
        message_column: str | None = None,
        opted_out_sql: str | None = None,
        result_prefix: str = "sms_",
        limit: int | None = None,
        send_window: str | Sequence[str] | None = None,
        timezone: str = "Asia/Karachi",
        sql_conn_id: str = "robosms_sql",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table = table
        self.sql = sql
        self.parameters = parameters
        self.key_column = key_column
        self.phone_column = phone_column
        self.message = message
        self.message_column = message_column
        self.opted_out_sql = opted_out_sql
        self.result_prefix = result_prefix
        self.limit = limit
        self.send_window = send_window
        self.timezone = timezone
        self.sql_conn_id = sql_conn_id
        self._given |= {name: getattr(self, name) is not None for name in self.template_fields}

    def _execute(self, context: Context) -> dict[str, Any]:
        from .sql_claims import Earlier, settle_earlier
        from .sql_ledger import SqlLedger
        from .sql_plan import check_ignored, make_plan
        from .summary import tell_rows, tell_rows_preview, tell_rows_summary

        started = time.monotonic()
        settings, names = self._settings(), self._names()
        texts, opted_out_sql, limit = self._texts(), self._opted_out_sql(), self._limit()
        zone = timezone_of(self.timezone)
        query, values, conn_id = text(self.sql, "sql"), self._values(), text(self.sql_conn_id, "sql_conn_id")
        window = self._begin_in_window(zone)
        store = None if self.is_dry_run else self._store(context)
        owner = self._owner(context)
        table = self._table(conn_id, names, owner, store)
        table.check()
        earlier = Earlier()
        memory = self._journal(store, owner) if store else None
        if memory is not None:
            earlier = settle_earlier(self.log, table, owner, memory, context.get("ti"))
            if limit is not None:  # what earlier tries of this run did counts, too
                limit = max(0, limit - memory.recovered.count)
        others = partial(self._others, table, opted_out_sql)
        columns, rows = table.select(query, values, "sql")
        check_ignored(columns, names.columns, texts)
        plan = make_plan(
            columns,
            rows,
            key_column=names.key,
            phone_column=names.phone,
            texts=texts,
            others=others(own=True),
            sender_id=self.sender_id,
            limit=limit,
        )
        tell_rows(self.log, plan)
        if plan.messages:
            self.hook.client.account.sender(self.sender_id)
        before = self._balance_before() if plan.messages or self.is_dry_run else None
        if memory is None:
            return tell_rows_preview(self.log, plan, table.counts(), before, started)
        if before is not None and self.checks_balance:
            self._check_affordable(before, plan.parts)
        ledger = SqlLedger(
            table,
            plan,
            partial(others, own=False),
            chunk=self._chunk(settings),
            zone=zone,
            log=self.log,
            unwritten=earlier.unwritten,
        )
        campaign, _ = self._run_campaign(
            memory,
            ledger,
            settings=settings,
            known=earlier.known,
            overwritten=earlier.unwritten,
            to_send=len(plan.messages),
            deadline=self._closes_at(window),
        )
        result = tell_rows_summary(
            self.log,
            plan,
            campaign,
            ledger,
            earlier,
            before=before,
            after=self._balance_after() if before is not None else None,
            portal=self.portal_url,
            started=started,
        )
        if campaign.stop and campaign.stop.failure:
            self._leave_summary(context, result)
            raise RoboSmsError(campaign.stop.sentence, permanent=campaign.stop.permanent)
        if campaign.stop:
            self.log.info("%s", campaign.stop.sentence)
            self._wait_for_window(window)
        return result

    # What is asked for.

    def _names(self) -> Names:
        from .sql_table import Names, identifier

        return Names(
            identifier(self.table, "table", parts=3),
            identifier(self.key_column, "key_column"),
            identifier(self.phone_column, "phone_column"),
            identifier(self.result_prefix, "result_prefix"),
        )

    def _texts(self) -> Texts:
        from .sql_plan import Texts

        # Blank text is how a form says that there is none; None from another task is a text that is missing.
        wanted = self.message
        unset = is_blank(wanted) if isinstance(wanted, str) else wanted is None and not self._given["message"]
        column = optional_text(self.message_column, "message_column", given=self._given["message_column"])
        texts = Texts(None if unset else message(wanted, tags=True), column)
        if (texts.message is None) == (texts.column is None):
            raise RoboSmsError("Set either message or message_column: one of them gives the text.", permanent=True)
        return texts

    def _opted_out_sql(self) -> str | None:
        # Not optional_text: an empty file would opt nobody out.
        return text(self.opted_out_sql, "opted_out_sql") if self._given["opted_out_sql"] else None

    def _values(self) -> Any:
        """Return the values for the placeholders of *sql*; None when there are none."""
        values = self.parameters
        if isinstance(values, (Mapping, list, tuple)) or (values is None and not self._given["parameters"]):
            return values
        raise RoboSmsError(f"parameters must be a list or a dict, not {shown(values)}.", permanent=True)

    @staticmethod
    def _chunk(settings: Settings) -> int:
        """Return how many rows are claimed at once: what a crash leaves UNKNOWN where no journal of the task is left."""
        most = _CHUNK_REQUESTS * settings.concurrency
        if settings.max_per_second is not None:
            most = min(most, max(settings.concurrency, int(settings.max_per_second * _CHUNK_SECONDS)))
        return max(most, settings.bulk_size)

    # The table.

    @staticmethod
    def _table(conn_id: str, names: Names, owner: Owner, store: Store | None) -> CampaignTable:
        from .sql_claims import claim_of
        from .sql_table import CampaignTable

        return CampaignTable(db_hook(conn_id), names, claim_of(owner, store))

    def _others(self, table: CampaignTable, opted_out_sql: str | None, *, own: bool) -> Others:
        """Return who must not be texted, as it stands now.

        :param own: also whom this run has texted; a plan has each number once.
        :raises RoboSmsError: when an opt-out cannot be read: nobody could tell who must not be texted; permanent.
        """
        from .sql_plan import Others

        names, opt_outs = table.select(opted_out_sql, None, "opted_out_sql") if opted_out_sql else ([""], [])
        if len(names) != 1:
            raise RoboSmsError(
                f"opted_out_sql gives {len(names)} columns, of which one alone can be heeded: select nothing but the number.",
                permanent=True,
            )
        others = Others.of((row[0] for row in opt_outs), table.spoken_for(own=own))
        if others.unreadable:
            raise RoboSmsError(
                f"opted_out_sql gives entries that cannot be read as a phone number ({others.unreadable:,}), so their owners "
                "would be texted: correct them, or leave them out of the query.",
                permanent=True,
            )
        return others
