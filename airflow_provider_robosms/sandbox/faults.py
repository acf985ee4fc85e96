"""What faults of the gateway and of Google have in common: a person or a test switches them on, and they strike requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .bodies import JsonObject, first_sentence

When = Literal["before", "after"]


class Switched(BaseModel):
    """One switched-on fault.

    Attributes:
        id: Given by the sandbox; used to switch this fault off.
        probability: Chance for each request, drawn from *seed*.
        count: Strikes the next so many requests only.
        seed: For *probability*.
        struck: How often it has struck so far.
    """

    model_config = ConfigDict(extra="forbid")

    id: int = 0
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    count: Annotated[int | None, Field(ge=1)] = None
    seed: int = 0
    struck: int = 0


AnyFault = TypeVar("AnyFault", bound=Switched)


class Board(Generic[AnyFault]):
    """The faults that are switched on, in the order in which they were.

    Parameters:
        model: What a fault is.
        kinds: What the page shows of each kind: ``kind``, ``words`` and perhaps ``when``.
    """

    def __init__(self, model: type[AnyFault], kinds: list[dict[str, Any]]) -> None:
        self.kinds = kinds
        self.active: list[AnyFault] = []
        self._model = model
        self._last_id = 0

    def add(self, description: Any) -> AnyFault:
        """Switch a fault on.

        Raises:
            ValueError: *description* is no fault; the text is one sentence that says why.
        """
        try:
            fault = self._model.model_validate(description)
        except ValidationError as error:
            raise ValueError(first_sentence(error, "fault field")) from None
        self._last_id += 1
        fault.id = self._last_id
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all; one that is off already is no error: its count may just have run out."""
        self.active = [fault for fault in self.active if fault_id is not None and fault.id != fault_id]

    def describe(self) -> dict[str, Any]:
        """The faults that are on, and all kinds."""
        return {"active": [fault.model_dump() for fault in self.active], "kinds": self.kinds}

    def _strikes(self, fault: AnyFault) -> AnyFault:
        """Count that *fault* strikes, and switch it off after the last time."""
        fault.struck += 1
        if fault.count is not None and fault.struck >= fault.count:
            self.remove(fault.id)
        return fault


def fault_router(
    board: Board[Any],
    *,
    add: Callable[[dict[str, Any]], Awaitable[Switched]],
    remove: Callable[[int | None], Awaitable[None]],
) -> APIRouter:
    """The control API of a board, under ``/faults``; *add* and *remove* may do more than the board's own."""
    router = APIRouter(prefix="/faults")

    @router.get("")
    async def faults() -> dict[str, Any]:
        return board.describe()

    @router.post("")
    async def add_fault(body: JsonObject) -> dict[str, Any]:
        try:
            return (await add(body)).model_dump()
        except ValueError as error:
            raise HTTPException(400, str(error)) from None

    @router.delete("")
    async def clear_faults() -> dict[str, Any]:
        await remove(None)
        return board.describe()

    @router.delete("/{fault_id}")
    async def remove_fault(fault_id: int) -> dict[str, Any]:
        await remove(fault_id)
        return board.describe()

    return router
