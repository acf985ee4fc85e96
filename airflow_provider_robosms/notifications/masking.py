"""No secret leaves by SMS. Airflow masks its logs; a text that is sent goes out as it is."""

from __future__ import annotations

import re

from ..compat import redact

_MASK = "***"
#: Characters of a text that are looked at, and sent at most: several times what ten message parts hold.
MOST = 8_000
#: Full-width forms, in which a sign of ASCII has the same meaning to a reader: ``password＝…``.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: user:password@ in an address, or a token alone, as exceptions of databases and HTTP clients quote it.
_USERINFO = re.compile(
    r"(?<=://)(?:[^\s/:@]*:[^\s/]*|[^\s/:?#@]*:(?!\d{1,5}/)[^\s/@]*/[^\s@?#]{0,100}|[^\s/:?#@]+)(?=@)|(?<=:thin:)[^\s/:@]{1,100}/[^\s@]{1,200}(?=@)"
    r"|(?<![\w/])[\w.-]{1,60}:[^\s@/]{1,100}(?=@(?:tcp|unix)\()"
)
#: password=…, api_key: …, and what Airflow's sensitive names are; quoted or not.
_NAMED = re.compile(
    r"""(?ix) (?P<name> (?:password|passwd|passwort|mot\s?de\s?passe|contrase[ñn]a
        |pass[\s_-]?phrase|passcode|(?<![a-z])(?:pass|pw|otp)|pwd|secret|token|credentials?
        |api[\s._-]?key|[a-z](?<!sort)(?<!primary)(?<!foreign)(?<!partition)(?<!unique)(?<!cache)(?<!row)(?<!dedup)[_-]key(?!\w)
        |(?:db|sql|pg|ftp|smtp|mail|user|root|admin)pass(?!\w)
        |(?:access|account|auth|encryption|fernet|secret|subscription|private)key
        |authorization|(?<![a-z])pin|phpsessid|jsessionid|session[_-]?id|sharedaccesssignature|(?<![a-z])creds|(?<=["'])key(?=["']))
        (?:[\d_.-][\w.-]{0,20})?
        (?: \\?["']? \s* (?:=>|->|:=|==?=?|:|\||%3[AD]|\\u003d|&\#61;|\bwas\b) \s* (?:Bearer\s+)?
            | ["'],\s*(?=["'](?!\*\*\*)) | ,(?=[^\s,;]) ) )
        (?!(?:Bearer|Basic|Token)\s)
        (?: \{[^}]*\}
            | \\"[^"]*" | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | "[^"]*" | '[^']*' | (?:[^\s,;&)}\]]|,(?!\s))+ )""",
)
#: --password …, as a command line or the list of its words; mysql's own -p….
_OPTION = re.compile(
    r"""(?i)(?P<name>["']-[pPwW]["'],\s*["']|--(?:\w{1,30}-){0,3}(?:password|passwd|passphrase|pass|secret|token|key)(?:["'],\s*["']|\s+)
        |\b(?:psql|mongo\w{0,10}|redis-cli|sqlcmd|isql|bcp|ldap\w{1,10}|impala-shell|beeline|docker|podman|helm|oc|zip|unzip|7z)\s
            (?:[^\n]{0,200}?\s)?-[aApPwW](?:["'],\s*["']|\s+)
        |\b(?:sqlplus|sqlldr|expdp|impdp)\s(?:[^\n]{0,200}?\s)?[\w.$]{1,60}/
        |\bcurl\s(?:[^\n]{0,200}?\s)?(?:-u\s*|--user[\s=])[^\s:"']{1,100}:|\bsshpass\s+-p\s*["']?
        |\b(?:mysql|mariadb)[\w-]{0,20}\s(?:[^\n]{0,200}?\s)?-p(?=\S)
        |["'](?:mysql|mariadb)[\w-]{0,20}["'],[^\n]{0,200}?["']-p(?=[^\s"']))[^\s"']+""",
    re.VERBOSE,
)
#: key=… in the query of an address, as the portal's own balance check is asked, or alone; OAuth's code=…; a storage's sig=….
_QUERY = re.compile(
    r"(?i)(?P<name>(?:[?&](?:auth|code)|(?<![a-z_])(?:key|sig|signature))\s?(?:=|%3D|\\u003d|&\#61;)\s?)[^&\s\"',;)]+"
)
#: <password>…</password>.
_ELEMENT = re.compile(
    r"(?i)(?P<name><(?:[\w.:-]{0,40})(?:password|passwd|passphrase|pwd|secret|token|credentials?|key)(?:\s[^<>]{0,200})?>)[^<]+"
)
#: pwd …, which is no word of a sentence, and pin 1234.
_ABBREVIATED = re.compile(
    r"(?i)\b(?P<name>(?:(?:pwd|passwd)|pin(?=\s+(?:is\s+)?\d{4}))(?:\s+is)?\s+[\"']?)[^\s\"',;)]{3,}"
)
#: Authorization: Basic …, or Bearer or Token alone; and what bears its own name: JSON web tokens, private keys.
_SCHEME = re.compile(
    r"(?i)\b(?P<name>(?:Bearer|Basic|(?:user|role)\s+\S{1,100}\s+identified\s+by|identified\s+by(?=\s+[\"'])|(?:Token|Password|Passwd|Secret|Api[\s_-]?key)(?:\s+is)?(?=\s+\S*\d))\s+[\"']?)(?:[A-Za-z0-9+/_.=~|:-]{8,}|(?=\S{0,7}\d)[^\s\"',;)]{3,})"
)
#: HTTP headers, to the end of the line: what they hold has blanks and quotes within.
_HEADER = re.compile(r"(?i)\b(?P<name>(?:(?:Set-)?Cookie|(?:Proxy-)?Authorization)[\"']?\s*[:=]\s*)[^\n]+")
#: PASS … of FTP, AUTH … of Redis.
_COMMAND = re.compile(r"\b(?P<name>(?:PASS|AUTH(?:\s+\w{1,40}(?=\s+\S))?)\s+)\S+")
#: A key in a sentence: key: …, Key is …, incorrect API key provided: …, key … is not valid.
_KEY = re.compile(
    r"(?i)(?<![a-z_])(?P<name>key(?:\s+[a-z]{1,12}){0,2}?(?:\s*:\s*|\s+|/)[\"']?)(?=\S{0,60}\d)[^\s\"',;)]{6,}"
)
#: auth=('user', '…') and HTTPBasicAuth('user', '…').
_CALLED = re.compile(
    r"""(?P<name>(?:\bauth\s?=\s?|\b\w{0,20}Auth)\(\s?["'][^"'\n]{0,100}["']\s?,\s?)(?:"[^"\n]{0,200}"|'[^'\n]{0,200}')"""
)
_JWT = re.compile(r"\beyJ[\w-]{8,500}\.[\w-]{1,4000}(?:\.[\w-]{0,1000})?")
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----.*", re.DOTALL)
#: Tokens that bear the mark of who gave them. Prefixes from the rules of gitleaks
#: (https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml), ``ya29`` and ``GOCSPX`` are Google's OAuth;
#: shorter ones count, too.
_TOKENS = {
    "GitHub": r"gh[opsur]_\w{6,}|github_pat_\w{6,}",
    "GitLab": r"gl(?:pat|ptt|rt|dt|soat|cbt|oas)-[\w.-]{6,}",
    "AWS": r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{8,}",
    "Slack": r"xox[abeoprs](?:\.xox[bp])?-[\w-]{6,}|xapp-[\w-]{6,}|hooks\.slack\.com/(?:services|workflows)/[\w/+-]+",
    "Discord, Microsoft Teams": r"discord(?:app)?\.com/api/webhooks/[\w/-]+|\w{1,40}\.webhook\.office\.com/[^\s\"']+"
    r"|outlook\.office\.com/webhook/[^\s\"']+",
    "Zapier": r"hooks\.zapier\.com/hooks/[^\s\"']+",
    "Google": r"AIza[\w-]{20,}|ya29\.[\w.-]{6,}|GOCSPX-[\w-]{6,}",
    "Stripe": r"[rs]k_(?:test|live|prod)_\w{6,}",
    "OpenAI, Anthropic": r"sk-(?:proj-|svcacct-|admin-|ant-)?[\w-]{20,}",
    "Twilio, SendGrid": r"SK[0-9a-f]{32}|SG\.[\w-]{6,}\.[\w-]{6,}",
    "Telegram": r"(?:bot)?\d{5,16}:AA[\w-]{30,}",
    "npm, PyPI, RubyGems": r"npm_\w{20,}|pypi-[\w-]{16,}|rubygems_\w{20,}",
    "Databricks, DigitalOcean": r"dapi[0-9a-f]{32}|do[opr]_v1_\w{16,}",
    "HashiCorp": r"hv[bs]\.[\w-]{16,}|\w{14}\.atlasv1\.[\w-]{16,}",
    "Hugging Face": r"hf_[A-Za-z]{20,}",
    "Shopify, Atlassian, Grafana": r"shp(?:at|ca|pa|ss)_\w{16,}|ATATT3\w{16,}|gl(?:c|sa)_\w{20,}",
}
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_TOKENS.values())})")


def without_secrets(text: str) -> str:
    """Return the first :data:`MOST` characters of *text* with ``***`` in the place of secrets.

    Those are what Airflow knows as secret in this process, and what is written like one. A secret that was reversed, cut or
    encoded is not recognised.
    """
    text = redact(text[:MOST]).translate(_FULL_WIDTH)
    for whole in (_USERINFO, _PEM, _JWT, _TOKEN):
        text = whole.sub(_MASK, text)
    for named in (_HEADER, _CALLED, _OPTION, _COMMAND, _SCHEME, _NAMED, _QUERY, _KEY, _ELEMENT, _ABBREVIATED):
        text = named.sub(lambda found: f"{found['name']}{_MASK}", text)
    return text
