"""Operator links: the spreadsheet and the RoboSMS portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class SpreadsheetLink(BaseOperatorLink):
    """The spreadsheet of a campaign."""

    name = "Spreadsheet"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the spreadsheet's address."""
        return str(getattr(operator, "spreadsheet_url", "") or "")


class RoboSmsPortalLink(BaseOperatorLink):
    """The portal of the account that sends."""

    name = "RoboSMS portal"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the portal's address, as the operator noted it when it ran."""
        return str(getattr(operator, "portal_url", "") or "")
