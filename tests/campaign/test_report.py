"""What a person reads before and after a campaign."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from airflow_provider_robosms.campaign.report import (
    LOG_WIDTH,
    add_up,
    as_text,
    broken,
    headline,
    isolated,
    objection,
    preview_page,
    report_page,
)

PREVIEW = {
    **{"total": 5, "sent": 0, "rejected": 0, "failed": 0, "unknown": 0, "skipped": 2, "pending": 3, "segments": 4},
    **{"codes": {}, "estimated_cost": "2.00", "balance_before": "12.50", "balance_after": None, "seconds": 1.0},
    "samples": [{"to": "92300****567", "text": "# Dear Ayesha\n<b>hello", "parts": 1}],
    "skipped_by_reason": {"opted out": 1, "tag {{Due}} is blank\n# no heading": 1},
    "skipped_rows": {"opted out": [7]},
    "already_done": 4,
}
DONE = {**PREVIEW, "sent": 2, "unknown": 1, "pending": 0, "segments": 2, "balance_after": "11.00"}


def preview(**changes: Any) -> dict[str, Any]:
    return {**PREVIEW, **changes}


def done(**changes: Any) -> dict[str, Any]:
    return {**DONE, "codes": {"000": 2}, **changes}


def test_a_preview_tells_cost_balance_who_is_left_out_and_samples():
    page = preview_page(PREVIEW)
    for words in (
        "**3 people will be texted.**",
        "- Cost: Rs 2.00 for 4 parts",
        "- Balance: Rs 12.50",
        "- Texted or settled before: 4",
        "Left out, 2 people:",
        "- 1 × `opted out` (row 7)",
        "To 92300****567, 1 part:",
    ):
        assert words in page.splitlines()


def test_nothing_from_a_sheet_becomes_markup():
    lines = preview_page(PREVIEW).splitlines()
    assert "- 1 × `tag {{Due}} is blank # no heading`" in lines
    assert {"    # Dear Ayesha", "    <b>hello"} <= set(lines)


def test_a_log_shows_no_marks_of_markdown_and_leaves_texts_alone():
    sample = {"to": "92300****567", "text": "**Sale** `today`", "parts": 1}
    text = as_text(preview_page(preview(samples=[sample])))
    assert text.startswith("3 people will be texted.\n")
    assert "- 1 × opted out (row 7)" in text
    assert "    **Sale** `today`" in text
    assert "\nTo 92300****567, 1 part:\n" in text, "the stars of a number stay"


URDU = "محترم Ayesha، آپ کا بل Rs 1,500 تیار ہے۔"


def test_words_from_right_to_left_keep_their_order_among_others():
    text = f"Dear Ayesha\n{URDU}\nReply STOP"
    page = preview_page(preview(samples=[{"to": "92300****567", "text": text, "parts": 2}]))
    for told in (page, as_text(page)):
        assert f"    Dear Ayesha\n    \u2068{URDU}\u2069\n    Reply STOP" in told
    assert isolated(text) == f"Dear Ayesha\n\u2068{URDU}\u2069\nReply STOP"


def test_each_piece_of_a_long_line_from_right_to_left_is_isolated():
    page = preview_page(preview(samples=[{"to": "92300****567", "text": f"{URDU} " * 6, "parts": 2}]))
    pieces = [line for line in as_text(page).splitlines() if "\u2068" in line]
    assert len(pieces) > 1
    assert all(line.strip(" ")[0] == "\u2068" and line[-1] == "\u2069" and len(line) <= LOG_WIDTH for line in pieces)
    assert " ".join(line.strip(" \u2068\u2069") for line in pieces) == " ".join([URDU] * 6)


@pytest.mark.parametrize("text", ["half a mark\u2069", "\u2068half a mark", f"{URDU}\u2069", "\u2068x\u2069"])
def test_marks_that_a_text_has_itself_are_no_trouble(text):
    page = preview_page(preview(samples=[{"to": "92300****567", "text": text, "parts": 1}]))
    assert text in as_text(page)


def test_a_log_cuts_nothing_off():
    text = f"Dear\t{'word  of ' * 20}end"
    reasons = {f"bad number: {'so ' * 40}": 1, "duplicate": 2}
    page = preview_page(preview(samples=[{"to": "92300****567", "text": text, "parts": 2}], skipped_by_reason=reasons))
    lines = as_text(page).splitlines()
    assert max(map(len, lines)) <= LOG_WIDTH
    begins = next(at for at, line in enumerate(lines) if line.startswith("    Dear\tword"))
    assert [line[:8] == " " * 8 for line in lines[begins:]] == [False, *[True] * (len(lines) - begins - 1)]
    assert " ".join(" ".join(lines[begins:]).split()) == " ".join(text.split())
    assert "- 2 × duplicate: another row has the same number or ID" in lines


def test_texts_without_a_way_to_opt_out_are_counted_and_warned_of():
    rest = "no way to opt out, such as Reply STOP: marketing texts must have one."
    for counted, words in (
        ([9, 27], "9 of 27 texts name"),
        ([1, 2], "1 of 2 texts names"),
        ([1, 1], "1 of 1 text names"),
    ):
        assert f"{words} {rest}" in preview_page(preview(no_way_out=counted)).splitlines()
        assert rest not in preview_page(preview(no_way_out=counted, opt_out_line="Reply STOP"))
    assert rest not in preview_page(preview(no_way_out=[0, 27])) + preview_page(PREVIEW)


def test_columns_that_decide_nothing_are_named_in_one_clipped_line():
    assert "decide nothing" not in preview_page(preview(unread_columns=[]))
    page = preview_page(preview(unread_columns=["Do they want SMS", "<b>City`\n# here", *["x" * 40] * 18]))
    (line,) = (line for line in page.splitlines() if "decide nothing" in line)
    assert line.startswith("- Columns that decide nothing here: `Do they want SMS, <b>City # here, xxx")
    assert line.endswith("`; only Opt Out, Send and Send At decide who is texted")
    assert len(line) < 420


def test_tabs_that_are_not_read_are_named():
    assert "not read" not in preview_page(preview(unread_tabs=["Campaigns", "Plan"]))
    line = "- Tabs that are not read: `Leavers, Notes`; only Opt-outs says who is not texted"
    assert line in preview_page(preview(unread_tabs=["Leavers", "Campaigns", "Notes"])).splitlines()


def test_a_filter_is_said_to_choose_nobody():
    line = "- The sheet has a filter: people whom it hides are texted like all others"
    assert line in preview_page(preview(filtered=True)).splitlines()
    assert "filter" not in preview_page(preview(filtered=False))


def test_a_limit_is_said():
    page = preview_page(PREVIEW, at_most=1)
    assert "**1 person will be texted.**" in page
    assert "- Left for a later run: 2, because of the limit" in page


def test_a_campaign_without_texts_is_objected_to_in_the_forms_words():
    reasons = {"no text: column Message is blank": 9}
    sentence = objection(preview(pending=0, skipped=9, skipped_by_reason=reasons))
    assert sentence is not None
    assert sentence.startswith("Nobody has a text (9 people without): name one of your templates in the field Template")
    # Somebody has one: that the others have none is said, and is no failure.
    some = preview(pending=1, skipped=9, skipped_by_reason=reasons)
    assert objection(some) is None
    assert "**9 people without a text: name a template for them in the field Template.**" in preview_page(some)
    # Nobody is left to be texted: a run on a finished sheet is no mistake.
    assert objection(preview(pending=0, skipped=0, skipped_by_reason={})) is None


@pytest.mark.parametrize(
    ("cost", "balance", "refused"),
    [("12.50", "12.50", False), ("12.51", "12.50", True), (None, "0", False), ("1", None, False)],
)
def test_a_campaign_that_the_balance_does_not_pay_is_objected_to(cost, balance, refused):
    sentence = objection(preview(estimated_cost=cost, balance_before=balance))
    assert (sentence is not None and sentence.startswith("The balance does not pay for it")) is refused
    assert not refused or str(sentence) in preview_page(preview(estimated_cost=cost, balance_before=balance))


def test_what_parallel_tasks_did_is_added_up():
    total = add_up(
        [done(balance_before="12.50", unknown_rows=[9], skipped_rows={"opted out": [7]}), None, None],
        [
            None,
            done(balance_before="12.00", balance_after="10.50", unknown_rows=[4], skipped_rows={"opted out": [3]}),
            None,
        ],
    )
    assert (total["sent"], total["codes"], total["partitions"], total["partitions_failed"]) == (4, {"000": 4}, 3, 2)
    assert (total["balance_before"], total["balance_after"]) == ("12.50", "10.50")
    assert (total["unknown_rows"], total["skipped_rows"]) == ([4, 9], {"opted out": [3, 7]})


def test_the_headline_names_only_what_there_is():
    assert headline(add_up([done(unknown=0, skipped=13, sent=27)], [None])) == "27 sent, 13 skipped"
    assert headline(add_up([done(pending=2)], [None])) == "2 sent, 1 unknown, 2 skipped, 2 not reached"


def test_a_report_never_says_none_and_names_refusals_and_failures():
    total = add_up([done(codes={"000": 1, "215": 3}, balance_before=None, balance_after=None), None], [None, None])
    page = report_page(total, failures={1: "The API key is not valid: set it in the connection."})
    assert "None" not in page
    assert "- Balance: not known before, not known after" in page
    assert "- 3 × code 215: invalid number format (0345...)" in page
    assert "1 of 2 sending tasks failed:" in page
    assert "- send 1: `The API key is not valid: set it in the connection.`" in page


def test_the_report_of_one_task_numbers_none_and_takes_the_balance_of_the_preview():
    total = add_up([None], [None])
    page = report_page(total, preview=PREVIEW, failures={0: "It is too late."})
    assert "Sending failed:\n\n- `It is too late.`" in page
    assert "Rs 12.50 before, not known after" in page
    assert "it left no reason: see the log of send" in report_page(total)


def test_a_sentence_in_a_log_is_broken_and_whole():
    sentence = "Nothing was sent, for this is longer than a line of the log in a window of usual width: " + "word " * 20
    lines = broken(sentence).split("\n")
    assert len(lines) > 1
    assert all(len(line) <= LOG_WIDTH for line in lines)
    assert " ".join(broken(sentence).split()) == sentence.strip()
    address = f"https://docs.google.com/{'x' * LOG_WIDTH}"
    assert address in broken(f"See {address}")  # to be clicked


def test_sending_began_with_the_first_of_parallel_tasks():
    assert add_up([done(began=200), done(began=100), done(began=None)], [None] * 3)["began"] == 100
    assert add_up([None], [None])["began"] is None


def test_a_report_tells_when_in_pakistan_time():
    began, ended = (
        datetime(2026, 11, 25, 18, 30, tzinfo=timezone.utc),
        datetime(2026, 11, 25, 19, 2, tzinfo=timezone.utc),
    )
    page = report_page(add_up([done()], [None]), began=began, ended=ended)
    assert "- Time: 2026-11-25 23:30 to 2026-11-26 00:02, Pakistan time" in page


def test_the_balance_hints_at_what_became_of_the_unknown():
    sent_more = report_page(add_up([done(unknown_rows=[5])], [None]), preview=PREVIEW)
    assert "UNKNOWN, may have been texted: 1 person (row 5)" in sent_more
    assert (
        "the balance fell by 1 part more than those known to be sent" in sent_more
    )  # 1.50 at 0.50, and 2 parts are known
    no_more = report_page(add_up([done(balance_after="11.50")], [None]), preview=PREVIEW)
    # A retry saw the balance after most was paid.
    retried = report_page(add_up([done(balance_before="11.10")], [None]), preview=PREVIEW)
    assert "the balance fell by 1 part more" in retried
    assert "the balance fell by no more than those known to be sent" in no_more


def test_rows_in_doubt_have_their_times_to_be_found_in_the_portal():
    evening = int(datetime(2026, 11, 25, 16, 16, 18, tzinfo=timezone.utc).timestamp())
    one = done(unknown_rows=[9], unknown_at={"9": evening})
    assert "1 person (row 9 at 21:16:18, Pakistan time)." in report_page(add_up([one], [None]))
    other = done(unknown_rows=[4, 12], unknown_at={"12": evening + 86_400}, unknown=3)
    rows = "4 people (rows 4, 9 at 2026-11-25 21:16:18, 12 at 2026-11-26 21:16:18 and 1 more, Pakistan time)."
    assert rows in report_page(add_up([one, other], [None, None]))


def test_a_report_takes_reasons_from_the_preview_where_the_send_has_none():
    bare = {name: value for name, value in done().items() if name not in ("skipped_by_reason", "skipped_rows")}
    assert "- 1 × `opted out` (row 7)" in report_page(add_up([bare], [None]), preview=PREVIEW)
