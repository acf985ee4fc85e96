"""GoogleSheetsHook: every way to give it credentials, and that none of them leaves for the wrong place."""

from __future__ import annotations

import json

import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.impersonated_credentials import Credentials as ImpersonatedCredentials
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as ServiceAccountCredentials

from airflow_provider_robosms.hooks.gsheets import SCOPE, GoogleSheetsHook
from airflow_provider_robosms.spreadsheet.errors import SheetError

# google-auth asks for other functions here, which take one type of credentials each; the connection may hold any.
pytestmark = pytest.mark.filterwarnings("ignore:The load_credentials_from:DeprecationWarning")

ROWS = [["Phone", "Name"], ["03001234567", "Ali"], ["03211234567", "سارہ"]]


# Credentials.


@pytest.mark.parametrize("form", ["object", "text", "text-with-escaped-newlines", "object-with-escaped-newlines"])
@pytest.mark.usefixtures("no_network")
def test_keyfile_dict(google, key, form):
    if form.endswith("escaped-newlines"):
        key["private_key"] = key["private_key"].replace("\n", "\\n")
    hook = google(keyfile_dict=json.dumps(key) if form.startswith("text") else key)
    credentials = hook.get_credentials()
    assert type(credentials) is ServiceAccountCredentials
    assert credentials.scopes == [SCOPE]
    assert credentials.service_account_email == hook.account_email == key["client_email"]


@pytest.mark.usefixtures("no_network")
def test_key_path(google, served, key):
    hook = google(key_path=str(served.key_file))
    assert hook.get_credentials().service_account_email == hook.account_email == key["client_email"]


FORMS = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "real line breaks": lambda text: text.replace("\\n", "\n").encode(),
    "windows line breaks": lambda text: text.replace("\\n", "\r\n").encode(),
    "line breaks escaped twice": lambda text: text.replace("\\n", "\\\\n").encode(),
    "all at once": lambda text: b"\xef\xbb\xbf\r\n" + text.replace("\\n", "\r\n").encode() + b"\r\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("no_network")
def test_a_key_as_editors_and_copying_leave_it(google, key, form, tmp_path):
    raw = FORMS[form](json.dumps(key))
    path = tmp_path / "key.json"
    path.write_bytes(raw)
    assert google(key_path=str(path)).get_credentials().service_account_email == key["client_email"]
    if form != "utf-16":
        assert google(keyfile_dict=raw.decode()).get_credentials().service_account_email == key["client_email"]


@pytest.mark.usefixtures("no_network")
def test_the_names_that_older_versions_of_airflow_wrote(google, served, key):
    hook = google(
        extra__google_cloud_platform__key_path=str(served.key_file), extra__google_cloud_platform__num_retries=5
    )
    assert hook.get_credentials().service_account_email == key["client_email"]


@pytest.mark.usefixtures("no_network")
def test_application_default_credentials(google, served, key, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(served.key_file))
    hook = google()
    assert hook.get_credentials().service_account_email == key["client_email"]
    assert hook.get_credentials().scopes == [SCOPE]
    assert hook.account_email is None


@pytest.mark.parametrize("form", ["path", "object", "text"])
@pytest.mark.usefixtures("no_network")
def test_credential_config_file(google, tmp_path, form):
    config = {"type": "authorized_user", "client_id": "id", "client_secret": "s", "refresh_token": "t"}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    value = {"path": str(path), "object": config, "text": json.dumps(config)}[form]
    credentials = google(credential_config_file=value).get_credentials()
    assert type(credentials) is UserCredentials
    assert credentials.refresh_token == "t"


CHAIN = ["first@p.iam.gserviceaccount.com", "last@p.iam.gserviceaccount.com"]


@pytest.mark.parametrize("chain", [", ".join(CHAIN), CHAIN], ids=["text", "list"])
@pytest.mark.usefixtures("no_network")
def test_impersonation_chain(google, key, chain):
    hook = google(keyfile_dict=key, impersonation_chain=chain)
    credentials = hook.get_credentials()
    assert type(credentials) is ImpersonatedCredentials
    assert credentials.service_account_email == hook.account_email == CHAIN[-1]
    assert credentials._delegates == CHAIN[:-1]
    assert credentials._target_scopes == [SCOPE]
    assert credentials._source_credentials.service_account_email == key["client_email"]


@pytest.mark.parametrize("value", [True, "true", "True", "1", "yes"])
@pytest.mark.usefixtures("no_network")
def test_anonymous(google, value):
    assert type(google(is_anonymous=value).get_credentials()) is AnonymousCredentials


@pytest.mark.parametrize("value", [False, "false", "", "0", None])
@pytest.mark.usefixtures("no_network")
def test_not_anonymous(google, key, value):
    assert type(google(is_anonymous=value, keyfile_dict=key).get_credentials()) is ServiceAccountCredentials


