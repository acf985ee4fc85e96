"""GoogleSheetsHook: a stand-in for Google, and the way to Google; nothing goes elsewhere, and each trouble has a sentence."""

from __future__ import annotations

import json
import socket

import gspread
import pytest

from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.spreadsheet.errors import SheetError
from airflow_provider_robosms.spreadsheet.requests import put
from tests.gateway.portals import ACCEPTED, Portal, Visit, answer, replying
from tests.hooks.test_gsheets_hook import ROWS

# The stand-in for Google.


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://sheets.googleapis.com",
        "http://192.168.1.10:8099",
        "http://0.0.0.0:8099",
        "http://127.0.0.1.example.com:8099",
        "http://localhost.example.com",
        "http://user@example.com",
        "http://127.0.0.1@example.com",
        "http://127.0.0.1:8099\\@localhost:8098",
        "http://SECRET:SECRET@127.0.0.1:8099",
        "http://SECRET@localhost",
        "http://[::1",
        "http://[::1]:port",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8099?key=SECRET",
        "http://127.0.0.1:8099#SECRET",
        "http://localhost .example.com",
        " ",
        7,
        ["http://127.0.0.1:8099"],
        "127.0.0.1:8099",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://",
    ],
)
@pytest.mark.usefixtures("no_network")
def test_an_endpoint_must_be_on_loopback(google, key, endpoint):
    for extra in ({"keyfile_dict": key}, {"is_anonymous": True}):
        with pytest.raises(SheetError, match="must be a loopback address") as caught:
            google(api_endpoint=endpoint, **extra).get_conn()
        assert "SECRET" not in str(caught.value)
        assert caught.value.permanent
    good, sentence = google(api_endpoint=endpoint, keyfile_dict=key).test_connection()
    assert not good
    assert "must be a loopback address" in sentence


@pytest.mark.parametrize(
    "token_uri",
    [
        "https://oauth2.googleapis.com/token",
        "http://127.0.0.1:1/token",
        "https://{netloc}/token",
        "http://{netloc}.example.com/token",
        "http://localhost:{port}/token",
        "",
    ],
)
@pytest.mark.usefixtures("no_network")
def test_a_key_of_elsewhere_is_not_used_with_an_endpoint(google, served, key, token_uri):
    netloc = served.url.removeprefix("http://")
    key["token_uri"] = token_uri.format(netloc=netloc, port=netloc.rpartition(":")[2])
    hook = google(api_endpoint=served.url, keyfile_dict=key)
    with pytest.raises(SheetError, match="token_uri must be on the same address"):
        hook.get_conn()


@pytest.mark.usefixtures("no_network")
def test_no_other_credentials_are_used_with_an_endpoint(google, served, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(served.key_file))
    for extra in ({}, {"credential_config_file": str(served.key_file)}):
        with pytest.raises(SheetError, match="goes with is_anonymous or with a key of that endpoint"):
            google(api_endpoint=served.url, **extra).get_conn()


@pytest.mark.parametrize("how", ["key_path", "keyfile_dict", "anonymous"])
def test_reading_and_writing_a_sheet_of_the_sandbox(google, sandbox, key, how):
    sheet_id = sandbox.create_sheet("Customers", {"Recipients": ROWS})
    extra = {
        "key_path": {"key_path": str(sandbox.key_file)},
        "keyfile_dict": {"keyfile_dict": json.dumps(key)},
        "anonymous": {"is_anonymous": True},
    }[how]
    client = google(api_endpoint=sandbox.url, **extra).get_conn()
    book = client.open_by_key(sheet_id)
    assert book.title == "Customers"
    assert book.worksheet("Recipients").get() == ROWS
    if how == "anonymous":
        return  # whoever has only the link may read
    book.batch_update({"requests": [put(book.worksheet("Recipients").id, 1, 1, [["Alia"]])]})
    assert book.worksheet("Recipients").get("B2") == [["Alia"]]


def test_the_sandbox_serves_sheets_only(google, sandbox):
    client = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file)).get_conn()
    with pytest.raises(SheetError, match="serves Google Sheets only"):
        client.http_client.request("get", "https://gmail.googleapis.com/gmail/v1/users/me/messages")


def test_nothing_goes_to_google_with_an_endpoint(google, sandbox, monkeypatch):
    """The token, the reads, and what google-auth looks up by itself: all to the sandbox's address."""
    asked: list[object] = []
    resolve = socket.getaddrinfo

    def note(host: object, *rest: object, **named: object) -> object:
        asked.append(host)
        return resolve(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    sheet_id = sandbox.create_sheet("Customers", {"Recipients": ROWS})
    hook = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file))
    assert hook.test_connection()[0]
    assert hook.get_conn().open_by_key(sheet_id).worksheet("Recipients").get() == ROWS
    assert set(asked) == {"127.0.0.1"}


