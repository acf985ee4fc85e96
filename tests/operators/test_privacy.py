"""Numbers, texts and the API key: not in logs, results, task state or errors, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import traceback

import pytest

from airflow_provider_robosms.campaign import pace
from tests.operators.stage import CONNECTION, StateStore, numbers, run

TEXT = "Ali, your OTP is 4711"
KEY = "Geheim&Wort/4711+x"
SITUATIONS = {
    "all-well": (),
    "refusals": ({"kind": "code", "code": "213"},),
    "one-refused": ({"kind": "code", "code": "215", "count": 1},),
    "doubt": ({"kind": "reset", "when": "after", "count": 2}, {"kind": "broken-json", "count": 1}),
    "gone": ({"kind": "refuse"},),
    "stopped": ({"kind": "code", "code": "205", "count": 1},),
    "balance-fails": ({"kind": "http-502", "on": "balance"},),
    "balance-resets": ({"kind": "reset", "on": "balance"},),
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("dry_run", [False, True])
def test_nothing_personal_gets_out(sandbox, monkeypatch, caplog, capfd, situation, dry_run):
    monkeypatch.setattr(pace, "BACKOFF_BASE", 0.02)
    extra = {"mask": "SMS-ALERT"}
    fields = {**CONNECTION, "password": KEY, "host": sandbox.gateway_url, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", json.dumps(fields))
    sandbox.settings(key=KEY)
    for fault in SITUATIONS[situation]:
        sandbox.set_fault(**fault)
    for name in (None, "urllib3", "urllib3.connectionpool", "airflow", "airflow.task"):
        caplog.set_level(logging.DEBUG, logger=name)

    store, many = StateStore(), numbers(8)
    messages = [{"to": f"0{number[2:]}", "message": TEXT, "key": f"Ali-{number}"} for number in many]
    messages += [{"to": "0300 12345 Ali", "message": TEXT}]
    shown: list[str] = []
    try:
        shown.append(json.dumps(run(store, messages=messages, dry_run=dry_run, concurrency=2)))
    except Exception as error:
        shown += [str(error), repr(error), "".join(traceback.format_exception(error))]
    out, err = capfd.readouterr()
    shown += [json.dumps(store.values), caplog.text, out, err]
    shown += [record.getMessage() + str(record.args) for record in caplog.records]

    everything = "\n".join(shown)
    assert len(everything) > 500, "nothing was logged at all"
    secrets = [TEXT, "OTP", KEY, "Geheim", "12345 Ali", *(number[2:] for number in many)]
    assert [secret for secret in secrets if secret in everything] == []
