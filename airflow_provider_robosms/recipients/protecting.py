"""Names that protect people: the columns Opt Out, Send At and Send, the tab Opt-outs, and what only looks like them.

A protecting name that is misspelt protects nobody, silently: those who opted out are texted, and what was meant for next week
goes out at once, and a choice of ten is none. So a near miss stops the run: a slip of the fingers, letters of another
alphabet that look the same, and other words for the same choice (:mod:`.header_words`). The rule is narrow, so that "Option",
"Sent By" or "Payment Status" do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from ..sms.folding import latin, with_letters
from ..sms.merge import bare_header
from .channel_words import is_moment, is_unwanted, is_wanted
from .header_words import (
    is_consent,
    is_not_yet,
    is_permission,
    is_refusal,
    is_title_of_refusal,
    is_urdu_for_send,
    is_urdu_for_send_at,
    says_no,
)
from .spelling import follow, pairs_of, set_of, word_form
from .things import is_about_things

OPT_OUT, SEND_AT, SEND = "Opt Out", "Send At", "Send"


#: The protecting columns of the recipients' tab.
PROTECTING = (OPT_OUT, SEND_AT, SEND)
#: By these a row is known to be a header, of whichever tab.
KNOWN = (
    "Phone", "Name", "Message", "Template", "ID", *PROTECTING, "Body", "Mask", "Status", "Spreadsheet", "Tab", "When",
    "Hours",
)  # fmt: skip
#: The protecting tab, and the forms (:func:`bare_header`) of titles that are it.
OPT_OUTS = "Opt-outs"
_OPT_OUTS_FORMS = frozenset({"optouts", "optout"})

#: Beside a true Opt Out column these tell of it, and decide nothing.
_NOTES = set_of("date time on at since when reason note notes comment comments by source via channel")
_SEND_AT_NOTES = set_of("send at sendat reason note notes comment comments by source")
#: With "send" or "sending", a name for the time of sending.
_TIMES = set_of(
    "at on date dates time times datetime when after later day hour hours schedule scheduled moment before until"
)
_FILLING = set_of("to the it a an of for sms text message this not dont do pkt pst utc gmt local pakistan planned")

#: What people call the choice of rows when they do not call it Send, in bare form.
_CHOICES = frozenset({"include", "included", "select", "selected", "choose", "chosen", "ticked"})
#: Slips of the fingers. A word of four letters has too many neighbours ("end", "spend") for :func:`_is_typo`.
_SEND_SLIPS = frozenset({"sned", "sedn", "snd", "ssend", "seend", "sennd", "sendd", "sends", "senf", "semd", "sebd"})
#: The column of a template's sender mask, and what people call it.
MASK = "Mask"
_MASK_WORDS = set_of("mask masks masking sender senders sendername senderid sendermask brandname")
_MASKS = frozenset({"from", "maks", "msak", "mak", "msk", "maask", "massk", "maskk", "nask", "brand"})
#: Whether a template is to be used, and from or until when.
HOLDS = set_of(
    "status state approved approval approve unapproved draft drafts active inactive live enabled disabled enable disable use "
    "usable unused ready final finished retired obsolete archived archive cancelled canceled pending hold held paused review "
    "reviewed verified checked publish published valid invalid withdrawn deprecated suspended stopped test manzoor manzur "
    "reject"
)
NEGATED = frozenset({"not", "dont", "longer", "never"})
_NUMBERED = pairs_of("approval no, approved no, approval number, status no")
_BESIDE_HOLDS = set_of(
    "do not dont is be can may to and or if only template templates text texts message messages sms body content yet still "
    "yes no y n true false tick ticked checkbox flag in longer currently never"
)
LIMITS = set_of(
    "valid validity expires expire expiry expired start starts end ends until till effective embargo schedule scheduled"
)
_DATES = set_of("date dates time day from to on at use of")
#: What a column of phone numbers is called; with a word of the second list it is about something else.
_PHONES = set_of(
    "phone phones mobile mobiles cell cellphone cellular tel telephone whatsapp contact contacts msisdn sim landline ph mob "
    "mobil fon rabta raabta فون موبائل رابطہ"
)
_NO_PHONES = set_of(
    "date dates time times name names person note notes reason remark remarks comment comments by status type source method "
    "attempts count at on when since operator network company model brand address email mail id ref ticket imei"
)
_NUMBERS = set_of("number numbers nos num nums نمبر")
_WHOSE_NUMBER = set_of(
    "the a of other another alternate alternative alt second secondary first third old new home work office personal father "
    "fathers mother mothers parent parents guardian wife husband his her their also more extra additional emergency sms text "
    "no correct changed replaced opt out opted blocked"
)
#: With these, a name tells of a choice or a moment and is none itself: ``Send date note``.
_TELLS = set_of("reason note notes comment comments source count attempts")
#: Words around such a name that leave it what it is.
_AROUND = set_of(
    "sms text texts message messages msg mobile phone number numbers list lists register registry status flag "
    "date time on at since reason has have is was user users customer customers client clients people contact "
    "contacts yes no the of for from copy old new backup archive tab sheet all my our y n or true false tick "
    "ticked checkbox parent parents student students patient patients member members guardian guardians family families "
    "person persons row rows this by again ever"
)
#: And in the title of a tab.
_ONLY_IN_TITLE = set_of(
    "log logs form forms response responses data record records entry entries final master month "
    "lead leads father fathers mother mothers school class staff january february march april may june july august september "
    "october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)
_AROUND_IN_TITLE = _AROUND | _ONLY_IN_TITLE | set_of("nos num request requests")

#: Behind "be": what is still to come.
_DONE = {
    "sent": "send", "texted": "text", "messaged": "message", "contacted": "contact", "notified": "notify", "smsed": "sms",
    "called": "call", "reminded": "remind", "informed": "inform", "alerted": "alert", "whatsapped": "whatsapp",
}  # fmt: skip
#: An Opt Out of these leaves the SMS open.
_OTHER_CHANNELS = frozenset({"email", "emails", "mail", "mails", "fax"})
_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc`\u00b4")
#: Signs of yes or no: ``SMS \u2713``, ``Reminder (0/1)``.
_MARKS = re.compile("[\u2610-\u2612\u2705\u2713\u2714\u2717\u2718\u274c\u2b1c]|\\b(?:0/1|1/0)\\b")
_ASKS = re.compile("[?\u061f]")
#: Both ways, as (Y/N) is: "SMS required or not".
_OR_NOT = pairs_of("or not, ya nahi, یا نہیں")
_HAPPENED = set_of("kiya ki diya kardiya bhejdiya mila mili gaya gayi hua hui picked received")
#: Of a bus; "Requested STOP" is a reply.
_BUS_STOP = re.compile(
    r"\s*(?:(?:Student |Bus |Van )?(?:[Rr]equested|[Ww]anted) stops?|(?:Student|Bus|Van) stops? requested)\s*"
)
#: A member of the National Assembly, and not "mana".
_MNA = re.compile(r"^\s*MNA\b(?!\s*k)")
_SAYS_NO = re.compile(r"\s*(?:sms|texts?|messages?|msgs?|calls?)(?:\s+[-\u2013]\s+|:\s*)no\s*", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WHATSAPP = re.compile("whats[ -]?app", re.IGNORECASE)
_COMPARED = 200


def column_resembling(header: Sequence[str], name: str) -> int | None:
    """Return the place of the first column that may be meant for the protecting column *name* and is not it; None for none.

    :param header: the names of the tab's columns.
    :param name: one of :data:`PROTECTING`.
    """
    exact = bare_header(name)
    places = {text: place for place, text in reversed(list(enumerate(header)))}
    there = any(bare_header(text) == exact for text in places)
    found = [place for text, place in places.items() if bare_header(text) != exact and _resembles(text, name, there)]
    return min(found, default=None)


def looks_like(text: str, name: str) -> bool:
    """Tell whether *text* is *name* but for what only looks like its letters: of other alphabets, with accents, digits."""
    exact = bare_header(name)
    return bare_header(text) != exact and any(bare_header(form) == exact for form in _forms(text))


def may_be_content(text: str) -> bool:
    """Tell whether a column that a text uses as a tag may be just that, such as ``{{ Stop }}`` of a bus or ``{{ Blocked }}``.

    An opt-out and a moment of sending may not: they decide, whoever is told of them.
    """
    return not any(
        looks_like(text, name) or "optout" in bare_header(form) or _resembles_send_at(form, there=False)
        for form in _forms(text)
        for name in PROTECTING
    )


def heeded_by_nobody(names: Iterable[str], tags: Collection[str] = ()) -> tuple[str, str] | None:
    """Return one of the names that says whom to text, or when, and the protecting name that it may be meant for, or None.

    For sources of recipients that heed none of these.

    :param tags: names that the text uses, which may be just that.
    """
    for text in names:
        for name in PROTECTING:
            meant = bare_header(text) == bare_header(name) or column_resembling([text], name) is not None
            if meant and not (text in tags and may_be_content(text)):
                return text, name
    return None


def holds_back(text: str) -> bool:
    """Tell whether a column says whether, or until when, what stands beside it is to be used: ``Status``, ``Draft (Y/N)``."""
    return any(
        words == ("on", "hold")
        or (not HOLDS.isdisjoint(words) and (HOLDS | _BESIDE_HOLDS).issuperset(words) and not _is_numbered(words))
        or (not LIMITS.isdisjoint(words) and (LIMITS | _DATES).issuperset(words))
        for words in held_words(text)
    )


def held_words(text: str) -> list[tuple[str, ...]]:
    """Return the words of what a name may mean, those of ``Not for use``, ``No longer used`` as of ``Not in use``."""
    return [
        tuple({"used": "use", "for": "in"}.get(word, word) for word in words) if set(words) & NEGATED else words
        for words in map(_words, _forms(text))
    ]


def _is_numbered(words: tuple[str, ...]) -> bool:
    """Tell whether a name is that of a number: ``Approval no``; not ``Approved (yes/no)``."""
    return words[-2:] in _NUMBERED


def resembles_mask(text: str) -> bool:
    """Tell whether a column may be meant for the sender mask and is not named Mask: ``Sender ID``, ``Mask?``, ``From``."""
    forms = _forms(text)
    return looks_like(text, MASK) or any(
        bare_header(form) in _MASKS or not _MASK_WORDS.isdisjoint(_words(form)) for form in forms
    )


def names_phone(text: str) -> bool:
    """Tell whether a column is named for phone numbers: ``Mobile 2``, ``WhatsApp``, ``Other number``; not ``Roll Number``."""
    words = {word for form in _forms(text) for word in _words(form)}
    if not words.isdisjoint(_PHONES):
        return words.isdisjoint(_NO_PHONES)
    return not words.isdisjoint(_NUMBERS) and words <= _NUMBERS | _WHOSE_NUMBER


def is_opt_outs(title: str) -> bool:
    """Tell whether a tab of that title is the list of those who must not be texted."""
    return bare_header(title) in _OPT_OUTS_FORMS


def resembles_opt_outs(title: str) -> bool:
    """Tell whether a tab's title may be meant for that list, or for one of those who agreed, and is not it."""
    return not is_opt_outs(title) and (
        lists_opted_out(title)
        or any(is_consent(_words(form), _core(form), bare_header(form)) for form in _forms(title))
    )


