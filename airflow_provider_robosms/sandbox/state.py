"""What the parts of the sandbox share."""

from __future__ import annotations

import asyncio

from .door import Door
from .faults import Switched
from .gateway.faults import Fault
from .gateway.ledger import Ledger
from .gateway.service import Gateway
from .sheets.service import SheetsService


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
