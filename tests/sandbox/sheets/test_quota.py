"""Google's quotas: 60 reads and 60 writes a minute for a user."""

import pytest
import requests
from gspread.exceptions import APIError

from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.quota import Quota

from .conftest import typing


def ask(sandbox, book, times, session=None):
    return [sandbox.call("GET", f"{book.id}/values/A1", session).status_code for _ in range(times)]


def test_the_sixty_first_read_in_a_minute_is_refused(sandbox):
    book = sandbox.book(["a"])
    sandbox.person("POST", "/quota", json={"enabled": True})
    assert ask(sandbox, book, 61) == [200] * 60 + [429]
    with pytest.raises(APIError) as raised:
        sandbox.gc.http_client.values_get(book.id, "A1")
    error = raised.value
    assert "retry-after" not in error.response.headers
    assert error.error["status"] == "RESOURCE_EXHAUSTED"
    assert error.error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
        "'sheets.googleapis.com' for consumer 'project_number:100000000000'."
    )
    info = error.error["details"][0]
    assert (info["@type"], info["reason"]) == ("type.googleapis.com/google.rpc.ErrorInfo", "RATE_LIMIT_EXCEEDED")
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "60"
    # Writes have a quota of their own, and the minute slides.
    write = sandbox.write(book, "A1", "b")
    assert write.status_code == 200
    sandbox.clock.offset += 61
    try:
        assert ask(sandbox, book, 1) == [200]
    finally:
        sandbox.clock.offset = 0


def test_failing_requests_count_and_batches_count_once(sandbox):
    book = sandbox.book(["a"])
    sandbox.person("POST", "/quota", json={"enabled": True, "write": 3})
    body = {"requests": [typing(f"A{n}", "x") for n in range(1, 50)]}
    assert sandbox.call("POST", f"{book.id}:batchUpdate", json=body).status_code == 200
    assert sandbox.call("POST", f"{book.id}:batchUpdate", json={"requests": []}).status_code == 400
    assert sandbox.call("POST", "nowhere:batchUpdate", json=body).status_code == 404
    assert sandbox.call("POST", f"{book.id}:batchUpdate", json=body).status_code == 429


def test_each_user_has_a_quota_of_its_own(sandbox):
    accounts = [f"user{n}@sandbox-project.iam.gserviceaccount.com" for n in range(2)]
    book = sandbox.book(["a"], shared_with=accounts)
    sandbox.person("POST", "/quota", json={"enabled": True, "read": 5})
    for account in accounts:
        assert ask(sandbox, book, 6, sandbox.authorized(account)) == [200] * 5 + [429]


def test_counts(sandbox):
    book = sandbox.book(["a"])
    ask(sandbox, book, 2)
    sandbox.write(book, "A1", "b")
    requests.get(f"{sandbox.url}/v4/spreadsheets/nowhere", timeout=10)
    calls = sandbox.person("GET", "/calls")
    assert (calls["reads"], calls["writes"], calls["tokens"]) == (3, 1, 0)
    assert calls["by_status"] == {"200": 3, "404": 1}
    assert sandbox.person("POST", "/calls/reset")["reads"] == 0


def test_the_defaults_are_googles_and_on():
    now = [0.0]
    quota = Quota(lambda: now[0])
    assert (quota.limits.enabled, quota.limits.read, quota.limits.write) == (True, 60, 60)
    for second in range(60):
        now[0] = float(second)
        quota.take("write", "me")
    with pytest.raises(GoogleError):
        quota.take("write", "me")
    now[0] = 60.0
    # The request of second 0 has left the minute.
    quota.take("write", "me")
    with pytest.raises(GoogleError):
        quota.take("write", "me")


@pytest.mark.parametrize(
    "body", [{"enabled": 1}, {"read": True}, {"read": -1}, {"read": {"user": 1}}, {"colour": True}]
)
def test_settings_that_do_not_fit(sandbox, body):
    answer = requests.post(f"{sandbox.url}/sandbox/sheets/quota", json=body, timeout=10)
    assert answer.status_code == 400
    assert sandbox.service.quota.limits.read == 60
