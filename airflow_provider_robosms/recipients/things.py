"""Names that say of things, and not of people and their messages, that they are refused, blocked or opted out of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .header_words import ALWAYS, ALWAYS_BEGIN, BETWEEN, CHANNEL, CONSENT
from .spelling import follow, set_of

#: What is refused, blocked, stopped or held beside people and their messages, each as one.
_THINGS = set_of(
    "parcel order cod delivery shipment card cheque account fund payment transaction item product good stock fee discount "
    "bill invoice loan claim policy polio vaccine house plot bus van route lunch meal transport trip insurance website "
    "domain tax subject book hostel tuition دکان دکانیں اکاونٹ اکاونٹس ارڈر پارسل کارڈ چیک گھر"
)
#: What one opts out of and is texted all the same.
_SERVICES = set_of(
    "lunch meal breakfast mess canteen transport bus van trip tour picnic insurance policy discount hostel tuition coaching "
    "uniform sport swimming gym library exam tax zakat loan"
)
#: What is turned down, beside names for what is done, as treatment and admission; those of people and towns do not end so.
_TURNED_DOWN = set_of("refuse decline reject deny exclude")
_DEEDS = ("tion", "tions", "sion", "sions", "ment", "ments", "ance", "ence", "ship", "ships", "ery", "eries")
#: They are blacklisted, and are no people who are texted.
_TRADE = set_of("supplier vendor contractor company firm dealer shop distributor website domain")
#: With these it is about people, or about messages to them.
_PEOPLE = set_of(
    "number numbers no nos num phone phones mobile mobiles people person persons parent parents student students customer "
    "customers client clients patient patients member members user users family families updates offers lead leads holder "
    "holders owner owners buyer buyers supplier suppliers defaulter defaulters debtors payers subscriber subscribers staff "
    "teacher teachers riders drivors boys girls men women guardian guardians father fathers mother mothers uninterested"
)
_TOLD = set_of(
    "newsletter newsletters promotional promos campaigns broadcasts announcement announcements inform txt smses texts notif"
)
#: And with these what one opts out of is messages, or all of it.
_OF_MESSAGES = set_of(
    "subscription subscriptions update updates offer offers deal deals news sale sales promotion communication "
    "communications comms list lists group groups database everything service services info information"
)
#: Why an application was turned down.
_APPLIED = set_of("reject decline deny")
_WHY = set_of("reason reasons cause remarks by")
_OPTS = set_of("opt opts opted opting optout optouts")


def is_about_things(words: Sequence[str]) -> bool:
    """Tell whether a name is about something else than whom to text: ``Refused parcels``, ``Opted out of lunch``.

    What is refused or opted out of is named, and is no message and nobody.
    """
    told = set(words)
    if tuple(words) in (("stop", "no"), ("stop", "number")):  # of a bus
        return True
    if not told.isdisjoint(CHANNEL | CONSENT | _TOLD) or any(word.startswith(ALWAYS_BEGIN) for word in words):
        return False
    if not told.isdisjoint(ALWAYS):
        return told & ALWAYS <= {"blacklist", "blacklisted"} and _holds_one_of(words, _TRADE)
    if not told.isdisjoint(_OPTS):
        return _opts_out_of_a_thing(words)
    if not told.isdisjoint(_PEOPLE) or follow(words, "not", "interested"):
        return False
    if not told.isdisjoint(_APPLIED) and not told.isdisjoint(_WHY):
        return True
    return _holds_one_of(words, _THINGS) or any(
        (one in _TURNED_DOWN and _is_deed(other)) or (other in _TURNED_DOWN and _is_deed(one))
        for one, other in pairwise(words)
    )


def _opts_out_of_a_thing(words: Sequence[str]) -> bool:
    if follow(words, "out", "of"):
        what = words[[*pairwise(words)].index(("out", "of")) + 2 :]
        return _OF_MESSAGES.isdisjoint(what) and not BETWEEN.issuperset(what)
    return _PEOPLE.isdisjoint(words) and _OF_MESSAGES.isdisjoint(words) and _holds_one_of(words, _SERVICES)


def _holds_one_of(words: Sequence[str], things: frozenset[str]) -> bool:
    """Tell whether one of *things* is among the words, or several of it."""
    return any(
        one in things
        for word in words
        for one in (word, word.removesuffix("s"), word.removesuffix("es"), word.replace("ies", "y"))
    )


def _is_deed(word: str) -> bool:
    return word.endswith(_DEEDS) and word not in _OF_MESSAGES
