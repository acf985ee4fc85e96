"""What faults of the gateway and of Google have in common: a person or a test switches them on, and they strike requests."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .bodies import ControlRoute, JsonObject, validated

When = Literal["before", "after"]


class About(NamedTuple):
    """A kind of fault: its name on the page, when it strikes unless a fault says otherwise, and whether a fault may."""

    words: str
    when: When = "before"
    either: bool = True


class Switched(BaseModel):
    """One switched-on fault: what all have in common.

    Attributes:
        when: ``before`` the request takes effect (it does not), or ``after`` (it does, and the client does not know).
        probability: Chance for each request, drawn from *seed* (:meth:`Board.strike`).
        count: Strikes the next so many requests only.
        fitted: How many requests it could have struck so far.
        struck: How often it has struck so far.
    """

    KINDS: ClassVar[dict[str, About]]
    model_config = ConfigDict(extra="forbid")

    kind: str
    when: When | None = None
    id: int = 0
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    count: Annotated[int | None, Field(ge=1)] = None
    seed: int = 0
    fitted: int = 0
    struck: int = 0

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in cls.KINDS:
            raise ValueError(f"there are {', '.join(cls.KINDS)}")
        return kind

    @model_validator(mode="after")
    def _timed(self) -> Switched:
        about = self.KINDS[self.kind]
        if not about.either and self.when not in (None, about.when):
            raise ValueError(f"the kind {self.kind!r} only strikes before a request takes effect: leave 'when' out")
        self.when = self.when or about.when
        return self


AnyFault = TypeVar("AnyFault", bound=Switched)


class Board(Generic[AnyFault]):
    """The faults of one *model* that are switched on, in the order in which they were."""

    def __init__(self, model: type[AnyFault]) -> None:
        self.active: list[AnyFault] = []
        self._model = model
        self._last_id = 0

    def add(self, description: Any) -> AnyFault:
        """Switch a fault on, or raise a ValueError that says in one sentence why it is none."""
        fault = validated(self._model, description, "fault field")
        self._last_id += 1
        fault.id = self._last_id
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all; one that is off already is no error: its count may just have run out."""
        self.active = [fault for fault in self.active if fault_id is not None and fault.id != fault_id]

    def describe(self) -> dict[str, Any]:
        """The faults that are on, and all kinds."""
        kinds = [{"kind": kind, **about._asdict()} for kind, about in self._model.KINDS.items()]
        return {"active": [fault.model_dump() for fault in self.active], "kinds": kinds}

    def strike(self, fits: Callable[[AnyFault], bool], draw: object = None) -> AnyFault | None:
        """The first fault that *fits* a request and strikes it; it is counted, and switched off after the last time.

        The chance is drawn from the fault's seed and *draw*, or how many requests the fault has fitted, so that a run
        repeats.
        """
        for fault in filter(fits, list(self.active)):
            fault.fitted += 1
            seed = f"{fault.seed}|{fault.kind}|{fault.when}|{draw or fault.fitted}"
            if random.Random(seed).random() < fault.probability:
                fault.struck += 1
                if fault.count is not None and fault.struck >= fault.count:
                    self.remove(fault.id)
                return fault
        return None


async def _nothing(fault: Switched | None) -> None:
    """A board that nothing else depends on."""


def fault_router(board: Board[Any], changed: Callable[[Switched | None], Awaitable[None]] = _nothing) -> APIRouter:
    """The control API of a board, under ``/faults``; *changed* is told of a new fault, or None for faults that went."""
    router = APIRouter(prefix="/faults", route_class=ControlRoute)

    @router.get("")
    async def faults() -> dict[str, Any]:
        return board.describe()

    @router.post("")
    async def add_fault(body: JsonObject) -> dict[str, Any]:
        fault = board.add(body)
        await changed(fault)
        return dict(fault.model_dump())

    @router.delete("")
    @router.delete("/{fault_id}")
    async def remove(fault_id: int | None = None) -> dict[str, Any]:
        board.remove(fault_id)
        await changed(None)
        return board.describe()

    return router
