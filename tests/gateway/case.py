"""One row of the error matrix, and how it is put to the test."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from unittest.mock import patch

from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.gateway.outcome import SendResult, Status
from airflow_provider_robosms.gateway.protocol import Account
from tests.gateway.certificates import Authority
from tests.gateway.situations import Scene, Situation

SENT, REJECTED, FAILED, UNKNOWN = Status.SENT, Status.REJECTED, Status.FAILED, Status.UNKNOWN
NUMBER = "923001234567"
KEY = "kuebel&key/4711+secret"  # must be encoded inside a URL
#: Seconds for situations in which the client must run into its timeout, and for all others.
SHORT, LONG = 0.4, 10.0


@dataclass(frozen=True)
class Case:
    """One row.

    :param happens: the situation in words.
    :param situations: its variants, by name; all have the same outcome.
    :param posts: POSTs that the portal reads to their end.
    :param code: the code that stands in the result, None for none.
    :param retry_after: seconds that the result tells to wait.
    """

    happens: str
    status: Status
    reason: str
    posts: int
    situations: dict[str, Situation]
    code: str | None = None
    retry_after: float | None = None
    timeout: float = LONG


def account(scene: Scene, timeout: float = LONG) -> Account:
    """Return an account at the scene's portal."""
    return Account(
        "demo@example.pk",
        KEY,
        host=scene.url,
        mask="SMS-ALERT",
        timeout=timeout,
        send_parameters=scene.send_parameters,
    )


def observe(case: Case, variant: str, authority: Authority) -> tuple[SendResult, int, Scene]:
    """Send one message in a situation; return what the client says and how many POSTs the portal read."""
    foreign = ("proxy", "ca_bundle", "netrc")
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith(foreign)}
    with case.situations[variant](authority) as scene:
        with patch.dict(os.environ, {**own, **scene.environment}, clear=True):
            client = GatewayClient(account(scene, case.timeout))
            if scene.warm_up:
                client._was_silent = True  # as after the first quarter of a second of a run: connections are kept
            for _ in range(scene.warm_up):
                assert client.send([NUMBER], "warm-up").status is SENT
                time.sleep(0.1)  # what the portal does after its answer must have arrived
            before = scene.portal.posts if scene.portal else 0
            result = client.send([NUMBER], "Salam")
        return result, scene.portal.posts - before if scene.portal else 0, scene
