"""Hook for Google Sheets: an authorised gspread client from the ``google_cloud_platform`` connection people already have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook

from ..gateway.address import is_loopback
from ..sheets.errors import SheetError

if TYPE_CHECKING:
    import gspread
    from google.auth.credentials import Credentials

#: Enough to open a spreadsheet by its key or URL and write into it.
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
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
        extra = self.get_connection(self.gcp_conn_id).extra_dejson or {}
        prefix = "extra__google_cloud_platform__"  # how older Airflow versions named the fields
        return {name.removeprefix(prefix): value for name, value in extra.items() if value not in (None, "")}

    @cached_property
    def _key_info(self) -> dict[str, Any] | None:
        """The service account's key, if the connection holds one."""
        where = f"Connection {self.gcp_conn_id!r}"
        raw = self._extra.get("keyfile_dict")
        if raw is None and (path := self._extra.get("key_path")):
            if str(path).endswith(".p12"):
                raise SheetError(f"{where}: key_path must be a JSON key; P12 keys are not supported.", permanent=True)
            try:
                with open(path, encoding="utf-8") as file:
                    raw = file.read()
            except OSError as error:
                raise SheetError(
                    f"{where}: the key file of key_path cannot be read ({error.strerror}).", permanent=True
                ) from None
        if raw is None:
            return None
        try:
            info = json.loads(raw) if isinstance(raw, str) else raw
            info = {**info, "private_key": info["private_key"].replace("\\n", "\n")}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SheetError(
                f"{where}: its key is not a service account's JSON key with a private_key.", permanent=True
            ) from None
        return info

    @property
    def account_email(self) -> str | None:
        """The e-mail address with which a spreadsheet must be shared, where the connection tells it."""
        chain = self._extra.get("impersonation_chain")
        if chain:
            names = [name.strip() for name in chain.split(",")] if isinstance(chain, str) else list(chain)
            return str(names[-1])
        return str(self._key_info["client_email"]) if self._key_info and "client_email" in self._key_info else None

    @cached_property
    def endpoint(self) -> str | None:
        """The local stand-in for Google, or None for Google itself."""
        raw = self._extra.get("api_endpoint")
        if not raw:
            return None
        parts = urlsplit(str(raw))
        if parts.scheme not in ("http", "https") or not is_loopback(parts.hostname or ""):
            raise SheetError(
                f"Connection {self.gcp_conn_id!r}: api_endpoint must be a loopback address such as http://127.0.0.1:8099; "
                "it is meant for the sandbox, and credentials must not go elsewhere.",
                permanent=True,
            )
        return f"{parts.scheme}://{parts.netloc}"

    def get_credentials(self) -> Credentials:
        """Return google-auth credentials with the Sheets scope.

        :raises SheetError: when the connection's credentials cannot be used.
        """
        import google.auth
        import google.auth.exceptions

        scopes = _names(self._extra.get("scope")) or [SCOPE]
        try:
            credentials = self._base_credentials(scopes)
            if chain := _names(self._extra.get("impersonation_chain")):
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
        from google.oauth2.service_account import Credentials as ServiceAccount

        if _is_true(self._extra.get("is_anonymous")):
            return AnonymousCredentials()
        if info := self._key_info:
            token_host = urlsplit(str(info.get("token_uri", "")))
            if self.endpoint and f"{token_host.scheme}://{token_host.netloc}" != self.endpoint:
                raise SheetError(
                    f"Connection {self.gcp_conn_id!r}: with api_endpoint, the key's token_uri must be on the same address; "
                    "a real key must not be used with the sandbox.",
                    permanent=True,
                )
            kind = _local_service_account() if self.endpoint else ServiceAccount
            return kind.from_service_account_info(info, scopes=scopes)
        if self.endpoint:
            raise SheetError(
                f"Connection {self.gcp_conn_id!r}: api_endpoint goes with is_anonymous or with a key of that endpoint.",
                permanent=True,
            )
        if config := self._extra.get("credential_config_file"):
            info = config if isinstance(config, dict) else None
            if info is None and str(config).lstrip().startswith("{"):
                info = json.loads(config)
            if info is not None:
                return google.auth.load_credentials_from_dict(info, scopes=scopes)[0]
            return google.auth.load_credentials_from_file(config, scopes=scopes)[0]
        return google.auth.default(scopes=scopes)[0]

    def get_conn(self) -> gspread.Client:
        """Return a new gspread client. gspread's clients are not thread-safe: one for each thread."""
        import gspread

        return gspread.Client(auth=self.get_credentials(), http_client=_http_client(self.endpoint))

    def test_connection(self) -> tuple[bool, str]:
        """Check that Google gives a token for the connection; opens no spreadsheet."""
        import google.auth.exceptions
        from google.auth.transport.requests import Request

        try:
            _ = self.endpoint  # refused off loopback, whatever the credentials
            credentials = self.get_credentials()
            if not _is_true(self._extra.get("is_anonymous")):
                credentials.refresh(Request())
        except SheetError as error:
            return False, str(error)
        except google.auth.exceptions.GoogleAuthError as error:
            return (
                False,
                f"Google gave no token ({type(error).__name__}): check the key and this machine's clock and network.",
            )
        return True, f"Google accepts the connection. Share spreadsheets with {self.account_email or 'its account'}."


def _http_client(endpoint: str | None) -> type[gspread.HTTPClient]:
    """Return gspread's HTTP client class, pointed at *endpoint* where there is one: gspread has no setting for it."""
    import gspread

    if endpoint is None:
        return gspread.HTTPClient

    local = endpoint

    class LocalHTTPClient(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for host in _GOOGLE:
                if endpoint.startswith(f"{host}/"):
                    return super().request(method, local + endpoint.removeprefix(host), *args, **kwargs)
            raise SheetError("The sandbox serves Google Sheets only.", permanent=True)

    return LocalHTTPClient


def _local_service_account() -> type[Any]:
    """Return google-auth's service account without its look-up of access boundaries at Google: with the sandbox, nothing
    may leave this machine."""
    from google.oauth2.service_account import Credentials

    class LocalServiceAccount(Credentials):
        def _maybe_start_regional_access_boundary_refresh(self, request: Any, url: str) -> None:
            pass

    return LocalServiceAccount


def _names(raw: Any) -> list[str]:
    """Return a comma-separated text, or a list, as a list of names."""
    names = raw.split(",") if isinstance(raw, str) else (raw or [])
    return [str(name).strip() for name in names if str(name).strip()]


def _is_true(raw: Any) -> bool:
    return raw is True or str(raw).strip().lower() in ("true", "1", "yes")
