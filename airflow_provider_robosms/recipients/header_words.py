"""What people call a column that says whom to text, or not to, when they do not call it Opt Out or Send: by words.

A name is such a one where it holds a word that has no other use (``DND``), or where nothing stands in it but words of asking
and allowing and words for messages (``SMS allowed``, ``Never text``). ``Contact No``, ``Bus Stop`` and ``Ready for pickup``
are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def set_of(words: str) -> frozenset[str]:
    """Return words that are written with spaces between them."""
    return frozenset(words.split())


#: As the whole name, or with words that leave it what it is, in bare form.
_LEAVE_ALONE = set_of(
    "optedout optsout optingout optoff donotcontact donotcall donottext donotsms donotsend donotuse notallowed "
    "donotmessage donotdisturb dontcontact dontcall donttext dontsms dontsend dontmessage dontdisturb nocontact "
    "nosms notext notexts nomessages nomessage nomsg dnd dnc dncr stop stopped stopsms stoplist blacklist "
    "blacklisted blocklist blocklisted suppress suppression suppressed suppressionlist excluded exclude "
    "exclusions donotmail blocked leaveout leftout omit omitted takeoff takenoff hold held pause paused banned barred "
    "unsub unsubs leavealone removeme remove removed skip skipped ignore ignored mute muted refused refuse declined "
    "denied exempt exempted wrongnumber wrongnumbers withdrawn withdrew notinterested uninterested deceased died dead "
    "revoked revoke consentrevoked revokedconsent consentwithdrawn withdrawnconsent withdrewconsent consentwithdrew "
    "objection objections objected objects objectsto objectedto complained repliedstop stopreplied stopreply stopreplies "
    "stops stopreceived receivedstop askedtostop askstop saidstop smsoptout smsoptouts emailonly mailonly callonly "
    "callsonly whatsapponly onlyemail onlycall onlycalls onlywhatsapp "
    "rejected rejects reject exclusion struckoff struckof passedaway didntconsent "
    "didnotconsent unwilling notwilling disagreed disagrees notagreed unwanted notwanted donotinclude dontinclude dontuse "
    "donotremind doesnotwant doesntwant refusal refusals refuses refusers ban bans banlist "
    "manakiya bandkaro bandkaren bandkarein bandkardo bandkardein inkar inkaar inkarkiya "
    "منع بند بندکریں بندکرو اپٹاوٹ انسبسکرائب انکار بلاکلسٹ بلاکشدہ بلاکفہرست بلاککریں بلاککرو بلاککیا"
)
#: Who has allowed it. Called Opt Out, such a column would say the opposite.
_ALLOWED = set_of(
    "optin optedin optsin optingin consent consented consents marketingconsent gdprconsent subscribed permission "
    "permissions permitted allowed agreed subscriberstatus ijazat ijaazat اجازت"
)
#: With any other words, too.
_ALWAYS = set_of("dnd dnc dncr unsub unsubs blacklist blacklisted blocklist blocklisted")
#: Beginnings of such words.
_ALWAYS_BEGIN = ("unsubscri", "optedout", "optingout")
_CONSENT = set_of("consent consents consented permission permissions ijazat ijaazat اجازت")
_WHOSE = set_of(
    "parent parents guardian father mother patient student family given received taken marketing promo promotional"
)

#: Not what is done already: people who were not contacted are to be.
_SMS = set_of(
    "sms text texts texting message messages messaging msg msgs contact contacting send sending notify "
    "notification notifications alert alerts reminder reminders promo promotions marketing campaign broadcast remind "
    "reminding"
)
#: Whoever must not be called must not be texted; who may be e-mailed is another matter.
_CHANNEL = _SMS | set_of("whatsapp call calls calling mail email disturb bother")
_PERMITS = set_of(
    "ok okay ready allowed allow allows may can could should permitted permission permissions agree agreed agrees "
    "accept accepts accepted accepting want wants wanted wish wishes willing like likes approve approved approval "
    "eligible enable enabled disable disabled consent consents consented receive receives receiving subscribe "
    "subscribes subscribed subscription interested authorised authorized authorise authorize prefers opt opted"
)
_REFUSES = set_of(
    "never stop stopped avoid skip hold mute muted donot dont not refuse refuses refused decline declined "
    "unwanted without block blocked exclude excluded cancel cancelled canceled pause paused disallow disallowed reject "
    "rejects rejected"
)
#: What stands between them.
_BETWEEN = set_of(
    "to the a an by via for of in on with is are be been has have he she they we i us them me him her customer "
    "customers client clients parent parents patient patients student students user users member members person "
    "status flag yes no y n or true false tick ticked checkbox please pls any more our from this row do does all "
    "active off list date since reason"
)
#: Behind the SMS, what somebody has or has not signed up for. A "Reminder SMS" may well be the text itself.
_SIGNED_UP = set_of("notification notifications alerts reminders updates promotions offers")
#: Until when to wait. "SMS date" may be that of the last one.
_FROM_WHEN = set_of("at on before until till after when from")
_NOT_YET = set_of("not hold held mute muted pause paused snooze snoozed wait sms text message contact notify remind")
_LATER = set_of("delay delayed defer deferred postpone postponed")
_POLITE = set_of("please pls more any further")
_YES_NO = set_of("yes no y n or true false tick ticked checkbox flag on off")

#: Urdu in Latin and in its own letters: to send, not, closed, message.
_BHEJNA = set_of(
    "bhejna bhejni bhejne bhejo bhejen bhejein bhejain bhejiye bhejdo bhej بھیجنا بھیجیں بھیجو بھیج بھیجنی بھیجنے"
)
_URDU_AROUND = set_of(
    "na nah nahi nahin mat band hai hain he ho karo karna karen karein kar den dain do de ko ka ki ke kya ya ji "
    "se hua kia kiya kab haan han sms msg message messages paigham "
    "نہ نہیں مت بند ہے ہیں کرو کرنا کریں کر دیں دو کو کا کی کے کیا یا "
    "جی ہاں پیغام میسج ایس ایم"
)
_BAND = set_of("band mat na nah nahi nahin mana inkar inkaar roko rokna rokein بند مت نہ نہیں منع انکار روکیں")
_MESSAGE = set_of("sms msg message messages paigham rabta call tang پیغام پیغامات میسج ایس رابطہ")
#: To do: an SMS.
_KARNA = set_of("karna karni karo karein karen kariye kijiye کرنا کرنی کرو کریں کیجیے")
_WANTED = set_of("chahiye chahie chahye chahiyen چاہیے چاہيے")
_WHEN = set_of("kab waqt time tareekh tarikh date din کب وقت تاریخ دن")


#: A number that is somebody else's.
_WRONG = set_of("wrong invalid incorrect galat ghalat غلط")
_OF_A_NUMBER = set_of("number numbers no nos num nums phone phones mobile mobiles contact contacts cell sim sims نمبر")
#: What opting out is called in the title of a tab, with any other words beside it: a tab is renamed easily.
_TITLE_WORDS = _ALWAYS | set_of(
    "blocked banned optedout optout optouts uninterested excluded exclusion exclusions refusal refusals refusers refused "
    "suppressed suppression بند"
)
_TITLE_PAIRS = frozenset({
    ("opted", "out"), ("opt", "out"), ("opt", "outs"), ("opts", "out"), ("opting", "out"), ("not", "interested"),
    ("black", "list"), ("black", "listed"), ("block", "list"), ("stop", "list"), ("stop", "log"), ("stop", "form"),
    ("stop", "requests"), ("stop", "replies"), ("ban", "list"), ("struck", "off"), ("passed", "away"), ("to", "exclude"),
    ("to", "skip"), ("to", "block"), ("to", "remove"),
    # Alone it is a block of houses.
    ("بلاک", "لسٹ"), ("بلاک", "فہرست"), ("بلاک", "شدہ"), ("بلاک", "نمبرز"), ("بلاک", "کریں"),
    ("بلاک", "کیا"), ("بلاک", "لوگ"),
})  # fmt: skip
#: Behind "no contact": what a row has not got.
LACKED = set_of("number info information details found")
_TO_SOMEBODY = _CHANNEL | set_of("use include")


#: What is refused, blocked, stopped or held beside people and their messages.
_THINGS = set_of(
    "parcel parcels order orders cod delivery deliveries shipment shipments card cards cheque cheques account "
    "accounts fund funds payment payments transaction transactions item items product products goods stock fee fees discount "
    "discounts bill bills invoice invoices loan loans claim claims policy polio vaccine vaccines house houses plot plots "
    "bus van route routes lunch meal meals transport trip trips insurance website websites domain domains "
    "دکان دکانیں اکاونٹ اکاونٹس ارڈر پارسل کارڈ چیک گھر"
)
#: What one opts out of and is texted all the same.
_SERVICES = set_of("lunch meal meals transport bus van trip trips insurance policy discount discounts")
#: With these it is about people, or about messages to them.
_PEOPLE = set_of(
    "number numbers no nos num phone phones mobile mobiles people person persons parent parents student students customer "
    "customers client clients patient patients member members user users family families updates offers lead leads holder "
    "holders owner owners buyer buyers supplier suppliers defaulter defaulters debtors payers subscriber subscribers staff "
    "teacher teachers riders drivers boys girls men women guardian guardians father fathers mother mothers uninterested"
)


def is_title_of_things(words: Sequence[str]) -> bool:
    """Tell whether a tab's title is about things and not about whom to text: ``Refused parcels``, ``Blocked cards``."""
    told = set(words)
    if told.isdisjoint(_THINGS) or not told.isdisjoint(_CHANNEL | _PEOPLE | _ALWAYS):
        return False
    if any(word.startswith(_ALWAYS_BEGIN) for word in words):
        return False
    opts = not told.isdisjoint(("opt", "opts", "opted", "opting", "optout", "optouts"))
    return not told.isdisjoint(_SERVICES) if opts else ("not", "interested") not in pairwise(words)


