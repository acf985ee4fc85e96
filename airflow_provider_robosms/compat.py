"""Every difference between the Airflow versions that this provider runs on, 3.1 to 3.4, in one place.

What a version lacks is None here, or does without; nothing fails at import. What that means for a campaign:
docs/airflow-versions.md.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.configuration import conf
    from airflow.sdk.exceptions import (
        AirflowFailException,
        AirflowNotFoundException,
        AirflowSensorTimeout,
        AirflowSkipException,
    )
    from airflow.triggers.shared_stream import AdvanceItem, SharedStreamProducer
else:
    try:
        from airflow.sdk.configuration import conf
        from airflow.sdk.exceptions import (
            AirflowFailException,
            AirflowNotFoundException,
            AirflowSensorTimeout,
            AirflowSkipException,
        )
    except ImportError:  # 3.1
        from airflow.configuration import conf
        from airflow.exceptions import (
            AirflowFailException,
            AirflowNotFoundException,
            AirflowSensorTimeout,
            AirflowSkipException,
        )

try:
    from airflow.sdk.execution_time.context import NEVER_EXPIRE
except ImportError:  # 3.1, 3.2: no task state
    NEVER_EXPIRE = None  # type: ignore[assignment]


def __getattr__(name: str) -> Any:
    """Give what only triggers need; it loads a good part of Airflow, which is too much for each parse of a DAG file."""
    if name not in ("AdvanceItem", "SharedStreamProducer"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module("airflow.triggers.shared_stream"), name)
    except ImportError:  # 3.1, 3.2: each watcher polls by itself
        return {"AdvanceItem": Any, "SharedStreamProducer": object}[name]


Result = TypeVar("Result")

#: The connection's form on 3.1, which knows no fields of a provider's own: names of the standard ones, and where the others
#: go. Later versions take the form from get_provider_info and do not ask the hook.
CONNECTION_FORM: dict[str, Any] = {
    "hidden_fields": ["schema", "port"],
    "relabeling": {
        "description": 'Description (the sender mask goes into Extra: {"mask": "SMS-ALERT"})',
        "login": "Account e-mail",
        "password": "API key",
        "host": "Portal URL",
    },
    "placeholders": {
        "login": "you@example.pk",
        "password": "from the RoboSMS dashboard",
        "host": "https://portal.robosms.pk",
    },
}

__all__ = [
    "CONNECTION_FORM",
    "NEVER_EXPIRE",
    "AdvanceItem",
    "AirflowFailException",
    "AirflowNotFoundException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "SharedStreamProducer",
    "aget",
    "aset",
    "asset_state_store",
    "conf",
    "deadline_names",
    "has_been_cleared",
    "has_been_tried",
    "in_thread",
    "is_mapped",
    "redact",
    "remembers",
    "run_has_been_cleared",
    "task_state_store",
]


#: Where Airflow's versions have it, the newest first.
_MASKERS = ("airflow.sdk.log", "airflow.sdk._shared.secrets_masker", "airflow.sdk.execution_time.secrets_masker")


def redact(text: str) -> str:
    """Return *text* with ``***`` for the secrets that Airflow has met in this process.

    :raises ImportError: where Airflow has no such function any more: a text that may hold a secret must not leave then.
    """
    for name in _MASKERS:
        try:
            return str(importlib.import_module(name).redact(text))
        except (ImportError, AttributeError):
            continue
    raise ImportError("this Airflow has no redact()")


def task_state_store(context: Context) -> Any | None:
    """Return the state store of the task that *context* is of, or None: Airflow has it from 3.3 on."""
    return context.get("task_state_store")


def remembers(context: Context) -> bool:
    """Tell whether what this task writes into its state is there on its retry.

    That it is says nothing of Clear, which deletes it from Airflow 3.4 on: see :func:`has_been_cleared`.
    """
    return task_state_store(context) is not None


def has_been_tried(context: Context) -> bool:
    """Tell whether this is not the task instance's first try. A plain ``execute()`` outside Airflow is a first one."""
    return _count(getattr(context.get("ti"), "try_number", None), nothing=1) > 1


def has_been_cleared(context: Context) -> bool:
    """Tell whether this task instance ran before and may have been cleared since, so that its state may be gone.

    Airflow does not say so, but Clear adds the tries that there were to ``max_tries`` and counts in the DAG run's
    ``clear_number`` (of a running DAG run only from 3.3 on). When in doubt the answer is True: the number of retries was
    changed in the DAG meanwhile, or another task of the run was cleared.
    """
    if not has_been_tried(context):
        return False
    ti = context["ti"]
    retries = getattr(getattr(ti, "task", None), "retries", None)
    return getattr(ti, "max_tries", None) != retries or _clear_number(context) > 0


def run_has_been_cleared(context: Context) -> bool:
    """Tell whether the task's run may have been cleared, or a part of it; also where this task instance is a new one."""
    return has_been_cleared(context) or _clear_number(context) > 0


def is_mapped(context: Context) -> bool:
    """Tell whether this is one of a mapped task's instances."""
    return getattr(context.get("ti"), "map_index", None) not in (None, -1)


def _clear_number(context: Context) -> int:
    return _count(getattr(context.get("dag_run"), "clear_number", None), nothing=0)


def _count(value: Any, *, nothing: int) -> int:
    """Return a count that Airflow gave, *nothing* where it gave none; what cannot be read counts as many.

    More than there were makes a campaign ask before it sends; fewer would make it text everybody again.
    """
    if value is None:
        return nothing
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return sys.maxsize


# In the triggerer's event loop.


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return what a blocking *function* returns, while the event loop goes on.

    With ``asyncio.to_thread`` a question that the function asks Airflow (a Variable, a secret to mask) gets another one's
    answer before 3.3: "Response read out of order", and the whole triggerer ends. From a thread of asgiref it is asked in the
    loop that Airflow waits in.
    """
    from asgiref.sync import sync_to_async

    return await sync_to_async(function, thread_sensitive=False)(*arguments)


async def aget(accessor: Any, key: str) -> Any:
    """Return the value of *key* in the state of an asset; None when there is none."""
    if hasattr(accessor, "aget"):
        return await accessor.aget(key)
    return await in_thread(accessor.get, key)  # 3.3.0, 3.3.1


async def aset(accessor: Any, key: str, value: Any) -> None:
    """Write *value* into the state of an asset."""
    if hasattr(accessor, "aset"):
        await accessor.aset(key, value)
    else:
        await in_thread(accessor.set, key, value)


def asset_state_store(trigger: Any) -> Any | None:
    """Return the state store of the assets that *trigger* watches for, or None: Airflow has it from 3.3 on."""
    return getattr(trigger, "asset_state_store", None)


def deadline_names() -> tuple[Any, Any, Any]:
    """Return Airflow's ``AsyncCallback``, ``DeadlineAlert`` and ``DeadlineReference``."""
    import airflow.sdk

    names: Any = airflow.sdk
    if not hasattr(names, "DeadlineAlert"):  # 3.1
        import airflow.sdk.definitions.deadline as names
    return names.AsyncCallback, names.DeadlineAlert, names.DeadlineReference
