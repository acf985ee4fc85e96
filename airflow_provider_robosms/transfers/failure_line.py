"""A campaign that did not begin says so in the tab Campaigns, where the sheet's owner looks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ..campaigns_tab.plain_line import append_line
from ..exceptions import RoboSmsError
from ..hooks.gsheets import GoogleSheetsHook
from .campaign_line import run_url, who
from .planned import ZONE

if TYPE_CHECKING:
    from logging import Logger

    from airflow.sdk import Context

    from ..spreadsheet.api import GoogleSpreadsheet

TITLE = "Campaigns"


def open_spreadsheet(key: str) -> GoogleSpreadsheet:
    """Return the spreadsheet of that key, through the usual Google connection."""
    from ..spreadsheet.api import GoogleSpreadsheet

    google = GoogleSheetsHook()
    return GoogleSpreadsheet(google.get_conn().http_client, key, share_with=google.account_email)


def tell_failure(
    log: Logger, context: Context, key: str, name: str, template: str, reason: str, *, over: bool = True
) -> None:
    """Write the line, once; what stands in the way is a line in the log.

    :param key: of the spreadsheet.
    :param name: what names the line, see :func:`~..recipients.refs.ref`: where there is one of that name, nothing is written.
    :param template: the campaign's template, as somebody wrote it; blank where it is about no campaign, such as a whole plan.
    :param reason: why it did not begin.
    :param over: False when a later try may yet change the line.
    """
    ti = context["ti"]
    facts = {
        "Started": f"{datetime.now(ZONE):%Y-%m-%d %H:%M}",
        "By": who(context),
        "Template": template,
        "Run": run_url(ti.dag_id, ti.run_id),
    }
    try:
        append_line(open_spreadsheet(key), TITLE, name, facts, reason, over=over)
    except RoboSmsError as error:
        log.warning("This is not written into the tab %s: %s", TITLE, error)
