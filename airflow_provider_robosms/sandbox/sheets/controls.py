"""The part of the control API that is not about one spreadsheet: faults, quota, settings, counts.

Wrong input is answered 400 with one sentence in ``detail``.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from ..bodies import JsonObject
from .errors import Json
from .faults import KINDS
from .service import SheetsService


def control_router(service: SheetsService) -> APIRouter:
    """Build the controls of *service*."""
    router = APIRouter()

    @router.get("/faults")
    async def faults() -> Json:
        kinds = [{"kind": kind, "words": words} for kind, words in KINDS.items()]
        return {"active": [fault.model_dump() for fault in service.faults.active], "kinds": kinds}

    @router.post("/faults")
    async def add_fault(body: JsonObject) -> Json:
        try:
            return service.faults.add(body).model_dump()
        except ValueError as error:
            raise HTTPException(400, str(error)) from None

    @router.delete("/faults")
    async def clear_faults() -> Json:
        service.faults.remove()
        return await faults()

    @router.delete("/faults/{fault_id}")
    async def remove_fault(fault_id: int) -> Json:
        service.faults.remove(fault_id)
        return await faults()

    @router.get("/quota")
    async def quota() -> Json:
        return service.quota.describe()

    @router.post("/quota")
    async def set_quota(body: JsonObject) -> Json:
        try:
            service.quota.configure(body)
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        return service.quota.describe()

    @router.get("/settings")
    async def settings() -> Json:
        return service.settings()

    @router.post("/settings")
    async def set_settings(body: JsonObject) -> Json:
        try:
            return service.configure(body)
        except ValueError as error:
            raise HTTPException(400, str(error)) from None

    @router.get("/calls")
    async def calls() -> Json:
        return service.calls.describe()

    @router.post("/calls/reset")
    async def reset_calls() -> Json:
        service.calls.reset()
        return service.calls.describe()

    return router
