"""Hook for Google Sheets: an authorised gspread client from the ``google_cloud_platform`` connection people already have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from ..exceptions import RoboSmsError
from ..gateway.address import Address, loopback_url, parse_address
from ..settings import text
from ..spreadsheet.errors import SheetError
from ..spreadsheet.trouble import trouble_of

if TYPE_CHECKING:
    import gspread
    from google.auth.credentials import Credentials
    from google.oauth2.service_account import Credentials as ServiceAccount

#: Enough to open a spreadsheet by its key or URL and write into it.
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
#: Without Airflow's Google provider the form and the command line know the second only.
_TYPES = ("google_cloud_platform", "generic")
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")
_GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class GoogleSheetsHook(BaseHook):
    """Gives an authorised gspread client.

    Of the connection's extra, ``key_path``, ``keyfile_dict``, ``credential_config_file``, ``impersonation_chain``, ``scope``
    and ``is_anonymous`` are honoured as in Airflow's Google provider (which is not needed); with none of them, Application
    Default Credentials. ``api_endpoint`` points at a local stand-in for Google; only a loopback address is taken.

    :param gcp_conn_id: connection of type ``google_cloud_platform``.
    """

    conn_name_attr = "gcp_conn_id"
    default_conn_name = "google_cloud_default"
    hook_name = "Google Sheets"

    def __init__(self, gcp_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.gcp_conn_id = gcp_conn_id

    @cached_property
    def _extra(self) -> dict[str, Any]:
        conn = self.get_connection(text(self.gcp_conn_id, "gcp_conn_id"))
        if conn.conn_type not in _TYPES:
            raise SheetError(
                f"Connection {self.gcp_conn_id!r} is of the type {conn.conn_type!r}: nothing of it was used; name a "
                f"connection of the type {' or '.join(_TYPES)}.",
                permanent=True,
            )
        extra = conn.extra_dejson or {}
        prefix = "extra__google_cloud_platform__"  # how older Airflow versions named the fields
        return {name.removeprefix(prefix): value for name, value in extra.items() if value not in (None, "")}

    @cached_property
    def _key_info(self) -> dict[str, Any] | None:
        """The service account's key, if the connection holds one."""
        where = f"Connection {self.gcp_conn_id!r}"
        raw = self._extra.get("keyfile_dict")
        if raw is None and (path := self._extra.get("key_path")):
            raw = _key_file(where, path)
        return None if raw is None else _key(where, raw)

    @property
    def account_email(self) -> str | None:
        """The e-mail address with which a spreadsheet must be shared, where the connection tells it."""
        if chain := self._names("impersonation_chain"):
            return chain[-1]
        return str(self._key_info["client_email"]) if self._key_info and "client_email" in self._key_info else None

    @cached_property
    def endpoint(self) -> str | None:
        """The local stand-in for Google, or None for Google itself."""
        address = self._endpoint
        return address.url if address else None

    @cached_property
    def _endpoint(self) -> Address | None:
        raw = self._extra.get("api_endpoint")
        if raw is None:
            return None
        try:
            return loopback_url(raw, f"Connection {self.gcp_conn_id!r}: api_endpoint")
        except RoboSmsError as error:
            raise SheetError(str(error), permanent=True) from None

    @property
    def _is_anonymous(self) -> bool:
        word = str(self._extra.get("is_anonymous", False)).strip().lower()
        if word not in _YES + _NO:
            raise SheetError(f"Connection {self.gcp_conn_id!r}: is_anonymous must be true or false.", permanent=True)
        return word in _YES

    def _names(self, field: str) -> list[str]:
        """Return a field of the extra that names several things: a list, or text with commas between them."""
        raw = self._extra.get(field, [])
        names = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise SheetError(
                f"Connection {self.gcp_conn_id!r}: {field} must be text, or a list of texts.", permanent=True
            )
        return [name.strip() for name in names if name.strip()]

    def get_credentials(self) -> Credentials:
        """Return google-auth credentials with the Sheets scope.

        :raises SheetError: when the connection's credentials cannot be used.
        """
        import google.auth
        import google.auth.exceptions

        scopes = self._names("scope") or [SCOPE]
        try:
            credentials = self._base_credentials(scopes)
            if chain := self._names("impersonation_chain"):
                from google.auth import impersonated_credentials

                *delegates, target = chain
                credentials = impersonated_credentials.Credentials(
                    credentials, target_principal=target, delegates=delegates, target_scopes=scopes
                )
        except (google.auth.exceptions.GoogleAuthError, ValueError, OSError) as error:
            raise SheetError(
                f"Connection {self.gcp_conn_id!r} gives no usable Google credentials ({type(error).__name__}): set its key "
                "file, or Application Default Credentials on every worker.",
                permanent=True,
            ) from None
        return credentials

    def _base_credentials(self, scopes: Sequence[str]) -> Credentials:
        import google.auth
        from google.auth.credentials import AnonymousCredentials
        from google.oauth2 import service_account

        if self._is_anonymous:
            return AnonymousCredentials()
        if info := self._key_info:
            token = parse_address(str(info.get("token_uri", "")))
            if self._endpoint and (token is None or token.origin != self._endpoint.origin):
                raise SheetError(
                    f"Connection {self.gcp_conn_id!r}: with api_endpoint, the key's token_uri must be on the same address; "
                    "a real key must not be used with the sandbox.",
                    permanent=True,
                )
            kind = _local_service_account() if self.endpoint else service_account.Credentials
            service: ServiceAccount = kind.from_service_account_info(info, scopes=scopes)
            return service
        if self.endpoint:
            raise SheetError(
                f"Connection {self.gcp_conn_id!r}: api_endpoint goes with is_anonymous or with a key of that endpoint.",
                permanent=True,
            )
        if config := self._extra.get("credential_config_file"):
            info = config if isinstance(config, dict) else None
            if info is None and str(config).lstrip().startswith("{"):
                info = json.loads(config)
            credentials: Credentials
            if info is not None:
                credentials, _ = google.auth.load_credentials_from_dict(info, scopes=scopes)
            else:
                credentials, _ = google.auth.load_credentials_from_file(config, scopes=scopes)
            return credentials
        return google.auth.default(scopes=scopes)[0]

    def get_conn(self) -> gspread.Client:
        """Return a new gspread client. gspread's clients are not thread-safe: one for each thread."""
        import gspread

        return gspread.Client(auth=self.get_credentials(), http_client=_http_client(self.endpoint))

    def test_connection(self) -> tuple[bool, str]:
        """Check that Google gives a token for the connection; opens no spreadsheet."""
        import google.auth.exceptions
        import requests
        from google.auth.transport.requests import Request

        try:
            _ = self.endpoint  # refused off loopback, whatever the credentials
            credentials = self.get_credentials()
            if not self._is_anonymous:
                credentials.refresh(Request(_local_session() if self._endpoint else None))
        except SheetError as error:
            return False, str(error)
        except (google.auth.exceptions.GoogleAuthError, requests.RequestException, OSError) as error:
            return False, trouble_of(error, self.account_email).sentence
        return True, f"Google accepts the connection. Share spreadsheets with {self.account_email or 'its account'}."


