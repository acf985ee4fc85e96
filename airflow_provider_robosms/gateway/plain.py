"""What says of a message nothing but that it was certainly not sent, and what says nothing at all.

Where a message is tried again, the answer may hold nothing else: words of doubt have no end, so that no list of them will do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

#: Where a word ends without a blank.
BREAKS = re.compile(r"(?<=[a-z])(?=[A-Z])|_+|(?<=[^\W_])-(?=[^\W_])")


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{'|'.join(phrases)})\b"
    )  # the first that fits is taken: the longer stand before the shorter


_THE_SMS = r"(?:(?:your|the|this) )?(?:sms|msgs?|messages?)"
_FAILED = r"(?:fail(?:s|ed|ure)?|error|rejected|refused|declined|denied|unsuccessful)"
_WENT = (
    r"(?:sen[dt]|deliver(?:ed)?|submit(?:ted)?|queued?|accept(?:ed)?|dispatch(?:ed)?|transmit(?:ted)?|process(?:ed)?)"
)
_INVALID = r"(?:invalid|unknown|wrong|incorrect|missing)"
_NUMBER = r"(?:(?:mobile |phone )?number|recipient|destination)"
#: All that certainly means: not sent, or try again yourself. Each is a whole statement: word by word, "could have failed" and
#: "not failed" would be plain, too.
_PLAIN_FAILURE = _any_of(
    r"(?:error )?(?:code|error)\W{1,3}101|\A101(?= ?[:-]|\Z| sending)|(?<=\()101(?=\))",
    r"failed to process (?:the |your )?request|request (?:could|was) not (?:be )?processed|failed to find (?:a )?route",
    # "could not be sent", "was not successfully queued or sent", "failed to send", "no message was sent"
    r"(?:(?:can|could|did|was|is|has|will) )?(?:not|never|cannot|(?:ca|could|did|was|is|has|wo)n't|unable to|nothing"
    rf"|fail(?:s|ed|ure)? to|no (?:sms|message))(?: (?:be|been|was|has|could|successfully))* {_WENT}(?: n?or {_WENT})*"
    r"(?: successfully)?",
    rf"(?:send(?:ing)?|delivery|submission)(?: of)?(?: {_THE_SMS})?(?: (?:has|was|is|been))* {_FAILED}",
    r"(?:(?:some|an|unknown|general api) )?error(?: (?:has )?occurred)?(?: (?:(?:while|when|in) )?sending)?",
    rf"{_FAILED}(?: by (?:the )?(?:telecom |mobile )?(?:operator|network|carrier))?|operator response(?=: failed)",
    r"un(?:sent|delivered|deliverable|authori[sz]ed)|undeliv|(?:sms|messages?) sent: 0|sent: 0|0 (?:(?:sms|messages?) )?sent",
    r"for (?:an )?unknown reason|(?:status|reason)(?= ?:)",
    # What is found before anything is sent.
    rf"{_INVALID} (?:(?:sender )?mask|(?:api )?key|credentials|username|password|parameters?)|required parameters missing",
    r"(?:insufficient|low) (?:account )?(?:balance|credits?|funds)",
    r"(?:(?:user|account|reseller) )?(?:balance|credits?) insufficient",
    r"account (?:is )?(?:suspended|blocked|disabled|inactive|expired)(?: or blocked)?|(?:server )?ip (?:is )?not whitelisted",
    r"(?:sender )?mask (?:is )?not (?:authori[sz]ed|approved|registered|allowed)|mask approval pending|not authori[sz]ed",
    r"character limit exceeded",
    # Urdu, in both scripts: "not sent", "could not be sent", "sending failed", "rejected".
    r"(?:bheja )?(?:nahin?|nahee|na)(?: (?:bheja|gaya|ja|saka))+|send (?:nahin?|nahee) (?:hua|ho saka)",
    r"(?:bhejne (?:mein?|main) )?nakami?(?: (?:hua|hui|ho gaya|raha))?",
    r"(?:بھیجا )?(?:نہیں|نہ)(?: (?:بھیجا|گیا|جا|سکا))+|(?:بھیجنے میں )?ناکامی?(?: (?:ہوا|ہوئی|ہو گیا|رہا))?|مسترد",
    # Advice for whoever sends, with which a failure is over.
    r"(?:please|kindly) (?:re-?try|try)(?: again)?(?: (?:later|after some time))?|(?<!\w )try again(?: later)?",
    r"(?:please |kindly )?contact (?:(?:robo ?sms|our|the|customer|your) )*(?:support|us|administrator|care)",
)
#: The same of a request to one number. Of several, one may be meant, and the others have the message.
_OF_ONE = _any_of(
    rf"{_INVALID} {_NUMBER}(?: format(?:\W{{1,3}}0?345)?)?|{_NUMBER} (?:is )?(?:invalid|not valid)",
    rf"{_NUMBER} (?:is )?(?:blocked|blacklisted|(?:on|in) (?:the )?dnd(?: list)?)|sent: 0, failed: 1",
    r"\A(?:blocked|blacklisted)\Z",
)
#: As masks are written; a word in small letters may say what else was tried.
_USING_MASK = re.compile(r"\b(?i:using (?:sender )?mask) [A-Z0-9-]{3,11}\s*\Z")
#: What stands around such statements and says nothing by itself. A "?" does.
_AROUND = frozenset(
    {
        "sms", "msg", "msgs", "message", "messages", "paigham", "پیغام", "your", "the", "this", "it", "we", "was", "is",
        "has", "been", "and", "sorry", "unfortunately", "for", "to", "due", "because", "of",
    }
)  # fmt: skip
_MARKS = re.compile(r"[\s.,:;!()\[\]\"'…،۔-]+")
#: So long is a text that is found within others: "OK" and "sent" are words of an answer, too.
_LONG_ENOUGH, _WORDS_ENOUGH = 20, 3
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def doubtful(text: str, to: str = "") -> bool:
    """Return whether a text that tells of a failure says anything else: it was no failure, or it goes on, or who knows.

    Words of doubt have no end, so nothing is looked for. All that is no plain statement of a failure is doubt.

    :param to: the number to which the message was to go, or several with commas.
    """
    words = BREAKS.sub(" ", _USING_MASK.sub(".", text)).replace("\u2019", "'").casefold().replace("(s)", "s").split()
    rest = " ".join(words)
    if "," not in to:
        rest = _OF_ONE.sub(".", rest)
    if to.isdecimal():  # as people write it at home, too
        rest = re.sub(rf"(?:\bnumber )?(?<!\w)\+?\d{{0,4}}{to[-9:]}(?!\w)", ".", rest)
    return not _AROUND.issuperset(_MARKS.sub(" ", _PLAIN_FAILURE.sub(" ", rest)).split())


def words_of(text: str) -> list[str]:
    """Return the words of a text that may be escaped for HTML."""
    return html.unescape(text).split()


def besides(text: str, words: Sequence[str]) -> str:
    """Return what a text of an answer says besides the text that was to be sent, which a portal may repeat.

    It may come with other white space, escaped for HTML, cut, and within a sentence.

    :param words: of what was to be sent, by :func:`words_of`.
    """
    said = _LINE_BREAK.sub("\n", html.unescape(text))
    whole, shown = " ".join(words), " ".join(said.split())
    cut = re.sub(r"\s*(?:\.\.\.|…)\Z", "", shown)
    if shown == whole or (len(cut) >= _LONG_ENOUGH and whole.startswith(cut)):
        return ""
    if whole not in shown or len(whole) < _LONG_ENOUGH or len(words) < _WORDS_ENOUGH:
        return text
    # Line by line: what stood before it and behind it is not one sentence.
    return re.sub(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", "\n", said)
