"""Names that protect people: what is one, what resembles one and stops, and what does neither."""

from __future__ import annotations

import time

import pytest

from airflow_provider_robosms.recipients.protecting import is_opt_outs
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.grids import opened
from tests.sheets.rows_of import reader, skip, text

GOOD = {"Name": "Ali", "Phone": "0300-1234567"}


@pytest.mark.parametrize(
    "header",
    ["Opt Out", "Opt-Out", "Opt Out?", "optout", "OPT_OUT", "opt\u2011out", " Opt  out ", "Opt/Out:", "\u26d4 Opt Out"],
)
def test_opt_out_however_it_is_written(header: str) -> None:
    assert skip({**GOOD, header: "yes"}) == "opted out: column Opt Out is set"
    assert text({**GOOD, header: "no"}) == "Hello Ali"


@pytest.mark.parametrize("header", ["Send At", "Send-At", "send_at", "SendAt", "Send at:", "SEND AT ?"])
def test_send_at_however_it_is_written(header: str) -> None:
    assert skip({**GOOD, header: "2026-12-24 10:00"}) == "not due until 2026-12-24 10:00"


@pytest.mark.parametrize("header", ["Send", "send?", "SEND !", " S end ", "✉ Send"])
def test_send_however_it_is_written(header: str) -> None:
    assert skip({**GOOD, header: False}) == "not chosen: column Send is not ticked"
    assert text({**GOOD, header: True}) == "Hello Ali"


RESEMBLES_OPT_OUT = [
    "Opted Out", "Opted-out?", "Opt out date", "Has opted out", "Unsubscribed", "Unsubscribed?", "Un-subscribe",
    "DND", "D.N.D.", "Do Not Text", "Do not disturb", "Don't text", "Don\u2019t contact", "STOP", "Opt Ot", "Otp Out",
    "OptOut SMS", "SMS opt-out", "Opt-out (yes/no)", "Opt In", "No SMS", "Blacklisted", "Unsubscibed",
    "Do not mail", "Blocked", "SMS Consent", "Marketing consent?", "Subscribed",
    "Opt Out Reason", "Opt 0ut", "Opt outs", "OPT-OUT STATUS",
]  # fmt: skip
RESEMBLES_SEND_AT = [
    "Send At (PKT)", "SendAt PKT", "Send-At time", "sendAtTime", "Send On", "Send Date", "Send Date/Time",
    "Date to send", "When to send", "Sending time", "Send after", "Don't send before", "Snd At", "Send Att",
    "Sendat2", "Scheduled send",
]  # fmt: skip
RESEMBLES_SEND = [
    "Send SMS", "Send SMS?", "To send", "Send message", "Send (yes/no)", "Send this row", "Tick to send", "Send now", "Sned",
    "Sending", "Include", "Include?", "Selected", "Select", "Chosen", "Include (yes/no)", "Ticked", "sendSMS", "Sends",
]  # fmt: skip
INNOCENT = [
    "End", "Spend", "Sand", "Seed", "Lend", "Bend", "Send To Number", "Send From", "Send Via", "Sent", "Sending fee",
    "Selected Plan", "Includes", "Package includes", "Selection", "Choice", "Tick size", "Vendor", "Sender ID", "Resend",
    "Send count",
    "Option", "Options", "Optician", "Output", "Opt", "Sent By", "Send By", "Sender", "Send To", "Send", "Sent Date",
    "Stop Name", "Bus Stop", "Out of stock", "Outlet", "Contact", "Contact Number", "Date", "Delivery Date",
    "Scheduled Date", "Attachment", "Send Attachment", "Send Attempts", "Sent On", "Layout", "Payout", "Agenda",
    "Seat", "Status date", "Payment Status", "Text", "Message date", "No", "Mobile No.", "Contact List",
    "Excluded items", "Send date of birth greeting", "Non-stop", "1", "-", "?",
]  # fmt: skip


