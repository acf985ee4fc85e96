"""Names that protect people: what is one, what resembles one and stops, and what does neither."""

from __future__ import annotations

import re
import time

import pytest

from airflow_provider_robosms.recipients.protecting import is_opt_outs
from airflow_provider_robosms.recipients.wording import Template, Wording
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
    "Marketing opt-out", "Promo Opt Out", "Unsubcribe", "Unsuscribe", "Not to be texted", "Not to be contacted",
    "Withdrawn", "Not interested?", "Deceased", "Leave out", "Omit", "Declined", "Take off list", "Hold?",
    "On hold", "Paused", "Band karo", "Not allowed", "Banned",
    "No promotions", "No calls", "No messages please", "No contact please", "SMS off", "Turn off SMS",
]  # fmt: skip
RESEMBLES_SEND_AT = [
    "Send At (PKT)", "SendAt PKT", "Send-At time", "sendAtTime", "Send On", "Send Date", "Send Date/Time",
    "Date to send", "When to send", "Sending time", "Send after", "Don't send before", "Snd At", "Send Att",
    "Sendat2", "Scheduled send", "To be sent on", "To be sent at",
]  # fmt: skip
RESEMBLES_SEND = [
    "Send SMS", "Send SMS?", "To send", "Send message", "Send (yes/no)", "Send this row", "Tick to send", "Send now",
    "Sned", "Senf", "is_send", "To be sent", "To be sent?",
    "Sending", "Include", "Include?", "Selected", "Select", "Chosen", "Include (yes/no)", "Ticked", "sendSMS", "Sends",
    "Send To Number", "Send From", "Send Via", "Sending fee", "Send By", "Send To",
    "Send Attachment", "Send date of birth greeting", "Send to parents", "Bill to send",
]  # fmt: skip
INNOCENT = [
    "End", "Spend", "Sand", "Seed", "Lend", "Bend", "Sent",
    "Selected Plan", "Includes", "Package includes", "Selection", "Choice", "Tick size", "Vendor", "Sender ID",
    "Resend",
    "Send count", "Send date note", "City", "Status", "Contact No", "Contact No.", "SMS No", "No. of SMS",
    "SMS sent", "SMS text",
    "SMS", "Father Name", "Roll No", "Fees due", "Order ready", "Ready for pickup", "Report ready",
    "Loan approved",
    "Appointment confirmed", "Appointment reminder", "Emergency contact", "Last contacted", "Not contacted", "Van stop",
    "Pickup stop", "Consent form", "Block", "Block no", "Order on hold", "Email allowed", "Order accepted",
    "Message count", "Active", "Inactive", "Left", "Amount withdrawn", "Withdrawn amount", "Interest",
    "Reminder 1", "Plan A1", "5G plan", "Room 5", "Call time", "Band name", "Bheja gaya", "نام", "پیغام", "Имя",
    "Телефон", "Τηλέφωνο",
    "Option", "Options", "Optician", "Output", "Opt", "Sent By", "Sender", "Send", "Sent Date",
    "Stop Name",
    "Valid until", "Paid on", "Before", "Due on", "Delivered at",
    "Bus Stop", "Out of stock", "Outlet", "Contact", "Contact Number", "Date", "Delivery Date",
    "Scheduled Date", "Attachment", "Send Attempts", "Sent On", "Layout", "Payout", "Agenda",
    "Seat", "Status date", "Payment Status", "Text", "Message date", "No", "Mobile No.", "Contact List",
    "Email opt out", "Subscriber No", "Subscription Date", "Subscription since",
    "Subscription", "Subscriber", "Subscription plan", "To be paid", "To be called",
    "SMS No", "Call No", "Messages", "Day off",
    "Bhejne wala",
    "Chahiye", "Waqt", "Tareekh", "Mana", "Rabta number", "SMS date", "SMS time", "Number", "No. of messages",
    "Delay Time", "Delayed Date", "Delayed on", "Deferred date", "Postponed to", "Delayed To", "Postponed from",
    "Subscription status", "Active subscriber", "Notifications", "Postponed", "Delayed", "Delay", "Delay reason",
    "Postponed exam", "Reminder SMS", "Reminder text", "SMS alert", "SMS to",
    "Alerts sent", "Promo text", "Updates", "Promotions", "Subscriber name",
    "Excluded items", "Non-stop", "1", "-", "?",
]  # fmt: skip


