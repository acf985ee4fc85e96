"""What an exception of gspread, requests or google-auth means: one sentence for each cause, and whether waiting helps.

The exception's own text may hold tokens or addresses, so none of it is shown but Google's message on a refused request.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Trouble:
    """What went wrong with a call.

    :param passing: the same call may succeed in a while.
    :param permanent: a retry of the task cannot help: a person must change something first.
    :param not_applied: it is proven that Google has not applied the call.
    """

    sentence: str
    passing: bool = False
    permanent: bool = False
    not_applied: bool = False


def trouble_of(exc: BaseException, share_with: str | None, *, writing: bool = False) -> Trouble:
    """Return what *exc* means.

    :param share_with: e-mail address of the account in use, where it is known.
    :param writing: whether the call was to change something.
    """
    import google.auth.exceptions
    import gspread.exceptions
    import requests

    if isinstance(exc, gspread.exceptions.APIError):
        return _of_answer(exc, share_with, writing=writing)
    if isinstance(exc, PermissionError):
        return Trouble(_no_access(share_with), permanent=True)
    if isinstance(exc, google.auth.exceptions.RefreshError):
        return _of_refused_token(exc)
    if isinstance(exc, google.auth.exceptions.TransportError):
        return _of_connection(exc) or _on_the_way(exc, "Google could not be reached for a token", not_applied=True)
    if isinstance(exc, google.auth.exceptions.GoogleAuthError):
        return Trouble("The Google connection's credentials cannot be used: check its key file.", permanent=True)
    if isinstance(exc, (requests.exceptions.RequestException, OSError)):
        from ..gateway.evidence import REASONS
        from ..gateway.outcome import Status
        from ..gateway.transport_errors import reason_of_exception

        unsent = REASONS[reason_of_exception(exc)][0] is Status.FAILED
        return _of_connection(exc) or _on_the_way(exc, "Google Sheets could not be reached", not_applied=unsent)
    return Trouble(f"Google Sheets gave an answer that could not be read ({type(exc).__name__}).", passing=True)


# The way to Google.


def _on_the_way(exc: BaseException, beginning: str, *, not_applied: bool) -> Trouble:
    from ..gateway.transport_errors import NEEDS_A_PERSON, reason_of_exception, trouble_on_the_way

    permanent = reason_of_exception(exc) in NEEDS_A_PERSON
    sentence = f"{beginning}: {trouble_on_the_way(exc, 'Google')}."
    return Trouble(sentence, passing=not permanent, permanent=permanent, not_applied=not_applied)


def _of_connection(exc: BaseException) -> Trouble | None:
    """Return what is wrong with certificates or a proxy of this machine; None when it is neither."""
    import requests

    chain = list(_chain(exc))
    for error in chain:
        text = str(error)
        if "Could not find a suitable TLS CA certificate bundle" in text:
            return Trouble(
                "The file of trusted certificates is not there on this machine: correct REQUESTS_CA_BUNDLE (or "
                "CURL_CA_BUNDLE) in the environment of the Airflow workers.",
                not_applied=True,
            )
        if isinstance(error, ssl.SSLCertVerificationError):
            return Trouble(
                "This machine does not trust the certificate that was shown for Google, as behind a company's proxy with "
                "its own CA: set REQUESTS_CA_BUNDLE to that CA's file in the environment of the Airflow workers.",
                not_applied=True,
            )
        if "Tunnel connection failed: 407" in text:
            return Trouble(
                "The proxy asks for a user name and a password (407): put them into HTTPS_PROXY in the environment of the "
                "Airflow workers.",
                not_applied=True,
            )
        if "Tunnel connection failed: 403" in text:
            return Trouble(
                "The proxy does not let this machine reach Google (403): have it allow sheets.googleapis.com and "
                "oauth2.googleapis.com.",
                not_applied=True,
            )
    if any(isinstance(error, requests.exceptions.ProxyError) for error in chain):
        # Once a tunnel stood, the proxy may have passed the request on: no proof either way.
        return Trouble("The proxy of HTTPS_PROXY does not answer: check it, or this machine's network.", passing=True)
    return None


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield *exc* and what it wraps, however it does so: as cause, context, argument or urllib3's ``reason``."""
    waiting: list[BaseException] = [exc]
    seen: set[int] = set()
    while waiting and len(seen) < 20:
        error = waiting.pop(0)
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        inner = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
        waiting.extend(one for one in inner if isinstance(one, BaseException))


# The credentials.

#: What google-auth's text holds, in lower case -> the sentence. The first that fits is told.
_REFUSED_TOKENS: tuple[tuple[str, str], ...] = (
    (
        "short-lived token",
        "Google refused the service account's key because this machine's clock is wrong: set the clock.",
    ),
    (
        "getaccesstoken",
        "The connection's account may not act as the account of impersonation_chain: give it the role Service Account "
        "Token Creator on that account.",
    ),
    (
        "reauth",
        "Google wants the person of these credentials to sign in again: run gcloud auth application-default login on this "
        "machine, or set a service account's key.",
    ),
    (
        "account not found",
        "The service account of the Google connection does not exist any more: set the key of one that does.",
    ),
    ("deleted", "The service account of the Google connection was deleted: set the key of one that exists."),
    ("disabled", "The service account of the Google connection is disabled: enable it, or set another key."),
)


