"""What people call a column that says whom to text, or not to, when they do not call it Opt Out or Send: by words.

A name is such a one where it holds a word that has no other use (``DND``), or where nothing stands in it but words of asking
and allowing and words for messages (``SMS allowed``, ``Never text``). ``Contact No``, ``Bus Stop`` and ``Ready for pickup``
are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .spelling import follow, pairs_of, set_of

#: As the whole name, or with words that leave it what it is, in bare form.
_LEAVE_ALONE = set_of(
    "optedout optsout optingout optoff donotcontact donotcall donottext donotsms donotsend donotuse notallowed "
    "donotmessage donotdisturb dontcontact dontcall donttext dontsms dontsend dontmessage dontdisturb nocontact "
    "nosms notext notexts nomessages nomessage nomsg dnd dnc dncr stop stopped stopsms stoplist blacklist "
    "blacklisted blocklist blocklisted suppress suppression suppressed suppressionlist exclude "
    "donotmail blocked leaveout leftout omit omitted takeoff takenoff hold held pause paused banned barred "
    "unsub unsubs leavealone removeme remove skip skipped ignore ignored mute muted refuse decline "
    "denied exempt exempted wrongnumber wrongnumbers withdrawn notinterested uninterested deceased died dead "
    "revoke objection objections objected objects objectsto objectedto complained repliedstop stopreplied stopreply "
    "stopreplies stops stopreceived receivedstop smsoptout smsoptouts emailonly mailonly callonly "
    "callsonly whatsapponly onlyemail onlycall onlycalls onlywhatsapp "
    "reject struckoff struckof passedaway didntconsent unwilling notwilling disagreed disagrees notagreed unwanted "
    "notwanted donotinclude dontinclude dontuse donotremind doesnotwant doesntwant ban bans banlist inkar notoptedin "
    "منع بند اپٹاوٹ اوپٹاوٹ انسبسکرائب بلاکلسٹ بلیکلسٹ بلیکلسٹڈ ڈیاینڈی بلاکشدہ بلاکفہرست بلاککریں بلاککرو بلاککیا"
)
#: Who has allowed it. Called Opt Out, such a column would say the opposite.
_ALLOWED = set_of(
    "optin optedin optsin optingin consent consented consents marketingconsent gdprconsent subscribed permission "
    "permissions permitted allowed agreed subscriberstatus ijazat razamandi"
)
#: With any other words, too.
ALWAYS = set_of("dnd dnc dncr unsub unsubs blacklist blacklisted blocklist blocklisted")
#: Beginnings of such words.
ALWAYS_BEGIN = ("unsubscri", "optedout", "optingout")
_UNSUBSCRIBED = ("unsubscri", *set_of("انسبسکرائب بلیکلسٹ"))
CONSENT = set_of("consent consents consented permission permissions ijazat razamandi")
_WHOSE = set_of(
    "parent parents parental guardian father mother patient student family give given granted received taken obtained got "
    "mili mila gaya gayi گیا گئی ملی yet did was were marketing promo promotional"
)
#: What becomes of a consent that is none.
_NO_CONSENT = set_of(
    "refuse deny decline reject withdraw revoke withheld withhold not never cancel cancelled canceled expired lapsed without "
    "withdrawn withdraws withdrawal rejection rejections denial denials "
    "missing nahi mana منع inkar"
)
_ALLOWING = set_of("manzoori permitted razi")

#: Not what is done already: people who were not contacted are to be.
_SMS = set_of(
    "sms text texts texting message messages messaging msg msgs contact contacting send sending notify "
    "notification notifications alert alerts reminder reminders promo promotions marketing campaign broadcast remind "
    "reminding"
)
#: Whoever must not be called must not be texted; who may be e-mailed is another matter.
CHANNEL = _SMS | set_of("whatsapp call calls calling mail email disturb bother")
_PERMITS = set_of(
    "ok okay ready allowed allow allows may can could should permitted permission permissions agree agreed agrees "
    "accept accepts accepted accepting want wants wanted wish wishes willing like likes approve approved approval "
    "eligible enable enabled disable disabled consent consents consented receive receives receiving subscribe "
    "subscribes subscribed subscription interested authorised authorized authorise authorize prefers opt opted"
)
REFUSES = set_of(
    "never stop stopped avoid skip hold mute muted donot dont not refuse decline deny remove delete unwanted without block "
    "blocked exclude cancel cancelled canceled pause paused disallow disallowed reject ban banned object objects objected "
    "objection opposed disagrees disagreed drop dropped excl excluding rejection rejections denial denials"
)
#: Who is taken among others.
_CHOOSES = set_of(
    "include included including select selected choose chosen pick picked tick ticked targeted shortlisted enrolled add added"
)
#: "In campaign": who is.
_MAILINGS = set_of("sms campaign broadcast newsletter")
#: Signs of a question that can be answered both ways, and are no answer to it.
_YES_NO = pairs_of("y n, n y, yes no, no yes, true false, false true, haan nahi, nahi haan, ji nahi, nahi ji")
YES_NO = _YES_NO | pairs_of("on off, off on, check box, tick box, in out")
_DAY = set_of("date dates time day")
_CHOSEN_FOR = set_of("in for to on into")
#: Somebody wishes for it, or has said it, and what.
_ASKS = set_of(
    "want wish wishes wished wishing request requests ask say tell tells told reply replies replied demand demands demanded "
    "insists insisted like likes desires wrote please"
)
_ENDS = set_of("stop stopped stopping remove removal unsubscribe unsubscribed quit exclude")
#: What stands between them.
BETWEEN = set_of(
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
_POLITE = set_of("please pls plz more any further")
_ANSWERS = set_of("yes no y n or true false tick ticked checkbox flag on off")

#: Urdu in Latin and in its own letters: to send, not, closed, message.
_BHEJNA = set_of("bhejna")
_URDU_AROUND = set_of(
    "nahi mat band hai karna bhejna kiya diya jana chahiye haan do ko ka ki ke ya ji se ne is ab kabhi bilkul bhi par sms "
    "msg message messages paigham مت بند کرو کر کو کا کی کے یا جی سے نے اب کبھی بھی پر پیغام میسج میسیج ایس ایم ایپ "
    "kardiya bhejdiya dena chuka chuke chuki chukay چکا چکے چکی"
)
#: People, in what is said of them.
_WHOM = set_of(
    "wala jin log logon walid walida والدین لوگ لوگوں طلبہ طلباء گاہک کسٹمر مریض نمبر نمبرز مجھے service rakha"
)
#: Words of no, and where one is none: a number, a choice.
_NEGATIONS = set_of("nahi mat not no never out dont donot")
_NO_NOES = pairs_of("contact no, phone no, mobile no, cell no, whatsapp no, roll no, in out")
_CLOSED = set_of("band بند")
_BAND = _CLOSED | set_of("mat nahi mana inkar rok roko rokna rokein مت منع روکیں روک روکنا")
_MESSAGE = set_of("sms msg message messages paigham rabta call tang واٹس میسج میسیج ایس کال تنگ")
#: A number without anything of doing is one that does not ring: "Phone band hai".
_RINGS = set_of("phone fon فون")
#: To do: an SMS.
_KARNA = set_of("karna jana")
_WANTED = set_of("chahiye")
_DID = set_of("kiya diya kardiya bhejdiya")
#: With these a message has gone out.
_IS_DONE = set_of("diya kardiya bhejdiya chuka chuke chuki chukay چکا چکے چکی")
#: Behind "nahi" what has not been done yet, where no order or wish stands beside it.
_DONE = set_of("kiya diya ki کی")
_ORDERS = set_of("karna bhejna jana dena chahiye mat")
_KAB = set_of("kab کب")
_SAYS_NO = set_of("mana منع inkar")
_WHEN = set_of("kab waqt time tareekh tarikh date din کب وقت تاریخ دن")


#: A number that is somebody else's.
_WRONG = set_of("wrong invalid incorrect galat ghalat غلط")
_OF_A_NUMBER = set_of("number numbers no nos num nums phone phones mobile mobiles contact contacts cell sim sims نمبر")
#: What opting out is called in the title of a tab, with any other words beside it: a tab is renamed easily.
_TITLE_WORDS = ALWAYS | set_of(
    "blocked banned optedout optout optouts uninterested exclude refuse suppressed suppression"
)
_TITLE_PAIRS = pairs_of(
    "opted out, opt out, opt outs, opts out, opting out, not interested, black list, black listed, block list, stop list, "
    "stop log, stop form, stop requests, stop replies, ban list, struck off, passed away, to exclude, to skip, to block, "
    "to remove, "
    # Alone it is a block of houses.
    "بلاک لسٹ, بلیک لسٹ, بلاک فہرست, بلاک شدہ, بلاک نمبرز, بلاک کریں, بلاک کیا, بلاک لوگ"
)
#: Behind "no contact": what a row has not got.
LACKED = set_of("number info information details found")
_TO_SOMEBODY = CHANNEL | set_of("use include")
#: In a title, what is closed is a shop, if anything else is named.
_IN_TITLE_OF_BAND = _URDU_AROUND | _WHOM | _MESSAGE


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
        or any(word.startswith(ALWAYS_BEGIN) for word in words)
    ):
        return True
    if "بند" in words and _IN_TITLE_OF_BAND.issuperset(words):
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
    words = _without_choice(words)
    # All words without their digits, too: "Black list 2026", of which "list" is none that counts.
    if not _LEAVE_ALONE.isdisjoint((core, form, "".join(words))) or not ALWAYS.isdisjoint(words):
        return True
    if (
        any(word.startswith(ALWAYS_BEGIN) for word in words)
        or any(one in core for one in _UNSUBSCRIBED)
        or _is_wrong_number(words)
    ):
        return True
    return (
        _is_refused_consent(words)
        or _asks_for_an_end(words)
        or _is_urdu_refusal(words)
        or (
            _only(words, REFUSES, CHANNEL, between=BETWEEN | _CHOOSES)
            and not _says_who_has_whatsapp(words)
            and not _tells_of_a_call(words)
        )
        # "No calls" and "SMS off"; a "No. of SMS" is a number, and so is a lone "Call No".
        or (
            tuple(words[:1]) == ("no",)
            and len(words) > 1
            and (CHANNEL | _POLITE).issuperset(words[1:])
            and not _says_who_has_whatsapp(words)
        )
        or ("off" in words and "on" not in words and _only(words, frozenset({"off"}), _SMS | {"turn", "turned"}))
    )


def _without_choice(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without such as ``(Y/N)``: they are the same name, and say neither yes nor no."""
    left = [word for word in words if word not in ("or", "ya")]
    for place in range(len(left) - 1, 0, -1):
        if tuple(left[place - 1 : place + 1]) in _YES_NO:
            del left[place - 1 : place + 1]
    return tuple(left) if len(left) + 1 < len(words) else tuple(words)


