"""Names that put a choice or a moment beside a message: ``SMS Not Required``, ``Message (Y/N)``, ``Reminder date``.

One rule, because no list of such names ends: a word for a channel or a message, and beside it a no, a need, a mark of yes or
no, or a word of time. What tells of a message that went out (``SMS sent (Y/N)``), of a number (``Contact No``) or, by a date
alone, of a message that may be the last one (``SMS date``) is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .header_words import BETWEEN, LACKED, YES_NO, says_no
from .spelling import follow, set_of

#: What comes, and has a day of its own: of an SMS or a call, a date alone may be that of the last one.
_TO_COME = set_of(
    "remind reminder reminders reminding notify notifying notification notifications notif notifs alert alerts alerting "
    "inform informing"
)
#: With another word, a paper: a government's or a board's.
_OFFICIAL = set_of("notification notifications")
_MESSAGE = _TO_COME | set_of(
    "sms smses smsed text texts texting message messages messaging msg msgs contact contacting whatsapp call calls calling"
)
_CHANNEL = _MESSAGE | set_of(
    "promo promos promotion promotions promotional marketing campaign campaigns broadcast broadcasts newsletter newsletters"
)
#: What went out already.
_PAST = set_of(
    "sent delivered received last latest previous prev past done made count counts total history log logs failed error "
    "errors result results read seen reply replies replied answered response responses opened clicked"
)
#: A number, or whoever has it.
_ABOUT = set_of(
    "number numbers no nos num person persons name names form list id ids address details info information relation"
)
_NEEDS = set_of(
    "need needs needed required require requires requirement want wants wanted wish wishes wishing willing permission "
    "permissions permitted permit permits allow allows allowed agree agrees agreed accept accepts accepted prefer prefers "
    "preferred preference preferences subscribe subscribes subscribed opt opted opts enable enables enabled disable disabled "
    "consent consents consented eligible entitled authorised authorized interested gets chahiye zaroorat zarurat ijazat"
)
#: No, whatever stands behind it; for those of the second line, what follows may tell what has not happened.
_DO_NOT = set_of("dont donot doesnt shouldnt mustnt")
_NOT = set_of("not never cannot cant wont")
_FACTS = set_of("available found given known working sent read seen reachable valid on in yet sure done")
#: With "nahi" or "mat": an order, or a wish.
_ORDERS = _NEEDS | set_of("karna bhejna dena jana lena leni lene receive receives send")
_COULD_NOT = set_of("saka saki sake sakay saken")
#: Before "no SMS".
_SAYS = _NEEDS | set_of("please pls plz says said say send get has have yes")
#: Beside these a word for a channel is something else: text books, contact lenses, a fraud alert; or it tells of the number.
_THINGS = set_of(
    "book books lens lenses code codes stock fraud medical budget verified valid updated available promotion"
)
_SURELY = set_of("sms smses msg msgs message messages remind reminder reminders notify inform whatsapp")
#: Where somebody is to be found, and no way that this package sends.
_WHATSAPP = "whatsapp"
_IS_ON_IT = set_of("have has use uses using")
_TICKS = set_of("tick ticks ticked checkbox tickbox flag toggle yn yes")
#: Something that is told by a message.
_OFFERED = set_of("offer offers update updates deal deals news fee fees event events")
_DO_IT = set_of("notify remind inform")
_UNTIL = set_of("until till before after")
_TIMES = _UNTIL | set_of(
    "schedule scheduled schedules scheduling later when dispatch dispatched tomorrow datetime delay delayed postpone "
    "postponed defer deferred snooze snoozed"
)
_DAY = set_of("date dates day time times")


def is_about_whatsapp(words: Sequence[str]) -> bool:
    """Tell whether a name says who is to be found on WhatsApp: ``Has WhatsApp?``, ``No WhatsApp``; not ``Wants WhatsApp``.

    These people are reached by SMS as any others are.
    """
    told = set(words)
    if told & _CHANNEL != {_WHATSAPP} or not told.isdisjoint(_NEEDS):
        return False
    forbids = not told.isdisjoint(_DO_NOT | {"never"}) or follow(words, "do", "not")
    return not forbids or not told.isdisjoint(_IS_ON_IT)  # "Do not have WhatsApp"


def is_unwanted(words: Sequence[str]) -> bool:
    """Tell whether a name says who is not to get a message: ``Don't want SMS``, ``SMS Not Required``.

    :param words: its words, in compared form.
    """
    told = set(words)
    if told.isdisjoint(_CHANNEL) or not told.isdisjoint(_UNTIL):  # "Do not contact until" is a moment
        return False
    if is_about_whatsapp(words):
        return False
    if not told.isdisjoint(_DO_NOT) or follow(words, "do", "not") or follow(words, "does", "not"):
        return True
    if not told.isdisjoint(("nahi", "mat")) and says_no(words) and not told.isdisjoint(_ORDERS):
        return told.isdisjoint(_COULD_NOT)
    return told.isdisjoint(_PAST) and any(_refuses(words, place) for place in range(len(words)))


def _refuses(words: Sequence[str], place: int) -> bool:
    word, after = words[place], words[place + 1] if place + 1 < len(words) else ""
    if word in ("no", "without"):  # a "Contact No" is a number
        if after == "contact" and not LACKED.isdisjoint(words[place + 2 : place + 3]):
            return False
        return after in _CHANNEL and (word == "without" or place == 0 or words[place - 1] in _SAYS)
    return word in _NOT and (after in _NEEDS or not (after.endswith(("ed", "ing")) or after in _FACTS))


def is_wanted(words: Sequence[str], *, asks: bool, marked: bool) -> bool:
    """Tell whether a name says who is to get a message: ``SMS required``, ``Reminder (Y/N)``, ``Notify parents``.

    :param asks: whether it is a question.
    :param marked: whether it holds a sign of yes or no, such as a tick.
    """
    told = set(words)
    if told.isdisjoint(_CHANNEL) or not told.isdisjoint(_PAST | {"template"}) or is_about_whatsapp(words):
        return False
    if told.isdisjoint(_SURELY) and (not told.isdisjoint(_THINGS) or _is_for_a_thing(words)):
        return False
    plain = [word for word in words if word != "or"]
    first, second = words[0], words[1] if len(words) > 1 else ""
    if marked or not told.isdisjoint(_TICKS) or not YES_NO.isdisjoint(pairwise(plain)):
        return True
    if first in _DO_IT or (first in _CHANNEL and second in ("this", "them")):
        return True
    if not told.isdisjoint(_ABOUT):
        return False
    return (
        not told.isdisjoint(_NEEDS)
        or (first == "to" and second in _CHANNEL)
        or (asks and tuple(words) != ("message",))  # "Message?" is left to the tags
    )


def _is_for_a_thing(words: Sequence[str]) -> bool:
    """Tell whether a call or a contact is for something, and no message about it: ``Call for interview (Y/N)``."""
    what = words[words.index("for") + 1 :] if "for" in words else ()
    return not (BETWEEN | _ABOUT).issuperset(what) and (_CHANNEL | _OFFERED).isdisjoint(what)


def is_moment(words: Sequence[str]) -> bool:
    """Tell whether a name says when a message is to go: ``SMS schedule``, ``Contact later``, ``Reminder date``."""
    told = set(words)
    if told.isdisjoint(_MESSAGE) or not told.isdisjoint(_PAST | _ABOUT):  # a promo code is valid until a day
        return False
    if told & _MESSAGE <= _OFFICIAL and not (_OFFICIAL | _TIMES | _DAY | BETWEEN).issuperset(told):
        return False
    if not told.isdisjoint(_TIMES) or {"date", "time"} <= told:
        return True
    return not told.isdisjoint(_TO_COME) and (not told.isdisjoint(_DAY) or words[-1] in ("at", "on"))