def lists_opted_out(title: str) -> bool:
    """Tell whether a tab's title is, or may be meant for, that of the list of those who must not be texted."""
    return is_opt_outs(title) or any(_is_title_of_opted_out(form) for form in _forms(title))


def may_be_texted(title: str) -> bool:
    """Tell whether a tab that somebody has named as that of the recipients may be so called: ``On hold``, as orders are."""
    return {*_words(title)} <= {"on", "hold", "held", "paused", "pending"} and not is_opt_outs(title)


def _is_title_of_opted_out(title: str) -> bool:
    words = _words(title)
    if is_about_things(words) or _BUS_STOP.fullmatch(title):
        return False
    if _resembles_opt_out(title, there=False) or is_unwanted(words):
        return True
    if not _OTHER_CHANNELS.isdisjoint(words):  # "Email opt-outs"
        return False
    core = "".join(word for word in words if word not in _AROUND_IN_TITLE)
    rest = tuple(word for word in words if word not in _ONLY_IN_TITLE)
    return is_title_of_refusal(words) or is_refusal(rest, core, core)


def _resembles(text: str, name: str, there: bool) -> bool:
    return looks_like(text, name) or any(_FORM_RESEMBLES[name](form, there) for form in _forms(text))


@lru_cache(maxsize=4096)  # each look compares the same headers with three names
def _forms(text: str) -> tuple[str, ...]:
    """Return what a name may mean to its reader: with the Latin letters that its letters, and then its digits, look like."""
    seen = latin(text[:_COMPARED].translate(_APOSTROPHES))
    return seen, *with_letters(seen)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a name in compared form: ``sendAt (PKT)`` gives send, at, pkt; ``To be sent`` gives to, send."""
    words = [word_form(word) for word in _WORD.findall(_CAMEL.sub(" ", _WHATSAPP.sub("whatsapp", _MNA.sub("", text))))]
    if tuple(words[-2:]) in _OR_NOT and "haan" not in words:
        words[-2:] = ["y", "n"] if _HAPPENED.isdisjoint(words[:-2]) else []
    for place in range(len(words) - 1, 0, -1):
        if words[place - 1] == "be" and words[place] in _DONE and words != ["to", "be", "called"]:
            words[place - 1 : place + 1] = [_DONE[words[place]]]
        elif words[place] == "phone" and words[place - 1] in ("not", "dont", "donot", "never"):
            words[place] = "call"
    return tuple(words)


def _core(text: str) -> str:
    """Return the words of a name that are not usual next to such a choice, joined."""
    return "".join(word for word in _words(text) if word not in _AROUND)


def _resembles_opt_out(text: str, there: bool) -> bool:
    words, form, core = _words(text), bare_header(text), _core(text)
    if _is_typo(form, "optout") or _is_typo(form, "optouts"):
        return True
    if is_about_things(words) or _BUS_STOP.fullmatch(text):
        return False
    other_channel = not _OTHER_CHANNELS.isdisjoint(words)
    holds = not other_channel and (
        {"opt", "out"} <= set(words)
        or follow(words, "opt", "outs")
        or follow(words, "opted", "out")
        or "optout" in words
    )
    if core in ("optout", "optouts") or form.startswith("optout") or holds:
        # "Opt Out Reason" tells of an Opt Out that is there; alone it may well be the column that is meant.
        return not (there and set(words) <= {"opt", "out", "optout", *_NOTES})
    if is_refusal(words, core, form) or is_unwanted(words) or _SAYS_NO.fullmatch(text):
        return True
    if says_no(words) and _wishes(text, words):
        return True
    return any(_is_typo(core, word) for word in ("unsubscribe", "unsubscribed"))


def _resembles_send_at(text: str, there: bool) -> bool:
    words, form = _words(text), bare_header(text)
    if form != "sentat" and _is_typo(form, "sendat"):
        return True
    if is_urdu_for_send_at(words) or is_not_yet(words):
        return True
    if not {"send", "sending", "sendat"} & set(words) or (there and _SEND_AT_NOTES.issuperset(words)):
        return False
    rest = [word for word in words if word not in ("send", "sending", "sendat")]
    times = [word for word in rest if word in _TIMES]
    return ("sendat" in words or words[:2] == ("send", "at")) or (
        bool(times) and all(word in _TIMES or word in _FILLING for word in rest)
    )


def _resembles_send(text: str, there: bool) -> bool:
    words, form, core = _words(text), bare_header(text), _core(text)
    if form in _SEND_SLIPS or is_consent(words, core, form) or (_wishes(text, words) and not says_no(words)):
        return True
    if "send" in words or "sending" in words:
        # Whatever stands beside it: no list of words ends, and a column of another name loses nothing by it.
        return form != bare_header(SEND_AT) and _TELLS.isdisjoint(words)
    return not there and (form in _CHOICES or core in _CHOICES)


def _wishes(text: str, words: Sequence[str]) -> bool:
    """Tell whether a name asks for a message, or for none where it says no: ``SMS required``, ``SMS not required``."""
    asks, marked = _ASKS.search(text) is not None, _MARKS.search(text) is not None
    return is_permission(words, asks=asks) or is_urdu_for_send(words) or is_wanted(words, asks=asks, marked=marked)


#: A moment beside a message may be told by a text, as ``{{ Reminder date }}``: :func:`may_be_content` does not heed it.
_FORM_RESEMBLES: dict[str, Callable[[str, bool], bool]] = {
    OPT_OUT: _resembles_opt_out,
    SEND_AT: lambda text, there: _resembles_send_at(text, there) or is_moment(_words(text)),
    SEND: _resembles_send,
}


def _is_typo(form: str, name: str) -> bool:
    """Tell whether *form* is *name* with one letter wrong, missing, doubled, added or swapped with its neighbour."""
    if form == name or abs(len(form) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(form), len(name)) and form[start] == name[start]:
        start += 1
    a, b = form[start:], name[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