@pytest.mark.parametrize("value", ["on", "y", "t", "tru", "wahr", 2, [], {"a": 1}])
@pytest.mark.usefixtures("no_network")
def test_an_unknown_word_is_neither(google, key, value):
    with pytest.raises(SheetError, match="is_anonymous must be true or false"):
        google(is_anonymous=value, keyfile_dict=key).get_credentials()


@pytest.mark.parametrize("field", ["scope", "impersonation_chain"])
@pytest.mark.parametrize("value", [7, {"a": 1}, [1], True])
@pytest.mark.usefixtures("no_network")
def test_names_are_text(google, key, field, value):
    with pytest.raises(SheetError, match=f"{field} must be text, or a list of texts"):
        google(keyfile_dict=key, **{field: value}).get_credentials()


@pytest.mark.parametrize(
    "scope", ["https://a.example/one,https://a.example/two", ["https://a.example/one", "https://a.example/two"]]
)
@pytest.mark.usefixtures("no_network")
def test_scope(google, key, scope):
    credentials = google(keyfile_dict=key, scope=scope).get_credentials()
    assert credentials.scopes == ["https://a.example/one", "https://a.example/two"]


# Credentials that are none: one sentence, and nothing of the key in it.


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"key_path": "/nowhere/key.json"}, "the key file of key_path cannot be read (No such file or directory)"),
        ({"key_path": "/etc"}, "the key file of key_path cannot be read (Is a directory)"),
        ({"key_path": "/nowhere/key.p12"}, "P12 keys are not supported"),
        ({"key_path": 7}, "key_path must be the path of a file"),
        ({"key_path": "a\0b"}, "the key file of key_path cannot be read"),
        ({"keyfile_dict": "no JSON"}, "is not a service account's JSON key"),
        ({"keyfile_dict": "[]"}, "is not a service account's JSON key"),
        ({"keyfile_dict": {"client_email": "a@b.c"}}, "is not a service account's JSON key"),
        ({"keyfile_dict": {"private_key": 7}}, "is not a service account's JSON key"),
        ({"keyfile_dict": {"private_key": "GEHEIM"}}, "gives no usable Google credentials"),
        ({"keyfile_dict": {"private_key": "GEHEIM", "client_email": "a@b.c", "token_uri": "x"}}, "gives no usable"),
        ({"credential_config_file": "/nowhere/config.json"}, "gives no usable Google credentials"),
        ({"credential_config_file": '{"type": '}, "gives no usable Google credentials"),
        ({"credential_config_file": {"type": "unheard-of"}}, "gives no usable Google credentials"),
        ({}, "or Application Default Credentials on every worker"),
    ],
)
@pytest.mark.usefixtures("no_network")
def test_unusable_credentials_are_one_sentence(google, extra, words, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))  # where gcloud would have left some
    hook = google(**extra)
    with pytest.raises(SheetError) as caught:
        hook.get_credentials()
    assert str(caught.value).startswith("Connection 'tested'")
    assert words in str(caught.value)
    assert "GEHEIM" not in str(caught.value)
    assert caught.value.permanent
    assert caught.value.__cause__ is None
    assert hook.test_connection() == (False, str(caught.value))


# test_connection.


def test_a_good_connection_names_the_account_to_share_with(google, sandbox, key):
    hook = google(api_endpoint=sandbox.url, key_path=str(sandbox.key_file))
    assert hook.test_connection() == (
        True,
        f"Google accepts the connection. Share spreadsheets with {key['client_email']}.",
    )


def test_an_anonymous_connection_needs_no_token(google, served):
    assert google(api_endpoint=served.url, is_anonymous=True).test_connection()[0]


def test_a_key_that_google_does_not_know(google, sandbox, key):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    good, sentence = google(
        api_endpoint=sandbox.url, keyfile_dict={**key, "private_key": other.decode()}
    ).test_connection()
    assert not good
    assert sentence == (
        "Google refused the service account's key: check the Google connection's key file and this machine's clock."
    )


def test_google_is_not_there(google, key):
    dead = "http://127.0.0.1:1"
    good, sentence = google(api_endpoint=dead, keyfile_dict={**key, "token_uri": f"{dead}/token"}).test_connection()
    assert not good
    assert sentence == (
        "Google could not be reached for a token: no connection to Google could be made: check the address and this "
        "machine's network."
    )


@pytest.mark.parametrize("kind", ["google_cloud_platform", "generic"])
def test_both_types_that_airflow_offers_are_taken(connect, key, kind):
    hook = GoogleSheetsHook(connect(conn_type=kind, extra={"keyfile_dict": key}))
    assert hook.account_email == key["client_email"]


@pytest.mark.parametrize("kind", ["http", "postgres", "robosms", ""])
def test_a_connection_of_another_type_is_not_used(connect, key, no_network, kind):
    """Else its key would sign for whatever address it names, or this machine's own credentials would stand in for it."""
    hook = GoogleSheetsHook(connect(conn_type=kind, extra={"keyfile_dict": key}))
    with pytest.raises(SheetError, match="nothing of it was used") as caught:
        hook.get_credentials()
    assert caught.value.permanent
    assert hook.test_connection() == (False, str(caught.value))
