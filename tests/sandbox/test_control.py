"""The control API: state, settings, news, reset, and who may talk to it."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.conftest import NUMBER


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"colour": "red"}, "There is no setting named 'colour'."),
        ({"rate": "0.505"}, "The setting 'rate' can't be '0.505'"),
        ({"rate": "-1"}, "The setting 'rate' can't be '-1'"),
        ({"balance": "much"}, "The setting 'balance' can't be 'much'"),
        ({"balance": "NaN"}, "The setting 'balance' can't be 'NaN'"),
        ({"latency_ms": [9, 3]}, "give one number, or the shortest and the longest"),
        ({"answer_shape": "round"}, "The setting 'answer_shape' can't be 'round'"),
        ({"masks": ["TWELVE-CHARS"]}, "The setting 'masks.0' can't be 'TWELVE-CHARS'"),
    ],
)
def test_a_bad_setting_is_one_sentence_and_changes_nothing(gateway, settings, sentence):
    before = gateway.state()
    answer = requests.post(gateway.url + "/sandbox/settings", json={"username": "new", **settings}, timeout=5)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    assert gateway.state() == before


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "x", None])
def test_a_bad_top_up_is_refused(gateway, amount):
    answer = requests.post(gateway.url + "/sandbox/top-up", json={"amount": amount}, timeout=5)
    assert answer.status_code == 400
    assert "The field 'amount'" in answer.json()["detail"]
    assert gateway.state()["balance"] == "1000.00"


def test_balance_can_be_set_at_any_time(gateway, client):
    client.send()
    assert gateway.settings(balance="12.50")["balance"] == "12.50"
    client.send()
    assert gateway.state()["balance"] == "12.00"


def test_accepted_messages_are_listed(gateway, client):
    client.send(message="text 0")
    client.send(message="text 1")
    first, second = gateway.accepted()
    assert (second["seq"], second["text"]) == (2, "text 1")
    assert {key: first[key] for key in first.keys() - {"time"}} == {
        "seq": 1,
        "to": NUMBER,
        "mask": "SMS-ALERT",
        "text": "text 0",
        "encoding": "GSM-7",
        "units": 6,
        "parts": 1,
        "price": "0.50",
        "code": "000",
        "message_id": "RSMS-100001",
        "group": None,
        "fault": None,
    }


def test_received_counts_refused_posts_too(gateway, client):
    client.send()
    client.send(key="wrong")
    gateway.set_fault("reset", count=1)
    with pytest.raises(requests.ConnectionError):
        client.send()
    assert gateway.received() == {"posts": 3, "balance_checks": 0, "by_to": {NUMBER: 3}}
    assert gateway.state()["counts"]["answered"] == {"000": 1, "203": 1, "reset": 1}


def test_no_log_holds_the_key(gateway, client):
    client.send()
    client.send(key="another-secret")
    client.balance("a-third-secret")
    text = (gateway.data_dir / "sandbox.log").read_text().split("RoboSMS sandbox")[0]
    assert not any(secret in text for secret in ("sandbox-key", "another-secret", "a-third-secret"))


def test_reset_forgets_everything_but_numbers_the_next_message_anew(gateway, client):
    client.send()
    gateway.settings(rate="9.00", suspended=True)
    gateway.set_fault("http-500")
    gateway.reset()
    state = gateway.state()
    assert (state["balance"], state["rate"], state["faults"]) == ("1000.00", "0.50", [])
    assert state["counts"] == {"posts": 0, "accepted": 0, "parts": 0, "balance_checks": 0, "answered": {}}
    assert client.send().json()["message_id"] == "RSMS-100001"


def test_news_are_the_state_and_the_new_messages(gateway, client):
    def news(after: int) -> dict:
        return requests.get(f"{gateway.url}/sandbox/news?after={after}", timeout=5).json()

    client.send(message="old")
    first = news(-1)
    assert first["replace"] is True
    assert [message["text"] for message in first["messages"]] == ["old"]
    client.send(message="new")
    second = news(1)
    assert second["replace"] is False
    assert [message["text"] for message in second["messages"]] == ["new"]
    assert second["state"]["balance"] == "999.00"
    gateway.reset()
    third = news(2)
    assert (third["replace"], third["messages"]) == (True, [])

    sheet = gateway.create_sheet("Campaign", {"Recipients": [["Phone"]]})
    versions = []
    for value in ("x", "y"):
        gateway.edit_sheet(sheet, "set", sheet="Recipients", cell="A2", value=value)
        versions += [each["version"] for each in news(0)["sheets"] if each["id"] == sheet]
    assert versions[0] < versions[1]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "169.254.1.1", ""])
def test_other_names_than_loopback_lead_nowhere(gateway, host):
    answer = requests.get(gateway.url + "/sandbox/state", headers={"host": host}, timeout=5)
    assert answer.status_code == 421
    assert "balance" not in answer.text


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, None, 403),
        ({"sec-fetch-site": "same-site"}, "{}", 403),
        ({"origin": "http://evil.example"}, None, 403),
        ({"origin": "http://127.0.0.1:1"}, None, 403),
        ({"origin": "null", "content-type": "text/plain"}, "{}", 403),
        ({"content-type": "text/plain"}, "{}", 415),
        ({"content-type": "application/x-www-form-urlencoded"}, "a=b", 415),
        ({}, "{}", 415),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "reset"), ("POST", "sheets/quota"), ("DELETE", "faults")])
def test_a_web_page_from_elsewhere_changes_nothing(gateway, client, headers, body, status, method, path):
    client.send()
    gateway.set_fault("http-500")
    before = gateway.state()
    answer = requests.request(method, f"{gateway.url}/sandbox/{path}", headers=headers, data=body, timeout=5)
    assert answer.status_code == status
    assert gateway.state() == before


def test_its_own_page_and_programs_may_change_things(gateway):
    for headers in ({"origin": gateway.url, "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}):
        assert requests.post(f"{gateway.url}/sandbox/reset", headers=headers, timeout=5).ok
        assert requests.post(f"{gateway.url}/sandbox/settings", headers=headers, json={"username": "x"}, timeout=5).ok


def test_a_web_page_from_elsewhere_sends_no_text_and_writes_no_cell(gateway):
    there = {"origin": "http://evil.example"}
    assert (
        requests.post(f"{gateway.gateway_url}/api/send-message", headers=there, json={}, timeout=5).status_code == 403
    )
    clear = f"{gateway.url}/v4/spreadsheets/x/values/A1:clear"
    assert requests.post(clear, headers=there, json={}, timeout=5).status_code == 403
