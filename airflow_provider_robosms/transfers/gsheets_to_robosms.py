"""The campaign operator: texts the recipients of a Google Sheet and writes what became of each into its row."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..gateway.protocol import RoboSmsError
from ..hooks.gsheets import GoogleSheetsHook
from ..links.robosms import RoboSmsPortalLink, SpreadsheetLink
from ..operators.sending import SendingOperator, whole_number
from .other_runs import OtherRuns
from .telling import tell_plan, tell_preview, tell_summary
from .window import SendWindow

if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context

    from ..campaign.journal import Journal, Recovered, Store
    from ..sheets.api import GoogleSpreadsheet
    from ..sheets.columns import Columns
    from ..sheets.exclusion import Unproven
    from ..sheets.ledger import SheetLedger
    from ..sheets.marks import Run
    from ..sheets.plan import SheetPlan
    from ..sheets.rows import RowReader
    from ..sheets.workbook import Workbook

#: Rows claimed at once: a tenth of the campaign within these limits, since each chunk costs about five calls of Google's
#: quota whatever its size; with a pace, what it sends in about twenty seconds.
CHUNK = 1000
MOST_CHUNK = 5000
_CHUNK_SECONDS = 20
_LEAST_CHUNK = 50


class GoogleSheetsToRoboSmsOperator(SendingOperator):
    """Sends a personalised SMS to each recipient of a sheet whose Status is blank, and writes the result into the row.

    A row is claimed (Status ``SENDING``), the claim is read back, the message is sent, and the gateway's code, message id,
    parts and time are written to wherever the row is by then. Clearing a Status asks for sending again. See the sheet guide.

    :param spreadsheet_id: the spreadsheet's address or key.
    :param recipients_sheet: title of the tab with the recipients.
    :param templates_sheet: title of the tab with the templates (columns Name, Body and optionally Mask); it may be missing.
    :param template: name of the template for rows that have neither a Message nor a Template of their own.
    :param message: text for such rows when no *template* is set. Tags such as ``{{ First Name }}`` are filled from the row;
        in a DAG file write it inside ``{% raw %}…{% endraw %}``, because this parameter is templated by Airflow first.
    :param key_column: the column that identifies a row; by default ``ID`` where there is one, else the phone number.
    :param partition: which share of the rows this task takes, from 0.
    :param partitions: into how many shares the rows are split, by a hash of the key.
    :param limit: send at most so many messages; the rest stays for the next run.
    :param send_window: hours in which messages may be sent, such as ``"09:00-21:00"``; outside, the task waits without a
        worker slot.
    :param timezone: time zone of *send_window*, Send At and Sent At.
    :param max_segments: skip texts of more message parts.
    :param smart_encoding: replace typographic characters where that makes a text cheaper.
    :param allow_same_number: let rows with different IDs text the same number, such as two children of one parent.
    :param gcp_conn_id: connection of type ``google_cloud_platform``.

    Further parameters are those of :class:`~..operators.sending.SendingOperator`.
    """

    template_fields: Sequence[str] = (
        "spreadsheet_id",
        "recipients_sheet",
        "templates_sheet",
        "template",
        "message",
        "key_column",
        "mask",
        "limit",
        "send_window",
        "max_segments",
        "max_per_second",
        "concurrency",
        "bulk_size",
        "partitions",
        "dry_run",
        "robosms_conn_id",
        "gcp_conn_id",
    )
    operator_extra_links: tuple[BaseOperatorLink, ...] = (SpreadsheetLink(), RoboSmsPortalLink())

    def __init__(
        self,
        *,
        spreadsheet_id: str,
        recipients_sheet: str = "Recipients",
        templates_sheet: str = "Templates",
        template: str | None = None,
        message: str | None = None,
        key_column: str | None = None,
        partition: int = 0,
        partitions: int = 1,
        limit: int | None = None,
        send_window: str | Sequence[str] | None = None,
        timezone: str = "Asia/Karachi",
        max_segments: int | None = None,
        smart_encoding: bool = False,
        allow_same_number: bool = False,
        gcp_conn_id: str = GoogleSheetsHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.spreadsheet_id = spreadsheet_id
        self.recipients_sheet = recipients_sheet
        self.templates_sheet = templates_sheet
        self.template = template
        self.message = message
        self.key_column = key_column
        self.partition = partition
        self.partitions = partitions
        self.limit = limit
        self.send_window = send_window
        self.timezone = timezone
        self.max_segments = max_segments
        self.smart_encoding = smart_encoding
        self.allow_same_number = allow_same_number
        self.gcp_conn_id = gcp_conn_id

    @cached_property
    def google(self) -> GoogleSheetsHook:
        """The Google Sheets hook."""
        return GoogleSheetsHook(self.gcp_conn_id)

    @property
    def spreadsheet_url(self) -> str:
        """The spreadsheet's address, for the link on the task."""
        from ..sheets.workbook import spreadsheet_key

        try:
            return f"{self.google.endpoint or 'https://docs.google.com'}/spreadsheets/d/{spreadsheet_key(self.spreadsheet_id)}/edit"
        except RoboSmsError:
            return ""

    def execute(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Run the campaign, or go on with it after waiting for the send window, and return the summary."""
        self._note_portal()
        try:
            return self._execute(context)
        except RoboSmsError as error:
            self._fail_if_permanent(error)
            raise

    def _execute(self, context: Context) -> dict[str, Any]:
        from ..sheets.exclusion import Unproven
        from ..sheets.marks import Run

        started = time.monotonic()
        settings = self._settings(self._partitions())
        zone = self._zone()
        window = SendWindow.parse(self.send_window, zone)
        self._wait_for_window(window)
        api = self._open_api()
        book = self._open_book(api)
        identity = self._identity(context)
        store = self._store(context) if not self.is_dry_run else None
        journal, recovered = self._journal(context, store, identity) if store else (None, None)
        key_column = self._settled_key_column(book, store, recovered)
        reader_for = self._reader_factory(book, zone, key_column)
        others = OtherRuns(context, self.task_id)
        run = Run(identity, _nonce(store), is_over=others.is_over, at_work=others.at_work)
        unproven = Unproven(store)
        plan = self._plan(book, reader_for(book.columns), run, journal, recovered, unproven)
        tell_plan(self.log, plan)
        if plan.without_mask:
            self.hook.client.account.sender(self.mask)
        before = self._balance_before() if plan.backlog or self.is_dry_run else None
        if store is None or journal is None or recovered is None:
            return tell_preview(self.log, plan, before, started)
        if before is not None and self.check_balance:
            self._check_affordable(before, plan.parts * self._partitions())
        ledger = self._ledger(api, plan, reader_for, run, zone, unproven)
        campaign, resumed = self._run_campaign(
            store=store,
            journal=journal,
            recovered=recovered,
            ledger=ledger,
            settings=settings,
            known=plan.settled,
            overwritten=plan.overwritten,
            to_send=len(plan.backlog),
            deadline=self._closes_at(window),
        )
        vanished = len(recovered.outcomes) + len(recovered.in_doubt) - resumed.reused - resumed.in_doubt
        result = tell_summary(
            self.log,
            plan,
            campaign,
            ledger,
            before=before,
            after=self._balance_after() if before is not None else None,
            vanished=vanished,
            started=started,
        )
        stop = campaign.stop
        if stop and stop.failure:
            self._leave_summary(context, result)
            raise RoboSmsError(stop.sentence, permanent=stop.permanent)
        if stop:
            self.log.info("%s", stop.sentence)
            self._wait_for_window(window)
        return result

    # What is asked for.

    def _partitions(self) -> int:
        partitions = whole_number(self.partitions, "partitions")
        if not 1 <= partitions <= 25 or not 0 <= self.partition < partitions:
            raise RoboSmsError(
                "partitions must be 1 to 25 (Google's quota is shared between them), and partition from 0 to one less.",
                permanent=True,
            )
        return partitions

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise RoboSmsError(
                f"timezone {self.timezone!r} is not known: write it like Asia/Karachi.", permanent=True
            ) from None

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
        now = datetime.now(timezone.utc)
        return time.monotonic() + (window.next_closing(now) - now).total_seconds() if window else None

    # The sheet.

    def _open_api(self) -> GoogleSpreadsheet:
        from ..sheets.api import GoogleSpreadsheet
        from ..sheets.workbook import spreadsheet_key

        http = self.google.get_conn().http_client
        key = spreadsheet_key(self.spreadsheet_id)
        return GoogleSpreadsheet(http, key, share_with=self.google.account_email, share=self._partitions())

    def _open_book(self, api: GoogleSpreadsheet) -> Workbook:
        from ..sheets.layout import check_own_columns
        from ..sheets.workbook import open_workbook

        book = open_workbook(api, self.recipients_sheet, self.templates_sheet)
        check_own_columns(book.columns, book.rows)
        return book

    def _settled_key_column(self, book: Workbook, store: Any, recovered: Recovered | None) -> str | None:
        """Return the key column; a retry keeps to the one that the first try used, whatever was renamed since."""
        chosen = self.key_column or ("ID" if book.columns.one("ID") is not None else "Phone")
        if store is None:
            return chosen
        first = store.get("key_column")
        if recovered and first:
            return str(first)
        store.set("key_column", chosen)
        return chosen

    def _reader_factory(self, book: Workbook, zone: ZoneInfo, key_column: str | None) -> Callable[[Columns], RowReader]:
        from ..sheets.rows import RowReader, Wording

        limit = self.max_segments
        wording = Wording(
            message=self.message or None,
            template=self.template or None,
            templates=book.templates,
            mask=self.mask or None,
            max_segments=whole_number(limit, "max_segments") if limit not in (None, "", "None") else None,
            smart_encoding=self.smart_encoding,
        )
        reader_for = partial(RowReader, wording=wording, key_column=key_column, opted_out=book.opted_out, zone=zone)
        reader_for(book.columns)  # a missing Phone column is the first thing to tell
        wording.check(book.columns)
        return reader_for

    def _plan(
        self,
        book: Workbook,
        reader: RowReader,
        run: Run,
        journal: Journal | None,
        recovered: Recovered | None,
        unproven: Unproven,
    ) -> SheetPlan:
        from ..sheets.plan import make_plan

        def settled(key: str) -> bool:
            return bool(journal and recovered and recovered.settles(journal.opaque(key)))

        limit = whole_number(self.limit, "limit") if self.limit not in (None, "", "None", 0, "0") else None
        if limit is not None and recovered:  # what earlier tries of this run did counts, too
            limit = max(0, limit - len(recovered.outcomes) - len(recovered.in_doubt))
        return make_plan(
            reader,
            book.rows,
            run,
            now=datetime.now(timezone.utc),
            read_at=book.read_at,
            partition=self.partition,
            partitions=self._partitions(),
            limit=limit,
            same_number=self.allow_same_number,
            settled=settled,
            trust_leavings=not (unproven.left and run.others_at_work()),
        )

    def _ledger(
        self,
        api: GoogleSpreadsheet,
        plan: SheetPlan,
        reader_for: Callable[[Columns], RowReader],
        run: Run,
        zone: ZoneInfo,
        unproven: Unproven,
    ) -> SheetLedger:
        from ..sheets.ledger import SheetLedger

        rate = self._settings(self._partitions()).max_per_second
        chunk = max(CHUNK, min(MOST_CHUNK, len(plan.backlog) // 10))
        if rate is not None:
            chunk = max(_LEAST_CHUNK, min(chunk, int(rate * _CHUNK_SECONDS)))
        return SheetLedger(api, plan, reader_for, run, chunk=chunk, zone=zone, unproven=unproven)


def _nonce(store: Store | None) -> str:
    """Return what makes this run's claims its own, drawn by its first try and kept in the task's state."""
    known = store.get("nonce") if store else ""
    if store and not known:
        known = secrets.token_hex(4)
        store.set("nonce", known)
    return str(known)
