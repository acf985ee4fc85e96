"""What the parts of the sandbox share."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from .door import Door
from .gateway.faults import Fault
from .gateway.ledger import Ledger
from .gateway.service import Gateway
from .sheets.service import SheetsService


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
        self.gateway.faults.remove(fault_id)
        await self._move_door()

    async def reset(self) -> None:
        """Back to the first start, except for the spreadsheets."""
        await self.remove_fault()
        self.ledger.reset()
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
