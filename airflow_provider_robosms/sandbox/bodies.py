"""JSON bodies of the control API, and what is said about wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Body, HTTPException
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

JsonObject = Annotated[dict[str, Any], Body()]
Model = TypeVar("Model", bound=BaseModel)


class ControlRoute(APIRoute):
    """A route whose wrong input, a ValueError of what it does, is answered 400 with the sentence in ``detail``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except ValueError as error:
                raise HTTPException(400, str(error)) from None

        return answer


def validated(model: type[Model], content: Any, what: str) -> Model:
    """Make *content* a *model*, or raise a ValueError: a sentence about the first field (*what*) that is wrong."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ValueError(_first_sentence(error, what)) from None


def changed(current: Model, changes: dict[str, Any], what: str) -> Model:
    """Return *current* with *changes*, or raise a ValueError with one sentence about the first (*what*) that is wrong."""
    return validated(type(current), {**current.model_dump(), **changes}, what)


def _first_sentence(error: ValidationError, what: str) -> str:
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"There is no {what} named {name!r}."
    if not name:
        return f"{reason[0].upper()}{reason[1:]}."
    return f"The {what} {name!r} can't be {first['input']!r}: {reason}."
