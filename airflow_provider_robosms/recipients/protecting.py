"""Names that protect people: the columns Opt Out, Send At and Send, the tab Opt-outs, and what only looks like them.

A protecting name that is misspelt protects nobody, silently: those who opted out are texted, and what was meant for next week
goes out at once, and a choice of ten is none. So a near miss stops the run. The rule is narrow, so that "Option", "Sent By"
or "Payment Status" do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..sms.merge import bare_header, normalise_header

OPT_OUT, SEND_AT, SEND = "Opt Out", "Send At", "Send"


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: The protecting columns of the recipients' tab.
PROTECTING = (OPT_OUT, SEND_AT, SEND)
#: The protecting tab, and the forms (:func:`bare_header`) of titles that are it.
OPT_OUTS = "Opt-outs"
_OPT_OUTS_FORMS = frozenset({"optouts", "optout"})

#: What people call the wish to be left alone, in bare form: as the whole name, or with a word such as "date" or "list".
_LEAVE_ALONE = (
    "optedout", "optsout", "optingout", "optoff", "optin", "optedin", "unsubscribe", "unsubscribed", "unsubscribes",
    "unsubscribers", "unsub", "unsubs", "donotcontact", "donotcall", "donottext", "donotsms", "donotsend", "donotmessage",
    "donotdisturb", "dontcontact", "dontcall", "donttext", "dontsms", "dontsend", "dontmessage", "dontdisturb", "nocontact",
    "nosms", "notext", "notexts", "nomessages", "dnd", "dnc", "dncr", "stop", "stopped", "stopsms", "stoplist",
    "blacklist", "blacklisted", "blocklist", "blocklisted", "suppression", "suppressed", "suppressionlist", "excluded",
    "exclude", "exclusions", "donotmail", "blocked", "consent", "consented", "marketingconsent", "subscribed",
)  # fmt: skip
#: Words around those that leave their meaning as it is.
_AROUND = _set_of(
    "sms text texts message messages msg mobile phone number numbers list lists register registry status flag date "
    "time on at since reason has have is was user users customer customers client clients people contact contacts yes "
    "no the of for from copy old new backup archive tab sheet all my our"
)
#: Beside a true Opt Out column these tell of it, and decide nothing.
_NOTES = _set_of("date time on at since when reason note notes comment comments by source via channel")
#: With "send" or "sending", a name for the time of sending.
_TIMES = _set_of(
    "at on date dates time times datetime when after later day hour hours schedule scheduled moment before until"
)
_FILLING = _set_of("to the it a an of for sms text message this not dont do pkt pst utc gmt local pakistan planned")

#: What people call the choice of rows when they do not call it Send, in bare form.
_CHOICES = frozenset({"include", "included", "select", "selected", "choose", "chosen", "ticked"})
#: Slips of the fingers. A word of four letters has too many neighbours ("end", "spend") for :func:`_is_typo`.
_SEND_SLIPS = frozenset({"sned", "sedn", "snd", "ssend", "seend", "sennd", "sendd", "sends"})
#: Words that leave "send" what it is: ``Send SMS``, ``Send (yes/no)``, ``Tick to send``.
_BESIDE_SEND = _set_of(
    "sms text texts message messages msg this row them it now tick ticked checkbox check yes y no n or flag please do only "
    "if true false"
)

_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def column_resembling(header: Sequence[str], name: str) -> int | None:
    """Return the place of the first column that may be meant for the protecting column *name* and is not it; None for none.

    :param header: the names of the tab's columns.
    :param name: one of :data:`PROTECTING`.
    """
    exact = bare_header(name)
    places = {text: place for place, text in reversed(list(enumerate(header)))}
    there = any(bare_header(text) == exact for text in places)
    resembles = {OPT_OUT: _resembles_opt_out, SEND_AT: _resembles_send_at, SEND: _resembles_send}[name]
    found = [place for text, place in places.items() if bare_header(text) != exact and resembles(text, there)]
    return min(found, default=None)


def is_opt_outs(title: str) -> bool:
    """Tell whether a tab of that title is the list of those who must not be texted."""
    return bare_header(title) in _OPT_OUTS_FORMS


def resembles_opt_outs(title: str) -> bool:
    """Tell whether a tab's title may be meant for that list and is not it."""
    return not is_opt_outs(title) and _resembles_opt_out(title, there=False)


def _words(text: str) -> list[str]:
    """Return the words of a name in compared form: ``sendAt (PKT)`` gives send, at, pkt."""
    return [normalise_header(word) for word in _WORD.findall(_CAMEL.sub(" ", text[:200]))]


def _resembles_opt_out(text: str, there: bool) -> bool:
    words, form = _words(text.translate(_APOSTROPHES)), bare_header(text)
    if _is_typo(form, "optout") or _is_typo(form, "optouts"):
        return True
    rest = [word for word in words if word not in _AROUND]
    core = "".join(rest)
    if core in ("optout", "optouts") or form.startswith("optout"):
        # "Opt Out Reason" tells of an Opt Out that is there; alone it may well be the column that is meant.
        return not (there and set(words) <= {"opt", "out", "optout", *_NOTES})
    # Those that are made of words that do not count, such as "No SMS", are looked up whole.
    return core in _LEAVE_ALONE or form in _LEAVE_ALONE or _is_typo(core, "unsubscribed")


def _resembles_send_at(text: str, there: bool) -> bool:
    words, form = _words(text.translate(_APOSTROPHES)), bare_header(text)
    if form != "sentat" and _is_typo(form, "sendat"):
        return True
    if not {"send", "sending", "sendat"} & set(words):
        return False
    if there and set(words) <= {
        "send",
        "at",
        "sendat",
        "reason",
        "note",
        "notes",
        "comment",
        "comments",
        "by",
        "source",
    }:
        return False
    rest = [word for word in words if word not in ("send", "sending", "sendat")]
    times = [word for word in rest if word in _TIMES]
    return ("sendat" in words or words[:2] == ["send", "at"]) or (
        bool(times) and all(word in _TIMES or word in _FILLING for word in rest)
    )


def _resembles_send(text: str, there: bool) -> bool:
    words, form = _words(text.translate(_APOSTROPHES)), bare_header(text)
    if form in _SEND_SLIPS:
        return True
    if "send" in words or "sending" in words:
        first = words.index("send") if "send" in words else words.index("sending")
        before, after = words[:first], words[first + 1 :]  # "To send" is a choice, "Send to" a number
        return all(word in _BESIDE_SEND or word == "to" for word in before) and all(
            word in _BESIDE_SEND for word in after
        )
    rest = "".join(word for word in words if word not in _AROUND)
    return not there and (form in _CHOICES or rest in _CHOICES)


def _is_typo(form: str, name: str) -> bool:
    """Tell whether *form* is *name* with one letter wrong, missing, doubled, added or swapped with its neighbour."""
    if form == name or abs(len(form) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(form), len(name)) and form[start] == name[start]:
        start += 1
    a, b = form[start:], name[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
