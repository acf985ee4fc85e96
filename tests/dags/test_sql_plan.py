"""Whom ``robosms_sql_campaign`` texts, tried on its own table without an Airflow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.gateway.protocol import RoboSmsError
from tests.harness.demo import CUSTOMERS

FILE = Path(__file__).parents[2] / "dags" / "robosms_sql_campaign.py"
PEOPLE = [
    (1, "Ayesha", "0300-1234567", None, None),
    (2, "Again", "+92 300 1234567", None, None),
    (3, "Out", "0300-1234568", "2026-11-01", None),
    (4, "Out too", "923001234568", None, None),
    (5, "Bad", "0300-12", None, None),
    (6, None, "0300-1234569", None, None),
    (7, "Same as six", "0300-1234569", None, None),
    (8, "Sent before", "0300-1234570", None, "SENT"),
    (9, "New row", "0300 1234570", None, None),
]


@pytest.fixture(scope="module")
def campaign() -> Any:
    spec = importlib.util.spec_from_file_location("sql_campaign", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def database(campaign: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = create_engine(f"sqlite:///{tmp_path / 'customers.db'}")
    row = "INSERT INTO customers (id, name, phone, due, opted_out_at, sms_status) VALUES (:i, :n, :p, '1', :o, :s)"
    with engine.begin() as db:
        db.execute(text(CUSTOMERS))
        db.execute(text(row), [dict(zip("inpos", person, strict=True)) for person in PEOPLE])
    monkeypatch.setattr(campaign, "database", lambda context: engine)
    monkeypatch.setattr(campaign, "get_current_context", context)
    return engine


def context(message: str = "Dear {{ name }}", limit: int | None = None) -> dict[str, Any]:
    return {"run_id": "run", "params": {"message": message, "limit": limit, "send_window": "", "sql_conn_id": "x"}}


def statuses(database: Engine) -> dict[int, tuple[str | None, str | None]]:
    with database.connect() as db:
        rows = db.execute(text("SELECT id, sms_status, sms_detail FROM customers")).all()
        return {number: (status, detail) for number, status, detail in rows}


def test_a_number_is_texted_once_and_who_opted_out_in_one_row_in_none(campaign: Any, database: Engine) -> None:
    messages = campaign.claimed_messages(context())
    assert [(one["key"], one["to"]) for one in messages] == [(1, "923001234567"), (7, "923001234569")]
    found = statuses(database)
    assert found[2] == ("SKIPPED", "same number as row 1")
    assert found[3] == (None, None)  # not claimed: it is no part of the campaign
    assert found[4] == ("SKIPPED", "opted out in row 3")
    assert found[5][1].startswith("bad number: ")
    assert found[6] == ("SKIPPED", "tag {{name}} is blank")
    assert found[9] == ("SKIPPED", "same number as row 8, which is SENT")


@pytest.mark.parametrize("nothing", [None, float("nan"), b"\x00", memoryview(b"x"), ["Ali"], {"name": "Ali"}, object()])
def test_what_is_no_text_in_a_table_is_not_texted(campaign: Any, database: Engine, nothing: object) -> None:
    row = {"id": 50, "phone": "0345 1234567", "name": nothing, "due": 1}
    with database.connect() as db:
        messages, unfit = campaign.plan(db, [row], context())
    assert messages == []
    assert [one["detail"] for one in unfit] == ["tag {{name}} is blank"]


def test_a_retry_claims_nobody_new_and_does_not_guess_about_whom_somebody_opted_out_since(
    campaign: Any, database: Engine
) -> None:
    campaign.claimed_messages(context())
    with database.begin() as db:
        db.execute(text("INSERT INTO customers (id, name, phone) VALUES (10, 'New', '0300-1234571')"))
        db.execute(text("INSERT INTO customers (id, name, phone, opted_out_at) VALUES (11, 'A', '03001234567', 'now')"))
    assert [one["key"] for one in campaign.claimed_messages(context())] == [7]
    found = statuses(database)
    assert found[10] == (None, None)
    assert found[1] == (
        "UNKNOWN",
        "an earlier try may have texted it, and it was not tried again: opted out in row 11",
    )


def test_a_wrong_tag_claims_nobody(campaign: Any, database: Engine) -> None:
    before = statuses(database)
    with pytest.raises(RoboSmsError, match=r"The field Message is wrong: .*nmae") as caught:
        campaign.claimed_messages(context("Dear {{ nmae }}"))
    assert caught.value.permanent
    assert statuses(database) == before


def test_the_table_is_counted_with_opted_out_people_apart(campaign: Any, database: Engine) -> None:
    with database.connect() as db:
        counts = dict(db.execute(text(campaign.COUNT)).all())
    assert counts == {"SENT": 1, "opted out": 1, "waiting": 7}


@pytest.mark.parametrize(("hours", "known"), [("9 am - 9 pm", True), ("", False), ("nine", None)])
def test_hours_are_read_as_people_write_them(campaign: Any, hours: str, known: bool | None) -> None:
    asked = {"params": {"send_window": hours}}
    if known is None:
        with pytest.raises(RoboSmsError, match="are not two times of day"):
            campaign.hours(asked)
    else:
        assert (campaign.hours(asked) is not None) is known
