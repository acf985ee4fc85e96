"""The lines of a plan: what each says, which is due, and what is not understood without stopping the others."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.task_groups.planned_campaigns import _name
from airflow_provider_robosms.transfers.failure_line import open_spreadsheet
from airflow_provider_robosms.transfers.planned import COLUMNS, ZONE, PlannedCampaign, read_entries, read_tab

OTHER = "https://docs.google.com/spreadsheets/d/1OtherSpreadsheetOfSomebody/edit#gid=0"
NOON = datetime(2026, 11, 23, 12, tzinfo=ZONE)


def plan(sandbox: RunningSandbox, *lines: list[Any], columns: Any = COLUMNS) -> list[PlannedCampaign]:
    sheet = sandbox.create_sheet("Plans", {"Plan": [list(columns), *lines]})
    return read_tab(open_spreadsheet(sheet), sheet)


def test_a_line_says_what_is_sent_and_when(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet(
        "Plans",
        {
            "plan": [
                ["Note", *COLUMNS],
                ["bills", OTHER, "People", "reminder", "2026-11-23 14:00", "10:00-12:00", "TRUE"],
                ["", "", "", "", "", "", "FALSE"],
                ["thanks", "", "", "thanks", "24 Nov 2026 2:00 PM", "", "yes"],
            ]
        },
    )
    first, second = read_tab(open_spreadsheet(sheet), sheet)
    assert (first.where, first.spreadsheet, first.tab) == ("row 2", "1OtherSpreadsheetOfSomebody", "People")
    assert (first.template, first.hours, first.ticked) == ("reminder", "10:00-12:00", True)
    assert first.when == datetime(2026, 11, 23, 14, tzinfo=ZONE)
    assert (second.where, second.spreadsheet, second.tab, second.hours) == ("row 4", sheet, "Recipients", "09:00-21:00")
    assert second.when == datetime(2026, 11, 24, 14, tzinfo=ZONE)
    assert not first.trouble
    assert not second.trouble


@pytest.mark.parametrize(
    ("tab", "template", "words"),
    [
        ("None", "reminder", "Tab is 'None', which is what programs write for nothing"),
        ("null", "reminder", "Tab is 'null'"),
        ("", "null", "Template is 'null', which is what programs write for nothing: write a name"),
        ("", "nan", "Template is 'nan'"),
        ("", "\u200b", "Template is blank"),
    ],
)
def test_what_programs_write_for_nothing_is_no_name(
    sandbox: RunningSandbox, tab: str, template: str, words: str
) -> None:
    [line] = plan(sandbox, ["", tab, template, "2026-11-23 14:00", "", "yes"])
    assert words in str(line.trouble)
    assert words in str(read_entries(json.dumps([_entry(tab, template)]))[0].trouble)


def _entry(tab: str, template: str) -> dict[str, Any]:
    return {"spreadsheet": OTHER, "tab": tab, "template": template, "when": "2026-11-23 14:00", "send": True}


def test_names_of_half_characters_and_of_invisible_ones() -> None:
    broken, blank = read_entries(json.dumps([_entry("\ud83d", "bill"), _entry("\u200b", "bill")]))
    assert broken.trouble == "Tab holds half a character, such as a broken emoji: type it again."
    assert (blank.trouble, blank.tab) == (None, "Recipients")


def test_no_line_is_sent_before_its_moment() -> None:
    """Whoever starts the run of a line by hand knows its id."""
    from airflow_provider_robosms.task_groups.planned_campaigns import _why_not

    later = (datetime.now(ZONE) + timedelta(hours=2)).strftime("%Y-%m-%d %H:00")
    [line] = read_entries(json.dumps([{**_entry("", "bill"), "when": later, "hours": "00:00-24:00"}]))
    assert not line.trouble
    assert "Its moment has not come yet" in str(_why_not({"run_id": line.run_id}, line))  # type: ignore[arg-type]


def test_a_typed_date_and_a_tick_box_are_read(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Plans", {"Plan": [[*COLUMNS], ["", "", "reminder", "", "", ""]]})
    sandbox.edit_sheet(sheet, "set", sheet="Plan", cell="D2", value="03/04/2026 15:00")  # as somebody types it
    sandbox.edit_sheet(sheet, "set", sheet="Plan", cell="F2", value="TRUE")
    [line] = read_tab(open_spreadsheet(sheet), sheet)
    assert line.ticked
    assert line.when is not None
    assert (line.when.year, line.when.hour) == (2026, 15)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"Template": ""}, "Template is blank: name a template."),
        ({"When": ""}, "When is blank: write it like 2026-11-23 14:00."),
        ({"When": "tomorrow"}, "When is not a date and time: write it like 2026-11-23 14:00."),
        ({"When": "03/04/2026"}, "the date in When can be read in two ways: write it like 2026-11-23 14:00."),
        ({"Hours": "nine to five"}, "'nine to five', are not two times of day"),
        ({"Hours": "9 - 5"}, "are not two times of day"),
        (
            {"When": "2026-11-25 09:15", "Hours": "09:10-09:50"},
            "Hours end before the plan is looked at, at 10:00: give When",
        ),
        ({"When": "2026-11-25 20:30", "Hours": "09:00-21:00"}, "Hours end before the plan is looked at, at 21:00"),
        ({"When": "2026-11-25 09:00", "Hours": "23:10-00:00"}, None),
        ({"When": "2026-11-25 09:00", "Hours": "09:10-09:50"}, None),
        ({"When": "2026-11-25 20:00", "Hours": "09:00-21:00"}, None),
        ({"Send": "maybe"}, "Send holds neither a tick nor yes or no: tick it to send this line."),
        ({"Send": "x"}, "Send holds neither a tick nor yes or no"),
        ({"Spreadsheet": "Bills"}, "The spreadsheet is given neither by its address nor by its key"),
        ({"Template": "#REF!"}, "Template has no value yet, or an error: fix its formula."),
        ({"When": "Loading..."}, "When has no value yet, or an error"),
    ],
)
def test_an_unclear_line_is_one_sentence_and_stops_no_other(
    sandbox: RunningSandbox, line: dict[str, str], words: str | None
) -> None:
    usual = dict(zip(COLUMNS, [OTHER, "", "reminder", "2026-11-23 14:00", "", "yes"], strict=True))
    bad = {**usual, "When": "2026-11-25 09:00", **line}
    found = plan(sandbox, list(bad.values()), list(usual.values()))
    assert found[0].trouble is None if words is None else words in (found[0].trouble or "")
    assert "\n" not in (found[0].trouble or "")
    assert (found[1].trouble, found[1].ticked) == (None, True)


def test_of_two_alike_neither_is_sent(sandbox: RunningSandbox) -> None:
    found = plan(
        sandbox,
        [OTHER, "", "reminder", "2026-11-23 14:00", "09:00-12:00", "yes"],
        ["1OtherSpreadsheetOfSomebody", "recipients", "Reminder", "23 Nov 2026 2:00 PM", "", "no"],
        [OTHER, "", "reminder", "2026-11-24 14:00", "", "yes"],
    )
    assert ["another line has the same" in (line.trouble or "") for line in found] == [True, True, False]


@pytest.mark.parametrize("gone", COLUMNS)
def test_no_column_may_be_misspelt_unseen(sandbox: RunningSandbox, gone: str) -> None:
    columns = [f"My {name}" if name == gone else name for name in COLUMNS]
    with pytest.raises(RoboSmsError, match=rf"has no column '{gone}' \(columns found:"):
        plan(sandbox, columns=columns)


def test_a_column_that_may_be_meant_for_the_tick_stops_the_plan(sandbox: RunningSandbox) -> None:
    with pytest.raises(RoboSmsError, match="is named 'Tick to send', which may be meant for 'Send'"):
        plan(sandbox, columns=[*COLUMNS, "Tick to send"])
    for name in ("ID?", "Name \u2713"):
        with pytest.raises(RoboSmsError, match="which nobody heeds in a plan"):
            plan(sandbox, columns=[*COLUMNS, name])
    with pytest.raises(RoboSmsError, match="has 2 columns named 'Send'"):
        plan(sandbox, columns=[*COLUMNS, "Send?"])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Don't send", "Send"),
        ("Stop", "Send"),
        ("Opt Out", "Send"),
        ("Send At", "When"),
        ("Send on", "When"),
        ("When?", "When"),
        ("Hours.", "Hours"),
    ],
)
def test_a_column_that_may_hold_back_a_line_is_not_ignored(sandbox: RunningSandbox, name: str, meant: str) -> None:
    with pytest.raises(
        RoboSmsError, match=rf"named ['\"]{re.escape(name)}['\"], which may be meant for '{meant}' but would"
    ):
        plan(sandbox, columns=[*COLUMNS, name])


@pytest.mark.parametrize(
    "name",
    ["What to do", "At most so many messages", "Limit", "Status", "Cancelled", "Draft", "Dry run", "Approved", "Start",
     "Until", "Delay", "Message", "Mask", "Who", "Repeat", "x", "Notified", "Last note", "Month",
     "Approval no", "Name approved", "Stage"],
)  # fmt: skip
def test_a_column_that_is_not_the_plans_stops_it(sandbox: RunningSandbox, name: str) -> None:
    with pytest.raises(RoboSmsError, match=rf"Column G of tab 'Plan' is named '{re.escape(name)}', which nobody heeds"):
        plan(sandbox, columns=[*COLUMNS, name])


@pytest.mark.parametrize(
    "name",
    [
        "Note",
        "NOTES",
        "Notes:",
        "note (Ali)",
        "Remarks",
        "Comment by Sana",
        "_comments_",
        "",
        "Sr",
        "Sr #",
        "S.No",
        "No",
        "No.",
        "ID",
        "#",
        "Description",
        "Details",
        "Campaign",
        "Name",
        "Owner",
        "Purpose",
        "My notes",
        "\u0646\u0648\u0679",
        "\u062a\u0641\u0635\u06cc\u0644",
    ],
)
def test_notes_beside_a_plan_are_its_owners(sandbox: RunningSandbox, name: str) -> None:
    line = ["", "", "reminder", "2026-11-23 14:00", "", "yes", "mine"]
    assert plan(sandbox, line, columns=[*COLUMNS, name])[0].trouble is None


def test_a_plan_below_a_title_says_where_its_header_stands(sandbox: RunningSandbox) -> None:
    with pytest.raises(RoboSmsError, match="has its header, with 'Spreadsheet', in row 2"):
        plan(sandbox, list(COLUMNS), columns=["Our plan"])


def test_a_column_that_is_moved_between_the_two_reads_gives_no_moment(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = ["Spreadsheet", "Tab", "Template", "When", "Send", "Hours", "Note until"]
    sheet = sandbox.create_sheet("Plans", {"Plan": [columns, ["", "", "reminder", "", "TRUE", "", ""]]})
    sandbox.edit_sheet(sheet, "set", sheet="Plan", cell="D2", value="23 Nov 2026")
    sandbox.edit_sheet(sheet, "set", sheet="Plan", cell="G2", value="31 Dec 2025")
    api = open_spreadsheet(sheet)
    read = api.read

    def swapped(ranges: Any, **how: Any) -> Any:
        grids = read(ranges, **how)
        if not how:
            for row in grids[0]:
                row[3], row[6] = row[6], row[3]
        return grids

    monkeypatch.setattr(api, "read", swapped)
    with pytest.raises(RoboSmsError, match="was edited while it was read: the next run reads it again"):
        read_tab(api, sheet)


def test_without_the_tab_it_says_so(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Plans", {"Recipients": [["Phone"]]})
    with pytest.raises(RoboSmsError, match="has no tab named 'Plan': it must have one"):
        read_tab(open_spreadsheet(sheet), sheet)


def line(**changes: Any) -> PlannedCampaign:
    usual = {"spreadsheet": "key", "tab": "Recipients", "template": "reminder", "when": NOON, "hours": "09:00-21:00"}
    return PlannedCampaign("row 2", **{**usual, "ticked": True, **changes})


@pytest.mark.parametrize(
    ("hours", "after", "waits", "late"),
    [
        ("09:00-21:00", timedelta(seconds=-1), "waits until 2026-11-23 12:00", False),
        ("09:00-21:00", timedelta(), None, False),
        ("13:00-14:00", timedelta(), "waits for its hours, 13:00-14:00", False),
        ("13:00-14:00", timedelta(hours=1), None, False),
        ("13:10-13:50", timedelta(), "waits for its hours, 13:10-13:50", False),
        ("13:10-13:50", timedelta(hours=1), None, False),  # its run waits until ten past
        ("13:10-13:50", timedelta(hours=2), "waits for its hours, 13:10-13:50", False),
        ("00:00-24:00", timedelta(hours=15), None, False),
        ("09:00-21:00", timedelta(days=1), None, False),
        ("09:00-21:00", timedelta(days=1, seconds=1), None, True),
    ],
)
def test_a_line_begins_after_its_moment_in_its_hours_within_a_day(
    hours: str, after: timedelta, waits: str | None, late: bool
) -> None:
    one = line(hours=hours)
    assert (one.waits(NOON + after), one.is_late(NOON + after)) == (waits, late)


def test_the_run_is_named_by_what_the_line_is_about() -> None:
    same = {
        line(hours="10:00-11:00").run_id,
        line(tab="recipients").run_id,
        line(template=" Reminder").run_id,
        line().run_id,
    }
    assert len(same) == 1
    others = {
        line(when=NOON + timedelta(hours=1)).run_id,
        line(template="thanks").run_id,
        line(spreadsheet="other").run_id,
    }
    assert len(others | same) == 4
    assert same.pop().startswith("planned__2026-11-23T12:00__")


def test_nothing_that_is_typed_stands_in_the_name_of_a_run() -> None:
    named = line(template="{{ conn.robosms_default.password }}", tab="{{ 1 }}").run_id
    assert "{" not in named
    assert named.replace("_", "").replace("-", "").replace(":", "").isalnum()


def test_a_template_with_line_breaks_makes_no_line_of_its_own_in_the_log() -> None:
    told = _name(line(template="bill\n[2026-11-23] INFO - Row 9 of the plan: starts now" + "x" * 1000), "waits")
    assert told.startswith("Row 2 of the plan, template bill [2026-11-23]")
    assert told.endswith(": waits")
    assert len(told.splitlines()) == 1
    assert len(told) < 100


def test_a_variable_holds_the_same_as_entries() -> None:
    entry = {"spreadsheet": OTHER, "template": "reminder", "when": "2026-11-23 14:00", "send": True}
    good, bad, without = read_entries(json.dumps([entry, {**entry, "hour": "9-5"}, {**entry, "spreadsheet": ""}]))
    assert (good.trouble, good.ticked, good.tab, good.hours) == (None, True, "Recipients", "09:00-21:00")
    assert bad.trouble == "'hour' is not a key of a plan; its keys are spreadsheet, tab, template, when, hours, send."
    assert "neither by its address nor by its key" in (without.trouble or "")
    assert read_entries(json.dumps([{**entry, "send": False}]))[0].ticked is False
    assert read_entries("[]") == []


@pytest.mark.parametrize("odd", [["bill"], True, 7, {"name": "bill"}])
@pytest.mark.parametrize("key", ["template", "tab", "spreadsheet", "hours", "when"])
def test_what_is_no_text_in_an_entry_is_not_made_one(key: str, odd: Any) -> None:
    entry = {"spreadsheet": "1" * 30, "template": "bill", "when": "2026-11-23 14:00", "send": True}
    (line,) = read_entries(json.dumps([{**entry, key: odd}]))
    assert line.trouble == f"{key.capitalize()} is {json.dumps(odd)}: write it as a text, in quotes."


@pytest.mark.parametrize("key", ["send", "when"])
def test_a_key_that_stands_twice_is_no_yes(key: str) -> None:
    entry = {"spreadsheet": OTHER, "template": "reminder", "when": "2026-11-23 14:00", "send": True}
    first = {"send": "false", "when": '"2027-11-23 14:00"'}[key]
    with pytest.raises(RoboSmsError, match=f"An entry of the plan has '{key}' 2 times: correct the Airflow Variable"):
        read_entries(json.dumps([entry]).replace("{", f'{{"{key}": {first}, ', 1))


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", '{"template": "x"}', "[", "nothing"])
def test_what_is_no_list_of_objects_is_refused(text: str) -> None:
    with pytest.raises(RoboSmsError, match="neither the address of a spreadsheet nor a JSON list of objects"):
        read_entries(text)
