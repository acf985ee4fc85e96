"""Claims: what stands in Status while a row's message is being sent.

``SENDING 7k2fqa.m3x9ptw4d``: the first part names the run, the second the row's recipient within it; results carry the same
as ``(ref 7k2fqa.m3x9ptw4d)`` at the end of Detail. So what landed on another person's row, because the sheet moved between
reading and writing, is recognised by the run itself, even after a crash, and by the last three characters by any run.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

WORD = "SENDING"
_REF = re.compile(r"\(ref ([a-z2-7]{6})\.([a-z2-7]{9})\)$")
_PATTERN = re.compile(rf"{WORD} ([a-z2-7]{{6}})\.([a-z2-7]{{9}})")
_CLAIMED = re.compile(r"claimed (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
#: A claim of a run that Airflow does not know (another Airflow, say) counts as over after this.
LEASE = timedelta(hours=1)


def short(text: str, key: bytes = b"") -> str:
    """Return six characters that name *text*."""
    return b32encode(hashlib.blake2b(text.encode(), digest_size=5, key=key).digest()).decode().lower()[:6]


def _reference(status: str, detail: str) -> tuple[str, str] | None:
    """Return run and recipient of the claim or the result that a row holds."""
    found = _PATTERN.fullmatch(status) or _REF.search(detail)
    return (found[1], found[2]) if found else None


def claimed_at(detail: str) -> str | None:
    """Return when a claim was made, as its Detail says it; None where it does not."""
    found = _CLAIMED.search(detail)
    return found[1] if found else None


def _for_all(code: str, key: str) -> str:
    """Return three characters by which any run can tell whom a reference of the run *code* names."""
    return short(key, code.encode())[:3]


def meant_for_another(key: str, status: str, detail: str) -> bool:
    """Tell whether a row of *key* holds a claim or a result that a run, whichever, made for somebody else."""
    found = _reference(status, detail)
    return found is not None and not found[1].endswith(_for_all(found[0], key))


def run_code(run: str) -> str:
    """Return the six characters by which a run is named in its claims."""
    return short(run)


@dataclass(frozen=True)
class Run:
    """The run that claims rows.

    :param identity: what names it, such as DAG, run and task, joined; equal for all tries and partitions.
    :param nonce: what the task's first try drew and its state remembers: two Airflows may name a run alike, and a run whose
        state was deleted must not take its old claims for its own.
    :param is_over: tells of another run's six characters whether that run has ended: True, False, or None when unknown.
    :param at_work: returns the six characters of the runs that are under way, as far as Airflow knows.
    """

    identity: str
    nonce: str = ""
    is_over: Callable[[str], bool | None] = lambda code: None
    at_work: Callable[[], Collection[str]] = tuple

    @property
    def code(self) -> str:
        """This run's six characters."""
        return run_code(self.identity)

    def ref(self, key: str) -> str:
        """Return what names this run and the recipient *key* in it."""
        code = self.code
        return f"{code}.{short(key, f'{code}{self.nonce}'.encode())}{_for_all(code, key)}"

    def mark(self, key: str) -> str:
        """Return the claim of *key* by this run."""
        return f"{WORD} {self.ref(key)}"

    def foreign_to(self, key: str, status: str, detail: str) -> bool:
        """Tell whether a row of *key* holds a claim or a result that this run made for somebody else."""
        found = _reference(status, detail)
        return found is not None and found[0] == self.code and ".".join(found) != self.ref(key)

    def of_another(self, status: str, detail: str) -> str | None:
        """Return the reference that another run's claim or result carries; None where there is none."""
        found = _reference(status, detail)
        return ".".join(found) if found and found[0] != self.code else None

    def detail(self, now: datetime) -> str:
        """Return what stands in Detail beside the claim."""
        return f"claimed {now.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC, being sent"

    def owns(self, status: str) -> bool:
        """Tell whether *status* is a claim of this run, for whatever recipient."""
        return status.startswith(f"{WORD} {self.code}.")

    def others_at_work(self) -> bool:
        """Tell whether Airflow knows of another run that is under way."""
        return any(code != self.code for code in self.at_work())

    def still_live(self, status: str, detail: str, now: datetime) -> bool:
        """Tell whether the run that made the claim *status* may still be sending.

        A claim that is taken for over although it lives becomes UNKNOWN for a moment and is never sent by us, so the
        mistake costs nothing: the live run writes its result all the same.
        """
        match = _PATTERN.fullmatch(status.strip())
        if match and (over := self.is_over(match[1])) is not None:
            return not over
        claimed = claimed_at(detail)
        if not (match and claimed):
            return False
        since = datetime.strptime(claimed, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
        return now - since < LEASE


def is_claim(status: str) -> bool:
    """Tell whether *status* is anybody's claim."""
    return status.strip().upper().startswith(WORD)
