"""What of a cell can be read as mobile numbers, to protect their owners: such a cell is never texted."""

from __future__ import annotations

import re

from ..exceptions import InvalidNumber, Unreachable
from ..sms.folding import plain
from ..sms.phone import normalise

#: So many digits may be a part of a number.
PART = 7
MOBILE = re.compile(r"(?<!\d)\+?(?:0{0,2}92|0)?[\s().-]{0,3}(?:\(0\))?0?3(?:[\s().-]{0,3}\d){9}(?!\d)")
WORDS = re.compile(r"[^\W\d_]+")
#: Whatever may be one whole number, of a mobile or not.
_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){8,15}")
DATE = re.compile(
    r"(?<!\d)(?<!\d-)(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d)(?!-?\d)"
    r"|\b\d{1,2}:\d\d(?::\d\d)?\b"
)
#: Letters that are typed for digits, beside digits.
_LETTERS = re.compile(r"(?<=\d)[OoIlL|]{1,15}(?=[\dOoIlL|\s-])|(?<![^\W\d_])[OoIlL|]{1,15}(?=\d)")
_AS_DIGITS = str.maketrans("OoIlL|", "001111")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR = r"(?:19|20)\d\d"
#: Behind these stands what may be a part of another number.
_OR = ("or", "and", "to", "ya", "aur", "se", "یا", "اور", "سے")
_JOINS = r"(?<![\w/&+|-])(?<![/&+|-]\s)" + "".join(rf"(?<!\b{word}\s)" for word in _OR)
#: What somebody is or has, by a short number that begins no telephone's: "class 5-B", "2nd", "2 kids", "Rs. 5,000".
_COUNTED = re.compile(
    rf"(?<!\d)\d{{5}}-\d{{7}}-\d(?![\d-])|\bcnic[\s.:#-]{{0,3}}\d{{13}}(?!\d)"
    rf"|{_JOINS}\d\d?(?:st|nd|rd|th)?[\s-]{{0,2}}{_MONTH}(?:[\s,-]{{1,3}}{_YEAR})?(?!\w)"
    rf"|(?<![^\W\d_]){_MONTH}\s{{0,2}}\d\d?(?:st|nd|rd|th)?(?:,?\s{{1,2}}{_YEAR})?(?!\w)"
    r"|\b(?:on|since|dated)\s\d\d?/\d\d?(?![\w/-])"
    r"|\b(?:rs|pkr|rupees)[\s.:]{0,3}[1-9]\d{0,2}(?:,?\d{3}){0,2}(?:/-)?(?!\w)"
    r"|\b(?:roll|reg|adm|gr|id|house|plot|flat|room|shop|batch|student)(?:\s?no)?[\s.:#-]{0,3}[1-9]\d{0,3}(?:-?[a-z])?(?!\w)"
    r"|\b(?!or)[a-z]-?\d\d?/\d{1,3}(?![\w/-])"
    rf"|(?<![^\W\d_])(?!(?:{'|'.join(_OR)})(?![^\W\d_]))[^\W\d_]+[\s.:#-]*"
    rf"(?:[1-9]\d?\d?(?:-?[a-z]{{1,2}})?|{_YEAR}(?:[-/]{_YEAR})?)(?!\w)"
    r"|(?<!\w)\d(?:st|nd|rd|th)\b|(?<!\w)#\s?\d{1,3}(?!\w)|(?:^|;)[\s,]{0,3}[1-9][:.)]\s?(?=;)"
    rf"|{_JOINS}[1-9]\d?(?:-?[a-z]|\s?[ap]m)(?!\w)"
    rf"|{_JOINS}[1-9]\d?\s(?:kid|child(?:ren)?|bach[aey]{{1,3}}|sim|son|daughter|brother|sister|student|member|person|year|yr)s?(?!\w)",
    re.IGNORECASE,
)
#: In place of what was read: no word before it counts what comes behind it.
_READ = " ; "


def numbers_of(text: str) -> list[str] | None:
    """Return the numbers of a Phone cell whose row has opted out, and that holds more than one, or a note beside it.

    None when it has digits that may be those of a number and are none that can be read. Landlines and numbers of other
    countries can be read: nobody texts them.
    """
    found: list[str] = []
    reached = True

    def read(match: re.Match[str]) -> str:
        nonlocal reached
        try:
            found.append(normalise(match[0].strip()))
        except Unreachable:
            reached = False
        except InvalidNumber:
            return match[0]
        return _READ

    rest = _READ.join(map(plain, text.splitlines()))  # two numbers, of which only a line's end stands between
    for pattern in (_NUMBER, MOBILE):
        rest = pattern.sub(read, rest)
    rest = " ".join(rest.split())
    if any(map(str.isdigit, _COUNTED.sub(_READ, with_digits(DATE.sub(_READ, rest))))):
        return None
    return found if found or not reached or not any(map(str.isdigit, rest)) else None


def with_digits(text: str) -> str:
    """Return a text with digits in place of the letters that are typed for them: ``O321-111111l``."""
    return _LETTERS.sub(lambda match: match[0].translate(_AS_DIGITS), text)


def readable(text: str) -> str | None:
    """Return the number that a text is; None when it is none."""
    try:
        return normalise(text.strip())
    except InvalidNumber:
        return None
