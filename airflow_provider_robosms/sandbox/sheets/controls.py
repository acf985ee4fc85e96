"""The part of the control API that is not about one spreadsheet: faults, quota, settings, counts.

Wrong input is answered 400 with one sentence in ``detail``.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from ..bodies import JsonObject
from ..faults import fault_router
from .errors import Json
from .faults import Fault
from .service import SheetsService


def control_router(service: SheetsService) -> APIRouter:
    """Build the controls of *service*."""
    router = APIRouter()

    async def add_fault(body: Json) -> Fault:
        return service.faults.add(body)

    async def remove_fault(fault_id: int | None) -> None:
        service.faults.remove(fault_id)

    router.include_router(fault_router(service.faults, add=add_fault, remove=remove_fault))

    @router.post("/quota")
    async def set_quota(body: JsonObject) -> Json:
        try:
            service.quota.configure(body)
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        return service.quota.describe()

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