def _is_refused_consent(words: Sequence[str]) -> bool:
    """Tell whether a consent was not given: ``Permission denied``, ``No consent``; not ``Consent (yes/no)``."""
    refusals = _NO_CONSENT | {"no"} if tuple(words[:1]) == ("no",) else _NO_CONSENT
    return _only(words, refusals, CONSENT | _ALLOWING, between=_WHOSE | BETWEEN | CHANNEL | _URDU_AROUND)


def _asks_for_an_end(words: Sequence[str]) -> bool:
    """Tell whether somebody wants no more of it: ``Request to stop``, ``Wants no SMS``, ``Says no``, ``No to SMS``."""
    around = _ASKS | _PERMITS | CHANNEL | BETWEEN | _POLITE
    if not words or not around.issuperset({*words} - _ENDS):
        return False
    if any(one == "no" and other in CHANNEL for one, other in pairwise(words)) and words[0] in _ASKS | _PERMITS:
        return True
    return (
        follow(words, "say", "no")
        or (tuple(words[:2]) == ("no", "to") and not CHANNEL.isdisjoint(words))
        or not (_ENDS.isdisjoint(words) or _ASKS.isdisjoint(words))
    )


def _is_urdu_refusal(words: Sequence[str]) -> bool:
    """Tell whether a name says no in Urdu: to messages, or by words that need no more, as ``Mana kar diya``."""
    around = _URDU_AROUND | _WHOM | BETWEEN
    if _is_not_done(words):
        return False
    return (
        _only(words, _BAND, _MESSAGE | _BHEJNA, between=around | _SAYS_NO)
        or ("karna" in words and _only(words, _BAND - _CLOSED, _RINGS, between=around))
        or _only(words, _SAYS_NO, _KARNA | _DID | {"hai"}, between=around | {"hua", "hui"})
        or _only(words, frozenset({"nahi"}), _WANTED, between=around)
        or _only(words, _CLOSED | {"block"}, frozenset({"karna", "kardiya"}), between=around)
    )


