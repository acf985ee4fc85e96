"""A stand-in for the part of the Google Sheets API v4 that gspread uses, with Google's token endpoint, on loopback.

:class:`.service.SheetsService` is the web service. The model below it (:mod:`.spreadsheet`, :mod:`.values`, :mod:`.requests`,
:mod:`.person`) is plain Python and works without a web framework, which simulations use.
"""
