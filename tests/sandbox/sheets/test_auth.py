"""The token endpoint and who may see what: real google-auth credentials, and forged ones."""

import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request

SHEETS = "https://www.googleapis.com/auth/spreadsheets"


def token(sandbox, claims=None, *, key=None, algorithm="RS256", grant="urn:ietf:params:oauth:grant-type:jwt-bearer"):
    file = sandbox.service.accounts.key_file(sandbox.url)
    now = int(time.time())
    facts = {
        "iss": file["client_email"],
        "scope": SHEETS,
        "aud": file["token_uri"],
        "iat": now,
        "exp": now + 3600,
    }
    facts = {name: value for name, value in (facts | (claims or {})).items() if value is not None}
    assertion = jwt.encode(facts, file["private_key"] if key is None else key, algorithm)
    return requests.post(file["token_uri"], data={"grant_type": grant, "assertion": assertion}, timeout=10)


def test_the_key_file(sandbox):
    file = sandbox.service.accounts.key_file("http://127.0.0.1:1234/")
    assert file["client_email"] == "robosms-demo@sandbox-project.iam.gserviceaccount.com"
    assert file["token_uri"] == "http://127.0.0.1:1234/token"
    assert file["type"] == "service_account"


def test_google_auth_gets_a_token(sandbox):
    credentials = sandbox.credentials()
    credentials.refresh(Request())
    assert credentials.token
    answer = token(sandbox).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    assert sandbox.person("GET", "/calls")["tokens"] == 2


@pytest.mark.parametrize(
    ("claims", "error", "why"),
    [
        ({"iss": "somebody@else.iam.gserviceaccount.com"}, "invalid_grant", "account not found"),
        ({"scope": "https://www.googleapis.com/auth/gmail.send"}, "invalid_scope", "Invalid OAuth scope"),
        ({"scope": None}, "invalid_scope", "Invalid OAuth scope"),
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant", "Invalid JWT"),
        ({"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}, "invalid_grant", "Invalid JWT"),
        ({"exp": int(time.time()) + 7200}, "invalid_grant", "short-lived"),
        ({"exp": None}, "invalid_grant", "Invalid JWT"),
    ],
)
def test_bad_claims(sandbox, claims, error, why):
    answer = token(sandbox, claims)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert why in answer.json()["error_description"]


def test_forged_signatures(sandbox):
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    answer = token(sandbox, key=stranger)
    assert answer.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    assert token(sandbox, key="a" * 32, algorithm="HS256").json()["error"] == "invalid_grant"
    assert token(sandbox, key="", algorithm="none").json()["error"] == "invalid_grant"
    assert token(sandbox, grant="password").json()["error"] == "unsupported_grant_type"
    assert requests.post(f"{sandbox.url}/token", timeout=10).status_code == 400


def bearer(sandbox, text, path):
    return requests.get(f"{sandbox.url}/v4/spreadsheets/{path}", headers={"Authorization": text}, timeout=10)


def test_bad_tokens(sandbox):
    book = sandbox.book()
    for text in ("Bearer nonsense", "Bearer", "Basic abc"):
        answer = bearer(sandbox, text, book.id)
        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
        assert answer.json()["error"]["message"].startswith("Request had invalid authentication credentials.")


def test_tokens_expire_and_google_auth_refreshes(sandbox):
    book = sandbox.book(["a"])
    old = token(sandbox).json()["access_token"]
    assert bearer(sandbox, f"Bearer {old}", book.id).status_code == 200
    sandbox.clock.offset += 3601
    try:
        assert bearer(sandbox, f"Bearer {old}", book.id).status_code == 401
        # The client thinks that its token is good, gets a 401, refreshes and asks again.
        assert sandbox.gc.http_client.values_get(book.id, "A1")["values"] == [["a"]]
    finally:
        sandbox.clock.offset = 0
    sandbox.person("POST", "/settings", json={"expire_tokens": True})
    before = sandbox.person("GET", "/calls")["tokens"]
    assert sandbox.gc.http_client.values_get(book.id, "A1")["values"] == [["a"]]
    assert sandbox.person("GET", "/calls")["tokens"] == before + 1


def test_a_refused_refresh(sandbox):
    sandbox.fault("invalid-grant", on="token", count=1)
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        sandbox.credentials().refresh(Request())


def test_sharing(sandbox):
    reader = "reader@sandbox-project.iam.gserviceaccount.com"
    book = sandbox.book(["a"], shared_with={reader: "reader"})
    session = sandbox.authorized(reader)
    assert sandbox.call("GET", f"{book.id}/values/A1", session).json()["values"] == [["a"]]
    assert sandbox.write(book, "A1", "b", session=session).status_code == 403
    denied = sandbox.call("GET", book.id)
    assert denied.status_code == 403
    assert denied.json() == {
        "error": {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
    }
    missing = sandbox.call("GET", "nowhere/values/A1")
    assert missing.json() == {
        "error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    }


def test_anonymous_callers(sandbox):
    private = sandbox.book(["a"], shared_with=[])
    plain = requests.Session()
    assert sandbox.write(private, "A1", "b", session=plain).ok
    sandbox.person("POST", "/settings", json={"allow_anonymous": False})
    missing = sandbox.call("GET", private.id, plain)
    assert (missing.status_code, missing.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert missing.json()["error"]["message"].startswith("Request is missing required authentication credential.")


@pytest.mark.parametrize("body", [{"allow_anonymous": 1}, {"read_lag": -1}, {"read_lag_seed": True}, {"colour": True}])
def test_settings_that_do_not_exist(sandbox, body):
    answer = requests.post(f"{sandbox.url}/sandbox/sheets/settings", json=body, timeout=10)
    assert (answer.status_code, next(iter(body)) in answer.json()["detail"]) == (400, True)
