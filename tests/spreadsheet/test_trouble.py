"""One sentence for each cause, so that the person who reads it does the right thing first."""

from __future__ import annotations

import ssl
from typing import Any

import google.auth.exceptions
import gspread
import pytest
import requests
import urllib3

from airflow_provider_robosms.spreadsheet.trouble import Trouble, trouble_of

ROBOT = "robot@example.pk"
SECRET = "ya29.a-token"


def answer(status: int, message: str, *, reason: str = "", word: str = "PERMISSION_DENIED") -> Exception:
    response = requests.Response()
    response.status_code = status
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    response.json = lambda **_: {  # type: ignore[method-assign]
        "error": {"code": status, "message": message, "status": word, "details": details}
    }
    return gspread.exceptions.APIError(response)


def through_pool(inner: BaseException) -> Exception:
    """As requests raises what urllib3 gave up on."""
    pool = urllib3.connectionpool.HTTPSConnectionPool("sheets.googleapis.com")
    kind = (
        requests.exceptions.ProxyError if isinstance(inner, urllib3.exceptions.ProxyError) else requests.ConnectionError
    )
    return kind(urllib3.exceptions.MaxRetryError(pool, f"/v4?{SECRET}", inner))  # type: ignore[arg-type]


def tunnel(text: str) -> Exception:
    return through_pool(urllib3.exceptions.ProxyError("Unable to connect to proxy", OSError(text)))


def untrusted() -> Exception:
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed: unable to get local issuer certificate")
    wrapped = urllib3.exceptions.SSLError(inner)
    pool = urllib3.connectionpool.HTTPSConnectionPool("sheets.googleapis.com")
    return requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(pool, "/v4", wrapped))


def for_token(exc: Exception) -> Exception:
    """As google-auth wraps an error on its way to a token."""
    wrapped = google.auth.exceptions.TransportError(exc)
    wrapped.__cause__ = exc
    return wrapped


NO_CA = OSError("Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ca.pem")

CAUSES: dict[str, tuple[Exception, bool, str]] = {
    "Office mode": (
        answer(400, "This operation is not supported for this document", word="FAILED_PRECONDITION"),
        False,
        "Save as Google Sheets",
    ),
    "full grid": (
        answer(
            400,
            "Invalid requests[0].addSheet: This action would increase the number of cells in the workbook above the limit of "
            "10000000 cells.",
            word="INVALID_ARGUMENT",
        ),
        True,
        "10 million cells",
    ),
    "protected": (
        answer(
            400,
            "Invalid requests[0]: You are trying to edit a protected cell or object. Please contact the spreadsheet owner.",
            word="INVALID_ARGUMENT",
        ),
        True,
        f"let {ROBOT} edit it",
    ),
    "not shared": (answer(403, "The caller does not have permission"), False, f"share it with {ROBOT} as an editor"),
    "viewer only": (answer(403, "The caller does not have permission"), True, "can be read but not changed"),
    "policy": (
        answer(403, "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x"),
        False,
        "policy of the organisation",
    ),
    "policy, by reason": (
        answer(403, "Denied", reason="SECURITY_POLICY_VIOLATED"),
        False,
        "policy of the organisation",
    ),
    "quota project": (
        answer(403, "Caller does not have required permission to use project x.", reason="USER_PROJECT_DENIED"),
        False,
        "quota project",
    ),
    "suspended project": (answer(403, "Permission denied", reason="CONSUMER_SUSPENDED"), False, "suspended"),
    "API off": (answer(403, "Denied", reason="SERVICE_DISABLED"), False, "Sheets API is not enabled"),
    "scope": (
        answer(403, "Request had insufficient authentication scopes.", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        False,
        "lack the Sheets scope",
    ),
    "own CA": (untrusted(), False, "does not trust the certificate"),
    "own CA, for the token": (for_token(untrusted()), False, "does not trust the certificate"),
    "CA file missing": (NO_CA, False, "file of trusted certificates is not there"),
    "CA file missing, for the token": (for_token(NO_CA), False, "file of trusted certificates is not there"),
    "proxy 407": (
        tunnel("Tunnel connection failed: 407 Proxy Authentication Required"),
        False,
        "user name and a password",
    ),
    "proxy 407, for the token": (
        for_token(tunnel("Tunnel connection failed: 407 Proxy Authentication Required")),
        False,
        "user name and a password",
    ),
    "proxy 403": (
        tunnel("Tunnel connection failed: 403 Forbidden"),
        False,
        "proxy does not let this machine reach Google",
    ),
    "clock": (
        google.auth.exceptions.RefreshError(
            "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes)"
        ),
        False,
        "clock is wrong",
    ),
    "account deleted": (
        google.auth.exceptions.RefreshError("invalid_grant: Invalid grant: account not found"),
        False,
        "does not exist any more",
    ),
    "impersonation": (
        google.auth.exceptions.RefreshError(
            "Unable to acquire impersonated credentials", "Permission 'iam.serviceAccounts.getAccessToken' denied"
        ),
        False,
        "Token Creator",
    ),
}


def told(exc: BaseException, **settings: Any) -> Trouble:
    return trouble_of(exc, ROBOT, **settings)


@pytest.mark.parametrize("name", CAUSES)
def test_each_cause_has_its_own_sentence(name: str) -> None:
    exc, writing, words = CAUSES[name]
    found = told(exc, writing=writing)
    assert words in found.sentence
    assert not found.passing, "waiting does not help"
    assert SECRET not in found.sentence
    assert found.sentence.endswith(".")
    assert ". " not in found.sentence, "one sentence"


def test_no_two_causes_share_a_sentence() -> None:
    sentences = {name: told(exc, writing=writing).sentence for name, (exc, writing, _) in CAUSES.items()}
    kinds = {sentence: name.split(",")[0] for name, sentence in sentences.items()}
    assert len(kinds) == len({name.split(",")[0] for name in CAUSES})


def test_a_proxy_that_does_not_answer_may_come_back() -> None:
    found = told(tunnel("Connection refused"))
    assert found.passing
    assert "proxy" in found.sentence
    assert not found.not_applied, "a proxy that hung up may have passed the request on"


def test_an_unknown_refusal_shows_what_google_says() -> None:
    found = told(answer(400, "Ein Bereich ist gesch\u00fctzt", word="INVALID_ARGUMENT"), writing=True)
    assert "Ein Bereich ist gesch\u00fctzt" in found.sentence
    assert found.permanent