def _is_not_done(words: Sequence[str]) -> bool:
    """Tell whether a name says in Urdu what has not happened: ``Call nahi ki``; not ``SMS nahi karna``."""
    return _ORDERS.isdisjoint(words) and any(one == "nahi" and other in _DONE for one, other in pairwise(words))


def says_no(words: Sequence[str]) -> bool:
    """Tell whether a name holds a word of no; not ``(haan/nahi)``, and no ``Contact no``."""
    left = _without_choice(words)
    told = {word for before, word in zip(("", *left), left, strict=False) if (before, word) not in _NO_NOES}
    return not _NEGATIONS.isdisjoint(told) and not _is_not_done(words)


def _says_who_has_whatsapp(words: Sequence[str]) -> bool:
    """Tell whether a name that says no says it of being on WhatsApp: ``Not on WhatsApp``, ``No WhatsApp``."""
    told = set(words)
    forbids = ("do", "not") in pairwise(words) and told.isdisjoint(("have", "has", "use"))
    return told & CHANNEL == {"whatsapp"} and told & REFUSES <= {"not", "without"} and not forbids


def _tells_of_a_call(words: Sequence[str]) -> bool:
    """Tell whether a name tells how a call or an entry went: ``Call not picked``, ``Dropped calls``."""
    told = set(words)
    if not told.isdisjoint(_CHOSEN_FOR | {"from"}):
        return False
    fell = told & CHANNEL <= {"call", "calls"} and told & REFUSES == {"dropped"}
    return fell or (told & REFUSES == {"not"} and not told.isdisjoint(("picked", "added")))