def _is_wrong_number(words: Sequence[str]) -> bool:
    return any(
        (one in _WRONG and other in _OF_A_NUMBER) or (one in _OF_A_NUMBER and other in _WRONG)
        for one, other in pairwise(words)
    )


def is_title_of_refusal(words: Sequence[str]) -> bool:
    """Tell whether a tab's title holds a phrase of opting out: ``Opted Out Parents``, ``Do Not Contact Nos``."""
    if (
        not _TITLE_WORDS.isdisjoint(words)
        or _is_wrong_number(words)
        or any(word.startswith(_ALWAYS_BEGIN) for word in words)
    ):
        return True
    joined = [*words]
    for place in range(len(words) - 1, 0, -1):
        if joined[place - 1 : place + 1] == ["do", "not"]:
            joined[place - 1 : place + 1] = ["dont"]
    for place in range(len(joined) - 2):
        if joined[place : place + 2] == ["no", "contact"] and joined[place + 2] in LACKED:
            return False
    return any(
        pair in _TITLE_PAIRS
        or (pair[0] in ("dont", "donot", "never") and pair[1] in _TO_SOMEBODY)
        or (pair[0] == "no" and pair[1] in _TO_SOMEBODY and pair[1] not in ("whatsapp", "use"))
        for pair in pairwise(joined)
    )


