"""No secret leaves by SMS. Airflow masks its logs; a text that is sent goes out as it is."""

from __future__ import annotations

import re

from ..compat import redact

_MASK = "***"
#: user:password@ in an address, as exceptions of databases and HTTP clients quote it.
_USERINFO = re.compile(r"(?<=://)[^\s/:@]*:[^\s/]*(?=@)")
#: password=…, api_key: …, and what Airflow's sensitive names are; quoted or not.
_NAMED = re.compile(
    r"""(?ix) (?P<name> (?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)
        ["']? \s* [=:] \s* (?:Bearer\s+)? ) (?: "[^"]*" | '[^']*' | [^\s,;&)}\]]+ )""",
)
#: key=…, sig=… in the query of an address: the portal's own balance check is asked so.
_QUERY = re.compile(r"(?i)(?P<name>[?&](?:key|sig|signature|auth)=)[^&\s\"']+")
#: Authorization: Basic …, or Bearer or Token alone; and what bears its own name: JSON web tokens, private keys.
_SCHEME = re.compile(r"(?i)\b(?P<name>(?:Bearer|Basic|Token(?=\s+\S*\d))\s+)[A-Za-z0-9+/_.=~-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{8,500}\.[\w-]{1,4000}(?:\.[\w-]{0,1000})?")
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*", re.DOTALL)


def without_secrets(text: str) -> str:
    """Return *text* with ``***`` in the place of secrets: those that Airflow knows in this process, and what is written like
    one. A secret that was reversed, cut or encoded is not recognised.
    """
    text = redact(text)
    for whole in (_USERINFO, _PEM, _JWT):
        text = whole.sub(_MASK, text)
    for named in (_NAMED, _QUERY, _SCHEME):
        text = named.sub(lambda found: f"{found['name']}{_MASK}", text)
    return text
