"""A stand-in for the part of the Google Sheets API v4 that gspread uses, with Google's token endpoint, on loopback.

:class:`SheetsService` is the web service. The model below it (:mod:`.spreadsheet`, :mod:`.values`, :mod:`.requests`,
:mod:`.person`) is plain Python and works without a web framework, which simulations use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .service import SheetsService

__all__ = ["SheetsService"]


def __getattr__(name: str) -> Any:
    # The service is imported when it is asked for, so that the model alone does not load FastAPI.
    if name == "SheetsService":
        from .service import SheetsService

        return SheetsService
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
