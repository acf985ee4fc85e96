"""Every row of the error matrix on real sockets, and the page that shows it."""

from __future__ import annotations

import time

import pytest

from airflow_provider_robosms.gateway.codes import CODES, MEANINGS
from airflow_provider_robosms.gateway.evidence import REASONS, sentence
from tests.gateway import matrix
from tests.gateway.case import LONG, NUMBER, SHORT, Case, observe
from tests.gateway.certificates import Authority

CASES = [
    pytest.param(case, id=f"{section}: {case.happens}") for section, cases in matrix.SECTIONS.items() for case in cases
]


@pytest.mark.parametrize("case", CASES)
def test_outcome_and_number_of_posts(case: Case, authority: Authority):
    wrong = {variant: found for variant in case.situations if (found := differs(case, variant, authority))}
    assert wrong == {}


def differs(case: Case, variant: str, authority: Authority) -> list[object]:
    """Return what of one variant is not as the row says."""
    began = time.monotonic()
    result, posts, scene = observe(case, variant, authority)
    seconds = time.monotonic() - began
    told = [
        (result.status, case.status),
        (result.reason, case.reason),
        (result.code, case.code),
        (posts, case.posts),
        (result.retry_after, case.retry_after),
        (result.detail, sentence(case.reason, case.code)),
        (scene.bystander.connections if scene.bystander else 0, 0),
    ]
    # Connecting, reading, and the silence that the deadline falls into.
    limit = 3 * SHORT + 1 if case.timeout == SHORT else LONG
    return [pair for pair in told if pair[0] != pair[1]] + ([f"{seconds:.1f} s"] if seconds >= limit else [])


def test_the_page_is_up_to_date():
    text = matrix.PATH.read_text(encoding="utf-8")
    assert matrix.updated(text) == text, f"run {matrix.COMMAND}"


def test_a_page_without_its_marks_is_not_overwritten():
    with pytest.raises(ValueError, match="lost its marks"):
        matrix.updated("# What an error proves\n")


def test_every_code_and_every_reason_of_a_send_has_a_row():
    cases = [case for cases in matrix.SECTIONS.values() for case in cases]
    assert {case.code for case in cases} >= set(MEANINGS)
    # `error` needs a defect of ours; `crash` and `stopped` are the engine's.
    assert {case.reason for case in cases} == set(REASONS) - {"error", "crash", "stopped"}


def test_no_row_says_sent_or_not_sent_without_proof():
    """The rule once more, without the table in the code: what the portal read can only be judged by its answer."""
    for section, cases in matrix.SECTIONS.items():
        for case in cases:
            if case.posts and case.reason not in ("code", "rate_limited", "not_served"):
                assert case.status.value == "UNKNOWN", (section, case.happens)
            if case.status.value == "SENT":
                assert case.posts == 1, (section, case.happens)


def test_details_hold_no_number():
    for reason in REASONS:
        assert NUMBER[2:] not in sentence(reason)


def test_a_code_of_the_account_says_what_to_do_and_has_sent_nothing():
    """What stops a campaign gives its messages back: that is right only for what was certainly not sent."""
    for code, known in CODES.items():
        assert not known.permanent or known.advice, code
        assert not known.advice or (known.verdict == "FAILED" and f"(code {code})" in known.advice), code
