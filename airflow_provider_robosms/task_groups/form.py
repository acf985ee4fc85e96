"""The trigger form of a campaign from a sheet, and how a task group reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

# The form opens with the fields that are in no section; sections are closed at first, so nothing in them is required.
_TEXT, _PACE, _TABS = "The text", "How it is sent", "Tabs of the spreadsheet"
_OPTIONAL: dict[str, Any] = {"type": ["string", "null"]}
_NUMBER: dict[str, Any] = {"type": ["integer", "null"], "minimum": 1}
_CHOICES = {"preview": "Preview: send nothing", "test": "Test: text my own mobile", "send": "Send"}

#: Field -> its first value and the rest of a Param, in the order of the form.
_FIELDS: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "spreadsheet": (
        "",
        {
            **_OPTIONAL,
            "title": "Spreadsheet",
            "description": "Its address, copied from the browser, or its key. Empty: the Airflow Variable "
            "robosms_spreadsheet.",
        },
    ),
    "template": (
        "",
        {
            **_OPTIONAL,
            "title": "Template",
            "description": "Name of one of your templates. Rows with a Template or a Message of their own keep that.",
        },
    ),
    "what_to_do": (
        "preview",
        {
            "type": "string",
            "enum": [*_CHOICES],
            "values_display": _CHOICES,
            "title": "What to do",
            "description": "Preview shows what would be sent and what it costs, and changes nothing. Test is a preview that "
            "also sends the first three texts to your own mobile. Send texts people.",
        },
    ),
    "test_to": (
        "",
        {
            **_OPTIONAL,
            "title": "Mobile for the test",
            "description": "Your own number, only for Test. Nobody else is texted, and the sheet is not changed.",
        },
    ),
    "approver": (
        "",
        {
            **_OPTIONAL,
            "title": "Mobile of who approves",
            "description": "Gets an SMS as soon as the run waits for an answer. Empty: nobody is told.",
        },
    ),
    "limit": (
        None,
        {
            **_NUMBER,
            "title": "At most so many messages",
            "description": "For a careful first run. The rest waits for the next run. Empty: everybody.",
        },
    ),
    "send_window": (
        "09:00-21:00",
        {
            **_OPTIONAL,
            "title": "Hours in which people may be texted",
            "description": "Pakistan time, such as 09:00-21:00 or 9 am - 9 pm. Outside these hours the run waits. "
            "Empty: at any hour.",
        },
    ),
    "message": (
        "",
        {
            **_OPTIONAL,
            "format": "multiline",
            "title": "Message",
            "description": "Instead of a template: the text itself, with tags such as {{ First Name }} for the row's own "
            "words.",
            "section": _TEXT,
        },
    ),
    "mask": (
        "",
        {
            **_OPTIONAL,
            "maxLength": 11,
            "title": "Sender mask",
            "description": "The name the message comes from. Empty: the one of the RoboSMS connection.",
            "section": _TEXT,
        },
    ),
    "opt_out_line": (
        "",
        {
            **_OPTIONAL,
            "title": "Opt-out line",
            "description": "Every text ends with it, such as Reply STOP for no more texts. Empty: the Airflow Variable "
            "robosms_opt_out_line, else no line.",
            "section": _TEXT,
        },
    ),
    "max_segments": (
        None,
        {
            **_NUMBER,
            "maximum": 10,
            "title": "Longest text, in parts",
            "description": "Leave out people whose text is longer. One part is 160 Latin or 70 Urdu characters.",
            "section": _TEXT,
        },
    ),
    "partitions": (
        1,
        {
            **_NUMBER,
            "maximum": 8,
            "title": "Parallel tasks",
            "description": "1 is enough for about ten thousand recipients; more share the work between Airflow's workers. "
            "With a limit it is 1.",
            "section": _PACE,
        },
    ),
    "max_per_second": (
        None,
        {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "title": "Messages per second",
            "description": "All parallel tasks together. Empty: as fast as the portal takes them.",
            "section": _PACE,
        },
    ),
    "recipients_sheet": (
        "Recipients",
        {
            **_OPTIONAL,
            "title": "Tab with the recipients",
            "description": "One person a row, with a column Phone. Empty: Recipients.",
            "section": _TABS,
        },
    ),
    "templates_sheet": (
        "Templates",
        {
            **_OPTIONAL,
            "title": "Tab with the templates",
            "description": "With the columns Name and Body. It may be missing when you write the message in this form. "
            "Empty: Templates.",
            "section": _TABS,
        },
    ),
}
#: Where somebody approves, that decides instead of What to do, and one task sends no more than was approved.
_ONLY_APPROVED = ("approver",)
_NOT_APPROVED = ("what_to_do", "test_to", "max_segments", "partitions", "max_per_second")

#: Parameter -> how it is read from the form. Airflow fills these in once: tags in a message stay as they are.
_READ: Mapping[str, str] = {
    "spreadsheet": "{{ params.spreadsheet or var.value.get('robosms_spreadsheet', '') }}",
    # A stray blank, or an invisible character, is no line; in the others it is refused by the operator.
    "opt_out_line": "{{ params.opt_out_line if (params.opt_out_line or '') | wordcount "
    "else var.value.get('robosms_opt_out_line', '') }}",
    "partitions": "{{ params.partitions or 1 }}",
    "recipients_sheet": "{{ params.recipients_sheet or 'Recipients' }}",
    "templates_sheet": "{{ params.templates_sheet or 'Templates' }}",
}


def campaign_form(*, approval: bool = False, **first: Any) -> dict[str, Param]:
    """Return the ``params`` of a DAG with the form of a campaign from a sheet.

    :param approval: whether it is the form of a campaign that a person approves.
    :param first: what fields hold at first, by their names, such as ``template="reminder"``; a scheduled run takes these.
    :raises TypeError: for a field that this form does not have.
    """
    left_out = _NOT_APPROVED if approval else _ONLY_APPROVED
    fields = [name for name in _FIELDS if name not in left_out]
    if unknown := sorted(set(first) - set(fields)):
        raise TypeError(f"The form has no field {unknown[0]!r}; it has {', '.join(fields)}.")
    return {name: Param(first.get(name, _FIELDS[name][0]), **_FIELDS[name][1]) for name in fields}


def from_form(form: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of :func:`~.sheet_campaign.sheet_campaign` that are read from a form when the DAG runs.

    :param form: what :func:`campaign_form` returned.
    """
    read = {name: _READ.get(name, f"{{{{ params.{name} or '' }}}}") for name in _FIELDS if name in form}
    return {"spreadsheet_id" if name == "spreadsheet" else name: template for name, template in read.items()}