def is_refusal(words: Sequence[str], core: str, form: str) -> bool:
    """Tell whether a name says whom to leave alone.

    :param words: its words.
    :param core: those of them that are not usual next to such a choice, joined.
    :param form: the whole name in bare form, for those made of words that do not count, such as "No SMS".
    """
    # All words without their digits, too: "Black list 2026", of which "list" is none that counts.
    if not _LEAVE_ALONE.isdisjoint((core, form, "".join(words))) or not _ALWAYS.isdisjoint(words):
        return True
    if any(word.startswith(_ALWAYS_BEGIN) for word in words) or "unsubscri" in core or _is_wrong_number(words):
        return True
    if words and words[0] in _PERMITS and any(one == "no" and other in _CHANNEL for one, other in pairwise(words)):
        return (_PERMITS | _CHANNEL | _BETWEEN).issuperset(words)  # "Wants no SMS"
    return (
        (_only(words, _REFUSES, _CHANNEL) and not _says_who_has_whatsapp(words))
        or _only(words, _BAND, _MESSAGE | _BHEJNA, between=_URDU_AROUND | _WANTED)
        or (
            # "No calls" and "SMS off"; a "No. of SMS" is a number, and so is a lone "Call No".
            (
                tuple(words[:1]) == ("no",)
                and len(words) > 1
                and (_CHANNEL | _POLITE).issuperset(words[1:])
                and not _says_who_has_whatsapp(words)
            )
            or ("off" in words and "on" not in words and _only(words, frozenset({"off"}), _SMS | {"turn", "turned"}))
        )
    )