def _of_refused_token(exc: BaseException) -> Trouble:
    told = " ".join(str(part) for part in exc.args).lower()
    for words, sentence in _REFUSED_TOKENS:
        if words in told:
            return Trouble(sentence, permanent=True, not_applied=True)
    return Trouble(
        "Google refused the service account's key: check the Google connection's key file and this machine's clock.",
        passing=bool(getattr(exc, "retryable", False)),
        permanent=True,
        not_applied=True,
    )


# Google's answers.


def _of_answer(exc: Any, share_with: str | None, *, writing: bool) -> Trouble:
    status = exc.response.status_code
    error: Mapping[str, Any] = exc.error if isinstance(exc.error, Mapping) else {}
    message = " ".join(str(error.get("message", "")).split())[:200]
    if status == 429:
        return Trouble("Google's quota for Sheets calls is used up for now (HTTP 429).", True, not_applied=True)
    if status in _PASSING:
        return Trouble(f"Google Sheets is in trouble (HTTP {status}).", passing=True)
    if status == 401:
        return Trouble(
            "Google does not accept the connection's credentials (HTTP 401): check its key file.", permanent=True
        )
    if status == 407:
        return Trouble(
            "The proxy asks for a user name and a password (407): put them into HTTPS_PROXY in the environment of the "
            "Airflow workers.",
            not_applied=True,
        )
    if status == 403:
        return Trouble(_forbidden(message, _reasons(error), share_with, writing=writing), permanent=True)
    if status == 404:
        return Trouble(
            "There is no such spreadsheet: check its key, the long part of the sheet's address between /d/ and /edit.",
            permanent=True,
        )
    return Trouble(_refused(message, status, share_with), permanent=True)


def _reasons(error: Mapping[str, Any]) -> str:
    """Return the machine-readable reasons of an answer (``details[].reason``) in one text."""
    details = error.get("details")
    found = [one.get("reason") for one in details if isinstance(one, Mapping)] if isinstance(details, list) else []
    return " ".join(str(reason) for reason in found if reason)


def _no_access(share_with: str | None) -> str:
    whom = share_with or "the account of the Google connection"
    return f"No access to the spreadsheet: share it with {whom} as an editor, then run the task again."


#: What the message (in lower case) or a reason of a 403 holds -> the sentence. The first that fits is told.
_FORBIDDEN: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("USER_PROJECT_DENIED", "serviceusage", "required permission to use project"),
        "The account of the Google connection may not use the quota project that is set: give it the role Service Usage "
        "Consumer in that project, or take quota_project_id out of its credentials.",
    ),
    (
        (
            "CONSUMER_SUSPENDED",
            "CONSUMER_INVALID",
            "BILLING_DISABLED",
            "has been suspended",
            "project has been deleted",
        ),
        "The Google Cloud project of the account is suspended, deleted or without billing: restore it, or set the key of an "
        "account in another project.",
    ),
    (
        ("SECURITY_POLICY_VIOLATED", "organization's policy", "vpcservicecontrols", "domain policy", "administrator"),
        "A policy of the organisation in Google Cloud or Workspace forbids this access: ask its administrator to let the "
        "account of the Google connection use the Sheets API and this spreadsheet.",
    ),
    (
        ("SERVICE_DISABLED", "has not been used", "disabled"),
        "The Google Sheets API is not enabled in the service account's project: enable it in the Google Cloud console, then "
        "run the task again.",
    ),
    (
        ("SCOPE_INSUFFICIENT", "scope"),
        "The Google connection's credentials lack the Sheets scope: let them have "
        "https://www.googleapis.com/auth/spreadsheets.",
    ),
)


def _forbidden(message: str, reasons: str, share_with: str | None, *, writing: bool) -> str:
    told = message.lower()
    for marks, sentence in _FORBIDDEN:
        if any(mark in reasons or mark in told for mark in marks):
            return sentence
    if writing:
        whom = share_with or "the account of the Google connection"
        return (
            f"The spreadsheet can be read but not changed by {whom}: share it with {whom} as an editor (not as a viewer or "
            "commenter), then run the task again."
        )
    return _no_access(share_with)


def _refused(message: str, status: int, share_with: str | None) -> str:
    """Return the sentence for a request that Google calls wrong (HTTP 400 and the like)."""
    told, whom = message.lower(), share_with or "the account of the Google connection"
    if "not supported for this document" in told or "must not be an office file" in told:
        return (
            "The spreadsheet is an Excel file that Google Sheets shows, which programs cannot use: choose File > Save as "
            "Google Sheets, and set spreadsheet_id to the new one."
        )
    if "limit of 10000000 cells" in told or ("above the limit" in told and "cells" in told):
        return (
            "The spreadsheet is full (Google allows 10 million cells), so that nothing can be added: delete tabs, or empty "
            "rows and columns at the ends of tabs."
        )
    if "unable to parse range" in told:
        return (
            "A tab of the spreadsheet is not there any more: give it its old name back, or name it in the form, then run "
            "the task again."
        )
    if "protected" in told:
        return (
            f"A protected range or tab of the spreadsheet may not be edited: let {whom} edit it (Data > Protect sheets and "
            "ranges), or remove the protection."
        )
    said = message or f"HTTP {status}"
    return f"Google Sheets refused the request: {said.rstrip('.')}; if a range is protected, let {whom} edit it."
