"""No secret leaves by SMS."""

from __future__ import annotations

import pytest
from airflow.sdk.log import mask_secret

from airflow_provider_robosms import compat
from airflow_provider_robosms.notifications.masking import MOST, without_secrets
from tests.notifications.alerts import context, notifier


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("postgresql://ali:hunter2secret@db/sales is away", "postgresql://***@db/sales is away"),
        ("redis://:p@ss@cache:6379", "redis://***@cache:6379"),
        ("https://ghp_abcdef123456@github.com/x/y not found", "https://***@github.com/x/y not found"),
        ("see https://x.pk/@ali or https://x.pk?to=a@b.pk", "see https://x.pk/@ali or https://x.pk?to=a@b.pk"),
        (
            "DefaultEndpoints=https;AccountName=a;AccountKey=abc123==",
            "DefaultEndpoints=https;AccountName=a;AccountKey=***",
        ),
        ("login failed: password=hunter2 user=ali", "login failed: password=*** user=ali"),
        ("{'password': 'hun ter2', 'user': 'ali'}", "{'password': ***, 'user': 'ali'}"),
        ('DB_PASSWORD: "hunter2"', "DB_PASSWORD: ***"),
        ("row 3: login,ali,password,hunter2", "row 3: login,ali,password,***"),
        ("wrong user or password, try again", "wrong user or password, try again"),
        ("card pin 1234 refused, pin is 98765", "card pin *** refused, pin is ***"),
        ("pin the version, pin code 54000", "pin the version, pin code 54000"),
        (
            "https://x.pk/api/check-balance?key=1&api_key=abcdef&x=1",
            "https://x.pk/api/check-balance?key=***&api_key=***&x=1",
        ),
        ("Authorization: Bearer abcdefgh12345", "Authorization: ***"),
        ("token: Bearer abcdefgh12345", "token: Bearer ***"),
        ("401 for /api/check-balance?key=robosms123 HTTP/1.1", "401 for /api/check-balance?key=*** HTTP/1.1"),
        ("Authorization: Token abcdef123456", "Authorization: ***"),
        ("bad JWT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-123_def!", "bad JWT ***!"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "***"),
        ("auth_key=abc123 fernet_key: abc123", "auth_key=*** fernet_key: ***"),
        ("the token authentication failed", "the token authentication failed"),
        ("Task load failed", "Task load failed"),
        ("see https://airflow.example.pk:8080/dags/sales", "see https://airflow.example.pk:8080/dags/sales"),
        ("the password is wrong", "the password is wrong"),
        ("login failed: pass=hunter2, db_pass: x", "login failed: pass=***, db_pass: ***"),
        ("PW=hunter2 otp: 123456 bypass=1", "PW=*** otp: *** bypass=1"),
        ("mysql --password hunter2 -u ali", "mysql --password *** -u ali"),
        ("mysqldump -h db -u ali -phunter2 sales failed", "mysqldump -h db -u ali -p*** sales failed"),
        ("mysql -phunter2", "mysql -p***"),
        ("Command '['mysql', '-u', 'ali', '-phunter2']' failed", "Command '['mysql', '-u', 'ali', '-p***']' failed"),
        ("find . -print", "find . -print"),
        ("sig=aGVsbG8%3D was refused", "sig=*** was refused"),
        ("config=prod design=new", "config=prod design=new"),
        ("['x', '--api-key', 'hunter2', '-v']", "['x', '--api-key', '***', '-v']"),
        ("sent Bearer 12|abcdefgh", "sent Bearer ***"),
        ('header "Bearer a1b2c"', 'header "Bearer ***"'),
        ("Authorization: a1b2c3", "Authorization: ***"),
        ("Cookie: session=abc; csrf=def", "Cookie: ***"),
        ("password hunter2 or apikey abc123 refused", "password *** or apikey *** refused"),
        ("the secret is hunter2", "the secret is ***"),
        ("x?client_secret%3Dabc&y", "x?client_secret%3D***&y"),
        ("Server=db;Password=a,b;Uid=sa", "Server=db;Password=***;Uid=sa"),
        ("jdbc:oracle:thin:scott/tiger@//db", "jdbc:oracle:thin:***@//db"),
        ("the API key is abc123, api key: abc12, Api.Key=abc12", "the API key is ***, api key: ***, Api.Key=***"),
        ("pass phrase: hunter2", "pass phrase: ***"),
        ("[('user', 'ali'), ('password', 'hunter2')]", "[('user', 'ali'), ('password', ***)]"),
        (r"{\"password\": \"hunter2\", \"user\": \"ali\"}", r"{\"password\": ***, \"user\": \"ali\"}"),
        (r'password="hun\"ter2" user=ali', "password=*** user=ali"),
        ('password="hun ter2\\\\" user=ali', "password=*** user=ali"),
        ('password="hun ter2\\" user=ali', "password=*** user=ali"),
        ("ALTER USER ali IDENTIFIED BY 'hunter2'", "ALTER USER ali IDENTIFIED BY '***'"),
        ("curl -s -u ali:hunter2 https://x.pk", "curl -s -u ali:*** https://x.pk"),
        ("CREATE USER ali IDENTIFIED BY hunter2", "CREATE USER ali IDENTIFIED BY ***"),
        ("auth=('ali','hunter2') failed", "auth=('ali',***) failed"),
        ("HTTPBasicAuth('ali', 'hunter2')", "HTTPBasicAuth('ali', ***)"),
        ("SharedAccessSignature=hunter2 session_id=hunter2", "SharedAccessSignature=*** session_id=***"),
        ("sshpass -p 'hunter2' ssh ali@x.pk", "sshpass -p '***' ssh ali@x.pk"),
        ("sshpass -p hunter2 ssh ali@x.pk", "sshpass -p *** ssh ali@x.pk"),
        ("a user identified by its number 12345", "a user identified by its number 12345"),
        ("identified by its number 12345", "identified by its number 12345"),
        ("login with pwd hunter failed", "login with pwd *** failed"),
        ("key=abc123, Key (id)=(5) is there", "key=***, Key (id)=(5) is there"),
        ("sort_key=city monkey=1", "sort_key=city monkey=1"),
        ("<user>ali</user><password>hunter2</password>", "<user>ali</user><password>***</password>"),
        ('<ns:apiKey kind="a">a1 b2</ns:apiKey>', '<ns:apiKey kind="a">***</ns:apiKey>'),
        ("redis-cli -h db -a hunter2 PING failed", "redis-cli -h db -a *** PING failed"),
        ("sqlplus scott/tiger@db failed", "sqlplus scott/*** failed"),
        ("password＝hunter2 ａｐｉ＿ｋｅｙ＝abc", "password=*** api_key=***"),
        ("GET /callback?code=4/abc&state=1", "GET /callback?code=***&state=1"),
        ("exit code=1, unzip -o a.zip", "exit code=1, unzip -o a.zip"),
        ("'password' => 'abc12345'", "'password' => ***"),
        ("password := abc12345 password == abc12345", "password := *** password == ***"),
        ("SECRET_KEY=abc aws_secret_key=abc consumer_key: abc", "SECRET_KEY=*** aws_secret_key=*** consumer_key: ***"),
        ("password1: abc12345, dbpass=abc12345", "password1: ***, dbpass=***"),
        ("Ocp-Apim-Subscription-Key: abc123", "Ocp-Apim-Subscription-Key: ***"),
        ("postgresql://u:pa/ss@h/db", "postgresql://***@h/db"),
        ("https://airflow.x.pk:8080/dags/sales@2026 failed", "https://airflow.x.pk:8080/dags/sales@2026 failed"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc", "***"),
        ("PHPSESSID=abc123", "PHPSESSID=***"),
        ("POST https://discord.com/api/webhooks/123/abc-DEF", "POST https://***"),
        ("{'email': 'a@b.pk', 'key': 'abc 123'}", "{'email': 'a@b.pk', 'key': ***}"),
        ("primary_key=5 foreign key: x", "primary_key=5 foreign key: x"),
        ("no api key, passphrase or password", "no api key, passphrase or password"),
        ("pin=1234 spin=3", "pin=*** spin=3"),
        ("Authorization: Splunk abc12345, x", "Authorization: ***"),
        ("{'Authorization': 'Zoho-oauthtoken 1000.abc.def', 'a': 1}\nnext", "{'Authorization': ***\nnext"),
        ("UID=sa;PWD={a;abc12345};x", "UID=sa;PWD=***;x"),
        ("docker login -u bob -p abc12345 registry", "docker login -u bob -p *** registry"),
        ("['docker', 'login', '-p', 'abc12345']", "['docker', 'login', '-p', '***']"),
        (
            "Passwort: abc12345, mot de passe=abc12345, contraseña: abc12345",
            "Passwort: ***, mot de passe=***, contraseña: ***",
        ),
        ("530 Login incorrect. PASS abc12345", "530 Login incorrect. PASS ***"),
        ("AUTH default abc12345 failed", "AUTH default *** failed"),
        ("password was abc12345, password->abc12345", "password was ***, password->***"),
        ("Incorrect API key provided: abc12345.", "Incorrect API key provided: ***"),
        ("key : abc12345, KEY: abc12345, Key is abc12345", "key : ***, KEY: ***, Key is ***"),
        ("key abc12345 is not valid, Invalid key: abc12345", "key *** is not valid, Invalid key: ***"),
        ("key%3Dabc12345 key\\u003dabc12345 key&#61;abc12345", "key%3D*** key\\u003d*** key&#61;***"),
        ("u:abc12345@tcp(db:3306)/sales", "***@tcp(db:3306)/sales"),
        ("POST https://hooks.zapier.com/hooks/catch/1/abc/", "POST https://***"),
        (
            "GET https://api.telegram.org/bot123456789:AAF0123456789abcdefghijABCDEFGHIJ01/x",
            "GET https://api.telegram.org/***/x",
        ),
        ("the key of this is that, key points", "the key of this is that, key points"),
        ("Basic plan, Bearer of news", "Basic plan, Bearer of news"),
        ("passed: 3, compass: north", "passed: 3, compass: north"),
    ],
)
def test_what_is_written_like_a_secret(text, sent):
    assert without_secrets(text) == sent


