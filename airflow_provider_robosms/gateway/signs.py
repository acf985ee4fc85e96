"""What speaks in an answer for "sent" and what against it, wherever it stands and however it is written.

One walk over the whole answer, every one of two equal keys included; an answer that is not JSON is read as one text. It only
collects: the verdict on what it found is a table in :mod:`.answers`.

Words are weighed so that doubt is what remains: what denies a word of success must stand close before it ("could not be
sent"), and anything in the same sentence that goes on ("not sent but queued") counts for itself. What a failure that is tried
again may say is all in :mod:`.plain`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .codes import normalise_code
from .evidence import CODE_STATUS
from .outcome import Status
from .plain import BREAKS, besides, doubtful, words_of

#: Names, as :func:`squeeze` leaves them.
_GOOD_NAME = re.compile(r"success|sent|queued|accepted|submitted|delivered|dispatched|transmitted|^(?:is)?ok$|^done$")
_BAD_NAME = re.compile(
    r"(?:un|not|non)(?:success|sent|queued|accepted|submitted|delivered|ok$)|error|fail|reject|invalid|undeliver|refus"
    r"|denied|expired|cancell?ed|banned|forbidden|^(?:is)?(?:blocked|dropped|discarded|skipped|ignored|disabled|suspended)"
    r"|^(?:dnd|bad|filtered|blocked|blacklisted)(?:to|recipients?|numbers?)$"
    r"|^err(?:s|no|msg|message|desc)?$|^exceptions?$|^faults?$|^(?:is)?(?:test|testmode|sandbox|dryrun|simulated)$"
)
#: Of what keeps a message back, whether or whom or how many; and of what lets it through, whether: a number is a limit there.
_KEPT_BACK = re.compile(r"^(?:is)?(?:dnd|blacklisted|spam|filtered|held|onhold|demo)$")
_LET_THROUGH = re.compile(r"^(?:is)?(?:approved|allowed|permitted)$")
#: What a program writes its verdict into, and what of it says that something went wrong, whatever else it says.
_VERDICT_NAME = re.compile(
    r"(?:status|state|result|outcome)(?:e?s)?$|^(?:(?:result|response|return|status|error)?code)s?$"
)
_FAULT = r"-\d{1,9}|e(?:rr)?[-_ ]?\d{1,9}|err|4\d\d"
_ERROR = re.compile(rf"{_FAULT}|5\d\d|expird|undeliv|unknown", re.IGNORECASE)
#: Not those after which it is open what was done: of a server, and of what took too long or was there already.
_REFUSED = re.compile(rf"(?!\D{{0,5}}(?:5\d\d|408|409|425|499)\Z)(?:{_FAULT})", re.IGNORECASE)
#: Of whom, or of how many, an answer speaks: [] and 0 are nobody.
_WHOM = r"(?:valid)?(?:to|recipients?|numbers?)"
_HOW_MANY = re.compile(
    rf"^(?:total)?(?:{_WHOM}|messages?|msgs|sms)(?:count)?$|^(?:count|total|totalcount|(?:is)?valid)$"
)
_NOBODY_IN = re.compile(rf"^{_WHOM}$")
_WORDY_NAME = re.compile(r"(?:status|state|result|response|outcome)(?:e?s)?$|^(?:message|msg|sms|data|answer)?$")
_MESSAGE_ID = re.compile(r"(?:api)?(?:message|msg|sms)s?(?:id|uuid|guid|reference|ref)s?")
_OTHER_ID = re.compile(
    r"(?:batch|bulk|job|campaign|transaction|txn|tracking|reference|queue|outbox|s)?(?:id|uuid|guid)s?"
    r"|ref(?:erence)?(?:no|number)?|(?:\w{0,20}(?:message|msg)|sms)\w{0,20}(?:id|ref|reference)s?"
)
#: What is repeated from the request or the account, or is a code of another kind: a mask may well be "Success".
_REPEATED = frozenset(
    {
        "username", "user", "name", "email", "mask", "sender", "from", "to", "unicode", "countrycode", "multiple", "type",
    }
)  # fmt: skip
#: Of the account and of the moment, and so of no message.
_ASIDE = frozenset(
    {
        "balance", "messagerates", "rate", "rates", "time", "date", "datetime", "timestamp", "responsetime", "version",
    }
)  # fmt: skip
#: Of these, what is repeated are numbers: a word of success or failure there is the answer's own.
_NO_WORDS = frozenset({"to", "unicode", "countrycode", "multiple", "type"})
_HTTP = frozenset({"httpcode", "httpstatus", "httpstatuscode", "statuscode"})

#: Those with which a program answers a message; 101 and 205 are the vendor's.
_HTTP_STATUS = re.compile(r"20[0-2]|[3-5]\d\d")
_TRUE = frozenset({"1", "1.0", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "0.0", "false", "f", "no", "n", "off"})

_YES = (
    r"(?:sent|success\w*|succeeded|queued|enqueued|accepted|submitted|delivered|dispatched|transmitted|handed"
    r"|delivrd|acceptd|enroute"  # as SMPP has them
    # What goes on is not over, though it may have failed once.
    r"|forwarded|re-?routed|stored|buffered|spooled|kept|re-?sent|re-?tried|(?:be|get) re-?sen[dt]|re-?trying|resending"
    r"|will (?:re-?try|re-?send|try|go out))"
)
_NOT = r"(?:not|never|neither|nor|non|cannot|unable|without|nothing|none|too|\w+n't|fail\w*\s+to|no(?!\W*\d))"
_SAYS_YES = re.compile(rf"\b{_YES}\b")
_SAYS_NO = re.compile(
    r"\b(?:errors?|fail\w*|reject\w*|invalid\w*|refus\w*|denied|un(?:sent|deliv\w*|success\w*|authori[sz]ed|able)|not|never"
    r"|cannot|\w+n't|insufficient|suspended|blocked|blacklisted|expired|exceed\w*|missing|wrong|false|aborted|cancell?ed"
    r"|declined|dropped|barred|deleted|ko|nok|nack\w*|time(?:d )?out|throttled|too many|pending approval"
    r"|approval pending|forbidden|disabled|disallowed|unavailable|banned|unroutable|unreachable|unsupported|prohibited"
    r"|dnd|inactive|simulat\w*|demo (?:mode|account)|moderation|queue (?:is )?full|held for|on hold|(?:as|for) spam"
    r"|expird|(?:limit|quota) reached|over quota|awaiting approval|black-?\s?listed|out of credits?"
    r"|no credits?\b(?! \w)|zero (?:sms|messages?)|(?:under|for) review"
    r"|ignored|skipped|discarded|partial(?:ly)?|test mode|nahi|nahin|nakami?|na ja saka|nahee|نہیں|ناکامی?|مسترد)\b"
)
#: "1 of 3 numbers", but not the part of a text or of a list.
_SOME = re.compile(r"(?<!part )(?<!segment )(?<!page )(?<!message )(?<!sms )\b(\d{1,9}) (?:out )?of (\d{1,9})\b")
#: Behind these it is no denial: "not all were sent", "could not log the sent message".
_NO_DENIAL = r"(?!(?:all|only|every|everybody|everyone|just|the)\b)"
_DENIED = re.compile(rf"\b{_NOT}(?:\s+{_NO_DENIAL}[\w']+){{0,3}}?\s+{_YES}(?:\s+(?:n?or\s+)?{_YES})*\b")
#: Counts of nobody: "0 sent" denies, and "failed: 0" says nothing.
_NOBODY = r"(?<![\w.,-])0(?![\d.,]*\d)"
_NONE_SENT = re.compile(rf"{_NOBODY}\s+(?:(?:sms|messages?)\s+)?{_YES}\b|\b{_YES}(?:\s*[:=]\s*|\s+(?:to\s+)?){_NOBODY}")
_BAD_COUNT = r"(?:failed|failures?|rejected|invalid(?:\s+numbers?)?|errors?)"
_NONE_FAILED = re.compile(rf"{_NOBODY}\s+{_BAD_COUNT}\b|\b{_BAD_COUNT}(?:\s*[:=]\s*|\s+){_NOBODY}")
#: These say yes only where they stand alone: a mask's approval may be pending, and maintenance scheduled.
_YES_ALONE = re.compile(
    r"(?:\d+\s+)?ok(?:ay)?(?:\s.*)?|true|yes|done|completed?|process(?:ing|ed)|pending"
    r"|scheduled|created|received|in (?:progress|queue)"
)
_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)  # where a button may say OK
_SENTENCES = re.compile(r"[^\w\s']+|[\r\n]+|\b(?:but|and|then|yet|however)\b")
#: The second is how web servers explain 429.
_SAYS_NOTHING = re.compile(r"\b(?:no|without)\s+errors?\b|\bsent\s+too\s+many\b")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\ufffd]")
_NOTHING = re.compile(r"\s*(?:none|null|nil|n/a|-+|ok|success|(?:no|without) errors?)?\s*", re.IGNORECASE)
_SCRIPTS = re.compile(r"</?(?:script|style)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
#: A field within a text: JSON behind a notice, JSON within JSON, XML, a form.
_CODE = r"(?<![a-z])[a-z]{0,20}[ _-]?code"
_FIELD = re.compile(
    rf"""(?:<({_CODE}|\w{{0,9}}id|success|status)>|({_CODE}|(?:message|msg|sms)[ _-]?id|success|status|(?:(?<=["'])|\A)id)"""
    r"""[\\"']*\s*(?::|=>?))[\\"'\s]*([\w.-]+)""",
    re.IGNORECASE,
)


class Object(list[tuple[str, Any]]):
    """A JSON object with every key that it has: a dict would keep the last of two equal ones."""


def decode(body: bytes) -> Any:
    """Return the answer as JSON, its objects as :class:`Object`; the text where it is none."""
    try:
        return json.loads(body, object_pairs_hook=Object)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace").replace("\0", "")  # as UTF-16 has them


def squeeze(name: str) -> str:
    """Return a field's name without what people write differently: case, blanks, ``_`` and ``-``."""
    return re.sub(r"[\W_]+", "", name).casefold()


def everywhere(answer: Any) -> Iterator[tuple[str, Any]]:
    """Yield each value with its squeezed name, however deep; what a list holds has the name of the list."""
    found = [("", answer)]
    for name, value in found:  # it grows meanwhile
        yield name, value
        if isinstance(value, Object):
            found += ((squeeze(inner), item) for inner, item in value)
        elif isinstance(value, list):
            found += ((name, item) for item in value)


def identifier(value: Any) -> str | None:
    """Return a message identifier, or None for prose and other things."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**64:
        value = str(value)
    if isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,64}", value.strip()):
        return value.strip()
    return None


def weigh(text: str) -> tuple[bool, bool]:
    """Return whether the words of a text speak for "sent", and whether against it."""
    shown = _TAG.sub("\n", "\n".join(_SCRIPTS.split(text)[::2]))
    plain = BREAKS.sub(" ", _UNSEEN.sub("", shown)).replace("\u2019", "'").casefold()
    plain = _NONE_FAILED.sub(" ", _NONE_SENT.sub(" not sent ", plain))
    sentences = _SENTENCES.split(plain)
    alone = [plain] if _PAGE.match(text) else sentences
    yes = any(_YES_ALONE.fullmatch(words.strip(" .!\r\n\t")) for words in alone)
    no = any(int(some) < int(whole) for some, whole in _SOME.findall(plain))
    for sentence in sentences:
        rest, denials = _DENIED.subn(" ", _SAYS_NOTHING.sub(" ", sentence))
        yes = yes or _SAYS_YES.search(rest) is not None
        no = no or denials > 0 or _SAYS_NO.search(rest) is not None
    return yes, no


def _flag(value: Any) -> bool | None:
    word = str(value).strip().casefold() if isinstance(value, (bool, int, float, str)) else ""
    return True if word in _TRUE else False if word in _FALSE else None


class Signs:
    """What an answer says of its message, all of it.

    :ivar yes: something speaks for "sent"; a code that confirms nothing (201) does, and speaks against it, too.
    :ivar no: something speaks against it.
    :ivar codes: every code in a field ``code``, and every listed one in other fields of codes.
    :ivar program: a program that could send has answered: there is a listed code, or a field for an identifier.
    """

    def __init__(self, answer: Any, text: str = "", to: str = "", *, of_message: bool = True) -> None:
        """Read *answer*; where it repeats the *text* that was to be sent, that says nothing.

        :param to: to which number, or numbers with commas between them.
        :param of_message: whether it is about a message: an account may be on hold, or for a demo, and have a balance.
        """
        self.yes = self.no = self._unknown = self.program = False
        self._to, self._of_message = to, of_message
        self.codes: set[str] = set()
        self._ids: dict[str, None] = {}
        self._responses: dict[str, None] = {}
        self._spoken: list[tuple[str, Any]] = []
        sent = words_of(text)
        for name, value in everywhere(answer):
            if sent and value and isinstance(value, str) and not (value := besides(value, sent)):
                continue
            before, self.yes, self.no = (self.yes, self.no), False, False
            silent = self._read(name, value)
            if not silent:
                self._unknown |= not (self.yes or self.no)
                self._spoken.append((name, value))
            self._add(*before)

    @property
    def unexplained(self) -> bool:
        """Whether anything speaks neither for "sent" nor plainly against it, but for what is known to be of the request, the
        account or the moment. Asked of a failure alone: to weigh all words costs as much as all else."""
        return self._unknown or any(self._doubts(name, value) for name, value in self._spoken)

    def _doubts(self, name: str, value: Any) -> bool:
        """Return whether a value that speaks against "sent" says anything else, too."""
        said = str(value).strip()
        if not isinstance(value, (str, int)) or (_VERDICT_NAME.search(name) and _REFUSED.fullmatch(said)):
            return False
        # A flag is read by its name; but where there are several numbers, 1 may be how many.
        return (_flag(value) is None or (said == "1" and "," in self._to)) and doubtful(said, self._to)

    @property
    def message_id(self) -> str | None:
        """What was returned as the message's identifier: as many as have room, where there are several."""
        shown = ""
        for item in self._ids or self._responses:
            longer = f"{shown},{item}" if shown else item
            shown = longer if len(longer) <= 64 else shown
        return shown or None

    def _add(self, yes: bool, no: bool) -> None:
        self.yes |= yes
        self.no |= no

    def _code(self, code: str) -> None:
        self.program = True
        verdict = CODE_STATUS[code]
        self._add(verdict in (Status.SENT, Status.UNKNOWN), verdict is not Status.SENT)

    def _read(self, name: str, value: Any) -> bool:
        """Take one value in; return whether it is known to say nothing."""
        if name in _REPEATED:
            if name in _NO_WORDS and isinstance(value, str):
                self._add(*weigh(value))
            self.no |= name == "to" and value == []
            return True
        if (
            name in _HTTP and isinstance(value, (str, int)) and _HTTP_STATUS.fullmatch(str(value).strip())
        ):  # HTTP's own: its 200 is not the gateway's
            self.no |= str(value).strip()[:1] in ("4", "5")
            return str(value).strip()[:1] != "5"  # after which it is open what was done
        code = normalise_code(value)
        listed = code if code in CODE_STATUS else None
        if name.endswith(("code", "codes")) and self._read_code(name, value, code, listed):
            return True
        self._read_name(name, value)
        if listed and _WORDY_NAME.search(name):
            self._code(listed)
        if isinstance(value, str):
            self._read_text(name, value, listed)
        if name == "duplicate":  # of a message that was sent before?
            return _flag(value) is False
        return name in _ASIDE or isinstance(value, list) or value is None or not str(value).strip(" \r\n-")

    def _read_code(self, name: str, value: Any, code: str | None, listed: str | None) -> bool:
        """Take in what stands where a code does; return whether it is one, and so nothing else."""
        plain = name in ("code", "codes")
        if not code:
            return False
        if listed or plain:
            self.codes.add(code)
        if listed:
            self._code(listed)
        elif _BAD_NAME.search(name) and _flag(value) is not False:
            self.no = True
        return True

    def _read_name(self, name: str, value: Any) -> None:
        """Read what a value says by the name that it has."""
        flag, empty = _flag(value), value in (None, []) or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))
        if flag is False and "deliver" in name:
            return  # not yet: the message was accepted just now
        told = isinstance(value, (str, int)) and _VERDICT_NAME.search(name) and "deliver" not in name
        if told and _ERROR.fullmatch(str(value).strip()):
            self.no = True
        if _BAD_NAME.search(name):
            self._add(flag is False, flag is not False and not empty)
        elif _GOOD_NAME.search(name):
            self._add(flag is not False and not empty, flag is False or value == [])
        elif _MESSAGE_ID.fullmatch(name) or _OTHER_ID.fullmatch(name):
            self.program = True
            if flag is not False and not empty:  # 0 is how a program writes "none"
                self.yes = True
                if _MESSAGE_ID.fullmatch(name) and (found := identifier(value)):
                    self._ids[found] = None
        elif flag is not None and _WORDY_NAME.search(name):
            self._add(flag, not flag)
        elif _KEPT_BACK.search(name) and self._of_message:
            several = isinstance(value, int) and value > 0  # a score has a fraction
            self.no |= flag is True or several or (isinstance(value, list) and bool(value))
        elif _LET_THROUGH.search(name) and self._of_message:
            self.no |= flag is False
        elif (flag is False and _HOW_MANY.search(name)) or (value == [] and _NOBODY_IN.search(name)):
            self.no = True

    def _read_text(self, name: str, text: str, listed: str | None) -> None:
        yes, no = weigh(text)
        if not (_BAD_NAME.search(name) and _flag(text) is not None):  # {"error": "true"} has been read by its name
            self._add(yes, no)
        found = identifier(text)
        if name == "response" and found and not (listed or no) and any(character.isdigit() for character in found):
            self._responses[found] = None
            self._add(True, False)
        for in_xml, plain, said in _FIELD.findall(text):
            field = squeeze(in_xml or plain)
            told = normalise_code(said) in CODE_STATUS or field.endswith("id")
            if told or (_flag(said) is not None and not field.endswith("code")):
                self._read(field, said)