@pytest.mark.parametrize("header", [*RESEMBLES_OPT_OUT, *RESEMBLES_SEND_AT, *RESEMBLES_SEND])
def test_a_column_that_resembles_one_stops_the_run(header: str) -> None:
    with pytest.raises(SheetError, match=r"may be meant for '(Opt Out|Send At|Send)' but would be ignored") as caught:
        reader(["Name", "Phone", header])
    assert caught.value.permanent
    assert header in str(caught.value)
    assert "Column C" in str(caught.value)
    assert str(caught.value).count(". ") == 0 or ". " in header, "one sentence"


# Letters of another alphabet, accents, digits: what a person cannot see, or typed so to be clever.
LOOKS_LIKE = {
    "Opt Out": ["\u041e\u0440t \u041eut", "0pt 0ut", "0pt-Out?", "\u039fpt \u039fut",
    "\u1d0f\u1d18\u1d1b \u1d0f\u1d1c\u1d1b",
                "\xd6pt Out"],
    "Send At": ["Send \u0410t", "S\u0435nd At", "Send \u0391t", "S3nd @t", "\u0405end-At"],
    "Send": ["S\u0435nd", "\u0405end?", "5end", "S\xe9nd"],
    "Status": ["St\u0430tus", "\u0405tatus", "5tatus"],
}  # fmt: skip
OTHER_WORDS = {
    "Opt Out": [
        "Unsubscrib\u0435", "D\u043e not contact", "St\u043ep", "Un5ubscribed", "unsubscr1bed", "b1acklist",
        "DND status (Y/N)", "Removed", "Skip?", "Mute", "Wrong number?", "Mana kiya",
        "DND (tick)", "Registered on DND", "Unsubscribed by SMS", "Never text", "Skip SMS", "Stop messages",
        "SMS blocked",
        "Revoked", "Consent withdrawn", "Consent revoked", "withdrew_consent", "Objects to SMS", "Objected", "Complained",
        "Replied STOP", "STOP received", "Asked to stop", "smsoptout", "Wants no SMS", "Dead", "WhatsApp only", "Email only",
        "SMS band", "SMS mat bhejo",
        "SMS nahi chahiye", "SMS se mana", "SMS se inkar", "SMS roko", "Rabta na karein", "آپٹ آؤٹ", "پیغامات بند",
        "رابطہ نہ کریں", "میسج نہیں چاہیے", "میسج نہیں چاہئے",
        "\u067e\u06cc\u063a\u0627\u0645 \u0646\u06c1 \u0628\u06be\u06cc\u062c\u06cc\u06ba",
    ],
    "Send At": [
        "Delay until", "Postponed till", "Defer SMS till", "Delayed until date", "SMS delayed to",
        "Not before", "Hold until", "Snooze until", "SMS at", "Text on", "Contact after (date)",
        "Bhejne ka waqt", "Bhejne ki tareekh", "Kab bhejna hai", "SMS kab", "Message kab karna hai",
        "بھیجنے کا وقت", "کب بھیجنا ہے",
    ],
    "Send": [
        "Subscriber status", "SMS notifications", "Text alerts", "SMS updates", "SMS reminders (Y/N)", "SMS notification",
        "GDPR Consent", "Parent consent", "Consent given (Y/N)", "Opted in", "Opt-in?", "Permission",
        "Permission given", "Agreed", "Subscribed", "Marketing consent?", "OK to send", "Ready to send", "SMS allowed",
        "Wants SMS", "Allow SMS?", "SMS permission", "Can we text?",
        "Text OK",
        "Agreed to SMS", "Accepts messages", "SMS enabled", "Receives SMS (Y/N)", "OK to contact", "SMS?", "SMS (Y/N)",
        "Send reminder", "Approved to send", "Please send", "SMS bhejna hai", "0K to send", "SMS all\u043ewed",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("header", "name"), [(header, name) for name, headers in LOOKS_LIKE.items() for header in headers]
)
def test_a_name_in_letters_that_only_look_like_it_stops_the_run(header: str, name: str) -> None:
    for others in ([], [name], ["Opt Out", "Send At", "Send", "Status"]):
        with pytest.raises(
            SheetError, match=rf"may be meant for '{name}' but .*letters only look like these"
        ) as caught:
            reader(["Name", "Phone", *others, header])
        assert caught.value.permanent
        assert f"name it '{name}'" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "name"), [(header, name) for name, headers in OTHER_WORDS.items() for header in headers]
)
def test_other_words_for_the_same_choice_stop_the_run(header: str, name: str) -> None:
    for others in ([], ["Opt Out", "Send At", "Send"]):
        with pytest.raises(SheetError, match=rf"may be meant for (?:'Message' or for )?'(?:{name}|Opt Out)'") as caught:
            reader(["Name", "Phone", *others, header])
        assert re.search("or give it a name that cannot be confused|if it holds a choice", str(caught.value))


