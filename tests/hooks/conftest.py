"""The sandbox, reset before each test; connections come from the environment, as in Airflow."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.gateway.certificates import Authority

Connect = Callable[..., str]


@pytest.fixture
def sandbox(served: RunningSandbox) -> RunningSandbox:
    served.reset()
    return served


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    # Without it google-auth asks the network whether this machine is one of Google's.
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.fixture(autouse=True)
def _nothing_masked_yet() -> None:
    """Airflow compiles all secrets that it has ever seen anew for each further one; whole private keys make that slow."""
    from airflow.sdk._shared.secrets_masker import reset_secrets_masker

    reset_secrets_masker()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Define a connection, from the fields of its JSON form or from a URI; return its id."""

    def define(uri: str | None = None, **fields: object) -> str:
        monkeypatch.setenv("AIRFLOW_CONN_TESTED", uri if uri is not None else json.dumps(fields))
        return "tested"

    return define


@pytest.fixture
def key(served) -> dict[str, str]:
    return json.loads(served.key_file.read_text())


@pytest.fixture
def google(connect):
    """Build a hook from the connection's extra."""
    return lambda **extra: GoogleSheetsHook(connect(conn_type="google_cloud_platform", extra=extra))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))
