"""Service accounts of the sandbox: the generated key, Google's token endpoint, and bearer tokens.

The key is a real RSA key and the assertions are really verified, so that google-auth runs its whole flow.
Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .errors import GoogleError, Json

PROJECT = "sandbox-project"
DOMAIN = f"{PROJECT}.iam.gserviceaccount.com"
DEMO_ACCOUNT = f"robosms-demo@{DOMAIN}"
_SCOPES = frozenset(f"https://www.googleapis.com/auth/{name}" for name in ("spreadsheets", "drive", "drive.file"))
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# google-auth names this audience whatever the key's token_uri is.
_GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
_MAX_LIFETIME = 3600
_CLOCK_SKEW = 300


class TokenError(Exception):
    """A refusal of the token endpoint: ``{"error", "error_description"}`` with status 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body: Json = {"error": error, "error_description": description}


class Accounts:
    """The key and the tokens, which expire by *clock* (seconds).

    Assertions are checked against the real time, since their signer has no other.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self._tokens: dict[str, tuple[str, float]] = {}

    def key_file(self, base_url: str, account: str = DEMO_ACCOUNT) -> Json:
        """A service-account key as Google's console downloads it, with its ``token_uri`` on *base_url*."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "sandbox",
            "private_key": pem.decode(),
            "client_email": account,
            "client_id": "100000000000000000000",
            "token_uri": f"{base_url.rstrip('/')}/token",
            "universe_domain": "googleapis.com",
        }

    def grant(self, form: Mapping[str, str], own_url: str) -> Json:
        """Answer a token request; an assertion may name *own_url*, the endpoint's own address, as its audience."""
        if form.get("grant_type") != _GRANT:
            raise TokenError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._claims(form.get("assertion", ""), own_url)
        if not _SCOPES.intersection(str(claims.get("scope", "")).split()):
            raise TokenError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        now = self._clock()
        self._tokens = {token: kept for token, kept in self._tokens.items() if kept[1] > now}
        token = f"ya29.sandbox.{secrets.token_urlsafe(32)}"
        self._tokens[token] = (claims["iss"], now + _MAX_LIFETIME)
        # Google says a second less than it grants.
        return {"access_token": token, "expires_in": _MAX_LIFETIME - 1, "token_type": "Bearer"}

    def _claims(self, assertion: str, own_url: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=[_GOOGLE_AUDIENCE, own_url],
                leeway=_CLOCK_SKEW,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except jwt.InvalidSignatureError:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from None
        except jwt.PyJWTError as error:
            raise TokenError("invalid_grant", f"Invalid JWT: {error}") from None
        if not str(claims["iss"]).endswith(f"@{DOMAIN}"):
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        if claims["exp"] - claims["iat"] > _MAX_LIFETIME or claims["exp"] > time.time() + _MAX_LIFETIME + _CLOCK_SKEW:
            why = "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            raise TokenError("invalid_grant", f"Invalid JWT: {why} Check your iat and exp values in the JWT claim.")
        return claims

    def caller(self, header: str | None, *, allow_anonymous: bool) -> str | None:
        """The account (its e-mail address) that sends this Authorization header; None for an anonymous caller."""
        if not header:
            if allow_anonymous:
                return None
            raise _unauthenticated("Request is missing required authentication credential.", "CREDENTIALS_MISSING")
        kind, _, token = header.partition(" ")
        email, expires = self._tokens.get(token, (None, 0.0))
        if kind.lower() != "bearer" or expires <= self._clock():
            raise _unauthenticated("Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED")
        return email

    def expire_all(self) -> None:
        """Let every token expire now."""
        self._tokens.clear()


def _unauthenticated(sentence: str, reason: str) -> GoogleError:
    hint = "Expected OAuth 2 access token, login cookie or other valid authentication credential."
    see = "See https://developers.google.com/identity/sign-in/web/devconsole-project."
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    return GoogleError(401, "UNAUTHENTICATED", f"{sentence} {hint} {see}", [detail])
