"""The sandbox as one application: the gateway, Google Sheets, the control API and the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import FileResponse, PlainTextResponse
from starlette.routing import Route as StarletteRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from .control import control_router
from .door import LOOPBACK, Door
from .gateway.faults import Fault
from .gateway.ledger import Ledger
from .gateway.service import Gateway, Route
from .sheets import SheetsService

PAGE = Path(__file__).parent / "page"
# Whatever text arrives, the page can only run its own files.
_PAGE_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Sandbox:
    """What the parts of the sandbox share.

    Args:
        data_dir: Folder of the logs, the account and the spreadsheets.
        door: The gateway's own port; without one the fault ``refuse`` is not to be had.
    """

    def __init__(self, data_dir: Path, door: Door | None) -> None:
        self.ledger = Ledger(data_dir)
        self.gateway = Gateway(self.ledger)
        self.sheets = SheetsService(data_dir / "sheets")
        self.door = door
        self.stopping = False

    async def add_fault(self, description: dict[str, Any]) -> Fault:
        """Switch a fault on.

        Raises:
            ValueError: It is no fault, or there is no port to close.
        """
        if description.get("kind") == "refuse" and self.door is None:
            raise ValueError("The fault 'refuse' needs the gateway's own port: start the sandbox as a server.")
        fault = self.gateway.faults.add(description)
        if fault.kind == "refuse" and fault.seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, lambda: loop.create_task(self.remove_fault(fault.id)))
        await self._move_door()
        return fault

    async def remove_fault(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all of them. A fault that is already off is no error: its count may just have run out."""
        if fault_id is None:
            self.gateway.faults.clear()
        else:
            self.gateway.faults.remove(fault_id)
        await self._move_door()

    async def reset(self) -> None:
        """Back to the first start, except for the spreadsheets."""
        await self.remove_fault()
        await self.ledger.reset()
        self.gateway.answered.clear()

    def stop(self) -> None:
        """End the event streams, so that the server can end."""
        self.stopping = True

    async def _move_door(self) -> None:
        if self.door is not None:
            if any(fault.kind == "refuse" for fault in self.gateway.faults.active):
                await self.door.close()
            else:
                await self.door.open()


def create_app(data_dir: Path, *, door: Door | None = None) -> FastAPI:
    """Build the application.

    Args:
        data_dir: Folder that keeps everything; made when missing.
        door: The gateway's own port. Requests that come through it reach the gateway only.

    Returns:
        The application, with its :class:`Sandbox` in ``state.sandbox``.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(data_dir, door)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await sandbox.ledger.close()

    # The pages that FastAPI makes from the schema would load scripts from elsewhere.
    app = FastAPI(title="RoboSMS sandbox", lifespan=lifespan, openapi_url=None)
    app.state.sandbox = sandbox
    app.router.routes.append(StarletteRoute("/api/send-message", Route(sandbox.gateway.send_message)))
    app.router.routes.append(StarletteRoute("/api/check-balance", Route(sandbox.gateway.check_balance)))
    app.include_router(sandbox.sheets.person_router(), prefix="/sandbox/sheets")
    app.include_router(control_router(sandbox), prefix="/sandbox")
    app.include_router(sandbox.sheets.router())

    @app.get("/")
    @app.get("/spreadsheets/d/{spreadsheet_id}/edit")
    async def page() -> FileResponse:
        headers = {"content-security-policy": _PAGE_POLICY, "x-content-type-options": "nosniff"}
        return FileResponse(PAGE / "index.html", headers=headers)

    app.mount("/page", StaticFiles(directory=PAGE))
    app.add_middleware(_Front, door_port=door.port if door else None)
    return app


class _Front:
    """Keeps strangers out: the gateway's port leads to the gateway only, and names other than loopback lead nowhere.

    The second rule is against DNS rebinding: a web page that somebody has open must not reach the sandbox under its name.
    """

    def __init__(self, app: ASGIApp, door_port: int | None) -> None:
        self._app = app
        self._door_port = door_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            if host.rsplit(":", 1)[0].strip("[]") not in LOOPBACK:
                await PlainTextResponse("The sandbox answers on loopback names only.", 421)(scope, receive, send)
                return
            server = scope.get("server")
            if self._door_port and server and server[1] == self._door_port and not scope["path"].startswith("/api/"):
                await PlainTextResponse("Only the gateway is on this port.", 404)(scope, receive, send)
                return
        await self._app(scope, receive, send)
