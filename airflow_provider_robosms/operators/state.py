"""Airflow's task state as the campaign uses it: a store that lasts, and whether what is in it is all that there was."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .. import compat
from ..campaign.journal import Store
from ..exceptions import RoboSmsError

if TYPE_CHECKING:
    from airflow.sdk import Context

#: In the task's state: that the journal beside it is whole, and which list it is of.
KEY = "campaign_list"

_ABSENT = object()

_WHAT_NOW = (
    "Nothing was sent. Start a new run for those who are still to be texted, or set resend_when_cleared=True to text "
    "everybody in the list again."
)


class LastingStore:
    """Task state that does not expire: Airflow's default forgets it after 30 days, and clearing an old task would then send
    everything again. It goes when its DAG run is deleted.

    :param store: ``context["task_state_store"]``, or anything with its ``get`` and ``set``.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        lasts = "retention" in inspect.signature(store.set).parameters
        self._lasting: dict[str, Any] = {"retention": compat.NEVER_EXPIRE} if lasts else {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default*."""
        return self._store.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Write the value durably before returning."""
        self._store.set(key, value, **self._lasting)


def noted(store: Store, key: str) -> str:
    """Return a text that an earlier try left in the task's state, blank where there is none.

    :raises RoboSmsError: when something else stands there: a damaged memory is not taken for an empty one; permanent.
    """
    note = store.get(key, _ABSENT)
    if note is _ABSENT:
        return ""
    if not isinstance(note, str) or not note.strip():
        raise RoboSmsError(
            f"The task's own record ({key} in its task state) is damaged, and nothing was sent: start a new run.",
            permanent=True,
        )
    return note


def kept(store: Store, key: str, draw: Callable[[], str]) -> str:
    """Return a text of the task's state; the first try draws it and leaves it there.

    :raises RoboSmsError: as :func:`noted` does.
    """
    known = noted(store, key)
    if not known:
        known = draw()
        store.set(key, known)
    return known


class ListMemory:
    """Whether the journal of a list campaign tells of everything that this task instance may have sent.

    It does on a first try and on a retry. It does not where Airflow forgets: cleared from 3.4 on, before 3.3 always, after a
    success with ``[state_store] clear_on_success``; and not when a cleared run is expanded over another list, so that a
    message comes under another map index than before.

    A note in the task's state goes before everything else that a try does. Where the note is, nothing was forgotten; and a
    try that dies before its first message, say because a database is away, is followed by another as usual.

    :param context: the task's context.
    :param store: the task's state, or a stand-in where Airflow has none.
    """

    def __init__(self, context: Context, store: Store) -> None:
        self._store = store
        self._mapped_run_cleared = compat.is_mapped(context) and compat.run_has_been_cleared(context)
        self._index = getattr(context.get("ti"), "map_index", -1)
        self._list: str | None = None
        self._gap = ""
        note = store.get(KEY, _ABSENT)
        if note is _ABSENT:
            self._gap = self._why_forgotten(context)
            if not self._gap:
                self._note()
        elif isinstance(note, Mapping) and isinstance(note.get("list", 0), (str, type(None))):
            self._list = note["list"]
        else:  # a damaged memory is not taken for an empty one
            self._gap = f"The task's own record of whom it texted ({KEY} in its task state) is damaged."

    def _why_forgotten(self, context: Context) -> str:
        if compat.has_been_tried(context):
            if not compat.remembers(context):
                return (
                    "This is not the task's first try, and before version 3.3 Airflow keeps no record of whom an earlier one "
                    "texted."
                )
            if compat.has_been_cleared(context):
                return (
                    "This task ran before, and Airflow has deleted the record of whom it texted: it was cleared without "
                    '"keep task state", or [state_store] clear_on_success is on.'
                )
        if self._mapped_run_cleared:
            return (
                f"This run was cleared and map index {self._index} has no record of whom it texted, so that its messages "
                "may have been sent under another map index."
            )
        return ""

    def compare(self, keys: Iterable[str]) -> None:
        """Note which list this is, as soon as it is known, or see whether it is the one that was noted.

        :param keys: what identifies each message of the list.
        """
        now = hashlib.blake2b("\n".join(sorted(keys)).encode(), digest_size=12).hexdigest()
        if self._gap or now == self._list:
            return
        if self._mapped_run_cleared:
            self._gap = (
                f"This run was cleared and map index {self._index} now has another list than at first, so that some of it "
                "may have been sent under another map index."
            )
        elif self._list is None:
            self._list = now
            self._note()

    def check(self, *, resend: bool = False, what_now: str = _WHAT_NOW) -> None:
        """See that no message may have been sent without the journal's knowing; called before one is sent.

        :param resend: go on all the same; what is sent from now on is remembered.
        :param what_now: what the sentence says to do.
        :raises RoboSmsError: when one may, saying what to do; permanent.
        """
        if not self._gap:
            return
        if not resend:
            raise RoboSmsError(f"{self._gap} {what_now}", permanent=True)
        self._note()

    def _note(self) -> None:
        # Without the note a cleared task refuses to start: an error here makes nobody be texted twice.
        with contextlib.suppress(Exception):
            self._store.set(KEY, {"list": self._list})
