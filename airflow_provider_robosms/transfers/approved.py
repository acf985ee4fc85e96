"""What a person has approved: neither more people nor more parts may be sent than that, and no other texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..exceptions import RoboSmsError
from ..settings import text, whole

if TYPE_CHECKING:
    from ..recipients.planning import Plan


START_ANEW = "So nothing was sent: start the campaign anew and have it approved."


@dataclass(frozen=True)
class Approved:
    """What was shown to whoever approved.

    :param spreadsheet: its key.
    :param messages: how many people.
    :param parts: message parts of their texts.
    :param texts: as :func:`~..recipients.planning.hashes_of` has them.
    """

    spreadsheet: str
    messages: int
    parts: int
    texts: frozenset[str]

    @classmethod
    def read(cls, value: Any, *, given: bool) -> Approved | None:
        """Return the setting *approved*; None where it is not set.

        :param given: whether the DAG's author set it: what came out as nothing is no approval.
        :raises RoboSmsError: for anything else; permanent.
        """
        if value is None and not given:
            return None
        texts = value.get("texts") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not isinstance(texts, (list, tuple)):
            raise RoboSmsError(
                "What was approved is not known, so nothing was sent: ask for the approval anew.", permanent=True
            )
        messages, parts = (whole(value.get(name), f"approved[{name!r}]") for name in ("messages", "parts"))
        return cls(
            text(value.get("spreadsheet"), "approved['spreadsheet']"), messages, parts, frozenset(map(str, texts))
        )

    def check(self, plan: Plan, spreadsheet: str, spent: int) -> None:
        """See that a plan holds nothing that was not approved; its number of people is limited by *messages* before.

        :param spreadsheet: key of the spreadsheet that it was made from.
        :param spent: message parts that earlier tries have sent, or may have.
        :raises RoboSmsError: when it does; permanent.
        """
        if spreadsheet != self.spreadsheet:
            self._refuse("it is another spreadsheet")
        if not self.texts.issuperset(plan.texts):
            self._refuse("a text was changed, or its sender mask, or another template is used")
        if plan.parts + spent > self.parts:
            self._refuse(f"the texts take {plan.parts + spent:,} message parts now, and {self.parts:,} were approved")

    @staticmethod
    def _refuse(why: str) -> None:
        raise RoboSmsError(f"The sheet is not what was approved any more: {why}. {START_ANEW}", permanent=True)