def of(prefix: str, rest: str) -> str:
    """Return a made-up token, in two pieces so that no scanner of repositories takes it for one."""
    return prefix + rest


@pytest.mark.parametrize(
    "token",
    [
        of("ghp_", "0123456789abcdefghijABCDEFGHIJ012345"),
        of("ghp_", "0123456"),  # cut off
        of("github_pat_", "11ABCDEFG0abcdefghij_0123456789"),
        of("glpat-", "abcdefghij0123456789"),
        of("AKIA", "IOSFODNN7EXAMPLE"),
        of("ASIA", "IOSFODNN7EXAMPLE"),
        of("xoxb-", "123456789012-abcdefABCDEF"),
        of("xapp-", "1-A0123-456-abcdef"),
        of("hooks.slack.com/services/", "T000/B000/XXXX"),
        of("AIza", "SyA0123456789abcdefghijABCDEFGHIJ012"),
        of("ya29.", "a0AfH6SMBx"),
        of("sk_live_", "0123456789abcdef"),
        of("sk-ant-", "api03-0123456789abcdef0123"),
        of("SG.", "abcdefghij.klmnopqrst"),
        of("123456789:AA", "F0123456789abcdefghijABCDEFGHIJ01"),
        of("npm_", "0123456789abcdefghijABCDEFGHIJ012345"),
        of("dapi", "0123456789abcdef0123456789abcdef"),
        of("hvs.", "CAESIJ0123456789abcdef"),
        of("hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"),
        of("shpat_", "0123456789abcdef0123456789abcdef"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "used {}, refused", "https://x.pk/{}?y", "'{}'", "(id_{})"])
def test_a_token_that_bears_its_own_mark(token, around):
    assert without_secrets(around.format(token)) == around.format("***")


@pytest.mark.parametrize(
    "text", ["task_pipeline failed", "risk-assessment-of-the-whole-portfolio", "MALAKIA12345678", "highp_0123456"]
)
def test_a_word_that_only_holds_such_letters_is_none(text):
    assert without_secrets(text) == text


def test_what_airflow_knows_to_be_one():
    from airflow.sdk._shared.secrets_masker import reset_secrets_masker

    reset_secrets_masker()
    mask_secret("correct-horse-battery")
    assert without_secrets("it said correct-horse-battery twice") == "it said *** twice"


def test_a_huge_text_is_cut_before_it_is_searched():
    """Some patterns take the square of a text's length; what is sent is short anyway."""
    assert without_secrets("sunset " * 20_000) == ("sunset " * 20_000)[:MOST]
    assert "hunter2" not in without_secrets("x" * (MOST - 12) + " password=hunter2")


@pytest.mark.usefixtures("variables")
def test_without_airflows_list_of_secrets_the_text_does_not_leave(portal, log, monkeypatch):
    monkeypatch.setattr(compat, "_MASKERS", ("airflow.no_such_module",))
    notifier(message="failed: hunter2secret")(context())
    assert [sent["message"] for sent in portal.sent] == [
        "Airflow: an alert of DAG sales has a text that may hold secrets."
    ]
    assert "hunter2secret" not in log.text