def _says_who_has_whatsapp(words: Sequence[str]) -> bool:
    """Tell whether a name that says no says it of being on WhatsApp: ``Not on WhatsApp``, ``No WhatsApp``."""
    told = set(words)
    forbids = ("do", "not") in pairwise(words) and told.isdisjoint(("have", "has", "use"))
    return told & _CHANNEL == {"whatsapp"} and told & _REFUSES <= {"not", "without"} and not forbids


def is_consent(words: Sequence[str], core: str, form: str) -> bool:
    """Tell whether a name says who has agreed to be texted: ``Opted in``, ``Consent``, ``Parent permission``.

    :param words, core, form: as :func:`is_refusal` has them.
    """
    return not _ALLOWED.isdisjoint((core, form)) or (
        not _CONSENT.isdisjoint(words) and (_CONSENT | _WHOSE | _BETWEEN | _CHANNEL | _URDU_AROUND).issuperset(words)
    )


def is_permission(words: Sequence[str], *, asks: bool) -> bool:
    """Tell whether a name says who may be texted: ``SMS allowed``, ``OK to contact``, ``SMS?``, ``Text (Y/N)``.

    :param words: its words.
    :param asks: whether it is a question.
    """
    if _only(words, _PERMITS, _SMS):
        return True
    if tuple(words[:1]) in (("sms",), ("text",), ("message",)) and _only(words[1:], _SIGNED_UP, _SIGNED_UP):
        return True
    rest = [word for word in words if word not in _YES_NO]
    # "Message?" is left to the tags; a lone "SMS No" is a number.
    decides = asks or len([word for word in words if word in _YES_NO]) > 1
    return decides and rest in (["sms"], ["text"], ["notify"], ["alert"], ["contact"])


def is_not_yet(words: Sequence[str]) -> bool:
    """Tell whether a name says from when on to text, without the word send: ``Not before``, ``Hold until``, ``SMS at``."""
    told = set(words)
    if tuple(words) in (("schedule", "at"), ("scheduled", "at")):
        return True
    if not told.isdisjoint(_LATER):
        # Appointments are postponed to a day, and deliveries delayed; what is delayed until then waits.
        until = bool(told & {"until", "till"}) or (
            bool(told & {"sms", "message"}) and bool(told & (_FROM_WHEN | {"to"}))
        )
        return until and told <= _LATER | _FROM_WHEN | {"to", "sms", "message", "date", "time", "pkt"}
    return (
        bool(words)
        and words[0] in _NOT_YET  # "On hold" is no moment
        and not told.isdisjoint(_FROM_WHEN)
        and told <= _FROM_WHEN | _NOT_YET | {"date", "time", "pkt"}
    )


def is_urdu_for_send(words: Sequence[str]) -> bool:
    """Tell whether a name says in Urdu who is to be sent something: ``SMS bhejna hai``."""
    return _only(words, _BHEJNA, _BHEJNA, between=_URDU_AROUND) or _only(words, _KARNA, _MESSAGE, between=_URDU_AROUND)


def is_urdu_for_send_at(words: Sequence[str]) -> bool:
    """Tell whether a name says in Urdu when to send: ``Bhejne ka waqt``, ``SMS kab``."""
    return _only(words, _WHEN, _BHEJNA, between=_URDU_AROUND) or _only(
        words, frozenset({"kab", "کب"}), _MESSAGE, between=_URDU_AROUND
    )


def _only(
    words: Sequence[str], choice: frozenset[str], about: frozenset[str], *, between: frozenset[str] = _BETWEEN
) -> bool:
    """Tell whether a name holds a choice and what it is about, and nothing else but words between them."""
    told = set(words)
    return not told.isdisjoint(choice) and not told.isdisjoint(about) and told <= choice | about | between
