"""No secret leaves by SMS."""

from __future__ import annotations

import time

import pytest
from airflow.sdk.log import mask_secret

from airflow_provider_robosms import compat
from airflow_provider_robosms.notifications.masking import without_secrets
from tests.notifications.alerts import context, notifier


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("postgresql://ali:hunter2secret@db/sales is away", "postgresql://***@db/sales is away"),
        ("redis://:p@ss@cache:6379", "redis://***@cache:6379"),
        ("login failed: password=hunter2 user=ali", "login failed: password=*** user=ali"),
        ("{'password': 'hun ter2', 'user': 'ali'}", "{'password': ***, 'user': 'ali'}"),
        ('DB_PASSWORD: "hunter2"', "DB_PASSWORD: ***"),
        (
            "https://x.pk/api/check-balance?key=1&api_key=abcdef&x=1",
            "https://x.pk/api/check-balance?key=***&api_key=***&x=1",
        ),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ***"),
        ("token: Bearer abcdefgh12345", "token: Bearer ***"),
        ("401 for /api/check-balance?key=robosms123 HTTP/1.1", "401 for /api/check-balance?key=*** HTTP/1.1"),
        ("Authorization: Token abcdef123456", "Authorization: Token ***"),
        ("bad JWT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-123_def!", "bad JWT ***!"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "***"),
        ("the token authentication failed", "the token authentication failed"),
        ("Task load failed", "Task load failed"),
        ("see https://airflow.example.pk:8080/dags/sales", "see https://airflow.example.pk:8080/dags/sales"),
        ("the password is wrong", "the password is wrong"),
    ],
)
def test_what_is_written_like_a_secret(text, sent):
    assert without_secrets(text) == sent


def test_what_airflow_knows_to_be_one():
    from airflow.sdk._shared.secrets_masker import reset_secrets_masker

    reset_secrets_masker()
    mask_secret("correct-horse-battery")
    assert without_secrets("it said correct-horse-battery twice") == "it said *** twice"


@pytest.mark.parametrize(
    "text",
    [
        "a-" * 50_000,
        "password" * 12_000,
        "password " + " " * 100_000,
        "://" + "a:" * 50_000,
        "eyJabcdefgh" * 9_000,
        "token " * 17_000,
    ],
)
def test_a_huge_text_takes_no_time(text):
    started = time.monotonic()
    without_secrets(text)
    assert time.monotonic() - started < 3


@pytest.mark.usefixtures("variables")
def test_without_airflows_list_of_secrets_the_text_does_not_leave(portal, log, monkeypatch):
    monkeypatch.setattr(compat, "_MASKERS", ("airflow.no_such_module",))
    notifier(message="failed: hunter2secret")(context())
    assert [sent["message"] for sent in portal.sent] == [
        "Airflow: an alert of DAG sales has a text that may hold secrets."
    ]
    assert "hunter2secret" not in log.text
