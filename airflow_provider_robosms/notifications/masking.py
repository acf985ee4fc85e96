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
#: Authorization: Basic …, or Bearer alone.
_SCHEME = re.compile(r"(?i)\b(?P<name>(?:Bearer|Basic)\s+)[A-Za-z0-9+/_.=~-]{8,}")


def without_secrets(text: str) -> str:
    """Return *text* with ``***`` in the place of secrets: those that Airflow knows in this process, and what is written like
    one. A secret that was reversed, cut or encoded is not recognised.
    """
    text = _USERINFO.sub(_MASK, redact(text))
    text = _NAMED.sub(lambda found: f"{found['name']}{_MASK}", text)
    return _SCHEME.sub(lambda found: f"{found['name']}{_MASK}", text)
