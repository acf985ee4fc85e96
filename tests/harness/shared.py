"""What several files of tests share, such as a real Airflow, from the first test that wants it to the group's last one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar

T = TypeVar("T")


class Shared:
    """Starts what is asked for once, and ends all of it at `close`; then it may begin anew."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._started: dict[Callable[..., Any], Any] = {}

    def __call__(self, start: Callable[..., AbstractContextManager[T]], *arguments: Any) -> T:
        """Return what ``start(*arguments)`` gives, the same for each who asks."""
        if start not in self._started:
            self._started[start] = self._stack.enter_context(start(*arguments))
        return self._started[start]

    def close(self) -> None:
        """End what was started, the last one first."""
        self._started.clear()
        self._stack.close()