def test_nothing_goes_through_a_proxy_with_an_endpoint(google, sandbox, monkeypatch):
    sheet_id = sandbox.create_sheet("Customers", {"Recipients": ROWS})
    with Portal(replying(ACCEPTED)) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        hook = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file))
        assert hook.test_connection()[0]
        assert hook.get_conn().open_by_key(sheet_id).worksheet("Recipients").get() == ROWS
        assert proxy.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_stand_in_is_not_followed(google, key, status):
    """Neither the signed key nor a token goes to where it leads."""
    token = answer(200, b'{"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}')
    with Portal(replying(ACCEPTED)) as target:

        def script(visit: Visit) -> None:
            while request := visit.read():
                gives = request.path == "/token" and not token_moved
                visit.write(token if gives else answer(status, b"", f"Location: {target.url}/x"))

        token_moved = False
        with Portal(script) as stand_in:
            client = google(api_endpoint=stand_in.url, keyfile_dict=elsewhere(key, stand_in.url)).get_conn()
            with pytest.raises(SheetError, match="with a redirect, which is never followed"):
                client.open_by_key("x")
            token_moved = True
            good, _ = google(api_endpoint=stand_in.url, keyfile_dict=elsewhere(key, stand_in.url)).test_connection()
            assert not good
        assert target.connections == 0


def test_no_login_of_netrc_replaces_the_token(google, sandbox, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-somewhere-else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sheet_id = sandbox.create_sheet("Customers", {"Recipients": ROWS})
    client = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file)).get_conn()
    assert client.open_by_key(sheet_id).worksheet("Recipients").get() == ROWS


def test_every_call_makes_a_client_of_its_own(google, sandbox):
    hook = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file))
    first, second = hook.get_conn(), hook.get_conn()
    assert isinstance(first, gspread.Client)
    assert first is not second
    assert first.http_client.session is not second.http_client.session


def test_without_an_endpoint_it_is_googles_own_client(google, key):
    assert type(google(keyfile_dict=key).get_conn().http_client) is gspread.HTTPClient


# The way to Google.


def elsewhere(key: dict[str, str], url: str) -> dict[str, str]:
    """A key whose tokens come from *url*, as if that were Google."""
    return {**key, "token_uri": f"{url}/token"}


def test_a_network_with_an_authority_of_its_own(google, key, authority):
    with Portal(replying(ACCEPTED), tls=authority.server()) as server:
        good, sentence = google(keyfile_dict=elsewhere(key, server.url)).test_connection()
    assert not good
    assert "does not trust the certificate that was shown for Google" in sentence
    assert "REQUESTS_CA_BUNDLE" in sentence


@pytest.mark.parametrize("content", [None, "<html>"])
def test_a_file_of_authorities_that_cannot_be_used(google, key, authority, monkeypatch, tmp_path, content):
    bundle = tmp_path / "bundle.pem"
    if content:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with Portal(replying(ACCEPTED), tls=authority.server()) as server:
        good, sentence = google(keyfile_dict=elsewhere(key, server.url)).test_connection()
        with pytest.raises(SheetError, match=r"REQUESTS_CA_BUNDLE \(?or CURL_CA_BUNDLE") as caught:
            looked_at(google(keyfile_dict=elsewhere(key, server.url)))
    assert not good
    assert sentence == str(caught.value), "one cause, one sentence, wherever it is asked for"


def looked_at(hook: GoogleSheetsHook) -> None:
    """Read a spreadsheet as a campaign does."""

    from airflow_provider_robosms.spreadsheet.trouble import trouble_of

    trouble = trouble_of(caught_by(hook), None)
    raise SheetError(trouble.sentence, permanent=trouble.permanent)


def caught_by(hook: GoogleSheetsHook) -> Exception:
    try:
        hook.get_conn().open_by_key("x")
    except Exception as error:
        return error
    raise AssertionError("it went well")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (407, "asks for a user name and a password (407)"),
        (403, "does not let this machine reach Google (403)"),
    ],
)
def test_a_proxy_that_does_not_let_it_through(google, key, monkeypatch, status, told):
    with Portal(replying(answer(status), close=True)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        hook = google(keyfile_dict=elsewhere(key, "https://oauth.example.pk"))
        good, sentence = hook.test_connection()
        with pytest.raises(SheetError) as caught:
            looked_at(hook)
    assert not good
    assert told in str(caught.value)
    assert sentence == str(caught.value)
    assert not caught.value.permanent, "Airflow's retries cost nothing"
