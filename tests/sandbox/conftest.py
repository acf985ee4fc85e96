"""One sandbox process for all gateway tests; each test starts from a reset one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox

ACCOUNT = {"email": "demo@example.pk", "key": "sandbox-key", "mask": "SMS-ALERT"}
NUMBER = "923151231015"


class Client:
    """A client of the gateway with one keep-alive connection, as the provider's is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def send(
        self, to: str = NUMBER, message: str = "Salam", *, timeout: float = 5, **fields: object
    ) -> requests.Response:
        body = {**ACCOUNT, "to": to, "message": message, **fields}
        return self.session.post(self.url + "/api/send-message", json=body, timeout=timeout, allow_redirects=False)

    def balance(self, key: str = ACCOUNT["key"]) -> dict:
        return self.session.get(self.url + "/api/check-balance", params={"key": key}, timeout=5).json()


@pytest.fixture(scope="session")
def served() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def gateway(served: RunningSandbox) -> RunningSandbox:
    served.reset()
    return served


@pytest.fixture
def client(gateway: RunningSandbox) -> Client:
    return Client(gateway.url)
