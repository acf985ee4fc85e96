"""The campaign operator: texts the recipients of a Google Sheet and writes what became of each into its row."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NoReturn

from ..campaign.journal import MemoryStore
from ..exceptions import RoboSmsError
from ..hooks.gsheets import GoogleSheetsHook
from ..links.robosms import RoboSmsPortalLink, SpreadsheetLink
from ..operators.state import ListMemory, kept
from ..settings import boolean, message, optional_text, optional_whole, plain_line, text, whole
from ..settings import timezone as timezone_of
from ..sms.blank import is_blank
from .hours import WindowedOperator
from .other_runs import is_over

# The sheet's own modules are imported where they are used: Airflow parses DAG files often, and a campaign runs now and then.
if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context, XComArg

    from ..campaign.engine import Settings, Stop
    from ..campaign.journal import Store
    from ..campaign.owner import Owner
    from ..campaigns_tab.line import CampaignLine
    from ..gateway.outcome import Balance
    from ..recipients.workbook import Workbook
    from ..sheets.lock import Busy
    from ..sheets.plan import SheetPlan
    from ..sheets.results import SheetResults
    from ..spreadsheet.api import GoogleSpreadsheet
    from .approved import Approved
    from .sheet_source import SheetSettings

#: How often a sheet whose columns move is read again before the task gives up.
_PLANS = 6
#: Between two looks at a lock that another campaign holds.
_LOCK_WAIT = timedelta(seconds=20)


class GoogleSheetsToRoboSmsOperator(WindowedOperator):
    """Sends a personalised SMS to each recipient of a sheet whose Status is blank, and writes the result into the row.

    One campaign at a time sends from a tab; another one waits without a worker slot. The gateway's code, message id,
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
    :param approved: what a person has approved, from the dry run's result: ``spreadsheet``, ``messages``, ``parts`` (its
        ``segments``) and ``texts``. More people are not texted; more parts, other texts, another sender mask or another
        spreadsheet stop the task. None for no such bounds.
    :param send_window: hours in which messages may be sent, such as ``"09:00-21:00"``; outside, the task waits without a
        worker slot.
    :param timezone: time zone of *send_window*, Send At and Sent At.
    :param max_segments: skip texts of more message parts.
    :param smart_encoding: replace typographic characters where that makes a text cheaper.
    :param allow_same_number: let rows with different IDs text the same number, such as two children of one parent.
    :param opt_out_line: how to get no more texts, such as ``Reply STOP``: every text ends with it, and it counts in parts.
    :param test_to: with ``dry_run=True``, send the first texts to this number, and to nobody else. The sheet is not written.
    :param test_messages: so many of them, 1 to 3.
    :param campaigns_tab: title of a tab in which the campaign keeps a line of its own, with its progress and a tick box that
        stops it; made where it is missing. None for no such tab.
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
        "approved",
        "send_window",
        "not_after",
        "max_segments",
        "max_per_second",
        "concurrency",
        "bulk_size",
        "partitions",
        "opt_out_line",
        "test_to",
        "campaigns_tab",
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
        approved: Mapping[str, Any] | XComArg | None = None,
        send_window: str | Sequence[str] | None = None,
        timezone: str = "Asia/Karachi",
        max_segments: int | None = None,
        smart_encoding: bool = False,
        allow_same_number: bool = False,
        opt_out_line: str | None = None,
        test_to: str | None = None,
        test_messages: int = 1,
        campaigns_tab: str | None = None,
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
        self.approved = approved
        self.send_window = send_window
        self.timezone = timezone
        self.max_segments = max_segments
        self.smart_encoding = smart_encoding
        self.allow_same_number = allow_same_number
        self.opt_out_line = opt_out_line
        self.test_to = test_to
        self.test_messages = test_messages
        self.campaigns_tab = campaigns_tab
        self.gcp_conn_id = gcp_conn_id
        self._given |= {name: getattr(self, name) is not None for name in self.template_fields}
        self._unmasked: Any = None

    @cached_property
    def google(self) -> GoogleSheetsHook:
        """The Google Sheets hook."""
        return GoogleSheetsHook(text(self.gcp_conn_id, "gcp_conn_id"))

    @property
    def _spreadsheet_key(self) -> str:
        from ..spreadsheet.address import spreadsheet_key

        return spreadsheet_key(self.spreadsheet_id)

    @property
    def spreadsheet_url(self) -> str:
        """The spreadsheet's address, for the link on the task."""
        try:
            return f"{self.google.endpoint or 'https://docs.google.com'}/spreadsheets/d/{self._spreadsheet_key}/edit"
        except RoboSmsError:
            return ""

    def _do_render_template_fields(self, parent: Any, *args: Any, **kwargs: Any) -> None:
        """Render, and leave of *test_to* what everybody may see: Airflow stores the rendered fields."""
        super()._do_render_template_fields(parent, *args, **kwargs)
        if parent is self:
            from .own_number import masked

            self._unmasked, self.test_to = self.test_to, masked(self.test_to)

    def _execute(self, context: Context) -> dict[str, Any]:
        from ..sheets.lock import Busy
        from ..spreadsheet.errors import SheetUnavailable
        from .approved import START_ANEW, Approved
        from .sheet_source import Chunks, SheetSource
        from .summary import tell_nothing, tell_plan, tell_preview, tell_summary

        started = time.monotonic()
        settings = self._settings(self._partitions())
        approved = Approved.read(self.approved, given=self._given["approved"])
        wanted = self._wanted(approved)
        window = self._begin_in_window(wanted.zone)
        wanted = self._with_sender(wanted, approved)
        owner = self._owner(context, wanted.partition, wanted.partitions)
        store = self._store(context) if not self.is_dry_run else None
        if approved is not None and store:  # how many of these were texted must be known
            ListMemory(context, store).check(what_now=START_ANEW)
        memory = self._journal(store, owner) if store else None
        known = _journal_id(store)
        with SheetSource(self._open_api(), wanted, owner, memory, partial(is_over, context.get("ti"))) as sheet:
            for _ in range(_PLANS):
                book = sheet.open()
                plan = sheet.plan(book)
                tell_plan(self.log, plan)
                if approved is not None:
                    approved.check(plan, wanted.spreadsheet, memory.recovered.parts if memory else 0)
                if plan.without_mask:
                    self.hook.client.account.sender(self.sender_id)
                before = self._balance_before() if plan.messages or self.is_dry_run else None
                if memory is None:
                    plan.check_listed()
                    return {
                        **tell_preview(self.log, plan, before, started, book),
                        "spreadsheet": wanted.spreadsheet,
                        "mask": wanted.wording.mask,
                        "test": self._test(context, plan, before, settings),
                    }
                if before is not None and self.checks_balance:
                    # A retry's campaign was paid for when it began, and what the others sent may not stand in the sheet yet.
                    self._check_affordable(before, plan.parts if memory.recovered else plan.parts_of_all)
                if not (plan.messages or plan.notes or memory.recovered or book.unsettled):
                    return tell_nothing(self.log, plan, before, started)
                chunks = Chunks.of(settings.concurrency, settings.max_per_second, memory.store)
                results = sheet.take(book, plan, self._line(book, plan, owner, context, wanted), known, chunks)
                if isinstance(results, Busy):
                    self._wait_for_lock(results)
                if results is not None:
                    break
            else:
                raise SheetUnavailable(
                    "The sheet changed each time it was read, or other tasks of this campaign began meanwhile: run the task "
                    "again in a minute."
                )
        del book  # what counts of its rows is in the plan; a large sheet must not be held twice
        campaign, resumed = self._run_campaign(
            memory,
            results,
            settings=settings,
            known=plan.settled,
            to_send=len(plan.messages),
            deadline=self._closes_at(window),
        )
        vanished = memory.recovered.count - resumed.reused - resumed.in_doubt
        result = tell_summary(
            self.log,
            plan,
            campaign,
            results,
            before=before,
            after=self._balance_after() if before is not None else None,
            vanished=vanished,
            portal=self.portal_url,
            started=started,
        )
        stop = campaign.stop
        self._close(results, result, stop, before)
        if stop and stop.failure:
            self._leave_summary(context, result)
            raise RoboSmsError(stop.sentence, permanent=stop.permanent)
        if stop:
            self.log.info("%s", stop.sentence)
            self._wait_for_window(window)
        return result

    def _test(
        self, context: Context, plan: SheetPlan, before: Balance | None, settings: Settings
    ) -> dict[str, Any] | None:
        """Send the first texts to the number of *test_to*, if there is one; the sheet and its lock are left alone."""
        from ..campaign.ledger import ListLedger
        from .own_number import addressed_to, read_count, tell_test

        to = self._test_number()
        if to is None:
            return None
        messages = addressed_to(plan, to, read_count(self.test_messages))
        if before is not None and self.checks_balance:
            self._check_affordable(before, sum(message.parts for message in messages))
        memory = self._journal(self._store(context), self._owner(context))
        memory.recovered.forget_failed()
        known = [message.key for message in messages if memory.settles(message.key)]
        to_send = [message for message in messages if message.key not in known]
        ledger = ListLedger(to_send)
        campaign, _ = self._run_campaign(memory, ledger, settings=settings, known=known, to_send=len(to_send))
        if campaign.stop:
            raise RoboSmsError(campaign.stop.sentence, permanent=campaign.stop.permanent)
        return tell_test(self.log, to, len(messages), campaign.engine.counts)

    # What is asked for.

    def _test_number(self) -> str | None:
        from .own_number import read_number

        value = self.test_to if self._unmasked is None else self._unmasked
        return read_number(value, dry_run=self.is_dry_run, given=self._given["test_to"])

    def _partitions(self) -> int:
        """Return into how many shares the rows are split; Google's quota is shared between them."""
        return whole(self.partitions, "partitions", least=1, most=25)

    def _wanted(self, approved: Approved | None) -> SheetSettings:
        """Read every setting of the sheet, before anything is read, written or sent.

        :raises RoboSmsError: for the first that is not understood.
        """
        from ..recipients.wording import Wording
        from .own_number import read_count
        from .sheet_source import SheetSettings

        _ = text(self.gcp_conn_id, "gcp_conn_id"), self._test_number(), read_count(self.test_messages)
        wanted = self.message
        # Blank text is how a form says that there is none; None from another task is a text that is missing.
        unset = is_blank(wanted) if isinstance(wanted, str) else wanted is None and not self._given["message"]
        wording = Wording(
            message=None if unset else message(wanted, tags=True),
            template=optional_text(self.template, "template", given=self._given["template"]),
            mask=self.sender_id,
            max_segments=optional_whole(self.max_segments, "max_segments", least=1, given=self._given["max_segments"]),
            smart_encoding=boolean(self.smart_encoding, "smart_encoding"),
            opt_out_line=plain_line(self.opt_out_line, "opt_out_line", given=self._given["opt_out_line"]),
        )
        limits = (self._limit(), None if approved is None else approved.messages)
        return SheetSettings(
            spreadsheet=self._spreadsheet_key,
            recipients=text(self.recipients_sheet, "recipients_sheet"),
            templates=text(self.templates_sheet, "templates_sheet"),
            campaigns=optional_text(self.campaigns_tab, "campaigns_tab", given=self._given["campaigns_tab"]),
            key_column=optional_text(self.key_column, "key_column", given=self._given["key_column"]),
            partition=whole(self.partition, "partition", most=self._partitions() - 1),
            partitions=self._partitions(),
            limit=min((most for most in limits if most is not None), default=None),
            same_number=boolean(self.allow_same_number, "allow_same_number"),
            wording=wording,
            zone=timezone_of(self.timezone),
        )

    def _with_sender(self, wanted: SheetSettings, approved: Approved | None) -> SheetSettings:
        """Return what is asked for, with the connection's sender mask by name where somebody approves it, or has.

        It is shown to whoever approves, and may be another by the time that the texts are sent.
        """
        if wanted.wording.mask or not (self.is_dry_run or approved is not None):
            return wanted
        return replace(wanted, wording=replace(wanted.wording, mask=self.hook.client.account.mask))

    def _open_api(self) -> GoogleSpreadsheet:
        from ..spreadsheet.api import GoogleSpreadsheet

        http = self.google.get_conn().http_client
        key = self._spreadsheet_key
        return GoogleSpreadsheet(http, key, share_with=self.google.account_email, share=self._partitions())

    # The lock, and the campaign's line.

    def _line(
        self, book: Workbook, plan: SheetPlan, owner: Owner, context: Context, wanted: SheetSettings
    ) -> CampaignLine | None:
        from .campaign_line import open_line

        if wanted.campaigns is None:
            return None
        return open_line(
            wanted.campaigns,
            book,
            plan,
            owner,
            context=context,
            template=wanted.wording.template,
            now=datetime.now(wanted.zone),
            progress=lambda: self._progress,
        )

    def _close(self, results: SheetResults, result: dict[str, Any], stop: Stop | None, before: Balance | None) -> None:
        """Write the line's last words, and give the lock back unless something is left for a retry."""
        from .campaign_line import last_words

        lock = results.lock
        line = lock.line
        if line is not None:
            words = last_words(result, stop, before.rate if before else None)
            line.finish(words, over=stop is None or stop.permanent)
        if results.settled:
            lock.release()
        else:
            lock.leave()
        if line is not None and line.trouble:
            self.log.warning("%s", line.trouble)

    def _wait_for_lock(self, busy: Busy) -> NoReturn:
        """Defer the task for a while: another campaign sends from this tab. Nothing is held meanwhile."""
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        since = datetime.fromtimestamp(busy.since, timezone_of(self.timezone))
        self.log.info(
            "This tab is in use by %s, since %s. Waiting without a worker slot until it is done.",
            busy.owner,
            f"{since:%Y-%m-%d %H:%M %Z}",
        )
        self.defer(trigger=TimeDeltaTrigger(_LOCK_WAIT), method_name="execute")


def _journal_id(store: Store | None) -> str:
    """Return what names the journal in the task's state; blank where nothing lasts."""
    if store is None or isinstance(store, MemoryStore):
        return ""
    return kept(store, "journal_id", lambda: secrets.token_hex(8))