# A channel or a message, and beside it a no, a need, a mark of yes or no, or a word of time.
BESIDE_A_MESSAGE = {
    "Opt Out": [
        "SMS Not Required", "Don't want SMS", "Do not remind", "Customer does not want messages", "Never message again",
        "No reminders this year", "Without SMS", "SMS not wanted", "Do not call him again", "Do not WhatsApp",
        "Never WhatsApp", "WhatsApp not wanted", "Please no calls", "No contact",
    ],
    "Send": [
        "SMS Required (Y/N)", "Message (Y/N)", "SMS Alert (Y/N)", "Reminder (Y/N)", "Promo SMS (Y/N)", "Msg (Y/N)", "Msg?",
        "To be texted", "Notify parents", "Remind customer", "SMS Flag", "SMS \u2713", "Reminder (0/1)", "sms_required",
        "notify_by_sms", "Needs a reminder", "Wants WhatsApp",
        "WhatsApp consent (yes or no)", "Text this person", "Contact preference", "To notify",
        "Campaign yes/no", "Inform parents?", "Newsletter (Y/N)", "SMS Y or N", "Book reminder (Y/N)",
        "Stock SMS (Y/N)", "Alerts on/off",
    ],
    "Send At": [
        "SMS schedule", "Dispatch SMS", "Schedule SMS", "SMS Date/Time", "Do not contact until", "Contact later", "Remind on",
        "Reminder date", "Notification time", "Call after (date)", "Don't text before", "When to message", "schedule_at",
        "Message date & time", "Notify parents after",
    ],
}  # fmt: skip
NO_MORE = {
    "Opt Out": [
        "Wrong No.", "Wrong number (Y/N)", "Number wrong", "Invalid mobile", "Galat number", "Rejected", "rejected_sms",
        "Struck off", "Struck-off students", "Passed away", "Exclusion", "Skip this row", "Blocked by parents",
        "Opted out parents", "Opted Out on WhatsApp", "Opt In/Out", "SMS Opt In/Out", "Opt (in/out)", "Do not include",
        "Do not use this number", "Inkar", "Call na karein",
        "\u0628\u0644\u0627\u06a9 \u0644\u0633\u0679", "\u0628\u0646\u062f", "\u0627\u0646\u06a9\u0627\u0631",
    ],
    "Send": ["Ijazat", "SMS ki ijazat", "Ijazat hai", "SMS karna hai", "Message karein", "\u0627\u062c\u0627\u0632\u062a"],
}  # fmt: skip
BESIDE_A_MESSAGE_AND_HARMLESS = [
    "Contact person", "Last message", "SMS sent (Y/N)", "SMS sent?", "Contact number required", "Contact no. (on WhatsApp)",
    "WhatsApp No", "WhatsApp Number", "Call not attended", "SMS not delivered", "Number not on WhatsApp", "Person to contact",
    "Last SMS date/time", "Message template", "Reminder count", "Fee reminder", "Alert type", "Contact time", "Campaign date",
    "Promo code valid until", "Message from teacher", "Promotion date", "In/Out", "Payment schedule", "Dispatch date",
    "Wrong", "Invalid amount", "Call duration", "Notified", "Reminder sent on", "Contact not found", "Message 2",
    # Who is on WhatsApp is reached by SMS as anybody.
    "WhatsApp?", "WhatsApp (Y/N)", "On WhatsApp?", "Has WhatsApp?", "Uses WhatsApp (Y/N)", "No WhatsApp", "Not on WhatsApp",
    "Added to WhatsApp group (Y/N)", "Do not have WhatsApp", "Without WhatsApp",
    # A block of houses, and other things.
    "\u0628\u0644\u0627\u06a9", "\u0628\u0644\u0627\u06a9 \u0646\u0645\u0628\u0631",
    "Contact verified?", "Contact no. verified (Y/N)",
    "Promo Code?", "Low Stock Alert (Y/N)", "Fraud Alert?", "Text Books required", "Contact lens required", "Refused parcels",
    "Blocked card", "Cheque stopped", "No contact number",
]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "name"),
    [(header, name) for of in (BESIDE_A_MESSAGE, NO_MORE) for name, headers in of.items() for header in headers],
)
def test_a_choice_or_a_moment_beside_a_message_stops_the_run(header: str, name: str) -> None:
    for others in ([], ["Opt Out", "Send At", "Send"]):
        with pytest.raises(SheetError, match=rf"may be meant for (?:'Message' or for )?'{name}' \w+ would be ignored"):
            reader(["Name", "Phone", *others, header])


