"""Why a task fails: one sentence in the log and for the report, in the words of the trigger form where there is one."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from logging import Logger

    from airflow.sdk.types import Logger as TaskLogger

#: Key of the XCom in which a task that fails leaves the sentence that says why.
FAILURE = "failure"
#: The parameter with which a sentence about a setting begins: ``limit must be …``, ``message: …``.
_PARAMETER = re.compile(r"\w+(?=[ :])")


def tell_reason(log: Logger | TaskLogger, sentence: str, context: Any = None) -> str:
    """Log why this task fails and leave it to the report; return it as it was told, see :func:`in_words_of_the_form`.

    :param sentence: as the error has it.
    :param context: of the running task; that of Airflow by default.
    """
    from ..campaign.report import broken

    if context is None:
        from airflow.sdk import get_current_context

        with contextlib.suppress(RuntimeError):  # a plain execute() has none
            context = get_current_context()
    told = in_words_of_the_form(sentence, context or {})
    log.error("%s", broken(told))  # the sentence by itself, above the traceback that Airflow writes
    with contextlib.suppress(Exception):  # the report is a help only
        context["ti"].xcom_push(key=FAILURE, value=told)
    return told


def in_words_of_the_form(sentence: str, context: Mapping[str, Any]) -> str:
    """Return a sentence that begins with a parameter's name with the title that the DAG's form gives that field.

    :param sentence: such as ``max_per_second must be a number from 0.001 to 10,000, not 0.``
    :param context: of the running task; without a form, or a title in it, the sentence stays as it is.
    """
    name = _PARAMETER.match(sentence)
    form = getattr(context.get("dag"), "params", None)
    if name is None or not form or name[0] not in form:
        return sentence
    title = form.get_param(name[0]).schema.get("title", name[0])
    return f"{title}{sentence[name.end() :]}"