def _http_client(endpoint: str | None) -> type[gspread.HTTPClient]:
    """Return gspread's HTTP client class, pointed at *endpoint* where there is one: gspread has no setting for it."""
    import gspread

    if endpoint is None:
        return gspread.HTTPClient

    local = endpoint

    class LocalHTTPClient(gspread.HTTPClient):
        def __init__(self, auth: Any, session: Any = None) -> None:
            super().__init__(auth, session or _local_session(auth))

        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for host in _GOOGLE:
                if endpoint.startswith(f"{host}/"):
                    response = super().request(method, local + endpoint.removeprefix(host), *args, **kwargs)
                    break
            else:
                raise SheetError("The sandbox serves Google Sheets only.", permanent=True)
            if response.status_code >= 300:
                raise SheetError(
                    "The stand-in at api_endpoint answered with a redirect, which is never followed: name the address "
                    "that it leads to.",
                    permanent=True,
                )
            return response

    return LocalHTTPClient


def _local_session(credentials: Credentials | None = None) -> Any:
    """Return a requests session for a stand-in: it follows no redirect, and goes through no proxy.

    :param credentials: whose token to send along; None for none.
    """
    from google.auth.transport.requests import AuthorizedSession, Request

    from ..gateway.wire import StrictSession

    class LocalSession(StrictSession, AuthorizedSession):
        """Google's, under the same rules."""

    return StrictSession() if credentials is None else LocalSession(credentials, auth_request=Request(StrictSession()))


def _local_service_account() -> type[ServiceAccount]:
    """Return google-auth's service account without what google-auth looks up at Google before a request by itself: with
    the sandbox, nothing may leave this machine."""
    from google.oauth2.service_account import Credentials

    class LocalServiceAccount(Credentials):
        def before_request(self, request: Any, method: str, url: str, headers: Any) -> None:
            if not self.valid:
                self.refresh(request)
            self.apply(headers)

    return LocalServiceAccount


def _key_file(where: str, path: Any) -> bytes:
    if not isinstance(path, str):
        raise SheetError(f"{where}: key_path must be the path of a file.", permanent=True)
    if path.endswith(".p12"):
        raise SheetError(f"{where}: key_path must be a JSON key; P12 keys are not supported.", permanent=True)
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise SheetError(f"{where}: the key file of key_path cannot be read ({reason}).", permanent=True) from None


def _key(where: str, raw: Any) -> dict[str, Any]:
    """Return a service account's key as google-auth takes it.

    Editors put a byte order mark before it or save it as UTF-16, and copying turns the private key's ``\\n`` into line
    breaks, which JSON forbids.
    """
    try:
        if isinstance(raw, str):
            raw = raw.lstrip("\ufeff")
        info = json.loads(raw, strict=False) if isinstance(raw, (str, bytes)) else raw
        info = {**info, "private_key": info["private_key"].replace("\\n", "\n").replace("\r", "")}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SheetError(
            f"{where}: its key is not a service account's JSON key with a private_key.", permanent=True
        ) from None
    return info
