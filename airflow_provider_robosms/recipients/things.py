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
    "domain tax subject دکان دکانیں اکاونٹ اکاونٹس ارڈر پارسل کارڈ چیک گھر"
)
#: What one opts out of and is texted all the same, where a name says "out of".
_SERVICES = _THINGS | set_of(
    "hostel tuition book breakfast mess canteen tour picnic coaching uniform sport swimming gym library exam zakat pe photo "
    "photography pension islamiat music drama"
)
#: And where it does not: a gym's or a bank's own opt-outs are those of its messages.
_OWN = set_of("lunch meal breakfast transport van trip tour swimming hostel")
#: What may stand beside these. Any other word may be one for messages.
_BESIDE_SERVICES = BETWEEN | set_of(
    "opt opts opted opting optout optouts out outs school field class annual final term summer winter year month week monday "
    "tuesday wednesday thursday friday saturday sunday"
)
#: What is turned down, beside things: closed, as what else is refused may be messages.
_TURNED_DOWN = set_of("refuse decline reject deny")
_DEEDS = set_of(
    "vaccination immunization immunisation treatment admission surgery operation application delivery payment transfusion "
    "donation medication conversion visa refund"
)
#: They are blacklisted, and are no people who are texted.
_TRADE = set_of("supplier vendor contractor website domain")
#: With these it is about people, or about messages to them.
_PEOPLE = set_of(
    "number numbers no nos num phone phones mobile mobiles people person persons parent parents student students customer "
    "customers client clients patient patients member members user users family families updates offers lead leads holder "
    "holders owner owners buyer buyers supplier suppliers defaulter defaulters debtors payers subscriber subscribers staff "
    "teacher teachers riders drivors boys girls men women guardian guardians father fathers mother mothers uninterested"
)
_TOLD = set_of(
    "newsletter newsletters promotional promos campaigns broadcasts announcement announcements inform txt smses texts notif "
    "notifs notice notices greeting greetings ads bulk mailing mailings robocalls telemarketing"
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
        others = told.isdisjoint(_PEOPLE - {"supplier", "suppliers"} | {"by", "contacts"})
        return others and told & ALWAYS <= {"blacklist", "blacklisted"} and _holds_one_of(words, _TRADE)
    if not told.isdisjoint(_OPTS):
        return _opts_out_of_a_thing(words)
    if not told.isdisjoint(_PEOPLE) or follow(words, "not", "interested"):
        return False
    if not told.isdisjoint(_APPLIED) and not told.isdisjoint(_WHY):
        return True
    return _holds_one_of(words, _THINGS) or (not told.isdisjoint(_TURNED_DOWN) and _holds_one_of(words, _DEEDS))


def _opts_out_of_a_thing(words: Sequence[str]) -> bool:
    services = _OWN
    if follow(words, "out", "of"):
        words, services = words[[*pairwise(words)].index(("out", "of")) + 2 :], _SERVICES
    known = all(word in _BESIDE_SERVICES or _holds_one_of([word], _SERVICES) for word in words)
    return known and (_PEOPLE | _OF_MESSAGES).isdisjoint(words) and _holds_one_of(words, services)


def _holds_one_of(words: Sequence[str], things: frozenset[str]) -> bool:
    """Tell whether one of *things* is among the words, or several of it."""
    return any(
        one in things
        for word in words
        for one in (word, word.removesuffix("s"), word.removesuffix("es"), word.replace("ies", "y"))
    )