@pytest.mark.parametrize("header", [*RESEMBLES_OPT_OUT, *RESEMBLES_SEND_AT, *RESEMBLES_SEND])
def test_a_column_that_resembles_one_stops_the_run(header: str) -> None:
    with pytest.raises(SheetError, match=r"may be meant for '(Opt Out|Send At|Send)' but would be ignored") as caught:
        reader(["Name", "Phone", header])
    assert caught.value.permanent
    assert header in str(caught.value)
    assert "Column C" in str(caught.value)
    assert str(caught.value).count(". ") == 0 or ". " in header, "one sentence"


@pytest.mark.parametrize("header", INNOCENT)
def test_innocent_columns_do_not(header: str) -> None:
    reader(["Name", "Phone", header])
    reader(["Name", "Phone", "Opt Out", "Send At", *([] if header == "Send" else ["Send"]), header])


@pytest.mark.parametrize(
    "header",
    ["Opt Out Date", "Opt-out reason", "Opt out at", "Opt Out Comment", "Send At Note", "Send At (reason)", "Selected"],
)
def test_notes_beside_the_true_column_are_fine(header: str) -> None:
    reader(["Phone", "Opt Out", "Send At", "Send", header])


@pytest.mark.parametrize(
    "header", ["Unsubscribed", "DND", "Opted Out", "Send On", "Send At (PKT)", "Opt Out 2", "Send SMS"]
)
def test_a_rival_of_the_true_column_stops(header: str) -> None:
    with pytest.raises(SheetError, match="would be ignored"):
        reader(["Phone", "Opt Out", "Send At", "Send", header])


def test_two_columns_that_both_are_it_are_not_guessed_between() -> None:
    with pytest.raises(SheetError, match=r"2 columns named 'Opt Out' \(B and C\): rename all but one"):
        reader(["Phone", "Opt Out", "Opt-Out?"])
    with pytest.raises(SheetError, match="2 columns named 'Send At'"):
        reader(["Phone", "Send At", "send-at"])


# Tabs

PEOPLE = [["Name", "Phone"], ["Ali", "0300-1234567"]]
NUMBERS = [["Phone"], ["0300-1234567"]]


@pytest.mark.parametrize("title", ["Opt-outs", "Opt-out", "Opt outs", "optouts", "OPT OUT", "Opt_Outs", "Opt-outs!"])
def test_the_tab_of_opt_outs_however_it_is_written(title: str) -> None:
    assert is_opt_outs(title)
    assert opened(PEOPLE, **{title: NUMBERS}).opted_out == {"923001234567"}


@pytest.mark.parametrize(
    "title",
    ["DND", "DND list", "Unsubscribed", "Opted out", "Opt-outs 2026", "Copy of Opt-outs", "Opt-outs (old)", "Blacklist",
     "Stop list", "Do not contact", "Unsubscribes", "Opt-ots", "Opts out"],
)  # fmt: skip
def test_a_tab_that_resembles_it_stops_the_run(title: str) -> None:
    for others in ({title: NUMBERS}, {title: NUMBERS, "Opt-outs": NUMBERS}):
        with pytest.raises(SheetError, match=r"may be meant for 'Opt-outs', but its numbers would be texted") as caught:
            opened(PEOPLE, **others)
        assert caught.value.permanent
        assert title in str(caught.value)


@pytest.mark.parametrize(
    "title", ["Options", "Notes", "Bus stops", "Customers", "Outlets", "Sheet1", "Contact list", "Old list"]
)
def test_innocent_tabs_do_not(title: str) -> None:
    assert opened(PEOPLE, **{title: NUMBERS}).opted_out == frozenset()


def test_two_tabs_of_opt_outs_are_not_guessed_between() -> None:
    with pytest.raises(SheetError, match=r"2 tabs of opt-outs \('Opt-outs', 'opt outs'\): keep all numbers on one"):
        opened(PEOPLE, **{"Opt-outs": NUMBERS, "opt outs": NUMBERS})


def test_8_000_columns_are_looked_at_fast() -> None:
    header = ["Phone", *(f"Send thing {number}" for number in range(8_000))]
    started = time.process_time()
    reader(header)
    assert time.process_time() - started < 2.0
