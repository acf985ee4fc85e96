"""A test before a campaign: the first texts, as their recipients would get them, go to a number of whoever asks instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

from ..campaign.message import Message
from ..exceptions import RoboSmsError
from ..gateway.outcome import Status
from ..recipients.planning import SAMPLES
from ..settings import optional_text, whole
from ..sms.blank import is_blank

if TYPE_CHECKING:
    from airflow.sdk.types import Logger

    from ..sheets.plan import SheetPlan


def read_number(value: Any, *, dry_run: bool, given: bool) -> str | None:
    """Return the number that the test goes to; None where the setting *test_to* is not set.

    :param dry_run: whether nothing is sent otherwise.
    :param given: whether the DAG's author set it.
    :raises RoboSmsError: for what is no mobile number, and beside a real send: that would text everybody; permanent.
    """
    from ..exceptions import InvalidNumber
    from ..sms.phone import elsewhere, normalise

    # A form, or rendering native objects, makes a number of it.
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    wanted = value if is_number else optional_text(value, "test_to", given=given)
    if wanted is None:
        return None
    if not dry_run:
        raise RoboSmsError(
            "test_to is set, but this task would text everybody: set dry_run=True with it, or take it out.",
            permanent=True,
        )
    try:
        return normalise(wanted)
    except InvalidNumber as error:
        raise RoboSmsError(f"test_to must be one mobile number: {elsewhere(error)}.", permanent=True) from None


def read_count(value: Any) -> int:
    """Return how many texts the test has, from the setting *test_messages*.

    :raises RoboSmsError: for anything but 1 to 3; permanent.
    """
    return whole(value, "test_messages", least=1, most=SAMPLES)


def addressed_to(plan: SheetPlan, to: str, most: int) -> list[Message]:
    """Return the first texts of *plan*, addressed to *to*. Their keys are the same for each try, so a retry repeats none."""
    return [replace(message, key=f"test:{at}", to=to) for at, message in enumerate(plan.samples[:most], start=1)]


def masked(value: Any) -> Any:
    """Return what Airflow may show of the setting *test_to*."""
    from ..sms.phone import mask

    return value if value is None or (isinstance(value, str) and is_blank(value)) else mask(value)


def tell_test(log: Logger, to: str, texts: int, counts: Mapping[Status, int]) -> dict[str, Any]:
    """Log what became of the test and return it, without the number.

    :param counts: how many of its texts have which status.
    :raises RoboSmsError: when there were texts and none was accepted.
    """
    sent = counts.get(Status.SENT, 0)
    if not texts:
        log.warning("No test was sent: nobody is to be texted.")
    elif not sent:
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        raise RoboSmsError(
            f"RoboSMS did not accept the test ({told}): check the number, and look for it in the RoboSMS portal.",
            permanent=not counts.get(Status.FAILED),
        )
    else:
        log.info("Test: %s of %s texts went to %s, and to nobody else.", sent, texts, masked(to))
    return {"to": masked(to), "texts": texts, "sent": sent}
