"""The control API under ``/sandbox``: what happened, what is left, and how the gateway is to behave."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from .bodies import ControlRoute, JsonObject, changed, validated
from .door import Door
from .faults import Switched, fault_router
from .gateway.faults import Fault
from .gateway.ledger import Ledger
from .gateway.service import Gateway
from .gateway.settings import Money
from .sheets.service import SheetsService

_LATEST = 200


class _Amount(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: Annotated[Money, Field(gt=0)]


class _Balance(BaseModel):
    balance: Money


class Sandbox:
    """The gateway, the spreadsheets and the gateway's own port."""

    def __init__(self, door: Door) -> None:
        self.ledger = Ledger()
        self.gateway = Gateway(self.ledger)
        self.sheets = SheetsService()
        self.door = door

    async def faults_changed(self, fault: Switched | None = None) -> None:
        """Open or close the gateway's port, now and when the seconds of a new *fault* are over."""
        if isinstance(fault, Fault) and fault.kind == "refuse" and fault.seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, lambda: loop.create_task(self._remove_fault(fault.id)))
        if any(each.kind == "refuse" for each in self.gateway.faults.active):
            await self.door.close()
        else:
            await self.door.open()

    async def _remove_fault(self, fault_id: int | None = None) -> None:
        self.gateway.faults.remove(fault_id)
        await self.faults_changed()

    async def reset(self) -> None:
        """Back to the first start, except for the spreadsheets."""
        await self._remove_fault()
        self.ledger.reset()
        self.gateway.answered.clear()


def control_router(sandbox: Sandbox) -> APIRouter:
    """Build the control API of *sandbox*. Wrong input is answered 400 with one sentence in ``detail``."""
    router = APIRouter(tags=["sandbox"], route_class=ControlRoute)
    router.include_router(fault_router(sandbox.gateway.faults, sandbox.faults_changed))
    _add_account(router, sandbox)

    @router.get("/state")
    async def state() -> dict[str, Any]:
        return state_of(sandbox)

    @router.get("/accepted")
    async def accepted() -> dict[str, Any]:
        return {"messages": sandbox.ledger.accepted}

    @router.get("/received")
    async def received() -> dict[str, Any]:
        ledger = sandbox.ledger
        return {"posts": ledger.arrived, "balance_checks": ledger.balance_checks, "by_to": dict(ledger.posts)}

    @router.post("/reset")
    async def reset() -> dict[str, Any]:
        await sandbox.reset()
        return state_of(sandbox)

    @router.get("/news")
    async def news(after: int = -1) -> dict[str, Any]:
        return _news(sandbox, after)

    return router


def _add_account(router: APIRouter, sandbox: Sandbox) -> None:
    ledger = sandbox.ledger

    @router.post("/top-up")
    async def top_up(body: JsonObject) -> dict[str, Any]:
        ledger.credit += validated(_Amount, body, "field").amount
        return state_of(sandbox)

    @router.post("/settings")
    async def settings(body: JsonObject) -> dict[str, Any]:
        changes = dict(body)
        balance = changes.pop("balance", ledger.balance)
        # All of it is right before any of it is changed.
        left = validated(_Balance, {"balance": balance}, "setting").balance
        ledger.settings = changed(ledger.settings, changes, "setting")
        ledger.credit = ledger.spent + left
        return state_of(sandbox)


def state_of(sandbox: Sandbox) -> dict[str, Any]:
    """Build the answer of ``/sandbox/state``."""
    ledger, gateway = sandbox.ledger, sandbox.gateway
    rate = ledger.settings.rate
    return {
        "gateway_port": sandbox.door.port,
        "balance": f"{ledger.balance:.2f}",
        "spent": f"{ledger.spent:.2f}",
        "rate": f"{rate:.2f}",
        "parts_affordable": int(ledger.balance // rate) if rate else None,
        "counts": {
            "posts": ledger.arrived,
            "accepted": len(ledger.accepted),
            "parts": ledger.parts,
            "balance_checks": ledger.balance_checks,
            "answered": dict(sorted(gateway.answered.items())),
        },
        "faults": [fault.model_dump() for fault in gateway.faults.active],
        "settings": ledger.settings.model_dump(mode="json"),
    }


def _news(sandbox: Sandbox, after: int) -> dict[str, Any]:
    """What the page shows, with the messages behind the first *after*.

    At first, after a reset, and when more came than a page shows, the page begins anew with the latest.
    """
    messages = sandbox.ledger.accepted
    replace = after < 0 or not len(messages) - _LATEST <= after <= len(messages)
    return {
        "state": state_of(sandbox),
        "sheets": [
            {"id": book.id, "title": book.title, "version": book.version} for book in sandbox.sheets.books.values()
        ],
        "google_faults": [fault.model_dump() for fault in sandbox.sheets.faults.active],
        "messages": messages[-_LATEST:] if replace else messages[after:],
        "replace": replace,
    }