@pytest.mark.parametrize("header", BESIDE_A_MESSAGE_AND_HARMLESS)
def test_what_tells_of_a_message_or_a_number_does_not(header: str) -> None:
    reader(["Name", "Phone", header])


@pytest.mark.parametrize("header", ["Reminder date", "SMS schedule", "Message (Y/N)", "SMS Required", "Call after"])
def test_what_stands_beside_a_message_may_be_told_by_a_text(header: str) -> None:
    reader(["Name", "Phone", header], Wording(message=f"It is {{{{{header}}}}}"))


@pytest.mark.parametrize("header", INNOCENT)
def test_innocent_columns_do_not(header: str) -> None:
    reader(["Name", "Phone", header])
    reader(["Name", "Phone", "Opt Out", "Send At", *([] if header == "Send" else ["Send"]), header])


@pytest.mark.parametrize("header", ["Stop", "Blocked", "Selected", "Removed", "Sending fee", "Send To", "Include"])
def test_what_a_text_tells_is_content(header: str) -> None:
    """A bus stop, a blocked card: beside the text that uses it, in a template, or with words for a blank one."""
    for wording in (
        Wording(message=f"It is {{{{ {header.lower()} | none }}}}"),
        Wording("Hello", templates={"card": Template(f"It is {{{{{header}}}}}")}),
    ):
        reader(["Name", "Phone", header], wording)
    with pytest.raises(SheetError, match="would be ignored"):
        reader(["Name", "Phone", header], Wording(message=f"It is {{{{{header} No}}}}"))


