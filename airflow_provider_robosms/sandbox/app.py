"""The sandbox as one application: the gateway, Google Sheets, the control API and the page."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from .control import Sandbox, control_router
from .door import HOST, Door
from .gateway.service import Route
from .sheets.api import google_router
from .sheets.person_api import person_router

PAGE = Path(__file__).parent / "page"
# Whatever text arrives, the page can only run its own files.
_PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def create_app(*, door: Door) -> FastAPI:
    """Build the application, with its :class:`Sandbox` in ``state.sandbox``; the *door* is the gateway's own port."""
    sandbox = Sandbox(door)
    # The pages that FastAPI makes from the schema would load scripts from elsewhere.
    app = FastAPI(title="RoboSMS sandbox", openapi_url=None)
    app.state.sandbox = sandbox
    app.router.routes.append(StarletteRoute("/api/send-message", Route(sandbox.gateway.send_message)))
    app.router.routes.append(StarletteRoute("/api/check-balance", Route(sandbox.gateway.check_balance)))
    app.include_router(person_router(sandbox.sheets), prefix="/sandbox/sheets")
    app.include_router(control_router(sandbox), prefix="/sandbox")
    app.include_router(google_router(sandbox.sheets))

    @app.get("/")
    @app.get("/spreadsheets/d/{spreadsheet_id}/edit")
    async def page() -> FileResponse:
        headers = {"content-security-policy": _PAGE_POLICY, "x-content-type-options": "nosniff"}
        return FileResponse(PAGE / "index.html", headers=headers)

    app.mount("/page", StaticFiles(directory=PAGE))
    app.add_middleware(_Front)
    return app


class _Front:
    """Keeps strangers out: other names than loopback lead nowhere, and web pages from elsewhere change nothing.

    The first rule is against DNS rebinding, the second against forms and scripts of a page that somebody has open: a browser
    says where such a request comes from, and can't send JSON to another site without asking first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host.rsplit(":", 1)[0] not in (HOST, "localhost"):
            return PlainTextResponse("The sandbox answers on loopback names only.", 421)
        if scope["method"] in ("GET", "HEAD"):
            return None
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("Web pages from elsewhere change nothing in the sandbox.", 403)
        if headers.get("origin") not in (None, f"http://{host}"):
            return PlainTextResponse("Web pages from elsewhere change nothing in the sandbox.", 403)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["path"].startswith("/sandbox") and has_body and kind != "application/json":
            return PlainTextResponse("The control API takes application/json.", 415)
        return None