def is_consent(words: Sequence[str], core: str, form: str) -> bool:
    """Tell whether a name says who has agreed to be texted: ``Opted in``, ``Consent``, ``Parent permission``.

    :param words, core, form: as :func:`is_refusal` has them.
    """
    if "agreed" in words and not _DAY.isdisjoint(words):  # of a deal
        return False
    return not _ALLOWED.isdisjoint((core, form)) or (
        not CONSENT.isdisjoint(words) and (CONSENT | _WHOSE | BETWEEN | CHANNEL | _URDU_AROUND).issuperset(words)
    )


def is_permission(words: Sequence[str], *, asks: bool) -> bool:
    """Tell whether a name says who may be texted: ``SMS allowed``, ``OK to contact``, ``SMS?``, ``Text (Y/N)``.

    :param words: its words.
    :param asks: whether it is a question.
    """
    if _only(words, _PERMITS, _SMS):
        return True
    # "Selected message" may be a text.
    if not _CHOSEN_FOR.isdisjoint(words) and _only(words, _CHOOSES, _SMS, between=BETWEEN | _PERMITS | {"into"}):
        return True
    since = not (_DAY | {"since"}).isdisjoint(words)
    if tuple(words[:1]) in (("in",), ("on",)) and not since and _only(words, _MAILINGS, _MAILINGS):
        return True
    if tuple(words[:1]) in (("sms",), ("text",), ("message",)) and _only(words[1:], _SIGNED_UP, _SIGNED_UP):
        return True
    rest = [word for word in words if word not in _ANSWERS]
    # "Message?" is left to the tags; a lone "SMS No" is a number.
    decides = asks or len([word for word in words if word in _ANSWERS]) > 1
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
    words, around = _without_choice(words), _URDU_AROUND | {"jin"}
    if not _IS_DONE.isdisjoint(words):
        return False
    return _only(words, _BHEJNA, _BHEJNA, between=around) or _only(words, _KARNA, _MESSAGE, between=around)


def is_urdu_for_send_at(words: Sequence[str]) -> bool:
    """Tell whether a name says in Urdu when to send: ``Bhejne ka waqt``, ``SMS kab``."""
    return _only(words, _WHEN, _BHEJNA, between=_URDU_AROUND) or _only(words, _KAB, _MESSAGE, between=_URDU_AROUND)


def _only(
    words: Sequence[str], choice: frozenset[str], about: frozenset[str], *, between: frozenset[str] = BETWEEN
) -> bool:
    """Tell whether a name holds a choice and what it is about, and nothing else but words between them."""
    told = set(words)
    return not told.isdisjoint(choice) and not told.isdisjoint(about) and told <= choice | about | between