@pytest.mark.parametrize(
    "header", ["Marketing opt-out", "Opt Ou\u0442", "Send Date", "Send At (PKT)", "S\u0435nd", "0pt 0ut"]
)
def test_an_opt_out_and_a_moment_of_sending_decide_whoever_is_told_of_them(header: str) -> None:
    with pytest.raises(SheetError, match="would be ignored"):
        reader(["Name", "Phone", header], Wording(message=f"It is {{{{{header}}}}}"))


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
     "Stop list", "Do not contact", "Unsubscribes", "Opt-ots", "Opts out", "\u041ept-outs", "0pt-outs", "DN\u0501",
     "Never text", "Do not message", "Black list 2026", "No SMS (2)", "Replied STOP", "Stop replies", "STOP received",
     "Consent withdrawn", "smsoptout", "Wrong numbers", "Opted Out Parents", "Opted-out Students", "Opted Out (Karachi)",
     "Opted Out - Nov", "Wrong Number List", "Wrong nos (Lahore)", "No SMS List", "Do Not Contact Nos", "Don't text them",
     "Never call", "Blocked Nos", "Blocked by class teachers", "Blacklist Karachi", "Not interested parents", "Stop Log",
     "STOP (Form Responses 1)", "Stop Nov", "Exclusion List", "Ban list", "Refusals", "Removed students", "SMS not wanted",
     "Numbers to exclude", "Struck off 2026", "Do not send - Class 5", "\u0628\u0646\u062f",
     "\u0628\u0644\u0627\u06a9 \u0644\u0633\u0679 2026",
     "\u0628\u0644\u0627\u06a9 \u0634\u062f\u06c1 \u0646\u0645\u0628\u0631",
     "Opted out - orders", "Opted out of order updates", "Blocked card holders", "Blocked fee defaulters",
     "No SMS for orders",
     "Do not contact order list", "Blacklist orders", "Not interested in loan", "DND cards", "On hold", "Do not WhatsApp",
     "Excluded from fee reminders", "Don't use these numbers", "No contact list"],
)  # fmt: skip
def test_a_tab_that_resembles_it_stops_the_run(title: str) -> None:
    for others in ({title: NUMBERS}, {title: NUMBERS, "Opt-outs": NUMBERS}):
        with pytest.raises(SheetError, match=r"may be meant for 'Opt-outs', but its numbers would be texted") as caught:
            opened(PEOPLE, **others)
        assert caught.value.permanent
        assert title in str(caught.value)


@pytest.mark.parametrize(
    "title",
    ["Options", "Notes", "Bus stops", "Customers", "Outlets", "Sheet1", "Contact list", "Old list", "Contact No", "SMS sent",
     "Blocks", "Wrong answers", "No dues", "Reminder schedule", "Left students", "Email opt-outs", "Call list",
     "No WhatsApp", "Not on WhatsApp", "Without WhatsApp", "No whatsapp nos",
     "\u0628\u0644\u0627\u06a9", "\u0628\u0644\u0627\u06a9 \u0627\u06d2",
     "\u0628\u0646\u062f \u062f\u06a9\u0627\u0646\u06cc\u06ba", "\u0628\u0646\u062f \u0627\u06a9\u0627\u0624\u0646\u0679",
     "Refused parcels", "Refused COD", "Blocked Cards", "Card blocked", "Blocked accounts", "Excluded items",
     "Stopped cheques",
     "Excluded from discount", "Polio refusals", "Bus stop list", "Route & stop list", "Lunch opt outs", "Transport opt out",
     "Items to remove", "Cards to block", "Orders on hold", "Blocked houses", "No Contact Info"],
)  # fmt: skip
def test_innocent_tabs_do_not(title: str) -> None:
    assert opened(PEOPLE, **{title: NUMBERS}).opted_out == frozenset()


def test_two_tabs_of_opt_outs_are_not_guessed_between() -> None:
    with pytest.raises(SheetError, match=r"2 tabs of opt-outs \('Opt-outs', 'opt outs'\): keep all numbers on one"):
        opened(PEOPLE, **{"Opt-outs": NUMBERS, "opt outs": NUMBERS})


def test_8_000_columns_are_looked_at_fast() -> None:
    header = ["Phone", *(f"Opt thing {number}" for number in range(8_000))]
    started = time.process_time()
    reader(header)
    assert time.process_time() - started < 2.0
